"""Sealed-secrets' controller beside ours is noticed, and one that ran before is not."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support.builders import sealed_secret
from tests.support.kubeapi import KubeApi
from tests.support.running import running
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory import othercontroller
from sealwright_controller.memory.othercontroller import AGAIN_SECONDS, GRACE_SECONDS, SHOWN_SECONDS, OtherController

TIMES = [f"2026-03-01T10:00:{second:02}Z" for second in range(60)]
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
STATUS = {"f:status": {"f:conditions": {}}}
SECRET = {"f:data": {"f:a": {}}}


class Scene:
    """What watchers show to one that looks for the other controller, and what that says."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.told: list[tuple[ObjectKey, str, str]] = []
        self.is_silent = False
        self.now = NOON
        self.other = OtherController(
            lambda *what: self.told.append(what),
            lambda key, kind: not self.is_silent,
            clock=lambda: self.time,
            now=lambda: self.now,
        )

    def shows(self, written: str, manager: str = "controller", fields: Any = None, *, live: bool = True) -> None:
        entry = {"manager": manager, "operation": "Update", "time": written, "fieldsV1": fields or STATUS}
        if not fields:
            entry["subresource"] = "status"
        metadata = {"namespace": "team", "name": "db", "uid": "u1", "managedFields": [entry]}
        self.other.saw_sealed_secret({"metadata": metadata}, live=live)

    def pass_grace(self) -> None:
        self.time += GRACE_SECONDS


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_one_that_writes_is_noticed(scene: Scene) -> None:
    scene.pass_grace()
    scene.shows(TIMES[0], live=False)
    scene.shows(TIMES[1])
    scene.shows(TIMES[2])
    assert scene.told == [(ObjectKey("team", "db"), "u1", "SealedSecret")]
    assert scene.other.is_there()


def test_what_it_wrote_before_and_while_it_is_replaced_is_not(scene: Scene) -> None:
    for written in TIMES[:5]:
        scene.shows(written, live=False)
    for written in TIMES[5:10]:
        scene.shows(written)
    scene.pass_grace()
    for written in TIMES[:10]:
        scene.shows(written)  # an author changes an object that it wrote long ago
    assert not scene.told
    assert not scene.other.is_there()


def test_a_list_shows_only_what_was(scene: Scene) -> None:
    scene.pass_grace()
    for written in TIMES:
        scene.shows(written, live=False)
    assert not scene.told


def test_one_write_is_not_enough(scene: Scene) -> None:
    scene.pass_grace()
    for _ in range(5):
        scene.shows(TIMES[1])
    assert not scene.told


@pytest.mark.parametrize("manager", ["OpenAPI-Generator", "kubectl-edit", "sealwright-unsealer", "", None, 7])
def test_other_writers_are_not_meant(scene: Scene, manager: Any) -> None:
    scene.pass_grace()
    for written in TIMES:
        scene.shows(written, manager)
    assert not scene.told


def test_a_writer_of_that_name_that_writes_something_else_is_not_meant(scene: Scene) -> None:
    scene.pass_grace()
    for written in TIMES:
        scene.shows(written, fields={"f:metadata": {"f:annotations": {}}})
    assert not scene.told


def test_it_is_said_again_each_hour_while_it_goes_on(scene: Scene) -> None:
    scene.pass_grace()
    for written in TIMES[:10]:
        scene.shows(written)
    assert len(scene.told) == 1
    scene.time += AGAIN_SECONDS
    assert not scene.other.is_there(), f"it has written nothing for {SHOWN_SECONDS} s"
    scene.shows(TIMES[11])
    assert len(scene.told) == 2
    assert scene.other.is_there()


def test_a_replica_that_does_not_work_on_the_object_leaves_it_to_the_other(scene: Scene) -> None:
    scene.pass_grace()
    scene.is_silent = True
    for written in TIMES[:5]:
        scene.shows(written)
    assert not scene.told
    scene.is_silent = False
    scene.shows(TIMES[6])
    assert len(scene.told) == 1


@pytest.mark.parametrize("live", [True, False])
def test_a_time_that_an_author_made_up_hides_no_write(scene: Scene, live: bool) -> None:
    scene.shows("2999-01-01T00:00:00Z", live=live)
    scene.pass_grace()
    scene.shows("2999-01-01T00:00:00Z", live=live)
    assert not scene.other.is_there()
    scene.shows(TIMES[1])
    scene.shows(TIMES[2])
    assert scene.other.is_there()


@pytest.mark.parametrize("odd", [None, 7, "x", [], [7], [{}], [{"manager": "controller", "operation": "Update"}]])
def test_odd_entries_are_passed_over(scene: Scene, odd: Any) -> None:
    scene.pass_grace()
    scene.other.saw_sealed_secret({"metadata": {"managedFields": odd}}, live=True)
    assert not scene.told


def test_each_write_over_a_real_api_server_is_seen(scene: Scene, kube: KubeApi) -> None:
    """Keys, Secrets and statuses, written by a client of that name."""
    scene.pass_grace()
    scene.now = datetime.now(UTC)
    namespace = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "other-"}})
    name = namespace["metadata"]["name"]
    path = kube.path("v1/Secret", name)
    times = []
    for number in range(2):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"key-{number}"}, "data": {"tls.key": ""}}
        eventually(lambda: len({*times, now(kube, name)}) > len(times), what="another second")
        made = as_controller(kube, "POST", path, secret)
        times.append(made["metadata"]["managedFields"][0]["time"])
        scene.other.saw_key(made, live=True)
    assert scene.told == [(ObjectKey(name, "key-1"), made["metadata"]["uid"], "Secret")]


def as_controller(kube: KubeApi, method: str, path: str, body: Any) -> dict[str, Any]:
    answer = kube.request(method, f"{path}?fieldManager=controller", json.dumps(body).encode())
    return dict(json.loads(answer))


def now(kube: KubeApi, namespace: str) -> str:
    """Return the API server's time, in seconds."""
    made = kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "clock-"}}, namespace)
    return str(made["metadata"]["creationTimestamp"])


def test_it_is_said_as_an_event_and_in_the_metrics(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(othercontroller, "GRACE_SECONDS", 0.0)
    world = SimulatedWorld()
    try:
        with running(world.gateway()) as manager:
            sealed = sealed_secret("db", world.namespace, certificate=manager.keystore.keys.newest)
            yesterday = datetime.now(UTC) - timedelta(days=1)
            for written in (f"{yesterday:%Y-%m-%dT%H:%M}:{second:02}Z" for second in range(3)):
                entry = {"manager": "controller", "operation": "Update", "time": written, "fieldsV1": STATUS}
                world.put_sealed({**sealed, "metadata": {**sealed["metadata"], "managedFields": [entry]}})
                eventually(lambda: manager._other._latest == written, what="it was seen")  # noqa: B023
            eventually(
                lambda: "ErrOtherController" in [said.reason for said in world.events(world.key("db"))],
                what="the Event",
            )
            assert b"sealwright_other_controller 1.0" in manager.metrics.exposition()
    finally:
        world.close()
    assert capsys.readouterr().out.count("stop one of the two") == 1
