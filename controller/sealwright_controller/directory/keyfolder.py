"""The sealing keys of DIR/keys: key Secrets as manifests, made here or put there by people; and the trust Secret.

Secrets made from SealedSecrets are in another folder, so they are never read here.
"""

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_controller.directory.collection import Collection
from sealwright_controller.directory.documents import dump_document
from sealwright_controller.directory.files import PRIVATE_FILE, signature_at, write_file
from sealwright_controller.directory.history import History
from sealwright_controller.directory.manifests import ManifestFolder, Snapshot
from sealwright_controller.directory.secretstore import timestamp
from sealwright_controller.directory.validation import as_stored, generated_name
from sealwright_controller.gateway import (
    KEY_TRUST_NAME,
    AlreadyExistsError,
    Manifest,
    ObjectKey,
    Resource,
    UnavailableError,
)
from sealwright_manifests.kinds.keysecrets import is_key_secret


def sealing_key_in(manifest: Manifest, default_namespace: str) -> tuple[ObjectKey, Manifest] | None:
    """Return name and form of a key Secret in a file, or of the trust Secret; None for another object.

    Raises RefusedError.
    """
    if (manifest.get("apiVersion"), manifest.get("kind")) != ("v1", "Secret"):
        return None
    metadata = manifest.get("metadata") or {}
    named = {"namespace": default_namespace, **metadata} if isinstance(metadata, dict) else metadata
    stored = as_stored({**manifest, "metadata": named})
    key = ObjectKey.of(stored)
    labels = stored["metadata"].get("labels") or {}
    if not is_key_secret(key.name, labels) and key.name != KEY_TRUST_NAME:
        return None
    stored["metadata"].pop("resourceVersion", None)
    uid = stored["metadata"].get("uid")
    has_uid = isinstance(uid, str) and uid
    stored["metadata"]["uid"] = uid if has_uid else str(uuid.uuid5(uuid.NAMESPACE_OID, str(key)))
    return key, stored


class KeyFolder:
    """All key Secrets. The caller holds the history's condition."""

    def __init__(self, path: Path, folder: ManifestFolder, history: History, default_namespace: str) -> None:
        self._path = path
        self._folder = folder
        self._default_namespace = default_namespace
        self._collection = Collection(Resource.SEALING_KEYS, history)
        self._snapshot = Snapshot({})

    @property
    def objects(self) -> list[Manifest]:
        """All key Secrets, as a gateway gives them."""
        return list(self._collection.objects.values())

    def find(self, name: str) -> Manifest | None:
        """Return a key Secret, or the trust Secret, as the last scan found it; None if it does not exist."""
        keys = (key for key in self._snapshot.objects if key.name == name)
        key = next(keys, None)
        return None if key is None else self._collection.objects.get(key) or self._snapshot.objects[key].manifest

    @property
    def snapshot(self) -> Snapshot:
        """What the last scan found."""
        return self._snapshot

    def scan(self) -> None:
        """Scan the folder. Raises UnavailableError if it cannot be read."""
        self._snapshot = self._folder.scan()
        keys = {key: found for key, found in self._snapshot.objects.items() if key.name != KEY_TRUST_NAME}
        for key, found in keys.items():
            self._collection.put(key, found.manifest)
        for key in [key for key in self._collection.objects if key not in keys]:
            self._collection.remove(key)

    def create(self, manifest: Manifest, now: datetime) -> Manifest:
        """Write a new Secret, with a generated name unless it has one, and return it.

        Raises AlreadyExistsError, UnavailableError, RefusedError.
        """
        metadata: dict[str, Any] = {"namespace": self._default_namespace, **manifest["metadata"]}
        if not metadata.get("name"):
            metadata["name"] = self._free_name(str(metadata.get("generateName", "")))
        metadata |= {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(now)}
        stored = as_stored({**manifest, "metadata": metadata})
        key = ObjectKey.of(stored)
        self.scan()
        if key in self._snapshot.objects or signature_at(self._file(key.name)) is not None:
            raise AlreadyExistsError(f"Secret {key} is there already")
        write_file(self._file(key.name), dump_document(stored), PRIVATE_FILE)
        self.scan()
        made = self._collection.objects.get(key) or self.find(key.name)
        if made is None:
            raise UnavailableError(f"{self._file(key.name)} was removed while it was written")
        return made

    def _free_name(self, prefix: str) -> str:
        while True:
            name = generated_name(prefix)
            if signature_at(self._file(name)) is None:
                return name

    def _file(self, name: str) -> Path:
        return self._path / f"{name}.yaml"
