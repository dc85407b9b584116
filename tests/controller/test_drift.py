"""Secrets that somebody else changed, with each value of --drift.

In a folder, an edited file may be seen half written, which is another failure first; so changes are made in clusters,
and deletions in folders too.
"""

from typing import Any

import pytest
from tests.support.builders import sealed_secret, sealing_key
from tests.support.outcomes import SYNC_SECONDS, secret, wait_refused, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import Said, World

from sealwright_controller.manager import Manager
from sealwright_controller.objects.reasons import Reason

GOOD, BETTER = {"password": b"hunter2"}, {"password": b"hunter3"}
GONE = "somebody else changed the Secret (it is gone)"
LEFT = f"{GONE}; --drift=report leaves it so"
ADVICE = Reason.MISSING.advice
NOT_MANAGED = 'failed update: Resource "db" already exists and is not managed by SealedSecret'
CHANGED = "ZWRpdGVkLWJ5LWhhbmQ="  # edited-by-hand


@pytest.fixture
def world_with_object(cluster_world: World) -> World:
    return filled(cluster_world)


def filled(world: World) -> World:
    world.add_key(sealing_key())
    world.put_sealed(sealed_secret("db", world.namespace, GOOD))
    return world


def edit(world: World) -> None:
    """Change the Secret as a person would."""
    found = world.secret(world.key("db"))
    assert found is not None
    world.put_secret({**found, "data": {**found["data"], "password": CHANGED}})


def told(world: World, reason: str) -> list[Said]:
    return [each for each in world.events(world.key("db")) if each.reason == reason]


def drifted(world: World) -> dict[str, Any]:
    conditions = world.status(world.key("db")).get("conditions", [])
    return next((entry for entry in conditions if entry["type"] == "Drifted"), {})


def counted(manager: Manager, outcome: str) -> float:
    lines = manager.metrics.exposition().decode().splitlines()
    (line,) = [line for line in lines if line.startswith(f'sealwright_drift_total{{outcome="{outcome}"}} ')]
    return float(line.split()[1])


def test_a_change_is_reverted_and_told_apart_from_an_unsealing(
    world_with_object: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world = world_with_object
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        assert counted(manager, "reverted") == 0
        assert told(world, "DriftReverted") == []
        edit(world)
        eventually(lambda: told(world, "DriftReverted"), timeout=SYNC_SECONDS, what="the Event")
        wait_synced(world, world.key("db"), GOOD)
        (event,) = told(world, "DriftReverted")
        assert (event.type, event.message) == ("Normal", "somebody else changed the Secret (data); it was restored")
        assert counted(manager, "reverted") == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "drift reverted" in line]
    assert "fields=data" in line
    assert "hunter2" not in line
    assert CHANGED not in line


def test_a_deleted_secret_is_made_again_and_told(world: World) -> None:
    filled(world)
    with running(world.gateway()):
        wait_synced(world, world.key("db"), GOOD)
        world.delete_secret(world.key("db"))
        eventually(lambda: told(world, "DriftReverted"), timeout=SYNC_SECONDS, what="the Event")
        wait_synced(world, world.key("db"), GOOD)


def test_a_deleted_secret_is_only_reported_if_so_asked(world: World) -> None:
    filled(world)
    with running(world.gateway(), "--drift=report"):
        wait_synced(world, world.key("db"), GOOD)
        world.delete_secret(world.key("db"))
        wait_refused(world, world.key("db"), LEFT)
        assert drifted(world)["message"] == LEFT
        assert told(world, "DriftFound") == [
            Said("Warning", "DriftFound", f"{GONE}; it stays so, because of --drift=report; {ADVICE}", 1)
        ]
        stays_true(lambda: world.secret(world.key("db")) is None, seconds=0.3, what="no Secret is made")


