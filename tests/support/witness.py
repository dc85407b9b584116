"""Watches a process from inside: what it hands to other processes, and the files that it wrote and took away again.

It is switched on in a forked run of a command (see forking.py) by the variable that VARIABLE names, which is taken out of
the environment. Python tells its audit hooks of each step, whoever takes it. A hook cannot be taken away again.
"""

import itertools
import os
import shutil
import sys
from pathlib import Path
from typing import Any

VARIABLE = "TESTS_WITNESS"
"""Names the folder into which is written what was seen."""
_STARTS = ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.spawn", "os.putenv")
_GOING = ("os.remove", "os.rename", "os.link")


class _Witness:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self._is_writing = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._is_writing or not event.startswith((*_STARTS, *_GOING, "open")):
            return
        self._is_writing = True
        try:
            self._note(event, arguments)
        finally:
            self._is_writing = False

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not _is_for_writing(arguments[2]):
            return
        number = next(self._numbers)
        (self._folder / f"{number}-{event}").write_text(repr(arguments), errors="backslashreplace")
        if event in _GOING:
            source = Path(_in_folder(arguments[0], arguments[1] if event == "os.remove" else arguments[2]))
            if source.is_file():
                shutil.copyfile(source, self._folder / f"{number}-content")


def watch(folder: Path) -> None:
    """Write into a folder what this process does, from now to its end."""
    sys.addaudithook(_Witness(folder))


def _is_for_writing(flags: Any) -> bool:
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR))


def _in_folder(path: Any, descriptor: Any) -> str:
    """Return a path that is relative to a folder's descriptor as one that can be opened."""
    written = os.fsdecode(path)
    if isinstance(descriptor, int) and descriptor >= 0 and not written.startswith("/"):
        return f"/proc/self/fd/{descriptor}/{written}"
    return written
