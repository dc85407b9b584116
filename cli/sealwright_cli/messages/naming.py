"""How messages name arguments of the command line: a typing mistake may have put a secret value there.

A word that turned out to be a file is shown as its name. Any other word may be a value: it is repeated only if it is
clearly written as a path.
"""

import os
import re
from pathlib import Path

from sealwright_cli.messages.errors import UsageError
from sealwright_cli.messages.ui import without_password
from sealwright_conventions.patterns import pattern
from sealwright_manifests.names import is_namespace, is_object_name

UNNAMED = "a file on the command line"

_LONGEST_NAME = 255
_URL = pattern(
    r"(?P<start>https?://(?:[\w.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?|file://[\w.-]*)(?P<path>/[^?#]*|)(?:[?#].*)?\Z",
    re.IGNORECASE | re.DOTALL,
)
_SUFFIXES = frozenset(
    (".yaml", ".yml", ".json", ".pem", ".crt", ".cer", ".cert", ".key", ".pub", ".txt", ".env", ".conf", ".kubeconfig")
)
"""The suffixes of the files that these commands are given."""


def shown_path(path: Path, instead: str = UNNAMED) -> str:
    """Return a path as messages show it: the path itself, or `instead` where it may be a value.

    It is shown if something exists there, if it has a suffix of the files used here, or if its folder exists and is
    neither the root nor the working directory.
    """
    return str(path) if _is_plausible(path) else instead


def check_namespace(given: str) -> str:
    """Return an option's value as a namespace. Raises UsageError if it is not a valid namespace name."""
    if given and not is_namespace(given):
        raise UsageError(
            "--namespace: no namespace can have this name",
            hint="a namespace has at most 63 lower-case letters, digits and - in its name",
        )
    return given


def check_name(given: str) -> str:
    """Return an option's value as an object's name. Raises UsageError if it is not a valid name."""
    if given and not is_object_name(given):
        raise UsageError(
            "--name: no object can have this name",
            hint="a Secret has at most 253 lower-case letters, digits, - and . in its name",
        )
    return given


def named(what: str, path: str) -> str:
    """Return a path's purpose, followed by the path itself unless it may be a value."""
    return " ".join(filter(None, [what, shown_path(Path(path), "")]))


def shown_url(url: str) -> str:
    """Return a URL as messages show it: scheme, host and port, and the path if it looks like a file's.

    A user name, a password, a query and any other path may be values.
    """
    found = _URL.match(without_password(url))
    if found is None:
        return "a URL on the command line"
    path = found["path"]
    is_file = path.isprintable() and Path(path).suffix.lower() in _SUFFIXES
    return found["start"] + (path if path in ("", "/") or is_file else "/…")


def shown_server(server: str) -> str:
    """Return an API server as messages show it: its URL by `shown_url`, if it is a URL."""
    return shown_url(server) if "://" in server else "that --server or the kubeconfig names"


def _is_plausible(path: Path) -> bool:
    if os.path.lexists(path):
        return True
    if not str(path).isprintable():
        return False
    if path.suffix.lower() in _SUFFIXES and len(path.name) <= _LONGEST_NAME:
        return True
    folder = path.parent
    return folder not in (Path(), Path(path.anchor)) and os.path.lexists(folder)
