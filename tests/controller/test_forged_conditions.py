"""Conditions that somebody else wrote, who has the right to write statuses, are put right at once and without a key."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.outcomes import SYNC_SECONDS, secret, wait_refused, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import World

from sealwright_controller.manager import Manager
from sealwright_controller.pacing.backoff import Backoff
from sealwright_controller.queue import contention

GOOD = {"password": b"hunter2"}
NO_KEY = "no key could decrypt secret (password)"
NOT_MANAGED = 'failed update: Resource "db" already exists and is not managed by SealedSecret'


def well(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a status that says that all is well."""
    return {"conditions": [{**conditions[0], "status": "True", "reason": "Unsealed", "message": ""}]}


def not_stalled(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"conditions": [entry for entry in conditions if entry["type"] != "Stalled"]}


def ill(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    failed = {**conditions[0], "status": "False", "reason": "NoKey", "message": "forged"}
    return {"conditions": [failed, {**failed, "type": "Stalled", "status": "True"}]}


def wiped(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"conditions": []}


Forge = Callable[[list[dict[str, Any]]], dict[str, Any]]


def said(world: World) -> list[tuple[str, str, str, str]]:
    conditions = world.status(world.key("db")).get("conditions", [])
    return [tuple(entry.get(field) for field in ("type", "status", "reason", "message")) for entry in conditions]


def forge(world: World, how: Forge) -> list[tuple[str, str, str, str]]:
    """Write other conditions, as another program would; return what they say."""
    found = world.sealed(world.key("db"))
    assert found is not None
    written = how(found["status"]["conditions"])
    world.gateway().write_status(world.key("db"), found["metadata"]["uid"], written)
    return [
        tuple(entry.get(field) for field in ("type", "status", "reason", "message")) for entry in written["conditions"]
    ]


def operations(manager: Manager) -> int:
    return manager.metrics.private_key_operations.value


def idle(manager: Manager) -> None:
    eventually(lambda: manager.queue.depth()[::2] == (0, 0), timeout=SYNC_SECONDS, what="nothing is worked on")


@pytest.mark.parametrize("how", [well, not_stalled, wiped])
def test_of_an_object_that_no_key_opens(cluster_world: World, how: Forge) -> None:
    world = cluster_world
    world.add_key(sealing_key())
    world.put_sealed(sealed_secret("db", world.namespace, GOOD, certificate=other_sealing_key().certificate))
    with running(world.gateway()) as manager:
        wait_refused(world, world.key("db"), NO_KEY)
        idle(manager)
        before, used = said(world), operations(manager)
        assert forge(world, how) != before
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        idle(manager)
        assert operations(manager) == used
        assert [event.count for event in world.events(world.key("db"))] == [1]


@pytest.mark.parametrize("how", [ill, wiped])
def test_of_an_object_that_is_synced(cluster_world: World, how: Forge) -> None:
    world = cluster_world
    world.add_key(sealing_key())
    world.put_sealed(sealed_secret("db", world.namespace, GOOD))
    with running(world.gateway()):
        wait_synced(world, world.key("db"), GOOD)
    with running(world.gateway()) as manager:  # which finds it settled
        eventually(lambda: len(manager.sealed_secrets.truths) == 1, timeout=SYNC_SECONDS, what="it is seen")
        before = said(world)
        assert forge(world, how) != before
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        idle(manager)
        assert operations(manager) == 0
        assert [event.count for event in world.events(world.key("db"))] == [1]


@pytest.mark.parametrize("how", [well, not_stalled])
def test_of_an_object_that_fails_for_another_reason(cluster_world: World, how: Forge) -> None:
    world = cluster_world
    world.add_key(sealing_key())
    world.put_secret(secret(world))
    world.put_sealed(sealed_secret("db", world.namespace, GOOD))
    with running(world.gateway()) as manager:
        wait_refused(world, world.key("db"), NOT_MANAGED)
        before = said(world)
        forge(world, how)
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        idle(manager)
        assert {event.reason for event in world.events(world.key("db"))} == {"ErrUpdateFailed"}


def test_somebody_who_never_rests_is_left_alone_for_a_while(
    cluster_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contention, "PAUSE", Backoff(first_seconds=2.0, cap_seconds=4.0))
    world = cluster_world
    world.add_key(sealing_key())
    world.put_sealed(sealed_secret("db", world.namespace, GOOD, certificate=other_sealing_key().certificate))
    with running(world.gateway()) as manager:
        wait_refused(world, world.key("db"), NO_KEY)
        idle(manager)
        before, used = said(world), operations(manager)
        for _ in range(contention.MAX_REVERTS):
            forge(world, well)
            eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        forged = forge(world, well)
        eventually(
            lambda: manager.sealed_secrets.truths.pause_seconds(world.key("db")), timeout=SYNC_SECONDS, what="a pause"
        )
        stays_true(lambda: said(world) == forged, seconds=0.5, what="nothing is written in the pause")
        assert operations(manager) == used
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="after it they are put right")


def test_others_conditions_and_times_are_their_own_affair(cluster_world: World) -> None:
    world = cluster_world
    world.add_key(sealing_key())
    world.put_sealed(sealed_secret("db", world.namespace, GOOD))
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        idle(manager)

        def storm(conditions: list[dict[str, Any]]) -> dict[str, Any]:
            own = {**conditions[0], "lastUpdateTime": "2020-01-01T00:00:00Z"}
            stamp = dict.fromkeys(("lastTransitionTime", "lastUpdateTime"), "2020-01-01T00:00:00Z")
            return {"conditions": [own, {"type": "Storm", "status": "True", "reason": "x", "message": "", **stamp}]}

        forged = forge(world, storm)
        stays_true(lambda: said(world) == forged, seconds=0.5, what="nothing is written")
