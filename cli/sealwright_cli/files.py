"""Bytes in and out: bounded reading, decoding, writing, and what may go to a terminal. Knows no format."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO, BinaryIO

from sealwright_cli.advice import when_reading, when_writing
from sealwright_cli.border import border
from sealwright_cli.errors import InputError, OutputClosedError, OutputError, RefusedError
from sealwright_cli.naming import shown_path
from sealwright_cli.places import Place, make_folders, open_found, open_named, place_of
from sealwright_cli.replacing import Original, replace
from sealwright_manifests.text.decoding import Coding, decoded

MAX_INPUT_BYTES = 32 * 1024 * 1024
_INTO = os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_TOO_LARGE = f"larger than {MAX_INPUT_BYTES // (1024 * 1024)} MiB, the most that is read"


def read_file(path: Path, limit: int = MAX_INPUT_BYTES, *, name: str = "") -> bytes:
    """Return a file's content; `name` is what messages call it, the path where that may be shown if there is none.

    Raises InputError when it is missing, a folder, unreadable or larger than the limit, or a pipe or device that
    somebody else may have put there.
    """
    return read_original(path, limit, name=name)[0]


def read_original(
    path: Path, limit: int = MAX_INPUT_BYTES, *, name: str = "", is_named: bool = True
) -> tuple[bytes, Original]:
    """Return a file's content, and what `write_file` needs to put another in its place. Raises as `read_file`.

    Unless `is_named`, by the user, it has to be a regular file, and no link on its path one that somebody else may
    have put there: RefusedError is raised for others.
    """
    with _reading(path, name, is_named=is_named) as stream:
        found = os.fstat(stream.fileno())
        content = b"" if found.st_size > limit else stream.read(limit + 1)
    if len(content) > limit or found.st_size > limit:
        raise _too_large(name or str(path), limit)
    return content, Original.of(found)


def check_readable(path: Path, *, name: str = "") -> None:
    """Open a file and read nothing of it. Raises InputError as `read_file`."""
    with _reading(path, name):
        pass


@contextlib.contextmanager
def _reading(path: Path, name: str, *, is_named: bool = True) -> Iterator[BinaryIO]:
    try:
        with os.fdopen(open_named(path) if is_named else open_found(path), "rb") as stream:
            yield stream
    except OSError as error:
        raise InputError(f"{name or shown_path(path)}: {reason(error)}", hint=when_reading(error)) from None
    except ValueError:  # a zero byte; the words are Python's
        raise InputError(f"{name or shown_path(path)}: cannot be a path", hint="name another file") from None
    except RefusedError as error:
        if not is_named:
            raise
        raise InputError(error.message, hint=error.hint) from None


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

    Raises InputError when it is neither, or is UTF-16 and that is not wanted.
    """
    if not utf16 and Coding.of(content).encoding != "utf-8":
        raise InputError(
            f"{name}: UTF-16 text, and kubeseal reads UTF-8 alone",
            hint="save it as UTF-8 (PowerShell: Out-File -Encoding utf8), or use sealwright seal, which reads both",
        )
    with border():
        return decoded(content, name)


def in_utf8(content: bytes) -> bytes:
    """Return UTF-16 text in UTF-8, and either without its byte order mark; whatever is neither stays as it is."""
    coding = Coding.of(content)
    body = content[len(coding.mark) :]
    try:
        return body if coding.encoding == "utf-8" else body.decode(coding.encoding).encode()
    except UnicodeError:
        return content


def is_der(content: bytes) -> bool:
    """Tell whether content looks like a key or certificate in DER: a sequence of more than 127 bytes (X.690)."""
    return content[:1] == b"\x30" and content[1:2] > b"\x80"


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
    stdout: BinaryIO,
    path: Path | None,
    content: bytes,
    *,
    private: bool = False,
    to_terminal: bool = False,
    original: Original | None = None,
    source: Original | None = None,
) -> None:
    """Write a result to a file or to standard output (`is_stdout`). Raises as `write_file` and `write_stdout`.

    A terminal is refused what is private on either way, unless it is meant `to_terminal`.
    """
    if path is None or is_stdout(path):
        if private and not to_terminal:
            check_not_terminal(stdout)
        write_stdout(stdout, content)
    else:
        write_file(path, content, private=private, to_terminal=to_terminal, original=original, source=source)


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
        raise OutputError("standard output: closed", hint="leave it open, or write the result to a file") from None


def write_file(
    path: Path,
    content: bytes,
    *,
    private: bool = False,
    to_terminal: bool = False,
    original: Original | None = None,
    source: Original | None = None,
) -> None:
    """Replace a file by one with this content, or leave everything as it was.

    The mode of an existing file is kept; `private` files are made with 0600 whatever was there. `original` is the file
    that this content was made of, when that is to be replaced: it has to be there still. `source` is
    the file that it was made of, when it goes elsewhere: nobody may read it who may not read that.

    A symbolic link is followed, and what is no regular file (/dev/stdout, a named pipe) is written to as it is, unless
    somebody else may have put it there; a terminal is refused what is private, unless it is meant `to_terminal`.
    Raises OutputError and RefusedError.
    """
    try:
        with place_of(path) as place:
            if place.is_own_stream or not _is_replaceable(place):
                _write_into(place, content, hidden=private and not to_terminal)
            else:
                replace(place, content, private=private, original=original, source=source)
    except OSError as error:
        raise OutputError(f"{shown_path(path)}: cannot be written: {reason(error)}", hint=when_writing(error)) from None


def make_folder(path: Path) -> None:
    """Make a folder and those above it, unless they are there. Raises OutputError, and RefusedError as `write_file`."""
    try:
        make_folders(path)
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


def _is_replaceable(place: Place) -> bool:
    """Tell whether there is a regular file at a place, or none. Raises OSError for a folder."""
    if place.there is not None and stat.S_ISDIR(place.there.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return place.there is None or stat.S_ISREG(place.there.st_mode)


def _write_into(place: Place, content: bytes, *, hidden: bool) -> None:
    """Write into what is there, which the place was looked at for. Raises OSError when it is another thing by now."""
    how = os.O_TRUNC if place.is_own_stream else getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(place.folder.open(place.name, _INTO | how), "wb", buffering=0) as stream:
        if place.there is None or not os.path.samestat(place.there, os.fstat(stream.fileno())):
            raise FileExistsError(errno.EEXIST, "something else came in its place")
        if hidden:
            check_not_terminal(stream)
        _write_all(stream, content)


def _write_all(stream: IO[bytes], content: bytes) -> None:
    """Write everything: a stream without a buffer (PYTHONUNBUFFERED makes stdout one) may take less at a time."""
    view = memoryview(content)
    while view:
        view = view[stream.write(view) :]
