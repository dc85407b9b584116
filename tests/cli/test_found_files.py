"""What somebody else puts into a folder that is sealed as a whole: it makes nobody wait, and gives no file of ours away."""

import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, KUBESEAL, PRIVATE_KEY, SECRET, run_command, sealwright
from tests.support.racer import OTHER

from sealwright_cli.messages.exitcodes import ExitStatus

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links, modes and named pipes of POSIX")
TOKEN = "for root alone"
MIXED = f"{SECRET}---\nkind: ConfigMap\ndata:\n  x: {TOKEN}\n"
AS_ROOT = pytest.mark.skipif(os.name != "nt" and os.geteuid() != 0, reason="only root can give files to others")


@pytest.fixture
def place() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / ".git").mkdir()  # links within a repository are followed
        (place / "in").mkdir()
        (place / "private.yaml").write_text(MIXED)
        (place / "private.yaml").chmod(0o600)
        yield place


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def give(path: Path) -> None:
    os.chown(path, OTHER, OTHER, follow_symlinks=False)


@AS_ROOT
@pytest.mark.parametrize("above", ["", "sub"])
def test_a_link_of_others_is_not_followed(place: Path, above: str) -> None:
    folder = place / "in" / above
    folder.mkdir(exist_ok=True)
    (folder / "x.yaml").symlink_to(place / "private.yaml")
    (folder / "y.yaml").write_text(SECRET)
    for path in (folder / "x.yaml", folder, place / "in"):
        give(path)
    run = sealwright("seal", "--cert", CERTIFICATE, place / "in", "--output-dir", place / "out")
    assert run.status == ExitStatus.PARTLY_DONE, run.stderr
    assert "x.yaml: a link in a folder that others may write to" in run.stderr
    assert [path.name for path in (place / "out").rglob("*.yaml")] == ["y.yaml"]
    run = sealwright("seal", "--cert", CERTIFICATE, place / "in")
    assert (run.status, run.stdout) == (ExitStatus.REFUSED, b"")


def test_a_link_of_ours_is_followed(place: Path) -> None:
    (place / "in" / "x.yaml").symlink_to(place / "private.yaml")
    run = sealwright("seal", "--cert", CERTIFICATE, place / "in", "--output-dir", place / "out")
    assert run.status == 0, run.stderr
    assert mode(place / "out" / "x.yaml") == 0o600


def test_a_named_pipe_in_a_folder_makes_nobody_wait(place: Path) -> None:
    os.mkfifo(place / "in" / "a.yaml")
    (place / "in" / "y.yaml").write_text(SECRET)
    run = sealwright("seal", "--cert", CERTIFICATE, place / "in", "--output-dir", place / "out")
    assert run.status == ExitStatus.PARTLY_DONE, run.stderr
    assert "a.yaml: not a regular file\n" in run.stderr


@AS_ROOT
@pytest.mark.parametrize(
    "arguments",
    [
        ["seal", "--cert", CERTIFICATE, "PIPE"],
        ["seal", "--cert", "PIPE", "SECRET"],
        ["unseal", "--key", "PIPE", "SECRET"],
        ["unseal", "--key", PRIVATE_KEY, "PIPE"],
        ["cert", "fetch", "--kubeconfig", "PIPE"],
        ["cert", "fetch", "--server", "https://kube.invalid", "--certificate-authority", "PIPE"],
    ],
)
def test_nor_does_one_of_others_that_is_named(place: Path, arguments: list[str | Path]) -> None:
    os.mkfifo(place / "in" / "pipe")
    for path in (place / "in" / "pipe", place / "in"):
        give(path)
    (place / "s.yaml").write_text(SECRET)
    words = {"PIPE": place / "in" / "pipe", "SECRET": place / "s.yaml"}
    run = sealwright(*(words.get(str(one), one) for one in arguments))
    assert "a named pipe in a folder that others may write to; it may belong to them\nhint: " in run.stderr
    assert run.status in (ExitStatus.INPUT, ExitStatus.CERTIFICATE)


def test_a_pipe_of_the_shell_is_read(place: Path) -> None:
    (place / "s.yaml").write_text(SECRET)
    script = f"{KUBESEAL} --cert <(cat {CERTIFICATE}) -f <(cat {place / 's.yaml'})"
    run = run_command(["bash", "-c", script], b"", None, None)
    assert (run.status, b"encryptedData" in run.stdout) == (0, True), run.stderr


@pytest.mark.parametrize(("rights", "result"), [(0o600, 0o600), (0o640, 0o640), (0o604, 0o644), (0o644, 0o644)])
@pytest.mark.parametrize("before", [None, 0o644])
def test_a_result_is_for_nobody_who_may_not_read_its_source(
    place: Path, rights: int, result: int, before: int | None
) -> None:
    (place / "private.yaml").chmod(rights)
    if before is not None:
        (place / "out.yaml").write_text("kind: SealedSecret\n")
        (place / "out.yaml").chmod(before)
    for where in (["--output", place / "out.yaml"], ["--output-dir", place / "out"]):
        assert sealwright("seal", "--cert", CERTIFICATE, place / "private.yaml", *where).status == 0
    assert mode(place / "out.yaml") == result
    assert mode(place / "out" / "private.yaml") == result


@AS_ROOT
def test_nor_for_who_put_a_file_where_it_goes(place: Path) -> None:
    (place / "out").mkdir()
    (place / "out" / "private.yaml").write_text("kind: SealedSecret\n")
    give(place / "out" / "private.yaml")
    assert sealwright("seal", "--cert", CERTIFICATE, place / "private.yaml", "--output-dir", place / "out").status == 0
    found = (place / "out" / "private.yaml").stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (0, 0o600)
