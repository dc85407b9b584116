"""Replaces an old file by a new one, completely or not at all, by descriptors alone: no path is looked up twice.

Where the system allows it, a new file has no name until it is complete. Elsewhere, a private file is made in a folder
that git ignores. What a killed run leaves is recognised by its name, and the next run for that private file removes it.
"""

import contextlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from sealwright_cli.files.places import Folder, Place
from sealwright_cli.messages.errors import OutputError
from sealwright_conventions.records import field, record
from sealwright_conventions.records import replace as with_changes
from sealwright_manifests.text.decoding import Coding

if sys.platform != "win32":  # there, leftovers stay
    import fcntl

_PRIVATE = 0o600
_SHARED = 0o666  # the umask is subtracted
_RIGHTS = 0o777  # permission bits; setuid and setgid are not copied
_OWNER, _GROUP, _OTHERS = 0o700, 0o070, 0o007
_GROUP_READS, _OTHERS_READ = 0o040, 0o004
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_WRITING = os.O_WRONLY | getattr(os, "O_BINARY", 0)  # Windows would translate line breaks
_NEW = _WRITING | os.O_CREAT | os.O_EXCL | _NO_FOLLOW
_LISTING = os.O_RDONLY | _NO_FOLLOW | getattr(os, "O_DIRECTORY", 0)
_UNNAMED = getattr(os, "O_TMPFILE", 0)
_MOST_OF_A_NAME = 200  # bytes; a name may have 255
_CONTENT, _IGNORE = "content", ".gitignore"
_END_OF_NAME = r"\.[0-9a-f]{16}\.tmp"


@record
class Original:
    """A file that was read, as it was while open: its identity, owner and permissions.

    `state` is its size and the time of its last change, in nanoseconds; `coding` is how its text is written.
    """

    device: int
    inode: int
    owner: int
    group: int
    rights: int
    state: tuple[int, int]
    coding: Coding = field(default_factory=Coding)

    @classmethod
    def of(cls, found: os.stat_result, coding: Coding | None = None) -> "Original":
        """Return the part of a file's status that is kept."""
        whose = found.st_uid, found.st_gid, found.st_mode & _RIGHTS
        return cls(found.st_dev, found.st_ino, *whose, (found.st_size, found.st_mtime_ns), coding or Coding())


def replace(
    place: Place, content: bytes, *, private: bool, original: Original | None, source: Original | None = None
) -> None:
    """Make a file with this content at a place that is empty or holds a regular file.

    It gets the permissions of the file that it replaces, or the usual ones; a `private` file is for its owner only. If
    `original` is given, that very file still has to be there. If `source` is given, from which the content was made,
    the new file is not readable by more users than the source. Raises OSError and OutputError; then nothing has
    changed.
    """
    like = None if private or place.there is None else original or Original.of(place.there)
    if like is not None and source is not None:
        like = _limited(like, source)
    new = _New(place, content, like, private, original, source)
    _check_is_there(place, original)
    if private:
        remove_leftovers(place.folder, place.name)
    if not new.without_name():
        new.with_name()


