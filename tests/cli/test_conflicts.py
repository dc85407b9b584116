"""A file that Git could not merge: each verb says so and leaves the file, since any other message would mislead."""

from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, seal, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

TEMPLATE = "  template:\n    data:\n      url: 'https://{{ index . \"password\" }}'\n"
VERBS: dict[str, list[str | Path]] = {
    "set": ["set", "FILE", "password", "--value", "x", "--cert", CERTIFICATE],
    "unset": ["unset", "FILE", "password"],
    "rename": ["rename", "FILE", "password", "other"],
    "inspect": ["inspect", "FILE"],
    "explain": ["explain", "FILE"],
    "seal": ["seal", "FILE", "--cert", CERTIFICATE],
    "seal --update": ["seal", "FILE", "--update", "FILE", "--cert", CERTIFICATE],
    "merge": ["merge", "FILE", "FILE", "--cert", CERTIFICATE],
    "unseal": ["unseal", "FILE", "--key", PRIVATE_KEY],
    "render": ["render", "FILE", "--key", PRIVATE_KEY],
    "reencrypt": ["reencrypt", "FILE", "--key", PRIVATE_KEY, "--cert", CERTIFICATE],
    "verify": ["verify", "FILE"],
    "diff": ["diff", "FILE", "FILE"],
}


@pytest.fixture
def conflicted(tmp_path: Path) -> Path:
    """A SealedSecret whose item both sides have sealed anew."""
    sealed = seal(stdin=SECRET).stdout.decode()
    line = next(one for one in sealed.splitlines() if one.lstrip().startswith("password:"))
    both = f"<<<<<<< HEAD\n{line}\n=======\n{line[:-4]}AAA=\n>>>>>>> theirs"
    path = tmp_path / "db.yaml"
    path.write_text(sealed.replace(line, both))
    return path


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize("more", ["", TEMPLATE], ids=["", "with a template"])
def test_a_verb_says_that_the_file_is_not_merged(words: list[str | Path], more: str, conflicted: Path) -> None:
    text = conflicted.read_text() + more
    conflicted.write_text(text)
    run = sealwright(*[conflicted if word == "FILE" else word for word in words], stdin="x")
    line = text[: text.index("<<<<<<<")].count("\n") + 1
    assert run.status == ExitStatus.INPUT, run.stderr
    assert f"error: {conflicted}: line {line}: a conflict marker of Git" in run.stderr
    assert "git mergetool" in run.stderr
    assert run.stdout.strip() == b""
    assert conflicted.read_text() == text


def test_lint_reports_the_line_of_the_marker(conflicted: Path) -> None:
    run = sealwright("lint", conflicted, "-o", "json")
    (found,) = run.json["findings"]
    text = conflicted.read_text()
    assert (found["rule"], found["line"]) == ("SW002", text[: text.index("<<<<<<<")].count("\n") + 1)
    assert "conflict marker of Git" in found["message"]
    assert run.status == ExitStatus.FINDINGS


def test_a_folder_s_other_files_are_done(conflicted: Path) -> None:
    good = conflicted.parent / "good.yaml"
    good.write_text(SECRET)
    run = seal(conflicted.parent, "--in-place")
    assert run.status == ExitStatus.PARTLY_DONE
    assert "conflict marker of Git" in run.stderr
    assert "kind: SealedSecret" in good.read_text()


def test_a_value_with_a_conflict_is_doubtful() -> None:
    text = SECRET.replace("correct horse", '"a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> theirs\n"')
    run = seal("--strict", stdin=text)
    assert run.status == ExitStatus.INPUT
    assert "item password holds conflict markers of Git" in run.stderr
