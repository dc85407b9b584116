"""Events as the real API server keeps them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.support.builders import NOW, sealed_secret
from tests.support.cluster import Cluster
from tests.support.kube_gateways import KubeGateways
from tests.support.kubeapi import KubeApi

from sealwright_controller.gateway import Event, ObjectKey
from sealwright_controller.kube.gateway import KubeGateway
from sealwright_controller.pacing.eventcaps import COMBINED_PREFIX


@pytest.fixture
def gateways(control_plane: Cluster, namespace: str, tmp_path: Path) -> Iterator[KubeGateways]:
    with KubeGateways(control_plane, namespace, tmp_path) as opened:
        yield opened


@pytest.fixture
def gateway(gateways: KubeGateways) -> KubeGateway:
    return gateways.open()


def event(namespace: str, message: str = "all is well", uid: str = "uid-1") -> Event:
    return Event(ObjectKey(namespace, "db"), uid, "Normal", "Unsealed", message)


def test_an_event_points_at_its_object_as_kubectl_describe_expects(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    uid = kube.create(sealed_secret(namespace=namespace))["metadata"]["uid"]
    gateway.record_event(event(namespace, uid=uid))
    (written,) = kube.list("v1/Event", namespace, fields=f"involvedObject.uid={uid}")
    assert written["involvedObject"] == {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "namespace": namespace,
        "name": "db",
        "uid": uid,
    }
    assert (written["type"], written["reason"], written["message"]) == ("Normal", "Unsealed", "all is well")
    assert (written["source"], written["reportingComponent"]) == ({"component": "sealed-secrets"}, "sealed-secrets")
    assert written["firstTimestamp"] == written["lastTimestamp"] == "2026-03-01T12:00:00Z"
    assert written["count"] == 1


def test_repeated_events_are_counted_and_different_ones_are_not(
    gateways: KubeGateways, kube: KubeApi, namespace: str
) -> None:
    times = iter(NOW + timedelta(minutes=minute) for minute in range(10))
    gateway = gateways.open(clock=lambda: next(times))
    for message in ("one", "one", "two", "one"):
        gateway.record_event(event(namespace, message))
    written = {each["message"]: each for each in kube.list("v1/Event", namespace)}
    assert {message: each["count"] for message, each in written.items()} == {"one": 3, "two": 1}
    assert written["one"]["firstTimestamp"] == "2026-03-01T12:00:00Z"
    assert written["one"]["lastTimestamp"] == "2026-03-01T12:03:00Z"


def test_many_similar_events_become_one_and_the_rest_is_left_out(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    for number in range(40):
        gateway.record_event(event(namespace, f"no {number}"))
    written = {each["message"]: each["count"] for each in kube.list("v1/Event", namespace)}
    assert written == {f"no {number}": 1 for number in range(10)} | {f"{COMBINED_PREFIX}no 24": 15}


def test_an_event_that_the_server_has_forgotten_is_written_anew(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    gateway.record_event(event(namespace))
    (first,) = kube.list("v1/Event", namespace)
    kube.delete("v1/Event", first["metadata"]["name"], namespace)
    for _ in range(2):
        gateway.record_event(event(namespace))
    (second,) = kube.list("v1/Event", namespace)
    assert second["metadata"]["name"] != first["metadata"]["name"]
    assert second["count"] == 2


def test_only_so_many_events_are_remembered(
    monkeypatch: pytest.MonkeyPatch, gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    monkeypatch.setattr("sealwright_controller.kube.events.MAX_REMEMBERED", 2)
    for message in ("one", "two", "one", "three", "one", "two"):
        gateway.record_event(event(namespace, message))
    counts = sorted((each["message"], each["count"]) for each in kube.list("v1/Event", namespace))
    assert counts == [("one", 3), ("three", 1), ("two", 1), ("two", 1)]


@pytest.mark.parametrize(
    ("message", "kept"), [("x" * 1024, 1024), ("x" * 1025, 1024), ("é" * 2000, 1023), ("\ud800", 1)]
)
def test_a_long_message_is_cut_to_1024_bytes(
    gateway: KubeGateway, kube: KubeApi, namespace: str, message: str, kept: int
) -> None:
    gateway.record_event(event(namespace, message))
    (written,) = kube.list("v1/Event", namespace)
    assert len(written["message"].encode()) == kept


def test_an_event_on_a_key_points_at_a_secret(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    gateway.record_event(Event(ObjectKey(namespace, "key"), "uid-1", "Warning", "ErrKeyUnreadable", "no", "Secret"))
    (written,) = kube.list("v1/Event", namespace)
    assert (written["involvedObject"]["apiVersion"], written["involvedObject"]["kind"]) == ("v1", "Secret")


def test_the_event_of_an_object_with_the_longest_name_is_written(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    gateway.record_event(Event(ObjectKey(namespace, "x" * 253), "uid-1", "Normal", "Unsealed", "fine"))
    assert len(kube.list("v1/Event", namespace)) == 1


def test_an_event_that_cannot_be_written_is_a_line_in_the_log(gateway: KubeGateway) -> None:
    with capture_logs() as logs:
        gateway.record_event(event("no-such-namespace"))
    assert [(line["log_level"], line["event"], line["object"]) for line in logs] == [
        ("debug", "event not written: its namespace is being deleted", "no-such-namespace/db")
    ]