@record
class _New:
    """A file to be made."""

    place: Place
    content: bytes
    like: Original | None
    private: bool
    original: Original | None
    source: Original | None

    def without_name(self) -> bool:
        """Make it without a name until it is complete; False if the system or file system cannot do that."""
        folder, name = self.place.folder, self.place.name
        try:
            descriptor = folder.open(".", _WRITING | _UNNAMED, self._mode) if _UNNAMED else -1
        except OSError:
            return False
        if descriptor < 0:
            return False
        with os.fdopen(descriptor, "wb") as stream:
            self._fill(stream.fileno())
            if self.place.there is None and _link(stream.fileno(), folder, name):
                return True
            with self._beside() as (beside, temporary):
                if not _link(stream.fileno(), beside, temporary):
                    return False
                self._move(beside, temporary)
        return True

    def with_name(self) -> None:
        """Make it beside its place, under a name that identifies it."""
        with self._beside() as (folder, temporary):
            descriptor = folder.open(temporary, _NEW, self._mode)
            try:
                self._fill(descriptor)
            finally:
                os.close(descriptor)  # Windows cannot move an open file
            self._move(folder, temporary)

    @contextlib.contextmanager
    def _beside(self) -> Iterator[tuple[Folder, str]]:
        """Yield a folder and an unused name in it, from which a file can be moved to the place.

        A private file gets a folder of its own there, which git always ignores.
        """
        folder, name = self.place.folder, _beside(self.place.name)
        if self.private:
            with _untracked_folder(folder, name) as inner:
                yield inner, _CONTENT
            return
        try:
            yield folder, name
        finally:
            _remove(folder, name)

    @property
    def _mode(self) -> int:
        is_secret = self.private or (self.source is not None and not self.source.rights & _OTHERS_READ)
        return _PRIVATE if is_secret or self.like else _SHARED

    def _fill(self, descriptor: int) -> None:
        _lock(descriptor)
        _write(descriptor, self.content)
        if self.like is not None:
            _give_rights(descriptor, self.like)
        elif self.source is not None and not self.private:
            _let_group_read(descriptor, self.source)
        os.fsync(descriptor)

    def _move(self, folder: Folder, name: str) -> None:
        _check_is_there(self.place, self.original)
        target = self.place.folder
        os.replace(
            folder.at(name), target.at(self.place.name), src_dir_fd=folder.descriptor, dst_dir_fd=target.descriptor
        )


def remove_leftovers(folder: Folder, name: str) -> None:
    """Remove leftovers of killed runs for a file of this name: only this user's, and none of a running process.

    Leftovers that cannot be removed stay; without file locks, all stay.
    """
    if folder.descriptor is None:
        return
    left = re.compile(re.escape(f".{_beginning(name)}") + _END_OF_NAME)
    with contextlib.suppress(OSError):
        listing = folder.open(".", _LISTING)
        try:
            found = [one for one in _names_in(listing) if left.fullmatch(one)]
        finally:
            os.close(listing)
        for one in found:
            _remove_left(folder, one)


def _remove_left(folder: Folder, name: str) -> None:
    there = folder.look(name)
    if (
        there is None
        or there.st_uid != os.geteuid()
        or not (stat.S_ISREG(there.st_mode) or stat.S_ISDIR(there.st_mode))
    ):
        return
    with contextlib.suppress(OSError):
        descriptor = folder.open(name, os.O_RDONLY | _NO_FOLLOW | os.O_NONBLOCK)
        try:
            if not os.path.samestat(there, os.fstat(descriptor)) or not _lock(descriptor):
                return
            if stat.S_ISREG(there.st_mode):
                os.unlink(name, dir_fd=folder.descriptor)
            elif {*_names_in(descriptor)} <= {_CONTENT, _IGNORE}:
                _remove_untracked(folder, name, Folder(folder.path / name, descriptor))
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _untracked_folder(folder: Folder, name: str) -> Iterator[Folder]:
    """Make a folder that only this user may enter and git ignores, within this context."""
    inner = Folder(folder.path / name, None)
    try:
        os.mkdir(folder.at(name), 0o700, dir_fd=folder.descriptor)
        if folder.descriptor is not None:
            descriptor = folder.open(name, _LISTING)
            inner = Folder(inner.path, descriptor)
            _check_is_ours(inner.path, descriptor)
        descriptor = inner.open(_IGNORE, _NEW, _PRIVATE)
        try:
            _write(descriptor, b"*\n")
        finally:
            os.close(descriptor)
        yield inner
    finally:
        _remove_untracked(folder, name, inner)
        if inner.descriptor is not None:
            os.close(inner.descriptor)


