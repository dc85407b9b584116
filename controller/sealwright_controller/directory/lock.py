"""Keeps a second controller out of a directory, because both would make keys and write the same files."""

from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from sealwright_controller.directory.files import PRIVATE_FILE, file_errors
from sealwright_controller.gateway import UnavailableError

LOCK_FILE = ".controller.lock"
"""The file stays when a controller ends; the operating system frees the lock, however the process ended."""


def lock_directory(root: Path) -> Callable[[], None]:
    """Lock a directory and return a function to free it. Raises UnavailableError if it cannot be locked."""
    if root.exists() and not root.is_dir():
        raise UnavailableError(f"{root} is a file; name a folder")
    path = root / LOCK_FILE
    lock = FileLock(path, mode=PRIVATE_FILE, thread_local=False)  # any thread may free it
    with file_errors("lock", path):
        try:
            lock.acquire(blocking=False)
        except Timeout:
            raise UnavailableError(
                f"another controller works on {root}; stop it, or give this one a directory of its own"
            ) from None
    return lock.release
