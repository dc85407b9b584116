"""`sealwright unset` and `sealwright rename`: one item goes or gets another name, without a key or a certificate."""

from pathlib import Path

import pytest
from tests.support.builders import sealing_key
from tests.support.cli import Run, sealwright
from tests.support.edits import ciphertext, items_of, sealed_text

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import HINT_ANNOTATION

KEY, OTHER = sealing_key().fingerprint, "0" * 64
ITEMS = f"\n    # mine\n    password: {ciphertext('old')} # why\n    user: {ciphertext('ann')}\n"
TEXT = sealed_text(ITEMS)
HINTED = TEXT.replace("team-a\n", f"team-a\n  annotations:\n    {HINT_ANNOTATION}: '{KEY}; {OTHER}: password, user'\n")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "db.yaml"
    written.write_text(TEXT)
    return written


def unset(*arguments: str | Path, stdin: str = "") -> Run:
    return sealwright("unset", *arguments, stdin=stdin)


def rename(*arguments: str | Path, stdin: str = "") -> Run:
    return sealwright("rename", *arguments, stdin=stdin)


def test_an_item_goes_and_the_comment_above_it_stays(path: Path) -> None:
    run = unset(path, "password")
    assert (run.status, run.stdout, run.stderr) == (0, b"", f"{path}: removed password from team-a/db\n")
    assert path.read_text() == sealed_text(f"\n    # mine\n    user: {ciphertext('ann')}\n")


def test_the_last_item_goes(path: Path) -> None:
    run = unset(path, "user", "password")
    assert path.read_text() == sealed_text(" {}\n    # mine\n")
    assert f"{path}: SealedSecret team-a/db: no item is left" in run.stderr


def test_an_item_is_renamed(path: Path) -> None:
    run = rename(path, "password", "pass")
    assert (run.status, run.stdout, run.stderr) == (0, b"", f"{path}: renamed password to pass in team-a/db\n")
    assert path.read_text() == TEXT.replace("password", "pass")
    assert items_of(path) == {"pass": "old", "user": "ann"}


def test_the_keys_annotation_follows(path: Path) -> None:
    path.write_text(HINTED)
    assert rename(path, "user", "name").status == 0
    assert f"'{KEY}; {OTHER}: password, name'" in path.read_text()
    assert unset(path, "password").status == 0
    assert f"'{KEY}; {OTHER}: name'" in path.read_text()
    assert unset(path, "name").status == 0
    assert f"'{KEY}'" in path.read_text()


@pytest.mark.parametrize("run", [unset, lambda *words, **more: rename(*words, "new", **more)], ids=["unset", "rename"])
class TestBoth:
    def test_the_nearest_name_is_offered(self, path: Path, run: object) -> None:
        done = run(path, "Pasword")  # type: ignore[operator]
        assert done.status == ExitStatus.INPUT
        assert done.stderr == (
            f"error: {path}: SealedSecret team-a/db: no item Pasword\n"
            "hint: did you mean password? its items: password, user\n"
        )
        assert path.read_text() == TEXT

    def test_a_word_that_can_be_no_item_is_not_repeated(self, path: Path, run: object) -> None:
        done = run(path, "hunter2 hunter2")  # type: ignore[operator]
        assert done.status == ExitStatus.USAGE
        assert "hunter2" not in done.stderr
        assert "argument 2 is not a name that an item can have" in done.stderr

    def test_a_template_that_uses_it_is_warned_of(self, path: Path, run: object) -> None:
        path.write_text(
            f"{TEXT}  template:\n    data:\n      a: '{{{{ .passwords }}}}'\n      url: '{{{{ .password }}}}'\n"
        )
        assert "template.data.url seems to use password" in run(path, "password").stderr  # type: ignore[operator]

    def test_standard_input_goes_to_standard_output(self, path: Path, run: object) -> None:
        done = run("-", "password", stdin=TEXT)  # type: ignore[operator]
        assert (done.status, run(path, "password").status) == (0, 0)  # type: ignore[operator]
        assert done.stdout.decode() == path.read_text()


def test_a_name_that_is_taken(path: Path) -> None:
    run = rename(path, "password", "user")
    assert run.status == ExitStatus.INPUT
    assert "SealedSecret team-a/db: it has an item user already" in run.stderr
    assert path.read_text() == TEXT


def test_the_same_name_twice(path: Path) -> None:
    assert "the item user is named twice" in rename(path, "user", "user").stderr
    assert "the item user is named twice" in unset(path, "user", "password", "user").stderr
    assert path.read_text() == TEXT


@pytest.mark.parametrize("new", ["tok2", "a.b_c-9", "x" * 60])
def test_a_name_that_is_now_in_the_file_is_told(path: Path, new: str) -> None:
    run = rename(path, "password", new)
    assert (run.status, run.stderr) == (0, f"{path}: renamed password to {new} in team-a/db\n")
