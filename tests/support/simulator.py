"""An API server in memory: what it keeps, in which order things changed, and what it refuses.

Behaves as a real one does where the controller can see it; tests/controller/gateways/test_gateways.py holds the two
against each other, row by row. `SimulatedGateway` (simulated_gateway.py) is how a controller speaks to it; the methods
here are for everybody else too: people, other programs, and tests that look at the world.
"""

import contextlib
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.support.fieldmanagers import managed_fields

from sealwright_controller.directory.validation import as_stored, check_change, generated_name, merge_patch
from sealwright_controller.gateway import (
    AlreadyExistsError,
    ConflictError,
    Event,
    ExpiredError,
    Manifest,
    NamespaceEndingError,
    NotFoundError,
    ObjectKey,
)

SEALED_SECRET = "SealedSecret"
SECRET = "Secret"
PEOPLE = "kubectl"
"""The field manager of what people write."""
FIRST_VERSION = 1000
"""Where versions begin: nobody remembers what came before."""


class Change(NamedTuple):
    """One change; `old` is None when the object was made, `new` when it was removed."""

    version: int
    kind: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None


@dataclass(frozen=True)
class Recorded:
    """A message for people, and how often it was said."""

    event: Event
    count: int


class SimulatedServer:
    """The state of an API server; may be used from several threads. `condition` is notified of every change.

    With `collects_at_once`, garbage is collected within the call that makes it; else when `collect_garbage` is called,
    as a real garbage collector comes some time later. Of the last `history_limit` changes watches can be taken up.
    """

    def __init__(
        self,
        *,
        collects_at_once: bool = True,
        history_limit: int = 1000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.condition = threading.Condition()
        self.version = FIRST_VERSION
        self.disconnections = 0
        self._collects_at_once = collects_at_once
        self._history_limit = history_limit
        self._clock = clock
        self._objects: dict[tuple[str, ObjectKey], dict[str, Any]] = {}
        self._namespaces = {"default", "kube-system"}
        self._terminating: set[str] = set()
        self._history: list[Change] = []
        self._compacted = self.version
        self._lists: dict[str, tuple[int, list[dict[str, Any]]]] = {}
        self._events: dict[Event, int] = {}

    # What people and other programs do

    def create_namespace(self, name: str) -> None:
        """Make a namespace; there are `default` and `kube-system` from the start."""
        with self.condition:
            self._namespaces.add(name)

    def delete_namespace(self, name: str, *, linger: bool = False) -> None:
        """Remove a namespace with all that is in it; when it lingers, it stays for a while, and takes nothing new."""
        with self.condition:
            self._terminating.add(name)
            for kind, key in [found for found in self._objects if found[1].namespace == name]:
                with contextlib.suppress(NotFoundError):  # it may have been collected with its owner
                    self.delete(kind, key)
            if not linger:
                self._namespaces.discard(name)
                self._terminating.discard(name)

    def put_sealed_secret(self, manifest: Manifest) -> Manifest:
        """Make a SealedSecret or change it, as `kubectl apply` does; a `status` in the manifest is not looked at."""
        body = _json(manifest)
        body.pop("status", None)
        key = ObjectKey.of(body)
        with self.condition:
            old = self._objects.get((SEALED_SECRET, key))
            if old is None:
                self._check_namespace(key.namespace)
                body["metadata"] |= self._identity() | {"generation": 1}
                body["status"] = {"observedGeneration": -1}  # the default of our kind
            else:
                lasting = ("uid", "creationTimestamp", "deletionTimestamp")
                kept = {name: old["metadata"][name] for name in lasting if name in old["metadata"]}
                generation = old["metadata"]["generation"] + (body.get("spec") != old.get("spec"))
                body["metadata"] |= kept | {"generation": generation}
                body["status"] = old["status"]
            stored = self._commit(SEALED_SECRET, key, body)
            if "deletionTimestamp" in body["metadata"] and not body["metadata"].get("finalizers"):
                self._commit(SEALED_SECRET, key, None)
            return stored

    def put_secret(self, manifest: Manifest, *, manager: str = PEOPLE) -> Manifest:
        """Make a Secret, or replace all that can be replaced in the one that is there, whatever its version."""
        with self.condition:
            old = self.find(SECRET, ObjectKey.of(manifest))
            if old is None:
                return self.create_secret(manifest, manager=manager)
            metadata = {name: value for name, value in manifest["metadata"].items() if name != "resourceVersion"}
            changed = {**manifest, "metadata": {**metadata, "uid": old["metadata"]["uid"]}}
            return self.replace_secret(changed, manager=manager)

    def delete(self, kind: str, key: ObjectKey) -> None:
        """Remove an object, or only mark it while it has finalizers. Raises NotFoundError."""
        with self.condition:
            old = self._objects.get((kind, key))
            if old is None:
                raise NotFoundError(f"{kind} {key} is not there")
            marked = {**old, "metadata": {**old["metadata"], "deletionTimestamp": self._now()}}
            self._commit(kind, key, marked if old["metadata"].get("finalizers") else None)

    def find(self, kind: str, key: ObjectKey) -> dict[str, Any] | None:
        """Return an object, None when there is none."""
        with self.condition:
            return _json(self._objects.get((kind, key)))

    def objects(self, kind: str) -> list[dict[str, Any]]:
        """Return every object of a kind, in order of namespaces and names."""
        with self.condition:
            return [_json(self._objects[found]) for found in sorted(self._objects) if found[0] == kind]

    @property
    def events(self) -> list[Recorded]:
        """Return the messages for people, in the order in which each was first said."""
        with self.condition:
            return [Recorded(event, count) for event, count in self._events.items()]

    # What a server does of itself

    def collect_garbage(self) -> None:
        """Remove every Secret whose owners are all gone."""
        with self.condition:
            for kind, key in list(self._objects):
                owners = self._objects[kind, key]["metadata"].get("ownerReferences") or []
                if owners and not any(self._is_there(key.namespace, owner) for owner in owners):
                    self._commit(kind, key, None, collect=False)

    def compact(self) -> None:
        """Forget all changes and lists so far: watches and pages of them are refused with HTTP 410."""
        with self.condition:
            self._history.clear()
            self._lists.clear()
            self._compacted = self.version
            self.condition.notify_all()

    def disconnect(self) -> None:
        """End every watch."""
        with self.condition:
            self.disconnections += 1
            self.condition.notify_all()

    # What a controller asks for

    def create_secret(self, manifest: Manifest, *, manager: str = PEOPLE) -> Manifest:
        """See Gateway.create_secret; a `generateName` is completed, and stays beside the name."""
        body = _json(manifest)
        with self.condition:
            prefix = body["metadata"].get("generateName")
            if prefix and not body["metadata"].get("name"):
                body["metadata"]["name"] = generated_name(prefix)
            stored = as_stored(body)
            key = ObjectKey.of(stored)
            self._check_namespace(key.namespace)
            if (SECRET, key) in self._objects:
                raise AlreadyExistsError(f"Secret {key} is there already")
            stored["metadata"] |= self._identity()
            stored["metadata"]["managedFields"] = managed_fields(None, stored, manager, self._now())
            return self._commit(SECRET, key, stored)

    def replace_secret(self, manifest: Manifest, *, manager: str = PEOPLE) -> Manifest:
        """See Gateway.replace_secret; without a version in it, whatever the version is."""
        stored = as_stored(_json(manifest))
        key, metadata = ObjectKey.of(stored), stored["metadata"]
        with self.condition:
            old = self._objects.get((SECRET, key))
            if old is None:
                raise NotFoundError(f"Secret {key} is not there")
            for name in ("uid", "resourceVersion"):
                if metadata.get(name) not in (None, "", old["metadata"][name]):
                    raise ConflictError(f"Secret {key}: {name} is another one now")
            check_change(old, stored)
            metadata |= {name: old["metadata"][name] for name in ("uid", "creationTimestamp")}
            metadata["managedFields"] = managed_fields(old, stored, manager, self._now())
            return self._commit(SECRET, key, stored)

    def delete_secret(self, manifest: Manifest) -> None:
        """See Gateway.delete_secret."""
        key = ObjectKey.of(manifest)
        with self.condition:
            old = self._objects.get((SECRET, key))
            if old is None:
                raise NotFoundError(f"Secret {key} is not there")
            for name in ("uid", "resourceVersion"):
                if manifest["metadata"][name] != old["metadata"][name]:
                    raise ConflictError(f"Secret {key}: {name} is another one now")
            self.delete(SECRET, key)

    def write_status(self, key: ObjectKey, uid: str, status: Manifest) -> None:
        """See Gateway.write_status."""
        with self.condition:
            old = self._objects.get((SEALED_SECRET, key))
            if old is None:
                raise NotFoundError(f"SealedSecret {key} is not there")
            if old["metadata"]["uid"] != uid:
                raise ConflictError(f"SealedSecret {key}: uid is another one now")
            self._commit(SEALED_SECRET, key, _json(merge_patch(old, {"status": status})))

    def record_event(self, event: Event) -> None:
        """Count a message; dropped when its namespace takes nothing new."""
        with self.condition:
            if event.about.namespace in self._namespaces - self._terminating:
                self._events[event] = self._events.get(event, 0) + 1

    def changes_after(self, version: int) -> list[Change]:
        """Return what changed since; nothing when the version has yet to come. Raises ExpiredError."""
        with self.condition:
            if version < self._compacted:
                raise ExpiredError(f"what came before version {self._compacted} is forgotten")
            return [change for change in self._history if change.version > version]

    def keep_list(self, objects: list[dict[str, Any]]) -> str:
        """Keep a list for those who read it page by page; returns how to ask for it again."""
        with self.condition:
            name = str(len(self._lists))
            self._lists[name] = (self.version, objects)
            return name

    def kept_list(self, name: str) -> tuple[int, list[dict[str, Any]]]:
        """Return version and objects of a list. Raises ExpiredError when it is not kept any more."""
        with self.condition:
            if name not in self._lists:
                raise ExpiredError("this list is not kept any more")
            return self._lists[name]

    def _check_namespace(self, name: str) -> None:
        if name not in self._namespaces:
            raise NotFoundError(f"namespace {name} is not there")
        if name in self._terminating:
            raise NamespaceEndingError(f"namespace {name} is being deleted")

    def _identity(self) -> dict[str, Any]:
        return {"uid": str(uuid.uuid4()), "creationTimestamp": self._now()}

    def _now(self) -> str:
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _is_there(self, namespace: str, owner: Mapping[str, Any]) -> bool:
        if owner["kind"] not in (SEALED_SECRET, SECRET):
            return True
        found = self._objects.get((owner["kind"], ObjectKey(namespace, owner["name"])))
        return found is not None and found["metadata"]["uid"] == owner["uid"]

    def _commit(self, kind: str, key: ObjectKey, new: dict[str, Any] | None, *, collect: bool = True) -> Manifest:
        """Put an object in the place of the old one; one that is the same changes nothing."""
        old = self._objects.get((kind, key))
        if old is not None and new is not None and _unversioned(old) == _unversioned(new):
            return _json(old)
        self.version += 1
        if new is None:
            del self._objects[kind, key]
        else:
            new["metadata"]["resourceVersion"] = str(self.version)
            self._objects[kind, key] = new
        self._history.append(Change(self.version, kind, old, new))
        if len(self._history) > self._history_limit:
            self._compacted = self._history.pop(0).version
        self.condition.notify_all()
        stored = _json(new)
        if collect and self._collects_at_once:
            self.collect_garbage()
        return stored


def _json(value: Any) -> Any:
    """Return a copy as it would come over the wire; what JSON has no word for fails here."""
    return json.loads(json.dumps(value, allow_nan=False))


def _unversioned(manifest: dict[str, Any]) -> dict[str, Any]:
    metadata = {name: value for name, value in manifest["metadata"].items() if name != "resourceVersion"}
    return {**manifest, "metadata": metadata}
