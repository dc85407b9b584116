"""The Gateway over a simulated API server: what one controller is shown of it, and how its calls fail."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from tests.support.faults import Faults
from tests.support.simulator import SEALED_SECRET, SECRET, Change, SimulatedServer

from sealwright_controller.gateway import (
    KEY_LABEL,
    KEY_MANAGER,
    LEGACY_KEY_NAME,
    UNSEALER_MANAGER,
    Event,
    ExpiredError,
    Manifest,
    ObjectKey,
    Page,
    Resource,
    UnavailableError,
    WatchEvent,
    refuse_key,
)
from sealwright_controller.objects.guards import KeyGuard
from sealwright_controller.objects.metadata import labels_of
from sealwright_controller.options.selectors import LabelSelector


class _View(NamedTuple):
    resource: Resource
    namespace: str | None


class SimulatedGateway:
    """Fulfils `gateway.Gateway`: one controller's connection to a SimulatedServer."""

    def __init__(
        self,
        server: SimulatedServer,
        *,
        own_namespace: str = "kube-system",
        served_namespaces: Sequence[str] | None = None,
        selector: LabelSelector | None = None,
        page_size: int = 500,
        key_secrets_in: Sequence[str] = (),
        faults: Faults | None = None,
    ) -> None:
        """Serve some namespaces, or all when `served_namespaces` is None, with the keys of `own_namespace`."""
        self._server = server
        self._own_namespace = own_namespace
        self._key_guard = KeyGuard(own_namespace, frozenset(key_secrets_in))
        self._namespaces: Sequence[str | None] = (None,) if served_namespaces is None else tuple(served_namespaces)
        self._selector = selector or LabelSelector()
        self._page_size = page_size
        self._faults = faults or Faults.none()
        self._closed = False
        self._just_shown: dict[ObjectKey, Manifest] = {}

    @property
    def key_guard(self) -> KeyGuard:
        """See Gateway."""
        return self._key_guard

    @property
    def namespaces(self) -> Sequence[str | None]:
        """See Gateway."""
        return self._namespaces

    def list_page(self, resource: Resource, continue_token: str = "", *, namespace: str | None = None) -> Page:
        """See Gateway."""
        view = _View(resource, namespace or self._namespaces[0])
        with self._call("list", resource.value), self._server.condition:
            if continue_token:
                name, _, start = continue_token.partition("/")
                if self._faults.strike("expired", "list", resource.value):
                    raise ExpiredError("this page is forgotten")
                version, objects = self._server.kept_list(name)
            else:
                name, start = "", "0"
                shown = (self._shown(view, obj) for obj in self._server.objects(_kind(resource)))
                objects = [obj for obj in shown if obj is not None]
                version = self._server.version
            end = int(start) + self._page_size
            more = end < len(objects)
            token = f"{name or self._server.keep_list(objects)}/{end}" if more else ""
            page = objects[int(start) : end]
            if resource is Resource.SEALED_SECRETS:
                self._just_shown.update({ObjectKey.of(manifest): manifest for manifest in page})
            return Page(page, str(version), token)

    def watch(
        self, resource: Resource, resource_version: str, *, namespace: str | None = None, seconds: int | None = None
    ) -> Iterator[WatchEvent]:
        """See Gateway."""
        view = _View(resource, namespace or self._namespaces[0])
        with self._call("watch", resource.value):
            if self._faults.strike("expired", "watch", resource.value):
                raise ExpiredError("this version is forgotten")
            version = int(resource_version)
            self._server.changes_after(version)
            return self._follow(view, version, self._server.disconnections, seconds)

    def get_sealed_secret(self, key: ObjectKey, *, shown: bool = False) -> Manifest | None:
        """See Gateway."""
        just_shown = self._just_shown.pop(key, None)
        with self._call("get SealedSecret", key):
            return just_shown if shown and just_shown is not None else self._server.find(SEALED_SECRET, key)

    def forget_shown(self, key: ObjectKey) -> None:
        """See Gateway."""
        self._just_shown.pop(key, None)

    def write_status(self, key: ObjectKey, uid: str, status: Manifest, *, read: Manifest | None = None) -> None:
        """See Gateway."""
        with self._call("write status", key, may_conflict=True):
            self._server.write_status(key, uid, status)

    def get_secret(self, key: ObjectKey) -> Manifest | None:
        """See Gateway."""
        with self._call("get Secret", key):
            return self._server.find(SECRET, key)

    def create_secret(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        with self._call("create Secret", ObjectKey.of(manifest)):
            return self._server.create_secret(manifest, manager=UNSEALER_MANAGER)

    def replace_secret(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        with self._call("replace Secret", ObjectKey.of(manifest), may_conflict=True):
            return self._server.replace_secret(manifest, manager=UNSEALER_MANAGER)

    def delete_secret(self, manifest: Manifest) -> None:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        with self._call("delete Secret", ObjectKey.of(manifest), may_conflict=True):
            self._server.delete_secret(manifest)

    @property
    def cluster_identity(self) -> str:
        """See Gateway."""
        return "the simulated cluster"

    @property
    def knows_writers(self) -> bool:
        """See Gateway."""
        return True

    def create_sealing_key(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        with self._call("create sealing key"):
            metadata = {**manifest["metadata"], "namespace": self._own_namespace}
            return self._server.create_secret({**manifest, "metadata": metadata}, manager=KEY_MANAGER)

    def find_key_secret(self, name: str) -> Manifest | None:
        """See Gateway."""
        key = ObjectKey(self._own_namespace, name)
        with self._call("find key Secret", key):
            return self._server.find(SECRET, key)

    def key_secret_uid(self, name: str) -> str | None:
        """See Gateway."""
        key = ObjectKey(self._own_namespace, name)
        with self._call("look after key Secret", key):
            found = self._server.find(SECRET, key)
            return None if found is None else found["metadata"]["uid"]

    def record_event(self, event: Event) -> None:
        """See Gateway."""
        if not self._closed and not self._faults.strike("lost request", "record event", event.about):
            self._server.record_event(event)

    def close(self) -> None:
        """See Gateway."""
        with self._server.condition:
            self._closed = True
            self._server.condition.notify_all()

    @contextmanager
    def _call(self, operation: str, about: object = "", *, may_conflict: bool = False) -> Iterator[None]:
        """Let a call be refused when the gateway is closed, and meet its faults."""
        if self._closed:
            raise UnavailableError("the gateway is closed")
        with self._faults.around(operation, about, may_conflict=may_conflict):
            yield

    def _follow(self, view: _View, version: int, connection: int, seconds: float | None) -> Iterator[WatchEvent]:
        server = self._server
        end = math.inf if seconds is None else time.monotonic() + seconds
        while True:
            with server.condition:
                while not (self._closed or server.disconnections > connection or server.version > version):
                    if not server.condition.wait(None if seconds is None else max(0.0, end - time.monotonic())):
                        return
                if self._closed or server.disconnections > connection or time.monotonic() > end:
                    return
                changes, version = server.changes_after(version), server.version
            events = [event for change in changes if (event := self._event(view, change))]
            # A server says from time to time how far it is; this one says so whenever something else changed.
            events = events or [WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": str(version)}})]
            for event in events:
                if self._faults.strike("expired", "watch event", view.resource.value):
                    raise ExpiredError("this watch is too far behind")
                if self._faults.strike("cut", "watch event", view.resource.value):
                    return
                if view.resource is Resource.SEALED_SECRETS and event.type != "BOOKMARK":
                    self._just_shown.pop(ObjectKey.of(event.object), None)
                    if event.type != "DELETED":
                        self._just_shown[ObjectKey.of(event.object)] = event.object
                yield event

    def _event(self, view: _View, change: Change) -> WatchEvent | None:
        if change.kind != _kind(view.resource):
            return None
        old, new = self._shown(view, change.old), self._shown(view, change.new)
        if new is not None:
            return WatchEvent("MODIFIED" if old is not None else "ADDED", new)
        if old is not None:
            gone = {**old["metadata"], "resourceVersion": str(change.version)}
            return WatchEvent("DELETED", {**old, "metadata": gone})
        return None

    def _shown(self, view: _View, manifest: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return what a collection shows of an object, None when it does not belong to it."""
        if manifest is None:
            return None
        metadata = manifest["metadata"]
        if view.resource is Resource.SEALING_KEYS:
            is_key = KEY_LABEL in (metadata.get("labels") or {}) or metadata["name"] == LEGACY_KEY_NAME
            return manifest if is_key and metadata["namespace"] == self._own_namespace else None
        if view.namespace not in (None, metadata["namespace"]):
            return None
        if view.resource is Resource.SECRETS:
            return {"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": metadata}
        return manifest if self._selector.selects(labels_of(manifest)) else None


def _kind(resource: Resource) -> str:
    return SEALED_SECRET if resource is Resource.SEALED_SECRETS else SECRET
