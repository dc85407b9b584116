"""Globs are those of .gitignore: a table of their rules, and a comparison with git itself."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.costs import costs_at_most

from sealwright_cli.files.globs import decide, glob, globs_of

FITS = [
    ("db.yaml", "db.yaml", "a name"),
    ("db.yaml", "apps/shop/db.yaml", "a name, at any depth"),
    ("*.yaml", "apps/db.yaml", "a star"),
    ("apps", "apps/shop/db.yaml", "a folder, with all that is in it"),
    ("apps/", "apps/shop/db.yaml", "a folder by its slash"),
    ("/apps", "apps/db.yaml", "from the root"),
    ("apps/*/db.yaml", "apps/shop/db.yaml", "a star for one folder"),
    ("apps/**/db.yaml", "apps/db.yaml", "two stars for no folder"),
    ("apps/**/db.yaml", "apps/a/b/db.yaml", "two stars for several"),
    ("apps/**", "apps/a/b/db.yaml", "two stars at the end"),
    ("**/prod/*.yaml", "a/prod/x.yaml", "two stars at the start"),
    ("**", "x.yaml", "all"),
    ("d?.yaml", "db.yaml", "one character"),
    ("d[a-c].yaml", "db.yaml", "a set"),
    ("d[!x].yaml", "db.yaml", "not of a set"),
    (r"a\*.yaml", "a*.yaml", "an escaped star"),
    ("!x", "!x", "an exclamation mark is one here"),
]
DOES_NOT_FIT = [
    ("db.yaml", "db.yml", "another name"),
    ("apps/*.yaml", "apps/shop/db.yaml", "a star stops at a slash"),
    ("shop/db.yaml", "apps/shop/db.yaml", "a slash makes it count from the root"),
    ("/db.yaml", "apps/db.yaml", "only in the root"),
    ("db.yaml/", "db.yaml", "no folder"),
    ("apps/**", "apps", "what is in it, not itself"),
    ("d[a-c", "da", "a set that is not closed"),
    ("a[!b]c", "a/c", "no set holds a slash"),
    ("x\\", "x", "nothing is escaped"),
]


@pytest.mark.parametrize(("written", "path", "why"), FITS)
def test_it_fits(written: str, path: str, why: str) -> None:
    assert glob(written).fits(path), why


@pytest.mark.parametrize(("written", "path", "why"), DOES_NOT_FIT)
def test_it_does_not_fit(written: str, path: str, why: str) -> None:
    assert not glob(written).fits(path), why


def test_the_last_line_that_fits_decides() -> None:
    globs = globs_of("# all\n*.yaml\n\n!keep.yaml\r\n\\!odd\nblank\\ \n")
    assert decide(globs, "a/x.yaml", is_folder=False) is True
    assert decide(globs, "a/keep.yaml", is_folder=False) is False
    assert decide(globs, "a/x.txt", is_folder=False) is None
    assert decide(globs, "!odd", is_folder=False) is True
    assert decide(globs, "blank ", is_folder=False) is True


@pytest.mark.parametrize(
    ("written", "path", "fits"),
    [
        ("*a" * 60 + "*b", "a" * 250, False),
        ("*?" * 60 + "*b", "a" * 250, False),
        ("**/a/" * 60 + "b", "/".join("a" * 500), False),
        ("**/*a*a*a/" * 20 + "**/*b*", "/".join(["aaaaaaaa"] * 100), False),
        ("*a" * 60 + "*", "a" * 250, True),
        ("**/a/" * 60 + "*", "/".join("a" * 500), True),
    ],
)
def test_many_wildcards_take_no_time(written: str, path: str, *, fits: bool) -> None:
    found = []
    assert costs_at_most(2, lambda: found.append(glob(written).fits(path)))
    assert fits in found


PIECES = st.sampled_from(
    ["a", "b", "*", "**", "/", "?", "[ab]", "[!a]", "[]b]", "[a-b]", "[^b-]", "[", "!", "#", "\\", "\\*", " ", ".", "-"]
)
LINES = st.lists(PIECES, max_size=9).map("".join)
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "a.b", "*", "[", "-", "]"]), min_size=1, max_size=4).map("/".join)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the judge")
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, min_size=1, max_size=6), paths=st.lists(PATHS, min_size=1, max_size=12, unique=True))
def test_they_decide_as_git_does(tmp_path: Path, lines: list[str], paths: list[str]) -> None:
    repository = tmp_path / "repository"
    if not repository.exists():
        subprocess.run(["git", "init", "-q", repository], check=True)
    text = "".join(f"{line}\n" for line in lines)
    (repository / ".gitignore").write_text(text)
    said = subprocess.run(
        ["git", "-C", repository, "check-ignore", "--no-index", "-v", "-n", "-z", "--stdin"],
        input="".join(f"{path}\0" for path in paths).encode(),
        capture_output=True,
        check=False,
    )
    answers = [said.stdout.decode().split("\0")[at : at + 4] for at in range(0, 4 * len(paths), 4)]
    globs = globs_of(text)
    for path, (_, _, pattern, asked) in zip(paths, answers, strict=True):
        assert asked == path
        assert is_ignored(globs, path) is (pattern != "" and not pattern.startswith("!")), (text, path, pattern)


def is_ignored(globs: list, path: str) -> bool:
    """Go down folder by folder, as git does: what is in a folder that is left out is left out."""
    ends = [at for at, char in enumerate(path) if char == "/"]
    if any(decide(globs, path[:end], is_folder=True) for end in ends):
        return True
    return bool(decide(globs, path, is_folder=False))
