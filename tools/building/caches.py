"""Where the project's development keeps what is costly to make, and the lock that lets one process make it.

Nothing of Sealwright itself reads this folder: it holds wheels and the test API server's binaries. Standard library
alone, since it is used before anything is installed.
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
    """Return the user's cache folder for this project's development; it need not exist yet.

    It is `SEALWRIGHT_DEV_CACHE`, else `$XDG_CACHE_HOME/sealwright-dev`, else `~/.cache/sealwright-dev`.
    """
    chosen = os.environ.get("SEALWRIGHT_DEV_CACHE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache").absolute() / "sealwright-dev"


@contextmanager
def locked(path: Path, *, waiting: str = "") -> Iterator[None]:
    """Hold the lock file `path`, made with its folder if need be; one holder at a time on this machine.

    When another holds it, say `waiting` (or a default) once on standard error and wait. The operating system frees the
    lock when its holder ends, however it ends, so a killed process never leaves one behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if not _try_lock(file):
            sys.stderr.write((waiting or f"waiting for another process that holds {path}") + "\n")
            while not _try_lock(file):
                time.sleep(0.05)
        yield


def held(path: Path) -> bool:
    """Tell whether somebody holds the lock file `path` at this moment; a file that is not there is held by nobody."""
    try:
        with path.open("r+b") as file:
            return not _try_lock(file)
    except FileNotFoundError:
        return False


def _try_lock(file: IO[bytes]) -> bool:
    """Take the lock unless another open file has it; closing the file gives it back."""
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
