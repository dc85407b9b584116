"""The SealedSecrets of DIR/sealed: people's manifests, with the identity and status that an API server would keep."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from sealwright_controller.directory.collection import Collection
from sealwright_controller.directory.history import History
from sealwright_controller.directory.manifests import Found, ManifestFolder, Snapshot
from sealwright_controller.directory.secretstore import timestamp
from sealwright_controller.directory.statusfiles import Record, StatusFiles, digest_of
from sealwright_controller.directory.validation import check_name, merge_patch
from sealwright_controller.gateway import (
    ConflictError,
    GatewayError,
    Manifest,
    NotFoundError,
    ObjectKey,
    RefusedError,
    Resource,
)
from sealwright_controller.objects.metadata import check_fields_of_spec
from sealwright_crypto import API_VERSION, KIND, ManifestError, ScopeError, SealedSecret

# Fields that only a server sets; in a file they are left over from a cluster.
_SERVERS_FIELDS = frozenset(
    {
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "managedFields",
        "selfLink",
    }
)

_log = structlog.get_logger()


def sealed_secret_in(manifest: Manifest, default_namespace: str) -> tuple[ObjectKey, Manifest] | None:
    """Return name and form of a SealedSecret in a file, None for another kind. Raises RefusedError for a bad name."""
    if (manifest.get("apiVersion"), manifest.get("kind")) != (API_VERSION, KIND):
        return None
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict):
        raise RefusedError("metadata: is not a map")
    kept: dict[str, Any] = {key: value for key, value in metadata.items() if key not in _SERVERS_FIELDS}
    kept["namespace"] = metadata.get("namespace") or default_namespace
    check_name(kept.get("name"), kept["namespace"])
    body = {key: value for key, value in manifest.items() if key != "status"} | {"metadata": kept}
    return ObjectKey(kept["namespace"], kept["name"]), body


def mistake_in(manifest: Manifest) -> str:
    """Return what is wrong with a SealedSecret whatever the keys are, without its values; empty if nothing is."""
    try:
        check_fields_of_spec(manifest)
        SealedSecret.from_dict(manifest)
    except (ManifestError, ScopeError) as error:
        return str(error)
    return ""


class SealedSecrets:
    """Every SealedSecret, with what is remembered about it. The caller holds the history's condition."""

    def __init__(
        self,
        folder: ManifestFolder,
        status_files: StatusFiles,
        history: History,
        *,
        clock: Callable[[], datetime],
        owner_of_secret: Callable[[ObjectKey], str | None],
    ) -> None:
        """`owner_of_secret` gives the uid of the SealedSecret that a Secret names as its controller, if any."""
        self._folder = folder
        self._status_files = status_files
        self._collection = Collection(Resource.SEALED_SECRETS, history)
        self._clock = clock
        self._owner_of_secret = owner_of_secret
        self._snapshot = Snapshot({})
        self._records: dict[ObjectKey, Record] = {}
        self._unsaved: set[ObjectKey] = set()
        self._loaded = False

    @property
    def objects(self) -> list[Manifest]:
        """All objects, as a gateway gives them."""
        return list(self._collection.objects.values())

    @property
    def snapshot(self) -> Snapshot:
        """What the last scan found."""
        return self._snapshot

    @property
    def uids(self) -> frozenset[str]:
        """The uids of all objects that exist, or may exist in a file that cannot be read."""
        return frozenset(record.uid for record in self._records.values())

    def scan(self) -> None:
        """Scan the folder. Raises UnavailableError if it cannot be read."""
        snapshot = self._folder.scan()
        if not self._loaded:
            self._records = dict(self._status_files.load_all())
        for key, found in snapshot.objects.items():
            self._see(key, found)
        for key, record in list(self._records.items()):
            if key not in snapshot.objects and not snapshot.may_hold(record.file):
                self._drop(key)
        self._snapshot = snapshot
        self._loaded = True
        self._save_late()

    def get(self, key: ObjectKey) -> Manifest | None:
        """Return an object as its file has it now. Raises UnavailableError."""
        found = self._snapshot.objects.get(key)
        if found is None or self._folder.has_changed(found.file):
            self.scan()
        return self._collection.objects.get(key)

    def write_status(self, key: ObjectKey, uid: str, status: Manifest) -> None:
        """See Gateway.write_status."""
        record = self._records.get(key)
        if record is None or key not in self._collection.objects:
            raise NotFoundError(f"SealedSecret {key} is gone")
        if record.uid != uid:
            raise ConflictError(f"SealedSecret {key}: another object has its name now")
        merged = merge_patch(record.status, status)
        if merged != record.status:
            updated = replace(record, status=merged)
            self._status_files.save(key, updated)
            self._unsaved.discard(key)
            self._remember(key, updated)

    def _see(self, key: ObjectKey, found: Found) -> None:
        """Record an object in a file; a new spec is a new generation."""
        before = self._snapshot.objects.get(key)
        if before is not None and before.manifest is found.manifest and before.file == found.file:
            return
        digest = digest_of(found.manifest)
        known = self._records.get(key)
        if known is None:
            record = Record(self._new_uid(key), 1, digest, timestamp(self._clock()), found.file)
        elif known.spec_digest != digest:
            record = replace(known, generation=known.generation + 1, spec_digest=digest, file=found.file)
        else:
            record = replace(known, file=found.file)
        if record != known:
            self._unsaved.add(key)
        self._records[key] = record
        self._collection.put(key, _as_object(found.manifest, record))

    def _new_uid(self, key: ObjectKey) -> str:
        """Return a new uid or, if the records were lost, the one that the object's Secret still names."""
        lost = None if self._loaded else self._owner_of_secret(key)
        return lost or str(uuid.uuid4())

    def _remember(self, key: ObjectKey, record: Record) -> None:
        self._records[key] = record
        self._collection.put(key, _as_object(self._snapshot.objects[key].manifest, record))

    def _drop(self, key: ObjectKey) -> None:
        self._collection.remove(key)
        self._unsaved.discard(key)
        try:
            self._status_files.remove(key)
        except GatewayError as error:
            _log.warning("status file not removed", object=str(key), error=str(error))
        del self._records[key]

    def _save_late(self) -> None:
        """Write what is new; failed writes are retried at the next scan."""
        for key in sorted(self._unsaved):
            try:
                self._status_files.save(key, self._records[key])
            except GatewayError as error:
                _log.warning("status file not written", object=str(key), error=str(error))
                return
            self._unsaved.discard(key)


def _as_object(manifest: Manifest, record: Record) -> dict[str, Any]:
    identity = {"uid": record.uid, "generation": record.generation, "creationTimestamp": record.created}
    body: dict[str, Any] = {**manifest, "metadata": {**manifest["metadata"], **identity}}
    if record.status:
        body["status"] = record.status
    return body
