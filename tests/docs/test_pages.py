"""What the pages say is so: links lead somewhere, and the targets, verbs and options that they mention exist."""

import functools
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.repository import PACKAGES, ROOT, shown, source_files

FOLDERS = ("docs", "manifests", "benchmarks", "tests")
PAGES = sorted([*ROOT.glob("*.md"), *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
COMMANDS = {
    "sealwright": "sealwright_cli.app",
    "sealwright-kubeseal": "sealwright_cli.kubeseal.front",
    "kubeseal": "sealwright_cli.kubeseal.front",
    "sealwright-controller": "sealwright_controller.app",
}
LISTED_ELSEWHERE = {
    "certificates",
    "cluster",
    "directory",
    "editing",
    "fmt",
    "kinds",
    "functions",
    "json",
    "keys",
    "kube",
    "kubeseal",
}
LISTED_ELSEWHERE |= {"memory", "metrics", "objects", "options", "pacing", "process", "queue", "regexp", "renderer"}
LISTED_ELSEWHERE |= {
    "cert",
    "changing",
    "commandline",
    "comparing",
    "explaining",
    "files",
    "front",
    "git",
    "knowing",
    "lint",
    "merging",
    "messages",
    "opening",
    "project",
    "sealed",
    "sealing",
}
LISTED_ELSEWHERE |= {"kubeconfig", "leadership", "semver", "text", "time", "views", "web", "x509"}
"""Folders of modules that the architecture page names as a whole."""

FENCED = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.MULTILINE)
every_page = pytest.mark.parametrize("page", PAGES, ids=shown)


@every_page
def test_links_lead_to_files_and_headings(page: Path) -> None:
    dead = [link for link in LINK.findall(prose(page)) if "://" not in link and not leads_somewhere(page, link)]
    assert dead == []


@every_page
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    calls = [words for words in calls_in(page) if words[0] == "make"]
    asked_for = {word for words in calls for word in words[1:] if re.fullmatch("[a-z-]+", word) and word[0] != "-"}
    assert asked_for <= targets


@every_page
def test_verbs_and_options_of_our_commands_exist(page: Path) -> None:
    unknown = [" ".join(words) for words in calls_in(page) if words[0] in COMMANDS and not understood(words)]
    assert unknown == []


def test_the_architecture_page_names_every_folder_and_module_and_no_other_module() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    modules = {path.name for path in source_files() if path.parent.name not in LISTED_ELSEWHERE} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", page)) - {"__init__.py"} == modules
    folders = {path.parent.name for path in source_files()} - set(PACKAGES)
    assert LISTED_ELSEWHERE < folders <= set(re.findall(r"`(\w+)/`", page))


@pytest.mark.parametrize(
    "folder",
    [
        *(
            "cert",
            "changing",
            "commandline",
            "explaining",
            "files",
            "front",
            "knowing",
            "messages",
            "opening",
            "sealed",
            "sealing",
        ),
        *("certificates", "cluster", "directory", "editing", "keys", "kinds", "kube", "kubeconfig", "kubeseal"),
        "lint",
        *("memory", "metrics", "objects", "options", "pacing", "process", "queue", "renderer", "text", "views", "web"),
    ],
)
def test_a_folder_lists_its_parts(folder: str) -> None:
    parts = [path for path in source_files() if path.parent.name == folder]
    (init,) = [path for path in parts if path.name == "__init__.py"]
    words = set(re.findall(r"^(\w+) +\S", init.read_text(encoding="utf-8"), re.MULTILINE))
    assert {path.stem for path in parts} - {"__init__"} <= words


def test_the_decisions_are_listed() -> None:
    folder = ROOT / "docs/adr"
    listed = re.findall(r"\]\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def leads_somewhere(page: Path, link: str) -> bool:
    """Tell whether a relative link names a file, and a heading of it if it says one; or a folder that Git would keep."""
    name, _, heading = link.partition("#")
    target = page.parent / name if name else page
    if target.is_dir():
        return any(target.iterdir())
    return target.is_file() and (not heading or heading in anchors(target))


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in links."""
    headings = HEADING.findall(prose(page))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def calls_in(page: Path) -> Iterator[list[str]]:
    """Yield the command lines that a page shows, in code blocks for a shell and in passing, as words."""
    text = page.read_text(encoding="utf-8")
    for _, language, block in FENCED.findall(text):
        if language in {"console", "sh"}:
            typed = typed_lines(block) if language == "console" else block.replace("\\\n", " ").splitlines()
            for line in typed:
                yield from simple_commands(line)
    for code in INLINE.findall(FENCED.sub("", text)):
        if code.split()[0] in {"make", *COMMANDS}:
            yield from simple_commands(code)


def typed_lines(block: str) -> list[str]:
    """Return what a person types in a console block: the lines after `$`; the others are output."""
    return [line.strip()[2:] for line in block.replace("\\\n", " ").splitlines() if line.strip().startswith("$ ")]


def simple_commands(line: str) -> Iterator[list[str]]:
    """Split a shell line at pipes, separators and redirections; paths to our commands become their names."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.wordchars += "$%{}[]@^…"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if not set(word) <= set("|&;<>()"):
            words.append(word)
        elif words:
            yield [Path(words[0]).name, *words[1:]]
            words = []


def understood(words: list[str]) -> bool:
    """Tell whether `--help` of a command, or of its verb, mentions every verb and option of a command line."""
    command, *rest = words
    verbs = verb_of(command, rest)
    options = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    known = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", help_of(command, *verbs)))
    return options <= known | {"--help"} and (not verbs or "Usage" in help_of(command, *verbs))


def verb_of(command: str, rest: list[str]) -> list[str]:
    """Return the verb, or group and verb, that a command line begins with."""
    verbs: list[str] = []
    for word in rest:
        if command != "sealwright" or not re.fullmatch("[a-z]+", word) or "COMMAND" not in help_of(command, *verbs):
            break
        verbs.append(word)
    return verbs


@functools.cache
def help_of(command: str, *verbs: str) -> str:
    """Return what `--help` says, wide enough that nothing is cut."""
    program = f"import sys; sys.argv[0] = {command!r}; from {COMMANDS[command]} import main; sys.exit(main())"
    environment = os.environ | {"COLUMNS": "300", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-c", program, *verbs, "--help"], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, f"{command} {' '.join(verbs)}: {done.stderr}"
    return done.stdout
