"""Reads a kubeconfig file and the files with credentials that it names. Does not interpret their content.

Messages name the field and never its value, which may be a token.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sealwright_cli.files.disk import check_readable, read_file
from sealwright_cli.messages.border import border
from sealwright_cli.messages.errors import InputError, KubeconfigError
from sealwright_cli.messages.naming import named
from sealwright_conventions.kubeconfig import stanzas
from sealwright_conventions.kubeconfig.reading import read_kubeconfig
from sealwright_conventions.kubeconfig.stanzas import KubeconfigFile
from sealwright_manifests.text.plaindata import read_plain

MAX_KUBECONFIG_BYTES = 4 * 1024 * 1024
MAX_CREDENTIAL_BYTES = 16 * 1024 * 1024


@contextmanager
def told(hint: str = "") -> Iterator[None]:
    """Turn a violation of the rules of kubeconfigs into the command's KubeconfigError."""
    try:
        yield
    except stanzas.KubeconfigError as error:
        raise KubeconfigError(error.message, hint=error.hint or hint) from None


def read_kubeconfig_file(path: Path) -> KubeconfigFile:
    """Read a file of YAML or JSON. Raises KubeconfigError naming it, and FileNotFoundError if it does not exist."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError from None
    except (OSError, ValueError):
        pass  # reading it gives the error
    try:
        with border():
            root = _root(path)
    except InputError as error:
        raise KubeconfigError(error.message, hint=error.hint) from None
    folder = Path.cwd() / path.parent  # its links are not resolved, as in client-go
    with told("correct the kubeconfig, or name another: --kubeconfig"):
        return read_kubeconfig(root, str(path), lambda written: str(folder / written))


def credential_file(path: str, what: str) -> bytes:
    """Return the content of the file that a field or flag names; empty for an empty path. Raises KubeconfigError."""
    try:
        return read_file(Path(path), MAX_CREDENTIAL_BYTES, name=named(what, path)) if path else b""
    except InputError as error:
        raise KubeconfigError(error.message) from None


def _root(path: Path) -> Any:
    """Return the plain data of the file's first document; None for an empty one.

    Raises InputError and BadManifestError.
    """
    documents = read_plain(read_file(path, MAX_KUBECONFIG_BYTES), str(path))
    return documents[0] if documents else None


class _CredentialFiles:
    """Implements `stanzas.CredentialFiles` with the command's file reading."""

    def read(self, path: str, what: str) -> bytes:
        """See CredentialFiles."""
        try:
            return credential_file(path, what)
        except KubeconfigError as error:
            raise stanzas.KubeconfigError(error.message, hint=error.hint) from None

    def objection(self, path: str, what: str) -> str:
        """See CredentialFiles."""
        try:
            check_readable(Path(path), name=named(what, path))
        except InputError as error:
            return error.message
        return ""


credential_files = _CredentialFiles()
"""Reads the files that a kubeconfig names."""
