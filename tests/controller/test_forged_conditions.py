"""Conditions that somebody else wrote, who has the right to write statuses, are put right at once and without a key."""

from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.forgeries import (
    Forge,
    ill,
    ill_later,
    never_observed,
    never_seen,
    not_stalled,
    well,
    well_before,
    well_later,
    without_conditions,
)
from tests.support.outcomes import SYNC_SECONDS, secret, wait_refused, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import World

from sealwright_controller.manager import Manager
from sealwright_controller.pacing.backoff import Backoff
from sealwright_controller.queue import contention

GOOD = {"password": b"hunter2"}
RETRY = {"sealwright.dev/retry": "1"}
NO_KEY = "no key could decrypt secret (password)"
NOT_MANAGED = 'failed update: Resource "db" already exists and is not managed by SealedSecret'


@pytest.fixture
def world(cluster_world: World) -> World:
    """A cluster with one sealing key."""
    cluster_world.add_key(sealing_key())
    return cluster_world


def put(world: World, *, openable: bool = True) -> None:
    key = sealing_key() if openable else other_sealing_key()
    world.put_sealed(sealed_secret("db", world.namespace, GOOD, certificate=key.certificate))


def said(world: World) -> list[tuple[str, str, str, str]]:
    conditions = world.status(world.key("db")).get("conditions", [])
    return [tuple(entry.get(field) for field in ("type", "status", "reason", "message")) for entry in conditions]


def forge(world: World, how: Forge) -> list[tuple[str, str, str, str]]:
    """Write other conditions, as another program would; return what they say."""
    found = world.sealed(world.key("db"))
    assert found is not None
    written = how(found)
    world.gateway().write_status(world.key("db"), found["metadata"]["uid"], written)
    conditions = written.get("conditions") or []
    return [tuple(entry.get(field) for field in ("type", "status", "reason", "message")) for entry in conditions]


def operations(manager: Manager) -> int:
    return manager.metrics.private_key_operations.value


def idle(manager: Manager) -> None:
    eventually(lambda: manager.queue.depth()[::2] == (0, 0), timeout=SYNC_SECONDS, what="nothing is worked on")


@pytest.mark.parametrize("how", [well, not_stalled, without_conditions])
def test_of_an_object_that_no_key_opens(world: World, how: Forge) -> None:
    put(world, openable=False)
    with running(world.gateway()) as manager:
        wait_refused(world, world.key("db"), NO_KEY)
        idle(manager)
        before, used = said(world), operations(manager)
        assert forge(world, how) != before
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        idle(manager)
        assert operations(manager) == used
        assert [event.count for event in world.events(world.key("db"))] == [1]


@pytest.mark.parametrize("how", [ill, without_conditions])
def test_of_an_object_that_is_synced(world: World, how: Forge) -> None:
    put(world)
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


@pytest.mark.parametrize("how", [never_seen, well_before, well_later, ill_later, never_observed])
@pytest.mark.parametrize("openable", [True, False])
def test_of_what_is_said_about_another_generation(world: World, how: Forge, openable: bool) -> None:
    put(world, openable=openable)
    with running(world.gateway()) as manager:
        if openable:
            wait_synced(world, world.key("db"), GOOD)
        else:
            wait_refused(world, world.key("db"), NO_KEY)
        idle(manager)
        before = said(world)
        forge(world, how)
        eventually(
            lambda: said(world) == before and world.status(world.key("db"))["observedGeneration"] == 1,
            timeout=SYNC_SECONDS,
            what="the true status is back",
        )
        idle(manager)
        assert world.items(world.key("db")) == (GOOD if openable else None)


@pytest.mark.parametrize("how", [well, not_stalled])
def test_of_an_object_that_fails_for_another_reason(world: World, how: Forge) -> None:
    world.put_secret(secret(world))
    put(world)
    with running(world.gateway()) as manager:
        wait_refused(world, world.key("db"), NOT_MANAGED)
        before = said(world)
        forge(world, how)
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        idle(manager)
        assert {event.reason for event in world.events(world.key("db"))} == {"ErrUpdateFailed"}


def bloated(found: dict[str, Any]) -> dict[str, Any]:
    conditions = found["status"]["conditions"]
    stamp = {name: conditions[0][name] for name in ("lastTransitionTime", "lastUpdateTime")}
    made_up = {"type": "Drifted", "status": "True", "reason": "Drifted", "message": 100_000 * "x", **stamp}
    return {**found["status"], "conditions": [*conditions, made_up]}


@pytest.mark.parametrize("how", [bloated, ill])
def test_with_a_request_to_try_again_that_makes_it_another_form(world: World, how: Forge) -> None:
    manifest = sealed_secret("db", world.namespace, GOOD)
    world.put_sealed(manifest)
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        idle(manager)
        before, used = said(world), operations(manager)
        forge(world, how)
        world.put_sealed({**manifest, "metadata": {**manifest["metadata"], "annotations": RETRY}})
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")
        idle(manager)
        assert operations(manager) == used


def test_what_cannot_be_ours_is_not_believed_after_a_restart_either(world: World) -> None:
    world.put_sealed(sealed_secret("db", world.namespace, GOOD))
    with running(world.gateway()):
        wait_synced(world, world.key("db"), GOOD)
    before = said(world)
    forge(world, bloated)
    with running(world.gateway()):
        eventually(lambda: said(world) == before, timeout=SYNC_SECONDS, what="the true conditions are back")


def test_somebody_who_never_rests_is_left_alone_for_a_while(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contention, "PAUSE", Backoff(first_seconds=2.0, cap_seconds=4.0))
    put(world, openable=False)
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


def test_others_conditions_and_times_are_their_own_affair(world: World) -> None:
    put(world)
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        idle(manager)

        def storm(sealed: dict[str, Any]) -> dict[str, Any]:
            own = {**sealed["status"]["conditions"][0], "lastUpdateTime": "2020-01-01T00:00:00Z"}
            stamp = dict.fromkeys(("lastTransitionTime", "lastUpdateTime"), "2020-01-01T00:00:00Z")
            return {"conditions": [own, {"type": "Storm", "status": "True", "reason": "x", "message": "", **stamp}]}

        forged = forge(world, storm)
        stays_true(lambda: said(world) == forged, seconds=0.5, what="nothing is written")