class TestAfterADeletionWasReported:
    """--drift=report, and the Secret is gone: the object fails, and what anybody does next counts."""

    @pytest.fixture
    def reported(self, cluster_world: World) -> World:
        world = filled(cluster_world)
        with running(world.gateway(), "--drift=report"):
            wait_synced(world, world.key("db"), GOOD)
            self.backup = world.secret(world.key("db"))
            world.delete_secret(world.key("db"))
            wait_refused(world, world.key("db"), LEFT)
        return world

    def restored(self, **changed: Any) -> dict[str, Any]:
        """Return the Secret as a backup has it."""
        assert self.backup is not None
        metadata = {name: self.backup["metadata"].get(name) for name in ("name", "namespace", "ownerReferences")}
        return {**self.backup, "metadata": metadata, **changed}

    def test_a_restart_uses_no_key_and_tells_nothing_again(self, reported: World) -> None:
        before = reported.sealed(reported.key("db"))
        with running(reported.gateway(), "--drift=report") as manager:
            eventually(lambda: manager.queue.failing() == 1, timeout=SYNC_SECONDS, what="it counts as failing")
            assert manager.metrics.private_key_operations.value == 0
            assert counted(manager, "reported") == 0
        assert reported.sealed(reported.key("db")) == before
        assert [event.count for event in told(reported, "DriftFound")] == [1]

    def test_a_change_of_the_sealed_secret_makes_it_again(self, reported: World) -> None:
        with running(reported.gateway(), "--drift=report"):
            reported.put_sealed(sealed_secret("db", reported.namespace, BETTER))
            wait_synced(reported, reported.key("db"), BETTER)
            eventually(lambda: not drifted(reported), timeout=SYNC_SECONDS, what="the condition is gone")

    def test_without_the_flag_it_is_made_again_and_told(self, reported: World) -> None:
        with running(reported.gateway()):
            wait_synced(reported, reported.key("db"), GOOD)
            eventually(lambda: told(reported, "DriftReverted"), timeout=SYNC_SECONDS, what="the Event")
            assert not drifted(reported)

    def test_one_that_is_put_back_as_it_was_is_well(self, reported: World) -> None:
        with running(reported.gateway(), "--drift=report") as manager:
            eventually(lambda: manager.queue.failing() == 1, timeout=SYNC_SECONDS, what="it is seen")
            reported.put_secret(self.restored())
            wait_synced(reported, reported.key("db"), GOOD)
            assert not drifted(reported)
            assert counted(manager, "reported") == 0

    def test_one_that_is_put_back_with_other_values_is_there_and_reported(self, reported: World) -> None:
        with running(reported.gateway(), "--drift=report") as manager:
            eventually(lambda: manager.queue.failing() == 1, timeout=SYNC_SECONDS, what="it is seen")
            reported.put_secret(self.restored(data={"password": CHANGED}))
            wait_synced(reported, reported.key("db"), {"password": b"edited-by-hand"})
            eventually(lambda: "(data)" in drifted(reported)["message"], timeout=SYNC_SECONDS, what="what differs")

    def test_one_of_somebody_else_is_in_the_way(self, reported: World) -> None:
        with running(reported.gateway(), "--drift=report") as manager:
            eventually(lambda: manager.queue.failing() == 1, timeout=SYNC_SECONDS, what="it is seen")
            reported.put_secret(secret(reported))
            wait_refused(reported, reported.key("db"), NOT_MANAGED)

    def test_it_is_seen_in_the_way_without_a_restart_as_well(self, cluster_world: World) -> None:
        world = filled(cluster_world)
        with running(world.gateway(), "--drift=report") as manager:
            wait_synced(world, world.key("db"), GOOD)
            world.delete_secret(world.key("db"))
            eventually(lambda: manager.queue.failing() == 1, timeout=SYNC_SECONDS, what="it counts as failing")
            wait_refused(world, world.key("db"), LEFT)
            world.put_secret(secret(world))
            wait_refused(world, world.key("db"), NOT_MANAGED)


def test_a_deletion_stays_unseen_if_so_asked(world: World) -> None:
    filled(world)
    with running(world.gateway(), "--drift=off"):
        wait_synced(world, world.key("db"), GOOD)
        before = world.status(world.key("db"))
        world.delete_secret(world.key("db"))
        stays_true(lambda: world.status(world.key("db")) == before, seconds=0.3, what="nothing is said")
    with running(world.gateway(), "--drift=off") as manager:
        eventually(lambda: manager.metrics.private_key_operations.value, timeout=SYNC_SECONDS, what="it is looked at")
        stays_true(lambda: world.status(world.key("db")) == before, seconds=0.3, what="nothing is said")
        assert world.secret(world.key("db")) is None


def test_a_change_of_the_sealed_secret_is_no_drift(world_with_object: World) -> None:
    world = world_with_object
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        world.put_sealed(sealed_secret("db", world.namespace, BETTER))
        wait_synced(world, world.key("db"), BETTER)
        assert told(world, "DriftReverted") == []
        assert counted(manager, "reverted") == 0


def test_a_change_is_only_reported_if_so_asked(world_with_object: World) -> None:
    world = world_with_object
    with running(world.gateway(), "--drift=report") as manager:
        wait_synced(world, world.key("db"), GOOD)
        edit(world)
        eventually(lambda: drifted(world), timeout=SYNC_SECONDS, what="the condition")
        assert "(data)" in drifted(world)["message"]
        assert world.items(world.key("db")) == {"password": b"edited-by-hand"}
        (event,) = told(world, "DriftFound")
        assert (event.type, event.count) == ("Warning", 1)
        assert counted(manager, "reported") == 1
        world.put_sealed(sealed_secret("db", world.namespace, BETTER))
        wait_synced(world, world.key("db"), BETTER)
        eventually(lambda: not drifted(world), timeout=SYNC_SECONDS, what="the condition is gone")


def test_a_reported_change_is_reverted_after_the_flag_is_gone(world_with_object: World) -> None:
    world = world_with_object
    with running(world.gateway(), "--drift=report"):
        wait_synced(world, world.key("db"), GOOD)
        edit(world)
        eventually(lambda: drifted(world), timeout=SYNC_SECONDS, what="the condition")
    with running(world.gateway()):
        wait_synced(world, world.key("db"), GOOD)
        eventually(lambda: not drifted(world), timeout=SYNC_SECONDS, what="the condition is gone")


def test_a_change_stays_unseen_if_so_asked(world_with_object: World) -> None:
    world = world_with_object
    with running(world.gateway(), "--drift=off"):
        wait_synced(world, world.key("db"), GOOD)
        before = world.status(world.key("db"))
        edit(world)
        stays_true(lambda: world.status(world.key("db")) == before, seconds=0.3, what="nothing is said")
        assert world.items(world.key("db")) == {"password": b"edited-by-hand"}
        world.put_sealed(sealed_secret("db", world.namespace, BETTER))
        wait_synced(world, world.key("db"), BETTER)
