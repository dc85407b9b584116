"""Bytes in and out: decoding, bounded reading, and files that are replaced whole or not at all."""

import errno
import io
import os
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sealwright_cli.files import disk, replacing
from sealwright_cli.messages.errors import InputError, OutputClosedError, OutputError, RefusedError

POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", ""),
        (b"a", "a"),
        ("č: 1".encode(), "č: 1"),
        (b"\xef\xbb\xbfa: 1", "a: 1"),
        ("a: č".encode("utf-16"), "a: č"),
        ("a: č".encode("utf-16-le"), "a: č"),
        ("a: č".encode("utf-16-be"), "a: č"),
        (b"\xfe\xff\x00a", "a"),
    ],
)
def test_texts_of_all_encodings_are_read(content: bytes, text: str) -> None:
    assert disk.decode(content, "x") == text


@POSIX
@pytest.mark.parametrize(
    "path",
    ["a.yaml", "in/a.yaml", "link/a.yaml", "link", "in/to-a", "in/loop", "in/..", "link/..", ".", "none/a"],
)
def test_real_paths_of_many_files_are_those_of_each(tmp_path: Path, path: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text("")
    for link, target in (("link", "in"), ("in/to-a", "../link/a.yaml"), ("in/loop", "loop")):
        (tmp_path / link).symlink_to(target)
    real = disk.real_paths()
    assert [real(tmp_path / path) for _ in range(2)] == [disk.real_path(tmp_path / path)] * 2


@pytest.mark.parametrize("content", [b"a: \xff", b"\xff", b"\xff\xfea", b"\xe2\x82"])
def test_what_is_no_text_is_told_with_its_place(content: bytes) -> None:
    with pytest.raises(InputError, match=r"^x: not UTF-(8|16|16-LE) text \(byte \d+\)$"):
        disk.decode(content, "x")


def test_a_binary_file_is_called_so() -> None:
    with pytest.raises(InputError, match=r"^x: binary, not text$"):
        disk.decode(b"a\x00\x00", "x")


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"12345")
    assert disk.read_file(tmp_path / "x", 5) == b"12345"
    with pytest.raises(InputError, match="larger than 4 bytes, the limit"):
        disk.read_file(tmp_path / "x", 4)
    with pytest.raises(InputError, match="larger than 4 bytes"):
        disk.read_stream(io.BytesIO(b"12345"), "x", 4)


class TestReplacing:
    def test_a_new_file_has_the_usual_mode_and_a_private_one_is_private(self, tmp_path: Path) -> None:
        (tmp_path / "reference").write_bytes(b"")
        disk.write_file(tmp_path / "shared", b"1")
        disk.write_file(tmp_path / "private", b"2", private=True)
        assert (tmp_path / "shared").read_bytes() + (tmp_path / "private").read_bytes() == b"12"
        assert mode(tmp_path / "shared") == mode(tmp_path / "reference")
        assert os.name == "nt" or mode(tmp_path / "private") == 0o600

    @POSIX
    @pytest.mark.parametrize("before", [0o600, 0o644, 0o755, 0o400])
    def test_an_existing_file_keeps_its_mode_unless_it_is_to_be_private(self, tmp_path: Path, before: int) -> None:
        for private, after in [(False, before), (True, 0o600)]:
            path = tmp_path / f"x{private}"
            path.write_bytes(b"old")
            path.chmod(before)
            disk.write_file(path, b"new", private=private)
            assert (path.read_bytes(), mode(path)) == (b"new", after)

    @POSIX
    def test_links_are_followed_even_in_a_chain(self, tmp_path: Path) -> None:
        (tmp_path / "deep").mkdir()
        (tmp_path / "deep" / "file").write_bytes(b"old")
        (tmp_path / "second").symlink_to("deep/file")
        (tmp_path / "first").symlink_to(tmp_path / "second")
        disk.write_file(tmp_path / "first", b"new")
        assert (tmp_path / "first").is_symlink()
        assert (tmp_path / "second").is_symlink()
        assert (tmp_path / "deep" / "file").read_bytes() == b"new"

    @POSIX
    def test_a_link_to_nothing_makes_what_it_points_to(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to("target")
        disk.write_file(tmp_path / "link", b"new")
        assert (tmp_path / "target").read_bytes() == b"new"

    @pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
    @pytest.mark.parametrize("moment", ["fsync", "replace"])
    def test_nothing_is_left_behind_when_it_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException, moment: str
    ) -> None:
        path = tmp_path / "x"
        path.write_bytes(b"old")

        def fail(*_: object, **__: object) -> None:
            raise failure

        monkeypatch.setattr(os, moment, fail)
        with pytest.raises(OutputError if isinstance(failure, OSError) else KeyboardInterrupt):
            disk.write_file(path, b"new")
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"x": b"old"}

    @pytest.mark.parametrize("unnamed", [True, False], ids=["unnamed", "named"])
    @pytest.mark.parametrize("private", [True, False])
    def test_nothing_is_left_behind_by_ctrl_c_at_the_moment_at_which_the_file_is_there(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, private: bool, unnamed: bool
    ) -> None:
        """With a name as soon as it is made, or when it is complete."""
        (tmp_path / "x").write_bytes(b"old")
        stopped = []

        def then_stop(*arguments: Any, really: Callable[..., Any], **options: Any) -> Any:
            made = really(*arguments, **options)
            if any("tmp" in path.name for path in tmp_path.iterdir()):
                stopped.append(arguments)
                if made is not None:
                    os.close(made)
                raise KeyboardInterrupt
            return made

        if not unnamed:
            monkeypatch.setattr(replacing, "_UNNAMED", 0)
        for name in ("open", "link", "mkdir"):
            monkeypatch.setattr(os, name, partial(then_stop, really=getattr(os, name)))
        with pytest.raises(KeyboardInterrupt):
            disk.write_file(tmp_path / "x", b"new", private=private)
        assert stopped
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x": b"old"}

    @pytest.mark.parametrize("name", ["x" * 250, "字" * 80 + ".yaml", "x" + "字" * 83])
    def test_long_names_leave_room_for_the_temporary_one(self, tmp_path: Path, name: str) -> None:
        for content in (b"new", b"newer"):
            disk.write_file(tmp_path / name, content)
            assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {name: content}

    def test_a_folder_is_not_overwritten(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match=r"cannot be written: (is a folder|permission denied)"):
            disk.write_file(tmp_path, b"x")


