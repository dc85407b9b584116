"""Single files and folders: bounded reading, atomic writing with the right mode, and errors in the gateway's terms.

Every file system error becomes UnavailableError with the path, because a disk that is full or read-only now may
recover. Only a name that the file system cannot hold is a RefusedError.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sealwright_controller.directory.documents import UnusableFileError
from sealwright_controller.gateway import RefusedError, UnavailableError

MAX_FILE_BYTES = 2 * 1024 * 1024
"""How much of a file is read: more than the largest object that an API server accepts (1.5 MiB)."""
PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
PUBLIC_FILE = 0o644
PUBLIC_FOLDER = 0o755

_ADVICE = {
    errno.EROFS: "mount it so that the controller can write there, since it keeps keys, Secrets and statuses in it",
    errno.EACCES: "let the user that the controller runs as read and write there",
}
_TEMPORARY = re.compile(r"\.[0-9a-f]{16}\.tmp")


class Signature(NamedTuple):
    """Shows whether a file may have changed, without reading it. Times in nanoseconds since 1970."""

    inode: int
    size: int
    modified: int
    changed: int


class Content(NamedTuple):
    """A file's content and signature at one moment."""

    bytes: bytes
    signature: Signature


def signature_at(path: Path) -> Signature | None:
    """Return the signature of the file, folder or device at a path, or None if the path does not exist."""
    with file_errors("look at", path):
        try:
            return _signature(path.stat())
        except (FileNotFoundError, NotADirectoryError):
            return None


def read_file(path: Path) -> Content | None:
    """Read a regular file, or return None if it does not exist.

    Raises UnusableFileError if it is not a regular file or larger than MAX_FILE_BYTES.
    """
    with file_errors("read", path):
        try:
            # A named pipe must not block; Windows has neither such pipes nor the flag.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except (FileNotFoundError, NotADirectoryError):
            return None
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnusableFileError("not a regular file")
            content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise UnusableFileError(f"larger than {MAX_FILE_BYTES // (1024 * 1024)} MiB")
    return Content(content, _signature(status))


def write_file(path: Path, content: bytes, mode: int, *, modified: int | None = None, durable: bool = True) -> None:
    """Put a file in place atomically: readers see either the old or the new content, even after a crash.

    `modified` (nanoseconds since 1970) becomes its modification time. `durable` waits until the disk has it.
    """
    temporary = temporary_beside(path)
    with file_errors("write", path):
        try:
            with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            if modified is not None:
                os.utime(temporary, ns=(modified, modified))
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def remove_file(path: Path) -> None:
    """Remove a file, if it exists."""
    with file_errors("remove", path):
        path.unlink(missing_ok=True)


def make_folder(path: Path, mode: int) -> None:
    """Make a folder if it does not exist; its parent must exist."""
    with file_errors("make the folder", path), contextlib.suppress(FileExistsError):
        path.mkdir(mode)


def entries(folder: Path) -> list[Path]:
    """Return the entries of a folder by name, without hidden ones; empty if the folder does not exist."""
    with file_errors("read the folder", folder):
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []
    return [folder / name for name in names]


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left half-written or half-removed anywhere below a folder."""
    for parent, folders, names in os.walk(folder):
        for name in filter(_TEMPORARY.fullmatch, folders + names):
            remove_tree(Path(parent) / name)


def remove_tree(path: Path) -> None:
    """Remove a file, a link or a folder with its content, as far as possible."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def temporary_beside(path: Path) -> Path:
    """Return a new, hidden name in the same folder, which `remove_leftovers` recognises."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")


@contextlib.contextmanager
def file_errors(doing: str, path: Path) -> Iterator[None]:
    """Turn operating system errors into the gateway's, with `doing` and the path in their text."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise RefusedError(f"cannot {doing} {path}: the name is too long for this file system") from error
        reason = error.strerror or type(error).__name__
        advice = f"; {_ADVICE[error.errno]}" if error.errno in _ADVICE else ""
        raise UnavailableError(f"cannot {doing} {path}: {reason}{advice}") from error


def _signature(status: os.stat_result) -> Signature:
    return Signature(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
