"""Finds the project file above a file, and checks that it can be trusted. Does not read it.

A project file says with which certificate secrets are sealed: one that somebody else put above a user's files, such as
in /tmp, would make the user seal for them.
"""

import os
import stat
from pathlib import Path

from sealwright_cli.files.bounds import has_git, is_own
from sealwright_cli.files.choosing import PROJECT_FILE
from sealwright_cli.messages.errors import InputError, RefusedError

_WRONG_NAMES = (".sealwright.yml", ".sealwright.json", "sealwright.yaml", "sealwright.yml")
"""What the file is not called, though people try."""


def folder_of(path: Path | None) -> Path:
    """Return the absolute folder in which the search for a file begins; None is standard input: the working folder.

    Links are not followed: the place by which the user knows the file counts.
    """
    if path is None:
        return absolute(Path())
    whole = absolute(path)
    return whole if os.path.isdir(whole) else whole.parent  # noqa: PTH112 - Path.is_dir raises for locked folders


def find(folder: Path) -> Path | None:
    """Return the project file in an absolute folder or above it; the repository's root is the last to be looked at.

    Raises RefusedError for a file that others may have put there, InputError for one with a name that is almost right.
    """
    for place in (folder, *folder.parents):
        found = place / PROJECT_FILE
        if _is_there(found):
            check_trusted(found, folder)
            return found
        for name in _WRONG_NAMES if has_git(place) else _WRONG_NAMES[:1]:
            if _is_there(place / name) and is_own(place / name, folder):
                raise InputError(
                    f"{place / name}: a project file is called {PROJECT_FILE}", hint=f"rename it to {PROJECT_FILE}"
                )
        if has_git(place):
            return None
    return None


def _is_there(path: Path) -> bool:
    """Tell whether something is there, as far as this user may know: reading the file itself says what is locked."""
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for locked folders


def check_trusted(found: Path, folder: Path) -> None:
    """Raise RefusedError unless only this user, root or the owner of `folder` can have written a project file.

    In a container, this user is often root, and the checkout is another's: who owns the folder could change the files
    in it anyhow.
    """
    if not hasattr(os, "geteuid"):
        return
    try:
        known = {0, os.geteuid(), folder.stat().st_uid}
        file, around = found.stat(), found.parent.stat()
        is_link_of_others = found.lstat().st_uid not in known
    except OSError:
        return  # reading it says why
    is_sticky = bool(around.st_mode & stat.S_ISVTX)
    problem = ""
    if file.st_uid not in known or is_link_of_others:
        problem = "belongs to another user"
    elif file.st_mode & stat.S_IWOTH or (around.st_mode & stat.S_IWOTH and not is_sticky):
        problem = "can be replaced by every user of this machine"
    if problem:
        raise RefusedError(
            f"{found}: this project file {problem}",
            hint="make it yours alone (chown, chmod), or name the one to use: --config FILE, or --no-config",
        )


def absolute(path: Path) -> Path:
    """Return the absolute path by which the user knows a file: links are not followed.

    Where the working folder is gone, that is the path itself; reading says why.
    """
    try:
        return Path(os.path.abspath(path))  # noqa: PTH100 - Path.resolve would follow them
    except OSError:
        return path