@POSIX
def test_private_content_is_not_written_into_a_terminal_device() -> None:
    leader, follower = os.openpty()
    try:
        with pytest.raises(RefusedError, match="plaintext would be printed to the terminal"):
            disk.write_file(Path(os.ttyname(follower)), b"secret", private=True)
    finally:
        os.close(leader)
        os.close(follower)


class Trickle(io.RawIOBase):
    """A stream that takes three bytes at a time, as a pipe without a buffer may."""

    def __init__(self) -> None:
        self.taken = b""

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data)[:3])
        self.taken += piece
        return len(piece)


def test_a_stream_that_takes_little_at_a_time_gets_everything() -> None:
    stream = Trickle()
    disk.write_stdout(stream, b"0123456789")
    assert stream.taken == b"0123456789"


def test_a_closed_pipe_and_a_closed_stream_are_told_apart() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb", buffering=0) as stream, pytest.raises(OutputClosedError):
        disk.write_stdout(stream, b"x")
    with pytest.raises(OutputError, match="standard output: closed"):
        disk.write_stdout(stream, b"x")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestFoldersMadeForAFile:
    @pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
    def test_none_is_left_behind_empty(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
    ) -> None:
        (tmp_path / "there").mkdir()

        def fail(*_: object, **__: object) -> None:
            raise failure

        monkeypatch.setattr(os, "fsync", fail)
        place = tmp_path / "there" / "new" / "deep"
        with (
            pytest.raises(OutputError if isinstance(failure, OSError) else KeyboardInterrupt),
            disk.made_folder(place),
        ):
            disk.write_file(place / "x", b"new")
        assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path("there")]

    def test_nor_if_the_next_one_cannot_be_made(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        really = os.mkdir

        def mkdir(path: str, *arguments: Any, **options: Any) -> None:
            if Path(path).name == "deep":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            really(path, *arguments, **options)

        monkeypatch.setattr(os, "mkdir", mkdir)
        place = tmp_path / "new" / "deep"
        with pytest.raises(OutputError, match="cannot be made: no space left"), disk.made_folder(place):
            pytest.fail("there is no folder")
        assert list(tmp_path.iterdir()) == []

    def test_one_that_holds_something_stays_and_so_do_those_above_it(self, tmp_path: Path) -> None:
        def made_then_failed() -> None:
            with disk.made_folder(tmp_path / "new" / "deep" / "deeper"):
                (tmp_path / "new" / "deep" / "other").write_bytes(b"")
                raise OutputError("x: cannot be written", hint="y")

        with pytest.raises(OutputError, match="cannot be written"):
            made_then_failed()
        assert sorted(path.name for path in tmp_path.rglob("*")) == ["deep", "new", "other"]

    def test_one_that_somebody_put_in_its_place_stays(self, tmp_path: Path) -> None:
        def made_then_exchanged() -> None:
            with disk.made_folder(tmp_path / "new"):
                (tmp_path / "new").rename(tmp_path / "mine")
                (tmp_path / "new").mkdir()
                raise OutputError("x: cannot be written", hint="y")

        with pytest.raises(OutputError):
            made_then_exchanged()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "new"]

    def test_all_stay_once_the_file_is_there(self, tmp_path: Path) -> None:
        with disk.made_folder(tmp_path / "new" / "deep"):
            disk.write_file(tmp_path / "new" / "deep" / "x", b"1")
        with disk.made_folder(tmp_path / "new" / "deep"):
            pass
        assert (tmp_path / "new" / "deep" / "x").read_bytes() == b"1"
