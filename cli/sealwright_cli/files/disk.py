"""Reads and writes bytes: with limits, decoded, and protecting terminals. Knows no format."""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO

from sealwright_cli.files.places import Place, made_folders, open_found, open_named, place_of
from sealwright_cli.files.replacing import Original, replace
from sealwright_cli.messages.advice import when_reading, when_writing
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, OutputClosedError, OutputError, RefusedError
from sealwright_cli.messages.naming import shown_path
from sealwright_manifests.text.decoding import Coding, decoded

MAX_INPUT_BYTES = 32 * 1024 * 1024
_INTO = os.O_WRONLY | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_WORDS = {errno.EISDIR: "is a folder"}  # as all other messages call it
_TOO_LARGE = f"larger than {MAX_INPUT_BYTES // (1024 * 1024)} MiB, the limit"


def read_file(path: Path, limit: int = MAX_INPUT_BYTES, *, name: str = "") -> bytes:
    """Return a file's content; `name` is what messages call it, by default the path if it may be shown.

    Raises InputError if it is missing, a folder, unreadable, larger than the limit, or a pipe or device that another
    user may have put there.
    """
    return read_original(path, limit, name=name)[0]


def read_original(
    path: Path, limit: int = MAX_INPUT_BYTES, *, name: str = "", is_named: bool = True
) -> tuple[bytes, Original]:
    """Return a file's content, and what `write_file` needs to replace it. Raises as `read_file`.

    Unless the user named it (`is_named`), it has to be a regular file, and no link on its path may be another user's;
    otherwise RefusedError is raised.
    """
    with _reading(path, name, is_named=is_named) as stream:
        found = os.fstat(stream.fileno())
        content = b"" if found.st_size > limit else stream.read(limit + 1)
    if len(content) > limit or found.st_size > limit:
        raise _too_large(name or str(path), limit)
    return content, Original.of(found, Coding.of(content))


def check_readable(path: Path, *, name: str = "") -> None:
    """Open a file without reading it. Raises InputError as `read_file`."""
    with _reading(path, name):
        pass


@contextlib.contextmanager
def _reading(path: Path, name: str, *, is_named: bool = True) -> Iterator[BinaryIO]:
    try:
        with os.fdopen(open_named(path) if is_named else open_found(path), "rb") as stream:
            yield stream
    except OSError as error:
        if error.errno == errno.ENOENT and path.is_symlink():  # ls shows it
            raise InputError(f"{path}: a link to a missing file", hint="correct the link, or remove it") from None
        raise InputError(f"{name or shown_path(path)}: {reason(error)}", hint=when_reading(error)) from None
    except ValueError:  # a zero byte; the message would be Python's
        raise InputError(f"{name or shown_path(path)}: cannot be a path", hint="name another file") from None
    except RefusedError as error:
        if not is_named:
            raise
        raise InputError(error.message, hint=error.hint) from None


def read_stream(stream: BinaryIO, name: str, limit: int = MAX_INPUT_BYTES) -> bytes:
    """Return all of a stream, called `name`.

    Raises InputError if it is closed, cannot be read or holds more than the limit.
    """
    if stream.closed:  # an empty value in its place could be sealed
        raise InputError(f"{name}: it is closed", hint="name a file, or redirect one to it (< FILE)")
    try:
        content = stream.read(limit + 1)
    except OSError as error:
        raise InputError(
            f"{name}: cannot be read: {reason(error)}", hint="name a file, or redirect one to it (< FILE)"
        ) from None
    if len(content) > limit:
        raise _too_large(name, limit)
    return content


def decode(content: bytes, name: str, *, utf16: bool = True) -> str:
    """Return the text of UTF-8 or UTF-16 content, without its byte order mark.

    Raises InputError if it is neither, or if it is UTF-16 and that is not accepted.
    """
    if not utf16 and Coding.of(content).encoding != "utf-8":
        raise InputError(
            f"{name}: UTF-16 text; kubeseal reads UTF-8 only",
            hint="save it as UTF-8 (PowerShell: Out-File -Encoding utf8), or use sealwright seal, which reads both",
        )
    with border():
        return decoded(content, name)


def in_utf8(content: bytes) -> bytes:
    """Return UTF-16 text in UTF-8, and either without its byte order mark; other content stays as it is."""
    coding = Coding.of(content)
    text = content[len(coding.mark) :]
    if coding.encoding == "utf-8":
        return text
    try:
        return text.decode(coding.encoding).encode()
    except UnicodeError:
        return content


def is_der(content: bytes) -> bool:
    """Tell whether content looks like a key or certificate in DER: a sequence of more than 127 bytes (X.690)."""
    return content[:1] == b"\x30" and content[1:2] > b"\x80"


def real_path(path: Path) -> Path:
    """Return the absolute path of a file, with symbolic links followed; the file need not exist."""
    try:
        return Path(os.path.realpath(path))
    except OSError:  # the working directory is gone
        return path


def real_paths() -> Callable[[Path], Path]:
    """Return a `real_path` for many files, which remembers the folders that it has followed."""
    followed = cache(real_path)

    def real(path: Path) -> Path:
        if path.name in ("", ".."):
            return real_path(path)
        found = followed(path.parent) / path.name
        return real_path(found) if os.path.islink(found) else found  # noqa: PTH114 - Path.is_symlink raises

    return real


