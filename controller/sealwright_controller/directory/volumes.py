"""Secrets as one file per key, laid out as Kubernetes lays out a mounted volume: DIR/secrets/NAMESPACE/NAME/KEY.

    NAME/..3f9ac1/tls.crt          the values, with `..secret.yaml`: the Secret without them
    NAME/..data -> ..3f9ac1        replaced in one step, so readers find values that belong together
    NAME/tls.crt -> ..data/tls.crt

A key of a Secret cannot begin with two dots. On Windows, making links needs a permission.
"""

import base64
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sealwright_controller.directory.documents import UnusableFileError, dump_document, load_document
from sealwright_controller.directory.files import (
    PRIVATE_FILE,
    PRIVATE_FOLDER,
    entries,
    file_errors,
    make_folder,
    read_file,
    remove_tree,
    signature_at,
    temporary_beside,
    write_file,
)
from sealwright_controller.directory.secretfiles import Trace
from sealwright_controller.gateway import Manifest, ObjectKey, RefusedError

_CURRENT = "..data"
_ENVELOPE = "..secret.yaml"


class SecretVolumes:
    """Fulfils SecretLayout with a folder for each Secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Iterator[ObjectKey]:
        """See SecretLayout."""
        for namespace in entries(self._folder):
            for path in entries(namespace):
                if path.is_dir():
                    yield ObjectKey(namespace.name, path.name)

    def look(self, key: ObjectKey) -> Trace | None:
        """See SecretLayout."""
        folder = self._path(key)
        paths = [*_values(folder), folder / _CURRENT / _ENVELOPE]
        found = {path.name: signature for path in paths if (signature := signature_at(path)) is not None}
        own = signature_at(folder)
        if own is None or not found:
            return None
        modified = max(own.modified, *(signature.modified for signature in found.values()))
        return Trace((own, frozenset(found.items())), modified)

    def read(self, key: ObjectKey) -> Manifest | None:
        """See SecretLayout."""
        folder = self._path(key)
        envelope = read_file(folder / _CURRENT / _ENVELOPE)
        manifest = load_document(envelope.bytes) if envelope else {}
        if not isinstance(manifest, dict):
            raise UnusableFileError(f"{_ENVELOPE} is not one manifest")
        contents = {path.name: content.bytes for path in _values(folder) if (content := read_file(path)) is not None}
        if envelope is None and not contents:
            return None
        data = {name: base64.b64encode(content).decode("ascii") for name, content in contents.items()}
        return manifest | {"data": data}

    def write(self, key: ObjectKey, manifest: Manifest, modified: int) -> None:
        """See SecretLayout. Refuses two keys that the file system treats as one."""
        folder = self._path(key)
        make_folder(self._folder, PRIVATE_FOLDER)
        make_folder(folder.parent, PRIVATE_FOLDER)
        make_folder(folder, PRIVATE_FOLDER)
        before = self.look(key)
        fresh = folder / f"..{secrets.token_hex(8)}"
        data: dict[str, str] = manifest.get("data") or {}
        try:
            make_folder(fresh, PRIVATE_FOLDER)
            _fill(fresh, manifest, data, modified)
            _link(folder / _CURRENT, fresh.name)
        except BaseException:
            remove_tree(fresh)
            if before is not None:
                self.stamp(key, before.modified)  # as if nothing had happened
            raise
        for name in data:
            _link(folder / name, f"{_CURRENT}/{name}")
        _remove_old(folder, keep={_CURRENT, fresh.name, *data})
        self.stamp(key, modified)

    def stamp(self, key: ObjectKey, modified: int) -> None:
        """See SecretLayout."""
        folder = self._path(key)
        with file_errors("set the time of", folder):
            os.utime(folder, ns=(modified, modified))

    def remove(self, key: ObjectKey) -> None:
        """See SecretLayout."""
        folder = self._path(key)
        going = temporary_beside(folder)
        with file_errors("remove", folder):
            try:
                folder.rename(going)
            except FileNotFoundError:
                return
        remove_tree(going)

    def _path(self, key: ObjectKey) -> Path:
        return self._folder / key.namespace / key.name


def _values(folder: Path) -> list[Path]:
    """Return the paths of a Secret's values: keys may begin with one dot, the layout's own entries with two."""
    with file_errors("read the folder", folder):
        try:
            names = sorted(entry.name for entry in os.scandir(folder) if not entry.name.startswith(".."))
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [path for path in (folder / name for name in names) if path.is_file()]


def _fill(folder: Path, manifest: Manifest, data: dict[str, str], modified: int) -> None:
    for name, value in data.items():
        if (folder / name).exists():
            raise RefusedError(f"data[{name}]: this file system cannot distinguish it from another key")
        write_file(folder / name, base64.b64decode(value), PRIVATE_FILE, modified=modified)
    envelope: dict[str, Any] = {field: value for field, value in manifest.items() if field != "data"}
    write_file(folder / _ENVELOPE, dump_document(envelope), PRIVATE_FILE, modified=modified)


def _link(link: Path, target: str) -> None:
    """Make a link lead to a target, in one step, replacing anything there before."""
    with file_errors("write", link):
        if link.is_symlink() and str(link.readlink()) == target:
            return
        if link.is_dir() and not link.is_symlink():
            remove_tree(link)  # a person's folder; a link cannot replace a folder
        made = link.with_name(f"..{secrets.token_hex(8)}")
        try:
            made.symlink_to(target)
            made.replace(link)
        except BaseException:
            remove_tree(made)
            raise


def _remove_old(folder: Path, keep: set[str]) -> None:
    with file_errors("read the folder", folder):
        names = [entry.name for entry in os.scandir(folder)]
    for name in names:
        if name not in keep:
            remove_tree(folder / name)
