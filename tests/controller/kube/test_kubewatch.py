"""What the lines of a watch mean, those too that an API server sends once in a year."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.scripted_server import END, STREAM_HEAD, ScriptedServer, chunk

from sealwright_controller.gateway import ExpiredError, GatewayError, Resource, UnavailableError, WatchEvent
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway

Watch = Callable[[bytes], Iterator[WatchEvent]]


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """Return a function that watches SealedSecrets on a server which sends these bytes and ends."""
    opened: list[KubeGateway | ScriptedServer] = []

    def start(sent: bytes) -> Iterator[WatchEvent]:
        server = ScriptedServer(STREAM_HEAD, chunk(sent), END)
        client = connect(server.kubeconfig(tmp_path))
        gateway = KubeGateway(client, own_namespace="n", clock=lambda: datetime.now(UTC), request_timeout_seconds=5)
        opened.extend([gateway, server])
        return gateway.watch(Resource.SEALED_SECRETS, "1")

    yield start
    for each in opened:
        each.close()


def line(kind: str, obj: Any) -> bytes:
    return json.dumps({"type": kind, "object": obj}).encode() + b"\n"


OBJECT = {"metadata": {"name": "db", "uid": "u", "resourceVersion": "7"}}


@pytest.mark.parametrize("kind", ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"])
def test_an_event_is_passed_on_whole(watch: Watch, kind: str) -> None:
    assert [(event.type, event.object) for event in watch(line(kind, OBJECT))] == [(kind, OBJECT)]


def test_an_event_does_not_show_its_object_in_its_repr(watch: Watch) -> None:
    assert "db" not in repr(next(watch(line("ADDED", OBJECT))))


TROUBLE = [
    (
        "an expired version",
        line("ERROR", {"code": 410, "reason": "Expired", "message": "too old"}),
        ExpiredError,
        "too old",
    ),
    ("an internal error", line("ERROR", {"code": 500, "message": "etcd is gone"}), UnavailableError, "etcd is gone"),
    ("an error without a code", line("ERROR", {"message": "odd"}), UnavailableError, "odd"),
    ("an error without a Status", line("ERROR", "odd"), UnavailableError, "not an event"),
    ("an unknown type", line("SOLD", OBJECT), UnavailableError, "not an event"),
    (
        "an object without a version",
        line("ADDED", {"metadata": {"name": "db", "uid": "u"}}),
        UnavailableError,
        "without",
    ),
    (
        "an object without a name",
        line("ADDED", {"metadata": {"resourceVersion": "7"}}),
        UnavailableError,
        "without name",
    ),
    ("an empty object", line("DELETED", {}), UnavailableError, "without name"),
    ("a version that is no text", line("ADDED", {"metadata": {"resourceVersion": 7}}), UnavailableError, "without"),
    ("a bookmark without a version", line("BOOKMARK", {"metadata": {}}), UnavailableError, "no resourceVersion"),
    ("an object that is none", line("ADDED", None), UnavailableError, "not an event"),
    ("a line that is no event", b"[]\n", UnavailableError, "not an event"),
    ("a line that is no JSON", b"hunter2\n", UnavailableError, "not an event"),
    ("a line that is no text", b"\xff\xfe\n", UnavailableError, "not an event"),
    ("an empty line", b"\n", UnavailableError, "not an event"),
]


@pytest.mark.parametrize(("sent", "error", "said"), [row[1:] for row in TROUBLE], ids=[row[0] for row in TROUBLE])
def test_trouble_ends_the_watch_after_what_came_before_it(
    watch: Watch, sent: bytes, error: type[GatewayError], said: str
) -> None:
    events = watch(line("ADDED", OBJECT) + sent)
    assert next(events).object == OBJECT
    with pytest.raises(error, match=f"watch of SealedSecrets: .*{said}") as raised:
        next(events)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("resource", "seconds"), [(Resource.SEALING_KEYS, 50), (Resource.SECRETS, 290), (Resource.SEALED_SECRETS, 290)]
)
def test_a_watch_of_keys_ends_within_the_minute(tmp_path: Path, resource: Resource, seconds: int) -> None:
    """At its end it shows whether it is blind: an API server that was restored from a backup says nothing on it."""
    server = ScriptedServer(STREAM_HEAD, END)
    gateway = KubeGateway(connect(server.kubeconfig(tmp_path)), own_namespace="n", clock=lambda: datetime.now(UTC))
    assert list(gateway.watch(resource, "1")) == []
    gateway.close()
    server.close()
    assert f"timeoutSeconds={seconds}".encode() in server.requests[0]
