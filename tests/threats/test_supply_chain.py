"""What others' code gets in: each package at one version, in the image too; and nothing is fetched or run from data."""

import ast
import re
from collections.abc import Iterator
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.support.repository import ROOT, shown, source_files

CONSTRAINTS = [
    line for line in (ROOT / "constraints.txt").read_text().splitlines() if line.strip() and not line.startswith("#")
]
EXACT = re.compile(r"([A-Za-z0-9._-]+)==[0-9][0-9A-Za-z.]*")
CONTAINERFILE = (ROOT / "Containerfile").read_text().replace("\\\n", " ")

RUNS_DATA = {"eval", "exec", "compile", "__import__"}
RUNS_DATA_OF = {"pickle", "marshal", "shelve", "runpy", "code", "dill"}


def pinned() -> set[str]:
    return {str(canonicalize_name(line.split("==")[0])) for line in CONSTRAINTS}


def needed_by(name: str, extras: frozenset[str], seen: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return all packages that one needs with these extras, and those need, with theirs."""
    for text in distribution(name).requires or []:
        one = Requirement(text)
        if one.marker and not any(one.marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        needed, wanted = str(canonicalize_name(one.name)), frozenset(one.extras)
        if needed not in seen or wanted - seen[needed]:
            seen[needed] = seen.get(needed, frozenset()) | wanted
            needed_by(needed, seen[needed], seen)
    return seen


def test_each_line_pins_one_version() -> None:
    assert [line for line in CONSTRAINTS if not EXACT.fullmatch(line)] == []
    assert len(pinned()) == len(CONSTRAINTS)


def test_all_that_an_installation_brings_is_pinned() -> None:
    needed = needed_by("sealwright", frozenset({"directory", "socks", "dev"}), {})
    assert {"cryptography", "kubernetes", "urllib3", "cffi"} <= set(needed)
    assert set(needed) - pinned() == set()


def test_so_is_what_builds_the_wheel() -> None:
    build = {Requirement(text).name for text in re.findall(r'^requires = \["(.+)"\]$', pyproject(), re.MULTILINE)}
    assert build == {"hatchling"}
    assert ({*build} | set(needed_by("hatchling", frozenset(), {}))) - pinned() == set()


def pyproject() -> str:
    return (ROOT / "pyproject.toml").read_text()


def test_the_image_takes_nothing_but_what_is_pinned() -> None:
    commands = re.findall(r"pip (?:install|wheel|download)[^&\n]*", CONTAINERFILE)
    assert len(commands) == 3
    for command in commands:
        # A build in isolation would fetch what builds it, and constraints do not reach there.
        is_bound = "--constraint constraints.txt" in command
        assert is_bound or ("--no-deps" in command and "--no-build-isolation" in command), command


@pytest.mark.parametrize("line", re.findall(r"^(?:RUN|ADD|COPY) .+$", CONTAINERFILE, re.MULTILINE))
def test_the_image_fetches_nothing_else(line: str) -> None:
    assert not re.search(r"https?://|\b(?:curl|wget|git|apt-get|apk)\b", line)


def test_the_image_has_no_installer_and_no_root() -> None:
    assert "pip uninstall --yes pip" in CONTAINERFILE
    *_, last = CONTAINERFILE.split("\nFROM ")
    assert "RUN" not in last
    assert "\nUSER 65532:65532\n" in last


def calls(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module calls and the modules that it imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Import):
            yield from (f"import {one.name.split('.')[0]}" for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"import {(node.module or '').split('.')[0]}"
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            yield "shell="


def test_no_module_runs_what_it_reads() -> None:
    forbidden = RUNS_DATA | {f"import {name}" for name in RUNS_DATA_OF} | {"shell="}
    assert "eval" in set(calls(ast.parse("eval('1')")))
    found = {
        f"{shown(path)}: {name}"
        for path in source_files()
        for name in calls(ast.parse(path.read_text(encoding="utf-8")))
        if name in forbidden
    }
    assert found == set()
