"""The help of the installed commands, for the pages that show it."""

import os
import subprocess
import sys
from pathlib import Path

WIDTH_COLUMNS = 100
KEPT = ("HOME", "PATH", "SYSTEMROOT")
"""The only variables that the commands get: the user's own settings of Sealwright must not reach a page."""


def help_of(command: str, *arguments: str) -> str:
    """Return a command's output for `--help`, 100 characters wide and without colours.

    Raises CalledProcessError if it fails.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command)), *arguments, "--help"],
        env=kept | {"COLUMNS": str(WIDTH_COLUMNS), "TERM": "dumb"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()