def is_same_file(one: Path, other: Path) -> bool:
    """Tell whether two paths name the same file; it need not exist."""
    return real_path(one) == real_path(other)


def exists(path: Path) -> bool:
    """Tell whether something exists; a path that cannot be examined, or cannot be a name, counts as missing."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for those


def is_folder(path: Path) -> bool:
    """Tell whether this is a folder; a path that cannot be examined, or cannot be a name, counts as none."""
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises for those


def is_plain_file(path: Path) -> bool:
    """Tell whether this is a regular file, no pipe or device; what cannot be examined counts as none."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises for those


def is_filled_file(path: Path) -> bool:
    """Tell whether this is a regular file that holds something; what cannot be examined counts as none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size > 0


def is_stdout(path: Path | None) -> bool:
    """Tell whether the result for this path goes to standard output: it is None or `-`."""
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

    Private content is refused on a terminal in both cases, unless `to_terminal`.
    """
    if path is None or is_stdout(path):
        if private and not to_terminal:
            check_not_terminal(stdout)
        write_stdout(stdout, content)
    else:
        write_file(path, content, private=private, to_terminal=to_terminal, original=original, source=source)


def write_stdout(stream: BinaryIO, content: bytes) -> None:
    """Write a whole result to standard output. Raises OutputClosedError if its reader is gone, else OutputError."""
    try:
        _write_all(stream, content)
        stream.flush()
    except BrokenPipeError:
        raise OutputClosedError("standard output was closed") from None
    except OSError as error:
        raise OutputError(f"standard output: {reason(error)}", hint=when_writing(error)) from None
    except ValueError:  # Python's error for a stream closed from the start
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
    """Replace a file by one with this content, or leave everything unchanged.

    The mode of an existing file is kept; `private` files always get mode 0600. `original` is the file that the content
    was made from and that is to be replaced: it has to be there still. `source` is the file that the content was made
    from if it goes elsewhere: the new file must not be readable by more users than the source.

    A symbolic link is followed. What is not a regular file (/dev/stdout, a named pipe) is written into, unless another
    user may have put it there. Private content is refused on a terminal, unless `to_terminal`. Raises OutputError and
    RefusedError.
    """
    try:
        with place_of(path) as place:
            if place.is_own_stream or not _is_replaceable(place):
                _write_into(place, content, hidden=private and not to_terminal)
            else:
                replace(place, content, private=private, original=original, source=source)
    except OSError as error:
        name = shown_path(path, "the output file")
        raise OutputError(f"{name}: cannot be written: {reason(error)}", hint=when_writing(error)) from None


@contextlib.contextmanager
def made_folder(path: Path) -> Iterator[None]:
    """Make a folder and its parents, unless they exist, for what is written into it within this context.

    If that fails, no empty folder is left behind. Raises OutputError, and RefusedError as `write_file`.
    """
    if is_folder(path):  # what is written into it checks the way to it
        yield
        return
    try:
        with made_folders(path):
            yield
    except OSError as error:
        name = shown_path(path, "the output folder")
        raise OutputError(f"{name}: cannot be made: {reason(error)}", hint=when_writing(error)) from None


def check_not_terminal(stream: IO[bytes]) -> None:
    """Raise RefusedError when plaintext written to this stream would be shown on a terminal."""
    if not stream.closed and stream.isatty():
        raise RefusedError(
            "plaintext would be printed to the terminal", hint="write to a file with --output, or add --to-terminal"
        )


def reason(error: OSError) -> str:
    """Return the operating system's error text in our style: lower case, no path, no number."""
    words = _WORDS.get(error.errno or 0) or error.strerror or str(error) or type(error).__name__
    return words[:1].lower() + words[1:]


def _too_large(name: str, limit: int) -> InputError:
    words = _TOO_LARGE if limit == MAX_INPUT_BYTES else f"larger than {limit:,} bytes, the limit"
    return InputError(f"{name}: {words}", hint="a Secret holds at most 1 MiB; split the file")


def _is_replaceable(place: Place) -> bool:
    """Tell whether a place holds a regular file or nothing. Raises OSError for a folder."""
    if place.there is not None and stat.S_ISDIR(place.there.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return place.there is None or stat.S_ISREG(place.there.st_mode)


def _write_into(place: Place, content: bytes, *, hidden: bool) -> None:
    """Write into what exists at a place. Raises OSError if it has been exchanged since the place was found."""
    how = os.O_TRUNC if place.is_own_stream else getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(place.folder.open(place.name, _INTO | how), "wb", buffering=0) as stream:
        if place.there is None or not os.path.samestat(place.there, os.fstat(stream.fileno())):
            raise FileExistsError(errno.EEXIST, "it was replaced meanwhile")
        if hidden:
            check_not_terminal(stream)
        _write_all(stream, content)


def _write_all(stream: IO[bytes], content: bytes) -> None:
    """Write everything: an unbuffered stream (stdout with PYTHONUNBUFFERED) may accept less at a time."""
    view = memoryview(content)
    while view:
        view = view[stream.write(view) :]