def _check_is_ours(path: Path, descriptor: int) -> None:
    """Lock a newly made folder. Raises OutputError if another one has taken its place."""
    found = os.fstat(descriptor)
    if found.st_uid != os.geteuid() or found.st_mode & (_GROUP | _OTHERS):
        raise OutputError(f"{path}: somebody else put a folder there", hint="choose a place in a folder of your own")
    _lock(descriptor)


def _remove_untracked(folder: Folder, name: str, inner: Folder) -> None:
    for one in (_CONTENT, _IGNORE):
        _remove(inner, one)
    with contextlib.suppress(OSError):
        os.rmdir(folder.at(name), dir_fd=folder.descriptor)


def _names_in(listing: int) -> list[str]:
    with os.scandir(listing) as found:
        return [one.name for one in found]


def _remove(folder: Folder, name: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(folder.at(name), dir_fd=folder.descriptor)


def _check_is_there(place: Place, original: Original | None) -> None:
    """Raise OutputError if the file to be replaced is another one than was read, or has other content."""
    if original is None:
        return
    found = place.folder.look(place.name)
    if found is None or (found.st_dev, found.st_ino) != (original.device, original.inode):
        how = "replaced by another file"
    elif (found.st_size, found.st_mtime_ns) != original.state:
        how = "changed"
    else:
        return
    raise OutputError(
        f"{place.folder.path / place.name}: it was {how} while this command ran; nothing was written",
        hint="run the command again",
    )


def _link(descriptor: int, folder: Folder, name: str) -> bool:
    """Give an unnamed file a name; False if that is not possible."""
    try:
        os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=folder.descriptor, follow_symlinks=True)
    except OSError:
        return False
    return True


def _lock(descriptor: int) -> bool:
    """Lock a file to show that a run uses it, until it is closed; tell whether that was possible."""
    if sys.platform == "win32":
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _give_rights(descriptor: int, like: Original) -> None:
    """Give an open file the owner, group and mode of another."""
    rights = like.rights
    if hasattr(os, "fchown"):
        now = os.fstat(descriptor)
        try:
            if (like.owner, like.group) != (now.st_uid, now.st_gid):
                os.fchown(descriptor, like.owner, like.group)
        except PermissionError:  # only root may change a file's owner; the content matters more
            rights = _without_group(descriptor, like)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, rights)


def _limited(like: Original, source: Original) -> Original | None:
    """Return a replaced file's rights, less those of users who may not read the source; None if its owner may not.

    Another user's file keeps its owner only if everybody may read the source.
    """
    if source.rights & _OTHERS_READ:
        return like
    if like.owner != source.owner:
        return None
    group = _GROUP if source.rights & _GROUP_READS and source.group == like.group else 0
    return with_changes(like, rights=like.rights & (_OWNER | group))


def _let_group_read(descriptor: int, source: Original) -> None:
    """Let the group of a new file read it if the group, but not all others, may read the source."""
    is_for_group = source.rights & _GROUP_READS and not source.rights & _OTHERS_READ
    if is_for_group and hasattr(os, "fchmod") and os.fstat(descriptor).st_gid == source.group:
        os.fchmod(descriptor, _PRIVATE | _GROUP_READS)


def _without_group(descriptor: int, like: Original) -> int:
    """Give an open file at least the group of another; if that fails, limit our group to the rights of all others."""
    if like.group != os.fstat(descriptor).st_gid:
        try:
            os.fchown(descriptor, -1, like.group)
        except PermissionError:
            return (like.rights & ~_GROUP) | (like.rights & _OTHERS) << 3
    return like.rights


def _write(descriptor: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def _beginning(name: str) -> str:
    return os.fsencode(name)[:_MOST_OF_A_NAME].decode(errors="ignore")


def _beside(name: str) -> str:
    """Return an unused name, as recognisable as the length limit in bytes allows."""
    return f".{_beginning(name)}.{secrets.token_hex(8)}.tmp"
