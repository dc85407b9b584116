"""Bytes in and out: bounded reading, decoding, atomic replacing, and what may go to a terminal. Knows no format."""

import codecs
import contextlib
import os
import secrets
import stat
from pathlib import Path
from typing import IO, BinaryIO

from sealwright_cli.errors import InputError, OutputClosedError, OutputError, RefusedError
from sealwright_cli.hints import when_reading, when_writing
from sealwright_cli.naming import shown_path

MAX_INPUT_BYTES = 32 * 1024 * 1024
_PRIVATE = 0o600
_SHARED = 0o666  # less what the umask takes away
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would translate line breaks
_MOST_OF_A_NAME = 200  # bytes of the 255 that a name may have
_TOO_LARGE = f"larger than {MAX_INPUT_BYTES // (1024 * 1024)} MiB, the most that is read"


def read_file(path: Path, limit: int = MAX_INPUT_BYTES) -> bytes:
    """Return a file's content. Raises InputError when it is missing, a folder, unreadable or larger than the limit."""
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > limit:
                raise _too_large(str(path), limit)
            content = stream.read(limit + 1)
    except OSError as error:
        raise InputError(f"{shown_path(path)}: {reason(error)}", hint=when_reading(error)) from None
    if len(content) > limit:
        raise _too_large(str(path), limit)
    return content


def read_stream(stream: BinaryIO, name: str, limit: int = MAX_INPUT_BYTES) -> bytes:
    """Return all of a stream, called `name`. Raises InputError when it cannot be read or holds more than the limit."""
    try:
        content = stream.read(limit + 1)
    except OSError as error:
        raise InputError(
            f"{name}: cannot be read: {reason(error)}", hint="name a file, or give it something to read (< FILE)"
        ) from None
    if len(content) > limit:
        raise _too_large(name, limit)
    return content


def decode(content: bytes, name: str, *, utf16: bool = True) -> str:
    """Return the text of UTF-8 or UTF-16 content, with or without a byte order mark, which is left out.

    Raises InputError when it is neither, or is UTF-16 and that is not wanted. UTF-16 without a mark is told by the zero
    byte beside its first character: every manifest begins with an ASCII character.
    """
    encoding = "utf-8"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif len(content) > 1 and 0 in content[:2]:
        encoding = "utf-16-le" if content[0] else "utf-16-be"
    if encoding != "utf-8" and not utf16:
        raise InputError(
            f"{name}: UTF-16 text, and kubeseal reads UTF-8 alone",
            hint="save it as UTF-8 (PowerShell: Out-File -Encoding utf8), or use sealwright seal, which reads both",
        )
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: not {encoding.upper()} text (byte {error.start + 1:,})",
            hint="save the file as UTF-8; binary values belong under data, in base64",
        ) from None


def real_path(path: Path) -> Path:
    """Return the path of the file itself: absolute, symbolic links followed; it need not exist."""
    try:
        return Path(os.path.realpath(path))
    except OSError:  # the folder that it is relative to is gone
        return path


def exists(path: Path) -> bool:
    """Tell whether something is there; what must not be looked at, or cannot be a name, counts as nothing."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for those


def is_folder(path: Path) -> bool:
    """Tell whether this is a folder; what must not be looked at, or cannot be a name, counts as none."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for those


def is_stdout(path: Path | None) -> bool:
    """Tell whether a result for this path goes to standard output: there is none, or it is `-`."""
    return path is None or str(path) == "-"


def write_result(
    stdout: BinaryIO, path: Path | None, content: bytes, *, private: bool = False, to_terminal: bool = False
) -> None:
    """Write a result to a file or to standard output (`is_stdout`). Raises as `write_file` and `write_stdout`.

    A terminal is refused what is private on either way, unless it is meant `to_terminal`.
    """
    if path is None or is_stdout(path):
        if private and not to_terminal:
            check_not_terminal(stdout)
        write_stdout(stdout, content)
    else:
        write_file(path, content, private=private, to_terminal=to_terminal)


