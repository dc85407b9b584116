"""Starts a process that ends with this one, and reads the end of its log."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

LAUNCHER = Path(__file__).with_name("die_with_parent.py")
MAX_LINE_CHARACTERS = 400


def ending_with_this_process(command: Sequence[str]) -> list[str]:
    """Return `command` (an absolute path and arguments) wrapped so that it is killed with this process, on Linux."""
    # -I -S: the launcher must not load the user's site packages or a coverage hook.
    return [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *command]


def tail(log: Path, lines: int = 25) -> str:
    """Return the last `lines` of a log file, each cut to a readable length."""
    if not log.is_file():
        return "(no log)"
    kept = log.read_text(errors="replace").splitlines()[-lines:]
    return "\n".join(line[:MAX_LINE_CHARACTERS] for line in kept)
