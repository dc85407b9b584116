"""Finds the files below a folder that people, or their tools, fill: within limits, and never outside the folder.

A link may come from an untrusted repository that is checked out there, so it is followed only within the same folder.
That is enough for git-sync and for mounted volumes, which switch versions by such links.
"""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

SUFFIXES = frozenset({".yaml", ".yml", ".json"})
MAX_DEPTH = 32
"""How deep folders are searched."""
MAX_ENTRIES = 20_000
"""How many files, links and folders one walk looks at, whatever their names."""
_OUTSIDE = "a link that leads out of this folder: put what it leads to here, or make the whole folder a link"


class Place(NamedTuple):
    """A manifest file; or a file or folder that is not read, with the reason for people in `trouble`."""

    path: Path
    is_folder: bool = False
    trouble: str = ""


def walk(folder: Path) -> Iterator[Place]:
    """Yield every manifest file below a folder, and what is not read, without hidden files.

    The folder may be a link. If it holds too much, the last place is the folder itself.
    """
    try:
        yield from _Walk(folder).below(folder, MAX_DEPTH)
    except _TooManyError:
        trouble = f"more than {MAX_ENTRIES} files and folders: those that come after are not looked at; put fewer here"
        yield Place(folder, is_folder=True, trouble=trouble)


class _TooManyError(Exception):
    """The folder has more entries than MAX_ENTRIES."""


class _Walk:
    """What one walk has seen so far: a folder with several links to it is visited once, so links cannot form a loop."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._visited: set[tuple[int, int]] = set()
        self._left = MAX_ENTRIES

    def below(self, folder: Path, depth: int) -> Iterator[Place]:
        try:
            status = folder.stat()
            found = self._entries(folder)
        except OSError as error:
            yield Place(folder, is_folder=True, trouble=f"cannot be read: {error.strerror}")
            return
        if (status.st_dev, status.st_ino) in self._visited:
            return
        self._visited.add((status.st_dev, status.st_ino))
        for entry in found:
            if not entry.name.startswith("."):
                yield from self._at(entry, depth)

    def _entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """Return the entries in order of their names. Raises OSError; _TooManyError before it has read them all."""
        with os.scandir(folder) as entries:
            found = list(itertools.islice(entries, self._left + 1))
        if len(found) > self._left:
            raise _TooManyError
        self._left -= len(found)
        return sorted(found, key=lambda entry: entry.name)

    def _at(self, entry: os.DirEntry[str], depth: int) -> Iterator[Place]:
        path = Path(entry.path)
        is_folder = _is_folder(entry)
        if not is_folder and path.suffix.lower() not in SUFFIXES:
            return
        if (is_folder or entry.is_symlink()) and not self._is_inside(path):
            yield Place(path, is_folder, _OUTSIDE)
        elif not is_folder:
            yield Place(path)
        elif depth:
            yield from self.below(path, depth - 1)
        else:
            yield Place(path, is_folder=True, trouble="too deep below the folder that is watched")

    def _is_inside(self, path: Path) -> bool:
        # The folder may be a link that was changed during the walk.
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self._top))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
