"""Which Secrets exist, and their versions: finds changes, by any writer, by looking at files.

Keeps only metadata. Values are read when requested, and compared by a keyed digest that never leaves the process. A
Secret's version is the modification time of its files, so it is the same after a restart.
"""

import hashlib
import json
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

from sealwright_controller.directory.documents import UnusableFileError
from sealwright_controller.directory.history import History
from sealwright_controller.directory.manifests import COARSE_CLOCK_NS
from sealwright_controller.directory.secretfiles import SecretLayout, Trace
from sealwright_controller.directory.validation import as_stored, check_change, check_name
from sealwright_controller.gateway import (
    AlreadyExistsError,
    ConflictError,
    GatewayError,
    Manifest,
    NotFoundError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
)
from sealwright_controller.objects.decide import controller_uid

# Fields that only a server can know; the other metadata is kept in the file.
_NOT_KEPT = frozenset(
    {
        "resourceVersion",
        "managedFields",
        "generation",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    }
)

_log = structlog.get_logger()


@dataclass(frozen=True)
class _Held:
    trace: Trace
    settled: bool
    digest: bytes
    metadata: Manifest
    problem: str


class SecretStore:
    """The Secrets of one folder. Changes go to the history, whose condition every caller holds."""

    def __init__(self, layout: SecretLayout, history: History, clock: Callable[[], datetime]) -> None:
        """`clock` gives the time as an aware datetime."""
        self._layout = layout
        self._history = history
        self._clock = clock
        self._held: dict[ObjectKey, _Held] = {}
        self._locked: dict[ObjectKey, str] = {}
        self._digest_key = secrets.token_bytes(32)

    @property
    def objects(self) -> list[Manifest]:
        """All Secrets as PartialObjectMetadata."""
        return [held.metadata for held in self._held.values()]

    @property
    def problems(self) -> dict[str, str]:
        """Problems with Secrets that others damaged or made unreadable, by their names."""
        spoilt = {key: held.problem for key, held in self._held.items() if held.problem}
        return {f"Secret {key}": problem for key, problem in (spoilt | self._locked).items()}

    def scan(self) -> None:
        """Look at every Secret. Raises UnavailableError if the folder cannot be read."""
        there = {key for key in self._layout.names() if _is_name(key)}
        locked: dict[ObjectKey, str] = {}
        for key in there | set(self._held):
            try:
                self._look_again(key)
            except UnavailableError as error:
                locked[key] = str(error)
            except Exception as error:  # noqa: BLE001 - one Secret must not hide others
                locked[key] = f"cannot be used ({type(error).__name__})"
        for key in sorted(locked.keys() - self._locked.keys()):
            _log.warning("cannot read a Secret", secret=str(key), error=locked[key])
        self._locked = locked

    def get(self, key: ObjectKey) -> Manifest | None:
        """Return a Secret with its data, None if it does not exist. Raises UnavailableError, RefusedError.

        A Secret whose files cannot be used is shown without data and without owner, so that it stays unchanged until a
        person has looked at it.
        """
        check_name(key.name, key.namespace)
        trace = self._layout.look(key)
        manifest, problem = self._read(key) if trace is not None else (None, "")
        if trace is None or manifest is None:
            self._forget(key)
            return None
        return self._hold(key, trace, manifest, problem)

    def create(self, manifest: Manifest) -> Manifest:
        """See Gateway.create_secret."""
        stored = _kept(as_stored(manifest))
        key = ObjectKey.of(stored)
        if self._layout.look(key) is not None:
            self.get(key)
            raise AlreadyExistsError(f"Secret {key} is there already")
        stored["metadata"] |= {"uid": str(uuid.uuid4()), "creationTimestamp": timestamp(self._clock())}
        return self._write(key, stored)

    def replace(self, manifest: Manifest) -> Manifest:
        """See Gateway.replace_secret."""
        stored = as_stored(manifest)
        key = ObjectKey.of(stored)
        current = self._current(stored)
        check_change(current, stored)
        kept = _kept(stored)
        kept["metadata"]["uid"] = current["metadata"]["uid"]
        created = current["metadata"].get("creationTimestamp")
        if created:
            kept["metadata"]["creationTimestamp"] = created
        return current if kept == _kept(current) else self._write(key, kept)

    def delete(self, manifest: Manifest) -> None:
        """See Gateway.delete_secret."""
        self.remove(ObjectKey.of(self._current(manifest)))

    def remove(self, key: ObjectKey) -> None:
        """Remove a Secret. Raises UnavailableError."""
        self._layout.remove(key)
        self._forget(key)

    def owner_of(self, key: ObjectKey) -> str | None:
        """Return the uid of the SealedSecret that controls a Secret, by the last look."""
        held = self._held.get(key)
        return controller_uid(held.metadata) if held is not None else None

    def owned(self) -> list[tuple[ObjectKey, str]]:
        """Return the Secrets that are controlled by a SealedSecret, each with that SealedSecret's uid."""
        owners = ((key, self.owner_of(key)) for key in self._held)
        return [(key, uid) for key, uid in owners if uid is not None]

    def _current(self, manifest: Manifest) -> Manifest:
        """Return the Secret that a manifest was made from. Raises NotFoundError, and ConflictError if replaced."""
        key = ObjectKey.of(manifest)
        current = self.get(key)
        if current is None:
            raise NotFoundError(f"Secret {key} is gone")
        for name in ("uid", "resourceVersion"):
            if manifest["metadata"].get(name, current["metadata"][name]) != current["metadata"][name]:
                raise ConflictError(f"Secret {key} has changed since it was read")
        return current

    def _look_again(self, key: ObjectKey) -> None:
        held = self._held.get(key)
        if held is None or not held.settled or held.trace != self._layout.look(key):
            self.get(key)

    def _write(self, key: ObjectKey, stored: dict[str, Any]) -> Manifest:
        self._layout.write(key, stored, self._history.next_version())
        written = self.get(key)
        if written is None:
            raise ConflictError(f"Secret {key} was removed while it was written")
        if _text(_kept(written)) != _text(stored):
            raise ConflictError(f"Secret {key} was changed while it was written")
        return written

    def _read(self, key: ObjectKey) -> tuple[Manifest | None, str]:
        try:
            manifest = self._layout.read(key)
            if manifest is None:
                return None, ""
            metadata = manifest.get("metadata") or {}
            if not isinstance(metadata, dict):
                raise UnusableFileError("metadata: is not a map")  # noqa: TRY301 - handled as below
            named = {"name": key.name, "namespace": key.namespace} | metadata
            if (named["namespace"], named["name"]) != key:
                raise UnusableFileError(f"holds a Secret of another name, not {key}")  # noqa: TRY301 - as above
            stored = _kept(as_stored({**manifest, "metadata": named}))
        except (UnusableFileError, RefusedError) as error:
            return {"apiVersion": "v1", "kind": "Secret", "metadata": _named(key), "type": "Opaque"}, str(error)
        uid = stored["metadata"].get("uid")
        stored["metadata"]["uid"] = uid if isinstance(uid, str) and uid else _named(key)["uid"]
        return stored, ""

    def _hold(self, key: ObjectKey, trace: Trace, manifest: Manifest, problem: str) -> Manifest:
        digest = hashlib.blake2b(_text(manifest).encode(), key=self._digest_key).digest()
        held = self._held.get(key)
        if held is not None and held.trace.modified == trace.modified and held.digest != digest:
            # Changed again within one tick of the file system's clock.
            self._layout.stamp(key, self._history.next_version())
            trace = self._layout.look(key) or trace
        self._history.pass_by(trace.modified)
        settled = self._history.now_ns() - trace.modified > COARSE_CLOCK_NS
        metadata = {**manifest["metadata"], "resourceVersion": str(trace.modified)}
        partial = {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata}
        self._held[key] = _Held(trace, settled, digest, partial, problem)
        if held is None or held.metadata != partial:
            if problem:
                _log.warning("cannot use the file of a Secret", secret=str(key), problem=problem)
            version = self._history.next_version()
            self._history.record(Resource.SECRETS, "ADDED" if held is None else "MODIFIED", partial, version)
        return {**manifest, "metadata": metadata}

    def _forget(self, key: ObjectKey) -> None:
        held = self._held.pop(key, None)
        if held is not None:
            version = self._history.next_version()
            gone = {**held.metadata["metadata"], "resourceVersion": str(version)}
            self._history.record(Resource.SECRETS, "DELETED", {**held.metadata, "metadata": gone}, version)


def timestamp(time: datetime) -> str:
    """Return a time as Kubernetes writes it: UTC, whole seconds."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _kept(stored: dict[str, Any] | Manifest) -> dict[str, Any]:
    """Return a Secret without the fields that its file does not keep."""
    metadata = {key: value for key, value in stored["metadata"].items() if key not in _NOT_KEPT}
    return {**stored, "metadata": metadata}


def _text(manifest: Manifest) -> str:
    """Return a text that is equal for equal content."""
    return json.dumps(manifest, sort_keys=True)


def _named(key: ObjectKey) -> dict[str, Any]:
    """Return the metadata of a Secret that others made, without a recorded uid."""
    return {"name": key.name, "namespace": key.namespace, "uid": str(uuid.uuid5(uuid.NAMESPACE_OID, str(key)))}


def _is_name(key: ObjectKey) -> bool:
    try:
        check_name(key.name, key.namespace)
    except GatewayError:
        return False
    return True
