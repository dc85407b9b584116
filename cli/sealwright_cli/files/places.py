"""Finds the file that a path means, folder by folder, without following what another user may have put in the way.

An open folder stays the same folder, even if its path changes a moment later. Where the system cannot open files
relative to a folder (Windows), paths are used instead. Does not know what files hold.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from sealwright_cli.messages.errors import RefusedError
from sealwright_conventions.records import record

_HAS_FOLDERS = {os.open, os.stat, os.mkdir, os.readlink, os.rename, os.rmdir, os.unlink} <= os.supports_dir_fd
# O_PATH opens folders that may be traversed but not listed.
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_PATH", os.O_RDONLY)
_READING = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
_AT_ONCE = _READING | getattr(os, "O_NONBLOCK", 0)  # opening a named pipe would wait for a writer
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_MOST_LINKS = 40  # as many as Linux follows
_KINDS = {stat.S_IFLNK: "a link", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}


@record
class Folder:
    """An open folder; `path` is what messages call it. If `descriptor` is None, paths are used instead."""

    path: Path
    descriptor: int | None

    def at(self, name: str) -> str:
        """Return the name to pass to a call together with this folder's descriptor."""
        return name if self.descriptor is not None else str(self.path / name)

    def look(self, name: str) -> os.stat_result | None:
        """Return the status of a name, without following links; None if it does not exist. Raises OSError."""
        try:
            return os.stat(self.at(name), dir_fd=self.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def open(self, name: str, flags: int, mode: int = 0) -> int:
        """Open a file in this folder and return its descriptor. Raises OSError."""
        return os.open(self.at(name), flags | getattr(os, "O_CLOEXEC", 0), mode, dir_fd=self.descriptor)


@record
class Place:
    """Where a path leads: a name in a folder, and the status of what is there (not a link); None if nothing is.

    `is_own_stream` means that it is one of the streams of this process (/dev/stdout, /dev/fd/3).
    """

    folder: Folder
    name: str
    there: os.stat_result | None
    is_own_stream: bool = False


@contextlib.contextmanager
def place_of(path: Path) -> Iterator[Place]:
    """Find the place that a path means; its folder stays open within this context.

    Links are followed if only this user or root can have put them there. Raises RefusedError for a link, pipe or device
    that another user may have put there, OSError for a folder that is missing or not accessible.
    """
    walk = _Walk(path)
    try:
        yield walk.to_its_end()
    finally:
        walk.close()


@contextlib.contextmanager
def made_folders(path: Path) -> Iterator[None]:
    """Make a folder and its parents, unless they exist; if this context fails, those that are still empty go again.

    Raises RefusedError and OSError as `place_of`.
    """
    walk = _Walk(path, make=True)
    try:
        try:
            walk.to_its_end()
        finally:
            walk.close()
        yield
    except BaseException:
        for made, identity in reversed(walk.made):
            with contextlib.suppress(OSError, RefusedError):
                _remove_empty(made, identity)
        raise


def open_named(path: Path) -> int:
    """Return the descriptor of a file that the user named, with links followed.

    Raises OSError, for a folder too; RefusedError for a pipe or device, or a link to one, that another user may have
    put there: reading it may never end.
    """
    if stat.S_ISREG(path.stat().st_mode) or path.is_dir():
        return _checked_regular(os.open(path, _AT_ONCE))
    with place_of(path) as place:
        if place.is_own_stream:
            return os.open(path, _READING)
        return place.folder.open(place.name, _READING | _NO_FOLLOW)


def open_found(path: Path) -> int:
    """Return the descriptor of a regular file that was found in a folder.

    Raises OSError; RefusedError if it is not a regular file, and for a link that another user may have put there: it
    may lead to a file that only this user may read.
    """
    with place_of(path) as place:
        if place.there is not None and not (stat.S_ISREG(place.there.st_mode) or stat.S_ISDIR(place.there.st_mode)):
            raise RefusedError(f"{path}: not a regular file", hint="to read it, name it on the command line")
        return _checked_regular(place.folder.open(place.name, _AT_ONCE | _NO_FOLLOW))


class _Walk:
    """Goes from folder to folder; keeps the current one open."""

    def __init__(self, path: Path, *, make: bool = False) -> None:
        self._path = path
        self._make = make
        self._links = 0
        self.made: list[tuple[Path, os.stat_result]] = []
        """The folders that did not exist, with what was made."""
        self._folder = _open_start(path)
        self._ahead = _parts_from_last(path)
        if make:
            self._ahead.insert(0, ".")

    def to_its_end(self) -> Place:
        """Return the place at the end of the path. Raises as `place_of`."""
        while self._ahead:
            name = self._ahead.pop()
            there = self._folder.look(name)
            if there is not None and stat.S_ISLNK(there.st_mode):
                self._check(name, there)
                if not self._ahead and self._is_own_stream(name):
                    return Place(self._folder, name, _followed(self._folder, name), is_own_stream=True)
                self._follow(name)
            elif self._ahead or name == "..":
                self._enter(name, is_missing=there is None)
            else:
                if there is not None and not (stat.S_ISREG(there.st_mode) or stat.S_ISDIR(there.st_mode)):
                    self._check(name, there)
                return Place(self._folder, name, there)
        return Place(self._folder, ".", self._folder.look("."))

    def close(self) -> None:
        """Close the folder."""
        if self._folder.descriptor is not None:
            os.close(self._folder.descriptor)

    def _enter(self, name: str, *, is_missing: bool = False) -> None:
        if is_missing and self._make:
            with contextlib.suppress(FileExistsError):  # another process made it meanwhile
                os.mkdir(self._folder.at(name), dir_fd=self._folder.descriptor)
                self.made.append((self._folder.path / name, _followed(self._folder, name)))
        self._move_to(_open_folder(self._folder, name))

    def _move_to(self, folder: Folder) -> None:
        self.close()
        self._folder = folder

    def _follow(self, name: str) -> None:
        self._links += 1
        if self._links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        target = Path(os.readlink(self._folder.at(name), dir_fd=self._folder.descriptor))
        if target.is_absolute():
            self._move_to(_open_start(target))
        self._ahead += _parts_from_last(target)

    def _is_own_stream(self, name: str) -> bool:
        """Tell whether a link stands for an open file of this process that cannot be reached by a path.

        A regular file that can be reached by its path is replaced like any other.
        """
        if not _is_in_proc(self._folder):
            return False
        meant = _followed(self._folder, name)
        try:
            by_path = Path(os.readlink(self._folder.at(name), dir_fd=self._folder.descriptor)).stat()
        except OSError:
            return True
        return not (stat.S_ISREG(meant.st_mode) and os.path.samestat(meant, by_path))

    def _check(self, name: str, there: os.stat_result) -> None:
        """Raise RefusedError for a link, pipe or device that another user may have put there."""
        if _is_ours_alone(self._folder, there):
            return
        found = self._folder.path / name
        what = _KINDS.get(stat.S_IFMT(there.st_mode), "a device")
        whose = f"{self._path}: " if found == self._path else f"{self._path}: {found} is "
        is_link = stat.S_ISLNK(there.st_mode)
        raise RefusedError(
            f"{whose}{what} in a folder that others may write to; it may belong to them",
            hint="name the file that it leads to" if is_link else "choose a place in a folder of your own",
        )


def _parts_from_last(path: Path) -> list[str]:
    return [part for part in reversed(path.parts) if part != path.anchor]


def _open_start(path: Path) -> Folder:
    """Open the folder in which a path begins: the root, or the working directory."""
    start = Path(path.anchor) if path.anchor else Path()
    return Folder(start, os.open(start, _FOLDER) if _HAS_FOLDERS else None)


def _open_folder(folder: Folder, name: str) -> Folder:
    path = folder.path / name
    if folder.descriptor is None:
        if not path.is_dir():
            path.stat()  # raises what is wrong with it, if anything
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return Folder(path, None)
    return Folder(path, folder.open(name, _FOLDER))


def _remove_empty(path: Path, identity: os.stat_result) -> None:
    """Remove a folder if it is the one that was made. Raises OSError if it is not empty, RefusedError as `place_of`."""
    with place_of(path) as place:
        if place.there is not None and os.path.samestat(place.there, identity):
            os.rmdir(place.folder.at(place.name), dir_fd=place.folder.descriptor)


def _followed(folder: Folder, name: str) -> os.stat_result:
    return os.stat(folder.at(name), dir_fd=folder.descriptor)


def _is_in_proc(folder: Folder) -> bool:
    try:
        return folder.descriptor is not None and os.fstat(folder.descriptor).st_dev == Path("/proc/self").stat().st_dev
    except OSError:
        return False


def _is_ours_alone(folder: Folder, there: os.stat_result) -> bool:
    """Tell whether only this user and root can have put an entry into a folder.

    The group with this user's number counts as the user's own: distributions give each user one. In a folder like /tmp,
    where others may add but not remove or rename, an entry of this user or root is trusted, as Linux does it
    (fs.protected_symlinks).
    """
    if folder.descriptor is None:
        return True
    found, me = os.fstat(folder.descriptor), os.geteuid()
    if found.st_uid not in (0, me):
        return False
    others_write = found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != me)
    is_sticky = bool(found.st_mode & stat.S_ISVTX)
    return not others_write or (is_sticky and there.st_uid in (0, me))


def _checked_regular(descriptor: int) -> int:
    """Return a descriptor unchanged if it is a regular file's; else close it. Raises OSError."""
    found = os.fstat(descriptor).st_mode
    if stat.S_ISREG(found):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(found):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise FileExistsError(errno.EEXIST, "it was replaced meanwhile")
