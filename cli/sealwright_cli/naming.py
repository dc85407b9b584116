"""How messages call what the command line named: a slip of the fingers may have put a secret value there.

A word that turned out to be a file is its name. One that did not may be anything: it is repeated only if it is written
as a path that nobody takes for a value.
"""

import os
import re
from pathlib import Path

from sealwright_cli.ui import without_password

UNNAMED = "a file that the command line names"

_LONGEST_NAME = 255
_LONGEST_WORD = 24
_PLAIN_WORD = re.compile(r"[a-z]+(-[a-z]+)*")
_SUFFIXES = frozenset(
    (".yaml", ".yml", ".json", ".pem", ".crt", ".cer", ".cert", ".key", ".pub", ".txt", ".env", ".conf", ".kubeconfig")
)
"""What the names of files end in that these commands are given."""


def shown_path(path: Path, instead: str = UNNAMED) -> str:
    """Return a path as messages show it: the path itself, or `instead` where it may be a value.

    It is shown when something is there, when it ends as the files do that are used here, or when the folder that
    it would lie in is there, other than the root and the one that we are in.
    """
    return str(path) if _is_plausible(path) else instead


def is_plain_word(text: str) -> bool:
    """Tell whether this is lower-case words with dashes between them, as names and settings are written."""
    return len(text) <= _LONGEST_WORD and _PLAIN_WORD.fullmatch(text) is not None


def shown_server(server: str) -> str:
    """Return an API server as messages show it: its URL without a password, where it is written as one."""
    return without_password(server) if "://" in server else "that --server or the kubeconfig names"


def _is_plausible(path: Path) -> bool:
    if os.path.lexists(path):
        return True
    if not str(path).isprintable():
        return False
    if path.suffix.lower() in _SUFFIXES and len(path.name) <= _LONGEST_NAME:
        return True
    folder = path.parent
    return folder not in (Path(), Path(path.anchor)) and os.path.lexists(folder)
