"""Folders that others may write to: a link, pipe or device there may be theirs, so nothing is written through it."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, Run, files_below, seal, sealwright

from sealwright_cli.files import disk
from sealwright_cli.files.replacing import Original
from sealwright_cli.messages.errors import OutputError, RefusedError
from sealwright_cli.messages.exitcodes import ExitStatus

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
ROOT = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files away")
OTHER = 65534
REFUSAL = "in a folder that others may write to; it may belong to them"
TEMPLATE = "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: team-a}\nstringData:\n  url: 'a{{ .p }}'\n"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder that everybody may write to; beside it stands `mine/kept`, where links lead."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "kept").write_bytes(seal(stdin=SECRET).stdout)
    (tmp_path / "mine" / "s.yaml").write_text(SECRET)
    (tmp_path / "secret.yaml").write_text(SECRET)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return shared


WRITERS = {
    "seal -w": ["seal", "--cert", CERTIFICATE, "HERE/secret.yaml", "-w", "TARGET"],
    "merge": ["merge", "--cert", CERTIFICATE, "TARGET", "HERE/secret.yaml"],
    "merge -w": ["merge", "--cert", CERTIFICATE, "HERE/mine/kept", "HERE/secret.yaml", "-w", "TARGET"],
    "reencrypt": ["reencrypt", "--force", "--key", PRIVATE_KEY, "--cert", CERTIFICATE, "TARGET"],
    "reencrypt -w": [
        "reencrypt",
        "--force",
        "--key",
        PRIVATE_KEY,
        "--cert",
        CERTIFICATE,
        "HERE/mine/kept",
        "-w",
        "TARGET",
    ],
    "unseal -w": ["unseal", "--key", PRIVATE_KEY, "HERE/mine/kept", "-w", "TARGET"],
    "render -w": ["render", "--with", "p=1", "HERE/template.yaml", "-w", "TARGET"],
    "raw -w": ["raw", "--cert", CERTIFICATE, "-n", "a", "--name", "b", "-w", "TARGET"],
}


def run(writer: str, target: Path, here: Path) -> Run:
    words = [str(one).replace("HERE", str(here)).replace("TARGET", str(target)) for one in WRITERS[writer]]
    return sealwright(*words, stdin="value")


def check_refused(done: Run, what: str) -> None:
    assert done.status == ExitStatus.REFUSED, done.stderr
    assert what in done.stderr
    assert REFUSAL in done.stderr
    assert "\nhint: " in done.stderr


@pytest.mark.parametrize("writer", WRITERS)
def test_no_verb_writes_through_a_link(shared: Path, tmp_path: Path, writer: str) -> None:
    (shared / "x.yaml").symlink_to("../mine/kept")
    before = files_below(tmp_path)
    check_refused(run(writer, shared / "x.yaml", tmp_path), "shared/x.yaml: a link in")
    assert files_below(tmp_path) == before
    assert (shared / "x.yaml").is_symlink()


def test_files_are_not_sealed_in_place_through_a_link(shared: Path, tmp_path: Path) -> None:
    (shared / "x.yaml").symlink_to("../mine/s.yaml")
    (shared.parent / ".git").mkdir()  # links within a repository are followed
    check_refused(seal("--in-place", shared), "shared/x.yaml: a link in")
    assert (tmp_path / "mine" / "s.yaml").read_text() == SECRET


@pytest.mark.parametrize("writer", WRITERS)
def test_no_verb_writes_through_a_folder_that_is_a_link(shared: Path, tmp_path: Path, writer: str) -> None:
    (shared / "sub").symlink_to("../mine")
    before = files_below(tmp_path)
    check_refused(run(writer, shared / "sub" / "kept", tmp_path), "shared/sub is a link in")
    assert files_below(tmp_path) == before


def test_no_folder_is_made_through_a_link(shared: Path, tmp_path: Path) -> None:
    (shared / "sub").symlink_to("../mine")
    done = seal("--output-dir", shared / "sub" / "new" / "deep", tmp_path / "secret.yaml")
    check_refused(done, "shared/sub is a link in")
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["kept", "s.yaml"]


# The others read what they write to, and wait for the pipe's writer.
@pytest.mark.parametrize("writer", [writer for writer in WRITERS if writer not in ("merge", "reencrypt")])
def test_no_verb_writes_into_a_pipe(shared: Path, tmp_path: Path, writer: str) -> None:
    os.mkfifo(shared / "pipe")
    reader = os.open(shared / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        check_refused(run(writer, shared / "pipe", tmp_path), "shared/pipe: a named pipe in")
        assert os.read(reader, 1) == b""
    finally:
        os.close(reader)


def test_a_pipe_of_ones_own_is_written_into(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        disk.write_file(tmp_path / "pipe", b"x", private=True)
        assert os.read(reader, 9) == b"x"
    finally:
        os.close(reader)


def test_files_and_folders_in_such_a_folder_are_used_as_ever(shared: Path) -> None:
    with disk.made_folder(shared / "a" / "b"):
        pass
    for place in (shared / "new", shared / "a" / "b" / "new"):
        for content in (b"1", b"2"):
            disk.write_file(place, content)
            assert place.read_bytes() == content


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_in_a_folder_like_tmp_what_we_own_is_ours(tmp_path: Path, kind: str) -> None:
    tmp_path.chmod(0o1777)
    target = tmp_path / "x"
    if kind == "link":
        target.symlink_to("file")
        disk.write_file(target, b"new")
        assert (tmp_path / "file").read_bytes() == b"new"
        return
    os.mkfifo(target)
    reader = os.open(target, os.O_RDONLY | os.O_NONBLOCK)
    disk.write_file(target, b"new")
    assert os.read(reader, 9) == b"new"
    os.close(reader)


@ROOT
@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_in_a_folder_like_tmp_what_others_own_is_theirs(tmp_path: Path, kind: str) -> None:
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "like-tmp").mkdir()
    (tmp_path / "like-tmp").chmod(0o1777)
    target = tmp_path / "like-tmp" / "x"
    if kind == "link":
        target.symlink_to("../kept")
    else:
        os.mkfifo(target)
    os.lchown(target, OTHER, OTHER)
    with pytest.raises(RefusedError, match=REFUSAL):
        disk.write_file(target, b"new", private=True)
    assert (tmp_path / "kept").read_bytes() == b"old"


@ROOT
@pytest.mark.parametrize(
    ("mode", "owner", "group", "is_followed"),
    [
        (0o755, 0, 0, True),
        (0o755, OTHER, 0, False),
        (0o775, 0, OTHER, False),
        (0o775, 0, 0, True),
        (0o757, 0, 0, False),
    ],
    ids=["root's", "another's", "a group's", "root's own group's", "everybody's"],
)
def test_whose_folder_it_is_decides(tmp_path: Path, mode: int, owner: int, group: int, is_followed: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "kept").write_bytes(b"old")
    (folder / "link").symlink_to("../kept")
    folder.chmod(mode)
    os.chown(folder, owner, group)
    if is_followed:
        disk.write_file(folder / "link", b"new")
    else:
        with pytest.raises(RefusedError, match=REFUSAL):
            disk.write_file(folder / "link", b"new")
    assert (tmp_path / "kept").read_bytes() == (b"new" if is_followed else b"old")


@ROOT
def test_a_file_of_another_stays_his_and_what_is_private_becomes_ours(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for private, owner, mode in ((False, OTHER, 0o640), (True, 0, 0o600)):
        path.write_bytes(b"old")
        os.chown(path, OTHER, OTHER)
        path.chmod(0o640)
        disk.write_file(path, b"new", private=private)
        found = path.stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (owner, owner, mode)


def test_whom_a_program_runs_as_is_not_carried_over(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "x").chmod(0o4755)
    disk.write_file(tmp_path / "x", b"new")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o755


NO_MORE_ROOT = """\
import os, sys
from pathlib import Path
from sealwright_cli.files.disk import write_file
os.setgroups([])
os.setresgid(65534, 65534, 65534)
os.setresuid(65534, 65534, 65534)
os.chdir("/")
write_file(Path(sys.argv[1]), b"new")
"""


@ROOT
def test_a_group_that_cannot_be_kept_gives_nobody_else_its_rights() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.chown(folder, OTHER, OTHER)
        (folder / "x").write_bytes(b"old")
        (folder / "x").chmod(0o664)
        assert os.spawnl(os.P_WAIT, sys.executable, sys.executable, "-c", NO_MORE_ROOT, str(folder / "x")) == 0
        found = (folder / "x").stat()
        assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (OTHER, OTHER, 0o644)


class TestTheFileThatWasRead:
    def test_it_has_to_be_there_still(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_bytes(b"read")
        _, original = disk.read_original(path)
        (tmp_path / "other").write_bytes(b"other")
        (tmp_path / "other").replace(path)
        with pytest.raises(OutputError, match="it was replaced by another file while this command ran"):
            disk.write_file(path, b"new", original=original)
        path.unlink()
        with pytest.raises(OutputError, match="it was replaced by another file while this command ran"):
            disk.write_file(path, b"new", original=original)
        assert list(tmp_path.iterdir()) == []

    def test_its_rights_are_those_that_it_had_when_it_was_read(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_bytes(b"read")
        path.chmod(0o600)
        _, original = disk.read_original(path)
        path.chmod(0o644)
        disk.write_file(path, b"new", original=original)
        assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)

    def test_a_link_of_our_own_is_read_and_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"read")
        (tmp_path / "link").symlink_to("x")
        content, original = disk.read_original(tmp_path / "link")
        disk.write_file(tmp_path / "link", content + b" and written", original=original)
        assert (tmp_path / "x").read_bytes() == b"read and written"
        assert isinstance(original, Original)


@pytest.fixture
def streams() -> Iterator[list[int]]:
    opened: list[int] = []
    yield opened
    for one in opened:
        os.close(one)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")
class TestOwnStreams:
    def test_a_pipe_is_written_into(self, streams: list[int]) -> None:
        streams += os.pipe()
        disk.write_file(Path(f"/dev/fd/{streams[1]}"), b"x", private=True)
        assert os.read(streams[0], 9) == b"x"

    def test_a_file_that_has_no_name_any_more_is_written_into(self, tmp_path: Path, streams: list[int]) -> None:
        streams.append(os.open(tmp_path / "x", os.O_CREAT | os.O_RDWR))
        os.write(streams[0], b"old and longer")
        (tmp_path / "x").unlink()
        disk.write_file(Path(f"/dev/fd/{streams[0]}"), b"new")
        assert os.pread(streams[0], 99, 0) == b"new"
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_has_a_name_is_replaced(self, tmp_path: Path, streams: list[int]) -> None:
        streams.append(os.open(tmp_path / "x", os.O_CREAT | os.O_RDWR))
        disk.write_file(Path(f"/dev/fd/{streams[0]}"), b"new")
        assert (tmp_path / "x").read_bytes() == b"new"


def test_links_in_a_circle_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="cannot be written: too many levels of symbolic links"):
        disk.write_file(tmp_path / "a", b"x")


def test_what_render_writes_is_for_its_owner_alone(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    before = os.umask(0)
    try:
        done = sealwright("render", "--with", "p=1", tmp_path / "template.yaml", "-w", tmp_path / "out")
    finally:
        os.umask(before)
    assert done.status == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
