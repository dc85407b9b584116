"""Secrets as plain v1 manifests: DIR/secrets/NAMESPACE/NAME.yaml, readable only by their owner."""

import os
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sealwright_controller.directory.documents import UnusableFileError, dump_document, load_document
from sealwright_controller.directory.files import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    entries,
    file_errors,
    make_folder,
    read_file,
    remove_file,
    signature_at,
    write_file,
)
from sealwright_controller.gateway import Manifest, ObjectKey

_SUFFIX = ".yaml"


class Trace(NamedTuple):
    """Shows whether a Secret's files may have changed, and when (nanoseconds since 1970)."""

    signature: Hashable
    modified: int


class SecretLayout(Protocol):
    """How Secrets are stored in a folder. Names are checked by the caller. Each method may raise UnavailableError."""

    def names(self) -> Iterator[ObjectKey]:
        """Yield the names found there; some may not be Secrets."""
        ...

    def look(self, key: ObjectKey) -> Trace | None:
        """Return the trace of a Secret, None if it does not exist."""
        ...

    def read(self, key: ObjectKey) -> Manifest | None:
        """Return the content of the files, unchecked; None if there are none. Raises UnusableFileError."""
        ...

    def write(self, key: ObjectKey, manifest: Manifest, modified: int) -> None:
        """Write a Secret atomically, with `modified` as its time. Raises RefusedError."""
        ...

    def stamp(self, key: ObjectKey, modified: int) -> None:
        """Change the time of a Secret."""
        ...

    def remove(self, key: ObjectKey) -> None:
        """Remove a Secret."""
        ...


class SecretManifests:
    """Fulfils SecretLayout with one manifest for each Secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Iterator[ObjectKey]:
        """See SecretLayout."""
        for namespace in entries(self._folder):
            for path in entries(namespace):
                if path.suffix == _SUFFIX:
                    yield ObjectKey(namespace.name, path.stem)

    def look(self, key: ObjectKey) -> Trace | None:
        """See SecretLayout."""
        signature = signature_at(self._path(key))
        return None if signature is None else Trace(signature, signature.modified)

    def read(self, key: ObjectKey) -> Manifest | None:
        """See SecretLayout."""
        content = read_file(self._path(key))
        if content is None:
            return None
        manifest: Any = load_document(content.bytes)
        if not isinstance(manifest, dict):
            raise UnusableFileError("not one manifest")
        if (manifest.get("apiVersion"), manifest.get("kind")) != ("v1", "Secret"):
            raise UnusableFileError("not a v1 Secret")
        return manifest

    def write(self, key: ObjectKey, manifest: Manifest, modified: int) -> None:
        """See SecretLayout."""
        path = self._path(key)
        make_folder(self._folder, PRIVATE_FOLDER)
        make_folder(path.parent, PRIVATE_FOLDER)
        write_file(path, dump_document(manifest), PRIVATE_FILE, modified=modified)

    def stamp(self, key: ObjectKey, modified: int) -> None:
        """See SecretLayout."""
        path = self._path(key)
        with file_errors("set the time of", path):
            os.utime(path, ns=(modified, modified))

    def remove(self, key: ObjectKey) -> None:
        """See SecretLayout."""
        remove_file(self._path(key))

    def _path(self, key: ObjectKey) -> Path:
        return self._folder / key.namespace / f"{key.name}{_SUFFIX}"
