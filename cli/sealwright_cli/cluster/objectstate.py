"""What a cluster says of one SealedSecret: its status, its Events, and the metadata of the Secret of its name.

A Secret's values are never asked for. What a user may not read is left out, and named.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from sealwright_cli.cluster.connection import JSON, Connection
from sealwright_cli.cluster.refusals import Right, refusal
from sealwright_cli.messages.errors import ClusterError
from sealwright_conventions.records import changing_record, field
from sealwright_crypto import KIND

_SEALED = "/apis/bitnami.com/v1alpha1/namespaces/{namespace}/sealedsecrets/{name}"
_OF_NAME = "/api/v1/namespaces/{namespace}/secrets/{name}"
_EVENTS = "/api/v1/namespaces/{namespace}/events?{query}"
_METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_NOT_FOUND, _FORBIDDEN = 404, 403
_MAX_EVENTS = 5


@changing_record
class ObjectState:
    """What was read: None is what was not, and `missing` are sentences on why; an empty map is what does not exist."""

    live: Mapping[str, Any] | None = None
    secret: Mapping[str, Any] | None = None
    events: tuple[str, ...] = ()
    missing: list[str] = field(default_factory=list)


def read_state(connection: Connection, namespace: str, name: str) -> ObjectState:
    """Return what the cluster says of an object. Raises ClusterError if it does not answer."""
    state = ObjectState()
    where = {"namespace": quote(namespace, safe=""), "name": quote(name, safe="")}
    right = Right("get", "sealedsecrets.bitnami.com", namespace, name)
    state.live = _read(connection, _SEALED.format(**where), right, state)
    right = Right("get", "secrets", namespace, name)
    found = _read(connection, _OF_NAME.format(**where), right, state, _METADATA_ONLY)
    state.secret = found if found is None else found.get("metadata", {})
    selector = f"involvedObject.kind={KIND},involvedObject.name={name}"
    path = _EVENTS.format(namespace=where["namespace"], query=urlencode({"fieldSelector": selector}))
    listed = _read(connection, path, Right("list", "events", namespace), state)
    state.events = _events(listed or {})
    return state


def _read(
    connection: Connection, path: str, right: Right, state: ObjectState, accept: str = JSON
) -> Mapping[str, Any] | None:
    """Return an object, empty if there is none; None if the user may not read it. Raises ClusterError."""
    answer = connection.request("GET", path, accept=accept)
    if answer.status == _NOT_FOUND:
        if "sealedsecrets" in path and not _is_about_object(answer.body):
            state.missing.append(f"the cluster does not know the kind {KIND}")
            return None
        return {}
    if answer.status == _FORBIDDEN:
        state.missing.append(refusal(answer, right).message)
        return None
    if not answer.is_success:
        raise refusal(answer, right)
    found = answer.object(str(right))
    if accept == _METADATA_ONLY and found.get("kind") != "PartialObjectMetadata":
        raise ClusterError("the API server answers with a whole Secret where its metadata was asked for")
    return found


def _is_about_object(body: bytes) -> bool:
    """Tell whether a 404 is about the object; for a kind that does not exist, the API server names none."""
    try:
        details = json.loads(body).get("details") or {}
    except (ValueError, AttributeError):
        return False
    return bool(isinstance(details, dict) and details.get("name"))


def _events(listed: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the newest warnings as sentences, each once."""
    items = listed.get("items")
    found = []
    for item in items if isinstance(items, list) else ():
        if isinstance(item, Mapping) and item.get("type") == "Warning":
            when = str(item.get("lastTimestamp") or item.get("eventTime") or item.get("firstTimestamp") or "")
            found.append((when, f"{item.get('reason')}: {' '.join(str(item.get('message') or '').split())[:300]}"))
    return tuple(dict.fromkeys(words for _, words in sorted(found, reverse=True)))[:_MAX_EVENTS]
