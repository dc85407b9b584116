"""The Gateway over a Kubernetes API server.

Owns which paths, selectors and forms are requested; other modules of this package own the connection, requests, errors
and Events.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sealwright_controller.gateway import (
    KEY_MANAGER,
    UNSEALER_MANAGER,
    ConflictError,
    Event,
    Manifest,
    NotFoundError,
    ObjectKey,
    Page,
    Resource,
    UnavailableError,
    UnreadableError,
    WatchEvent,
    refuse_key,
)
from sealwright_controller.kube import boundedjson
from sealwright_controller.kube.errors import answer_error
from sealwright_controller.kube.events import EventRecorder
from sealwright_controller.kube.identity import IdentifiedObjects, identified, version_of
from sealwright_controller.kube.keysecrets import cut_down, is_sealing_key
from sealwright_controller.kube.shown import ShownObjects
from sealwright_controller.kube.transport import JSON, Request, Transport, resource_path
from sealwright_controller.objects.guards import KeyGuard
from sealwright_controller.objects.status import status_of
from sealwright_controller.options.selectors import LabelSelector
from sealwright_controller.pacing.ratelimit import TokenBucket
from sealwright_crypto import API_VERSION, KIND

MAX_OBJECTS_PER_PAGE = 25
"""The text of a page is in memory at once, and the objects' authors decide its length, up to 2 MB each. Metadata can be
as large as a spec, because it includes labels and managedFields."""
MAX_STATUS_RACES = 5
"""How often a status is read and written again because another writer came in between."""

_METADATA_ONLY = f"{JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_METADATA_ONLY_LIST = f"{JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_CHANGES = ("ADDED", "MODIFIED", "DELETED")
# How long after its time a watch may end, because the server ends it by its own clock.
_WATCH_GRACE_SECONDS = 10
# A server restored from a backup sends nothing on a watch from a version that it has not reached yet. For the keys,
# this is noticed within a minute, at the end of a watch without even a bookmark.
_KEY_WATCH_SECONDS = 50


@dataclass(frozen=True)
class _Collection:
    about: str
    path: str
    metadata_only: bool = True
    query: Mapping[str, str] = field(default_factory=dict)
    longest_watch_seconds: int | None = None


class KubeGateway:
    """Fulfils `gateway.Gateway` with an API server; may be used from several threads."""

    def __init__(
        self,
        api_client: Any,
        *,
        own_namespace: str,
        clock: Callable[[], datetime],
        served_namespaces: Sequence[str] | None = None,
        selector: LabelSelector | None = None,
        key_secrets_in: Collection[str] = (),
        pace: TokenBucket | None = None,
        before_write: Callable[[str | None], None] = lambda _: None,
        page_size: int = MAX_OBJECTS_PER_PAGE,
        request_timeout_seconds: float = 30.0,
        watch_timeout_seconds: int = 290,
    ) -> None:
        """Serve some namespaces, or all when `served_namespaces` is None, with the keys of `own_namespace`.

        `selector` picks the SealedSecrets; other controllers' keys may be written as Secrets of the namespaces
        `key_secrets_in`, but never of `own_namespace`. `pace` limits the rate of requests; `before_write`
        is called right before each write, with the namespace of the SealedSecret that it is for, or None if it is for
        the keys, and raises a GatewayError to prevent it. Lists come in pages of at most `page_size` objects; the
        server is asked to end each watch after `watch_timeout_seconds`; `clock` gives the time of Events as an aware
        datetime. `close` closes the client.
        """
        self._transport = Transport(
            api_client, request_timeout_seconds=request_timeout_seconds, pace=pace, before_write=before_write
        )
        self._shown = ShownObjects()
        self._recorder = EventRecorder(self._transport, clock)
        self._cluster_identity = _identity(api_client.configuration)
        self._own_namespace = own_namespace
        self._key_guard = KeyGuard(own_namespace, frozenset(key_secrets_in))
        self._page_size = min(page_size, MAX_OBJECTS_PER_PAGE)
        self._watch_timeout_seconds = watch_timeout_seconds
        self._namespaces = (None,) if served_namespaces is None else tuple(served_namespaces)
        self._selector = {"labelSelector": selector.text} if selector is not None and selector.text else {}

    @property
    def namespaces(self) -> Sequence[str | None]:
        """See Gateway."""
        return self._namespaces

    @property
    def key_guard(self) -> KeyGuard:
        """See Gateway."""
        return self._key_guard

    def list_page(self, resource: Resource, continue_token: str = "", *, namespace: str | None = None) -> Page:
        """See Gateway."""
        collection = self._collection(resource, namespace)
        query: dict[str, str | int] = {**collection.query, "limit": self._page_size}
        if continue_token:
            query["continue"] = continue_token
        accept = _METADATA_ONLY_LIST if collection.metadata_only else JSON
        request = Request("GET", collection.path, f"list of {collection.about}", query, accept=accept)
        found, metadata = self._list(request)
        items: Sequence[Manifest] = IdentifiedObjects(found, request.about)
        if resource is Resource.SEALED_SECRETS:
            items = self._shown.keeping(items, found.text)
        if resource is Resource.SEALING_KEYS:
            items = [whole for item in items if is_sealing_key(item) and (whole := self._whole(item))]
        return Page(items, version_of(metadata, request.about), metadata.get("continue") or "")

    def watch(
        self, resource: Resource, resource_version: str, *, namespace: str | None = None, seconds: int | None = None
    ) -> Iterator[WatchEvent]:
        """See Gateway."""
        events = self._watch(self._collection(resource, namespace), resource_version, seconds)
        return self._key_events(events) if resource is Resource.SEALING_KEYS else events

    def get_sealed_secret(self, key: ObjectKey, *, shown: bool = False) -> Manifest | None:
        """See Gateway."""
        text = self._shown.take(key)
        if shown and text is not None:
            found: boundedjson.ReadObject | None = boundedjson.read_object(text)
        else:
            found = self._get(_sealed_secret_path(key), f"SealedSecret {key}")
        return _whole(found, holder="one of metadata, spec and status")

    def forget_shown(self, key: ObjectKey) -> None:
        """See Gateway."""
        self._shown.take(key)

    def write_status(self, key: ObjectKey, uid: str, status: Manifest, *, read: Manifest | None = None) -> None:
        """See Gateway.

        Reads the object and writes it back, although a patch would save a request. For a patch of a status, the API
        server ignores `metadata.uid`, so a new object of the same name would get it; and upstream's ClusterRole grants
        only `update`. The API server takes only the status, so nothing else is sent.
        """
        if read is not None and self._put_status(key, read, status):
            return
        for _ in range(MAX_STATUS_RACES):
            found = self._get(_sealed_secret_path(key), f"SealedSecret {key}")
            if found is None:
                raise NotFoundError(f"SealedSecret {key}: it is gone")
            current = found.manifest
            if current["metadata"]["uid"] != uid:
                break
            if self._put_status(key, current, status):
                return
        raise ConflictError(f"SealedSecret {key}: it is being changed or was replaced by a namesake")

    def _put_status(self, key: ObjectKey, current: Manifest, status: Manifest) -> bool:
        """Write fields of a status; False if the object is not any more as it was read."""
        changed = _with_status(current, {**status_of(current), **status})
        path, about = _sealed_secret_path(key, "status"), f"status of SealedSecret {key}"
        try:
            # The answer is not parsed: it is the whole object.
            self._transport.fetch(Request("PUT", path, about, body=changed, work_in=key.namespace))
        except ConflictError:
            return False
        return True

    def get_secret(self, key: ObjectKey) -> Manifest | None:
        """See Gateway."""
        about = f"Secret {key}"
        return _whole(self._get(resource_path("v1", "secrets", key.namespace, key.name), about), holder=about)

    def create_secret(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        key = ObjectKey.of(manifest)
        path = resource_path("v1", "secrets", key.namespace)
        return self._write("POST", path, manifest, UNSEALER_MANAGER, key.namespace)

    def replace_secret(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        key = ObjectKey.of(manifest)
        path = resource_path("v1", "secrets", key.namespace, key.name)
        return self._write("PUT", path, manifest, UNSEALER_MANAGER, key.namespace)

    def delete_secret(self, manifest: Manifest) -> None:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        key = ObjectKey.of(manifest)
        conditions = {name: manifest["metadata"][name] for name in ("uid", "resourceVersion")}
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": conditions}
        path = resource_path("v1", "secrets", key.namespace, key.name)
        self._transport.call(Request("DELETE", path, f"Secret {key}", body=options, work_in=key.namespace))

    @property
    def cluster_identity(self) -> str:
        """See Gateway: the CA certificate, which every client has, or the server's address without one."""
        return self._cluster_identity

    @property
    def knows_writers(self) -> bool:
        """See Gateway: the API server writes them."""
        return True

    def create_sealing_key(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        path = resource_path("v1", "secrets", self._own_namespace)
        return self._write("POST", path, manifest, KEY_MANAGER, None)

    def find_key_secret(self, name: str) -> Manifest | None:
        """See Gateway."""
        return self.get_secret(ObjectKey(self._own_namespace, name))

    def key_secret_uid(self, name: str) -> str | None:
        """See Gateway."""
        key = ObjectKey(self._own_namespace, name)
        path = resource_path("v1", "secrets", *key)
        found = self._get(path, f"Secret {key}", accept=_METADATA_ONLY)
        return None if found is None else _uid_of(found.manifest, f"Secret {key}")

    def record_event(self, event: Event) -> None:
        """See Gateway."""
        self._recorder.record(event)

    def close(self) -> None:
        """See Gateway."""
        self._transport.close()

    def _collection(self, resource: Resource, namespace: str | None) -> _Collection:
        if resource is Resource.SEALING_KEYS:
            # A label selector cannot include the unlabelled legacy key. So keys are recognised here by metadata, and
            # only they are read completely.
            path = resource_path("v1", "secrets", self._own_namespace)
            return _Collection("sealing keys", path, longest_watch_seconds=_KEY_WATCH_SECONDS)
        place = namespace or self._namespaces[0]
        if resource is Resource.SECRETS:
            return _Collection("Secrets", resource_path("v1", "secrets", place))
        path = resource_path(API_VERSION, "sealedsecrets", place)
        return _Collection("SealedSecrets", path, metadata_only=False, query=self._selector)

    def _get(self, path: str, about: str, *, accept: str = JSON) -> boundedjson.ReadObject | None:
        try:
            found = boundedjson.read_object(self._transport.fetch(Request("GET", path, about, accept=accept)))
        except NotFoundError:
            return None
        except ValueError:
            raise UnavailableError(f"{about}: the API server's answer is not an object") from None
        identified(found.manifest, about)
        return found

    def _list(self, request: Request) -> boundedjson.ObjectList:
        try:
            return boundedjson.read_list(self._transport.fetch(request))
        except NotFoundError as error:
            raise _unknown_resource(error) from None
        except ValueError:
            raise UnavailableError(f"{request.about}: the API server's answer is not a list") from None

    def _write(self, method: str, path: str, manifest: Manifest, manager: str, work_in: str | None) -> Manifest:
        """Write a Secret as a field manager, which the API server records in it; `work_in` as in Request."""
        about = f"sealing key in {self._own_namespace}" if work_in is None else f"Secret {ObjectKey.of(manifest)}"
        query, body = {"fieldManager": manager}, dict(manifest)
        request = Request(method, path, about, query, body=body, confidential=True, work_in=work_in)
        return identified(self._transport.call(request), about)

    def _watch(self, collection: _Collection, resource_version: str, seconds: int | None) -> Iterator[WatchEvent]:
        longest = (self._watch_timeout_seconds, collection.longest_watch_seconds, seconds)
        timeout_seconds = min(limit for limit in longest if limit)
        query: dict[str, str | int] = {
            **collection.query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": resource_version,
            "timeoutSeconds": timeout_seconds,
        }
        accept = _METADATA_ONLY if collection.metadata_only else JSON
        request = Request("GET", collection.path, f"watch of {collection.about}", query, accept=accept)
        lines = self._transport.lines(request, idle_timeout_seconds=timeout_seconds + _WATCH_GRACE_SECONDS)
        try:
            for line in lines:
                event = _watch_event(line, request.about)
                if not collection.metadata_only:
                    self._shown.note(event, line)
                yield event
        except NotFoundError as error:
            raise _unknown_resource(error) from None
        finally:
            if not collection.metadata_only:
                self._shown.clear()

    def _key_events(self, events: Iterator[WatchEvent]) -> Iterator[WatchEvent]:
        """Turn metadata changes of Secrets in the controller's own namespace into changes of its sealing keys."""
        for event in events:
            if event.type == "BOOKMARK" or (event.type == "DELETED" and is_sealing_key(event.object)):
                yield event
            elif not is_sealing_key(event.object):
                # It may have been a key before its label was removed.
                if event.type == "MODIFIED":
                    yield WatchEvent("DELETED", event.object)
            elif whole := self._whole(event.object):
                yield WatchEvent(event.type, whole)

    def _whole(self, metadata_only: Manifest) -> Manifest | None:
        """Return the complete Secret, or None if it is gone by now.

        It keeps the resourceVersion from the list or watch, because resuming the watch from a later one would miss
        changes of other Secrets in between.
        """
        try:
            secret = self.get_secret(ObjectKey.of(metadata_only))
        except UnreadableError as error:
            secret = error.rest
        if secret is None:
            return None
        version = metadata_only["metadata"]["resourceVersion"]
        return cut_down({**secret, "metadata": {**secret["metadata"], "resourceVersion": version}})


def _identity(configuration: Any) -> str:
    if configuration.ca_cert_data:
        return str(configuration.ca_cert_data).strip()
    try:
        return Path(configuration.ssl_ca_cert or "").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return str(configuration.host)


def _whole(found: boundedjson.ReadObject | None, *, holder: str) -> Manifest | None:
    if found is not None and not found.is_whole:
        raise UnreadableError(f"{holder} {found.excess}", found.manifest)
    return None if found is None else found.manifest


def _uid_of(found: Manifest, about: str) -> str:
    metadata = found.get("metadata")
    uid = metadata.get("uid") if isinstance(metadata, Mapping) else None
    if not isinstance(uid, str) or not uid:
        raise UnavailableError(f"{about}: the API server's answer has no identity")
    return uid


def _sealed_secret_path(key: ObjectKey, subresource: str = "") -> str:
    return resource_path(API_VERSION, "sealedsecrets", key.namespace, key.name, subresource)


def _with_status(sealed_secret: Manifest, status: Manifest) -> dict[str, Any]:
    identity = ("name", "namespace", "uid", "resourceVersion")
    metadata = {name: sealed_secret["metadata"][name] for name in identity}
    return {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "status": status}


def _unknown_resource(error: NotFoundError) -> UnavailableError:
    """Return what to raise: even an empty collection exists, unless its kind is not defined (HTTP 404)."""
    return UnavailableError(f"{error}; is the CustomResourceDefinition of SealedSecrets installed?")


def _watch_event(line: bytes, about: str) -> WatchEvent:
    """Read one line of a watch. Raises what an ERROR event means, and UnavailableError if it is not an event."""
    try:
        event = boundedjson.read_event(line)
        kind, obj = event["type"], event["object"]
        if kind == "ERROR":
            raise answer_error(_code(obj), obj, about, confidential=False)
        if kind == "BOOKMARK":
            version_of(obj["metadata"], about)
            return WatchEvent(kind, obj)
        if kind in _CHANGES:
            return WatchEvent(kind, identified(obj, about))
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise UnavailableError(f"{about}: the API server sent something that is not an event")


def _code(status: Mapping[str, Any]) -> int:
    code = status.get("code")
    return code if isinstance(code, int) else 500
