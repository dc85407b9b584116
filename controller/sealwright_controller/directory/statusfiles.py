"""What manifests do not say about a SealedSecret: its uid, generation and status, in a file that people can read.

DIR/status/NAMESPACE/NAME.yaml begins with the condition. Only the controller writes it; others' edits are overwritten,
and if a file is lost, only the history is lost.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sealwright_controller.directory.documents import UnusableFileError, dump_document, load_document
from sealwright_controller.directory.files import (
    PUBLIC_FILE,
    PUBLIC_FOLDER,
    entries,
    make_folder,
    read_file,
    remove_file,
    write_file,
)
from sealwright_controller.directory.validation import check_name
from sealwright_controller.gateway import Manifest, ObjectKey, RefusedError

PROBLEMS_FILE = "_files.yaml"  # not a valid name of a namespace

_HEADING = b"# Written by sealwright-controller; changes made here are overwritten.\n"
_PROBLEMS_HEADING = (
    b"# Problems of files, found by sealwright-controller, which removes this list when there are none.\n"
)


@dataclass(frozen=True)
class Record:
    """What is known of one SealedSecret; `file` is its path, `spec_digest` distinguishes generations."""

    uid: str
    generation: int
    spec_digest: str
    created: str
    file: str
    status: Mapping[str, Any] = field(default_factory=dict)


def digest_of(manifest: Manifest) -> str:
    """Return a digest that changes only with a SealedSecret's spec, which is ciphertext or public."""
    spec = json.dumps(manifest.get("spec"), sort_keys=True)
    return hashlib.sha256(spec.encode(errors="surrogatepass")).hexdigest()


class StatusFiles:
    """The files under DIR/status. Methods raise UnavailableError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._problems: Mapping[str, str] | None = None

    def load_all(self) -> Iterator[tuple[ObjectKey, Record]]:
        """Yield every record that can be read; other files are skipped."""
        for namespace in entries(self._folder):
            for path in entries(namespace):
                key = ObjectKey(namespace.name, path.name.removesuffix(".yaml"))
                record = _load(path) if path == self._path(key) else None
                if record is not None:
                    yield key, record

    def save(self, key: ObjectKey, record: Record) -> None:
        """Write a record, atomically."""
        path = self._path(key)
        make_folder(self._folder, PUBLIC_FOLDER)
        make_folder(path.parent, PUBLIC_FOLDER)
        facts = {
            "file": _written_name(record.file),
            "uid": record.uid,
            "generation": record.generation,
            "created": record.created,
            "specDigest": record.spec_digest,
        }
        document = {"status": dict(record.status), "sealedSecret": facts}
        write_file(path, _HEADING + dump_document(document), PUBLIC_FILE, durable=False)

    def remove(self, key: ObjectKey) -> None:
        """Remove a record, and with the last one its namespace's folder."""
        path = self._path(key)
        remove_file(path)
        if not entries(path.parent) and path.parent.is_dir():
            try:
                path.parent.rmdir()
            except OSError:
                return  # it has a hidden file

    def save_problems(self, problems: Mapping[str, str]) -> None:
        """Write which files cannot be used and why, for people, if that has changed."""
        if problems == self._problems:
            return
        path = self._folder / PROBLEMS_FILE
        if problems:
            make_folder(self._folder, PUBLIC_FOLDER)
            listed = [{"file": name, "problem": problems[name]} for name in sorted(problems)]
            write_file(path, _PROBLEMS_HEADING + dump_document(listed), PUBLIC_FILE, durable=False)
        else:
            remove_file(path)
        self._problems = dict(problems)

    def _path(self, key: ObjectKey) -> Path:
        return self._folder / key.namespace / f"{key.name}.yaml"


def _load(path: Path) -> Record | None:
    """Read a record; None if the file has none or a damaged one. Raises UnavailableError."""
    try:
        content = read_file(path)
        document = load_document(content.bytes) if content else None
        check_name(path.stem, path.parent.name)
        facts, status = document["sealedSecret"], document["status"]  # type: ignore[index] # see the except below
        return Record(
            uid=_text(facts["uid"]),
            generation=int(facts["generation"]),
            spec_digest=_text(facts["specDigest"]),
            created=_text(facts["created"]),
            file=_read_name(facts["file"]),
            status=status if isinstance(status, Mapping) else {},
        )
    except (UnusableFileError, RefusedError, LookupError, TypeError, ValueError):
        return None


def _written_name(name: str) -> str | dict[str, str]:
    """Return a file's name for a record: as base64 if it is not UTF-8, which YAML cannot hold."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return {"base64": base64.b64encode(os.fsencode(name)).decode()}
    return name


def _read_name(value: Any) -> str:
    return os.fsdecode(base64.b64decode(_text(value["base64"]))) if isinstance(value, Mapping) else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
