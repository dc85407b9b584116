"""Every tool says what it does, is found where it is called, and needs no more than there is when it runs."""

import importlib
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.repository import project_files
from tools.checkout import ROOT

BEFORE_ANYTHING = ("tools.building.make_venv", "tools.building.make_apiserver")
"""What runs on a machine with nothing but Python, make and git."""

LAUNCHER = ROOT / "tools/building/die_with_parent.py"
"""A program, but for processes: nobody types it."""


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__main__")


TOOLS = sorted(
    module_of(path)
    for path in (ROOT / "tools").rglob("*.py")
    if path != LAUNCHER and '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_tools_are_these() -> None:
    assert [name.removeprefix("tools.") for name in TOOLS] == [
        "building.make_apiserver",
        "building.make_neighbours",
        "building.make_sealedsecrets",
        "building.make_venv",
        "checks.bomb_run",
        "checks.chaos_run",
        "checks.check_coverage",
        "checks.kubeseal_parity",
        "checks.soak_run",
        "demo",
        "fuzz",
        "fuzz.guided",
        "pages.cli_reference",
        "pages.controller_reference",
        "pages.kubeseal_reference",
        "pages.project_reference",
        "pages.template_reference",
    ]


@pytest.mark.parametrize("tool", TOOLS)
def test_it_says_what_it_does_and_does_nothing_else(tool: str) -> None:
    about = importlib.import_module(f"{tool}.__main__" if tool in ("tools.demo", "tools.fuzz") else tool).__doc__
    assert about
    shown = run("-m", tool, "--help")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert " ".join(about.split()[:6]) in " ".join(shown.stdout.split())


@pytest.mark.parametrize("tool", BEFORE_ANYTHING)
def test_it_needs_no_package(tool: str) -> None:
    without_packages = run("-S", "-m", tool, "--help")
    assert (without_packages.returncode, without_packages.stderr) == (0, "")


@pytest.mark.parametrize("tool", BEFORE_ANYTHING)
def test_it_brings_in_nothing_but_its_own_folder(tool: str) -> None:
    program = (
        f"import sys, {tool}; print(*sorted(name for name in sys.modules if name.startswith(('tools.', 'tests'))))"
    )
    loaded = run("-S", "-c", program).stdout.split()
    assert tool in loaded
    assert [name for name in loaded if not name.startswith("tools.building") and name != "tools.checkout"] == []


def test_every_module_that_is_called_by_name_is_there() -> None:
    called = {
        name
        for path in project_files()
        if "vectors" not in path.parts
        for name in re.findall(
            r"-m\"?,? ?\"?((?:tools|tests)\.[\w.]*\w)", path.read_text(encoding="utf-8", errors="replace")
        )
    }
    assert {"tools.building.make_venv", "tests.support.apiserver_keeper"} <= called
    assert [name for name in sorted(called) if importlib.util.find_spec(name) is None] == []
