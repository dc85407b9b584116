"""Reads files that only this user can have written, in folders that only this user can write to. Writes none.

Where the operating system has no owners and modes (Windows), every file counts as this user's.
"""

import os
import stat
from pathlib import Path

_OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class NotOursError(Exception):
    """Another user may have written it; the text names the file or folder and says how."""


def check_own_folder(folder: Path) -> None:
    """Raise NotOursError unless this is a folder, not a link, that only this user may write to; else OSError."""
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise NotOursError(f"{folder} is a link")
    _check(folder, found)


def read_own_file(path: Path, limit: int) -> bytes:
    """Return a file's content, at most `limit` bytes; the rest is left out.

    Raises NotOursError if the file or its folder is a link or may be written by others, OSError if the file cannot be
    read.
    """
    check_own_folder(path.parent)
    if path.is_symlink():
        raise NotOursError(f"{path} is a link")
    with os.fdopen(os.open(path, _FLAGS), "rb") as stream:
        found = os.fstat(stream.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise NotOursError(f"{path} is not a regular file")
        _check(path, found)
        return stream.read(limit)


def _check(path: Path, found: os.stat_result) -> None:
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid != os.geteuid():
        raise NotOursError(f"{path} belongs to another user")
    if found.st_mode & _OTHERS_MAY_WRITE:
        raise NotOursError(f"{path} may be written by others")
