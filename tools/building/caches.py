"""The folder for development files that are expensive to make, and the lock that lets one process make them.

Sealwright itself never reads this folder: it holds wheels and the test API server's binaries. Uses the standard library
alone, since it runs before anything is installed.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


def cache_folder() -> Path:
    """Return the user's cache folder for this project's development, which need not exist yet.

    It is `SEALWRIGHT_DEV_CACHE`, else `$XDG_CACHE_HOME/sealwright-dev`, else `~/.cache/sealwright-dev`.
    """
    chosen = os.environ.get("SEALWRIGHT_DEV_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "sealwright-dev"


@contextmanager
def locked(path: Path, *, waiting: str = "") -> Iterator[None]:
    """Hold the lock file `path`, which is made with its folder if necessary; one holder at a time on this machine.

    While another process holds it, show `waiting` (or a default) once on standard error and wait. The operating system
    releases the lock when its holder ends, even if killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _try_lock(file):
            sys.stderr.write((waiting or f"waiting for another process that holds {path}") + "\n")
            while not _try_lock(file):
                time.sleep(0.05)
        yield


def held(path: Path) -> bool:
    """Tell whether a process holds the lock file `path` at this moment; a missing file is not held."""
    try:
        with path.open("r+b") as file:
            return not _try_lock(file)
    except FileNotFoundError:
        return False


def _try_lock(file: IO[bytes]) -> bool:
    """Take the lock unless another open file has it; closing the file releases it."""
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
