"""How far the links of a repository may lead: not out of it.

Whoever writes to a repository can put links into it, which belong to the user who clones it. Through one that leads
out, a command would read or replace a file of that user elsewhere, by a name that the repository chose.
"""

import os
from functools import cache
from pathlib import Path

from sealwright_cli.files.disk import real_path, real_paths

GIT = ".git"


class Bounds:
    """The real folder that paths have to stay in: the git repository around a folder, or that folder itself."""

    def __init__(self, folder: Path) -> None:
        start = real_path(folder)
        self.top = next((place for place in (start, *start.parents) if has_git(place)), start)
        self._real = real_paths()

    def leaves(self, path: Path) -> bool:
        """Tell whether links on a path lead out; the file need not exist."""
        return not self._real(path).is_relative_to(self.top)

    def enters_git(self, path: Path) -> bool:
        """Tell whether a path leads into git's own folder, where a file can name programs that git runs."""
        return any(part.lower() == GIT for part in self._real(path).parts[len(self.top.parts) :])


@cache
def bounds_of(folder: Path) -> Bounds:
    """Return the bounds of a folder; for many files, they remember the folders that they have followed."""
    return Bounds(folder)


def has_git(folder: Path) -> bool:
    """Tell whether git's own folder or file is in a folder, and not another user's: in /tmp, anybody can make one."""
    return is_own(folder / GIT, folder)


def is_own(path: Path, folder: Path) -> bool:
    """Tell whether something is there, and is this user's, root's or that of the owner of `folder`."""
    try:
        found = path.lstat()
        return not hasattr(os, "geteuid") or found.st_uid in {0, os.geteuid(), folder.stat().st_uid}
    except (OSError, ValueError):
        return False
