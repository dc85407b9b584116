"""What the installed commands say about themselves, for pages that show it."""

import os
import subprocess
import sys
from pathlib import Path

WIDTH_COLUMNS = 100
KEPT = ("HOME", "PATH", "SYSTEMROOT")
"""The only variables that the commands are given: what a person has set for Sealwright is nothing for a page."""


def help_of(command: str, *arguments: str) -> str:
    """Return what a command of this environment prints for `--help`, 100 characters wide and without colours.

    CalledProcessError when it fails.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        [str(Path(sys.executable).with_name(command)), *arguments, "--help"],
        env=kept | {"COLUMNS": str(WIDTH_COLUMNS), "TERM": "dumb"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode()