def write_stdout(stream: BinaryIO, content: bytes) -> None:
    """Write a result to standard output, whole. Raises OutputClosedError when nobody reads it, else OutputError."""
    try:
        _write_all(stream, content)
        stream.flush()
    except BrokenPipeError:
        raise OutputClosedError("standard output was closed") from None
    except OSError as error:
        raise OutputError(f"standard output: {reason(error)}", hint=when_writing(error)) from None
    except ValueError:  # how Python says that it was closed from the start
        raise OutputError("standard output: closed", hint="leave it open, or name a file with --output") from None


def write_file(path: Path, content: bytes, *, private: bool = False, to_terminal: bool = False) -> None:
    """Replace a file by one with this content, or leave everything as it was.

    The mode of an existing file is kept; `private` files are made with 0600 whatever was there. A symbolic link is
    followed, and what is no regular file (/dev/stdout, a named pipe) is written to as it is; a terminal is refused
    what is private, unless it is meant `to_terminal`. Raises OutputError and RefusedError.
    """
    try:
        before = _existing(path)
        if before is not None and not stat.S_ISREG(before.st_mode):
            _write_into(path, content, hidden=private and not to_terminal)
            return
        target = real_path(path)
        temporary = _beside(target)
        try:  # from before it is made: Ctrl-C may come at any moment
            _make(temporary, content, private=private, like=before)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{shown_path(path)}: cannot be written: {reason(error)}", hint=when_writing(error)) from None


def make_folder(path: Path) -> None:
    """Make a folder and those above it, unless they are there. Raises OutputError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{shown_path(path)}: cannot be made: {reason(error)}", hint=when_writing(error)) from None


def check_not_terminal(stream: IO[bytes]) -> None:
    """Raise RefusedError when plaintext written to this stream would be shown on a terminal."""
    if not stream.closed and stream.isatty():
        raise RefusedError(
            "plaintext would be printed to the terminal", hint="write to a file with --output, or add --to-terminal"
        )


def reason(error: OSError) -> str:
    """Return the operating system's words for an error, in our voice: lower case, no path, no number."""
    words = error.strerror or str(error) or type(error).__name__
    return words[:1].lower() + words[1:]


def _too_large(name: str, limit: int) -> InputError:
    words = _TOO_LARGE if limit == MAX_INPUT_BYTES else f"larger than {limit:,} bytes, the most that is read"
    return InputError(f"{name}: {words}", hint="a Secret holds at most 1 MiB; split the file")


def _existing(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _write_into(path: Path, content: bytes, *, hidden: bool) -> None:
    with path.open("wb", buffering=0) as stream:
        if hidden:
            check_not_terminal(stream)
        _write_all(stream, content)


def _write_all(stream: IO[bytes], content: bytes) -> None:
    """Write everything: a stream without a buffer (PYTHONUNBUFFERED makes stdout one) may take less at a time."""
    view = memoryview(content)
    while view:
        view = view[stream.write(view) :]


def _beside(target: Path) -> Path:
    """Return a path beside `target` that nobody has, its name as recognisable as its length in bytes allows."""
    beginning = os.fsencode(target.name)[:_MOST_OF_A_NAME].decode(errors="ignore")
    return target.with_name(f".{beginning}.{secrets.token_hex(8)}.tmp")


def _make(path: Path, content: bytes, *, private: bool, like: os.stat_result | None) -> None:
    """Make a file with this content and the access rights of `like`, or for its owner alone, or the usual ones."""
    mode = _PRIVATE if private or like is not None else _SHARED
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, mode), "wb") as stream:
        stream.write(content)
        stream.flush()
        if like is not None and not private:
            _copy_access(path, like)
        os.fsync(stream.fileno())


def _copy_access(path: Path, like: os.stat_result) -> None:
    if hasattr(os, "chown") and (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(PermissionError):  # only root may give files away; the content matters more
            os.chown(path, like.st_uid, like.st_gid)
    path.chmod(stat.S_IMODE(like.st_mode))
