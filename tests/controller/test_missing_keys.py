"""Objects whose Secret was made with a key that is not in use any more: counted, and told in a condition of their own."""

from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.outcomes import SYNC_SECONDS, condition, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import Said, World

from sealwright_controller.manager import Manager

GOOD = {"password": b"hunter2"}


def said(world: World) -> dict[str, Any]:
    """Return the condition KeyMissing of the object, empty without one."""
    conditions = world.status(world.key("db")).get("conditions", [])
    return next((entry for entry in conditions if entry["type"] == "KeyMissing"), {})


def counted(manager: Manager) -> float:
    lines = manager.metrics.exposition().decode().splitlines()
    (line,) = [line for line in lines if line.startswith("sealwright_objects_missing_key ")]
    return float(line.split()[1])


def told_by_events(world: World) -> list[Said]:
    """Return the Events about the missing key, without the others about the object."""
    return [each for each in world.events(world.key("db")) if each.reason == "ErrKeyMissing"]


@pytest.fixture
def old_key(world: World) -> str:
    """Put an older key beside the newest, and an object that was sealed to it; return its name."""
    world.add_key(sealing_key())
    name = world.add_key(other_sealing_key(), name="old-key")
    world.put_sealed(sealed_secret("db", world.namespace, certificate=other_sealing_key().certificate))
    return name


def wait_told(world: World, manager: Manager) -> None:
    eventually(lambda: said(world), timeout=SYNC_SECONDS, what="it is told")
    assert (said(world)["status"], said(world)["reason"]) == ("True", "KeyMissing")
    assert other_sealing_key().fingerprint in said(world)["message"]
    assert condition(world, world.key("db"))["status"] == "True"
    assert counted(manager) == 1
    ((kind, _, message, count),) = eventually(lambda: told_by_events(world), what="an Event")
    assert (kind, message, count) == ("Warning", said(world)["message"], 1)


def test_a_key_that_goes_is_told_at_each_object_that_needs_it(world: World, old_key: str) -> None:
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        assert counted(manager) == 0
        world.remove_key(old_key)
        wait_told(world, manager)
        before = world.secret(world.key("db"))
        world.add_key(other_sealing_key(), name=old_key)
        eventually(lambda: not said(world), timeout=SYNC_SECONDS, what="it is told no longer")
        assert counted(manager) == 0
        assert world.secret(world.key("db")) == before


def test_it_is_known_after_a_restart_too(world: World, old_key: str) -> None:
    with running(world.gateway()):
        wait_synced(world, world.key("db"), GOOD)
    world.remove_key(old_key)
    with running(world.gateway()) as manager:
        wait_told(world, manager)
    with running(world.gateway()) as manager:
        eventually(lambda: counted(manager) == 1, timeout=SYNC_SECONDS, what="it is counted again")
        before = world.status(world.key("db"))
        stays_true(lambda: world.status(world.key("db")) == before, seconds=0.3, what="nothing is written again")
        assert [each.count for each in told_by_events(world)] == [1]


def test_sealing_it_again_ends_it(world: World, old_key: str) -> None:
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        world.remove_key(old_key)
        wait_told(world, manager)
        world.put_sealed(sealed_secret("db", world.namespace))
        eventually(lambda: not said(world), timeout=SYNC_SECONDS, what="it is told no longer")
        # The count follows what the watch shows, which may be later than what is read here.
        eventually(lambda: counted(manager) == 0, timeout=SYNC_SECONDS, what="it is not counted any more")


def test_what_is_deleted_needs_no_key(world: World, old_key: str) -> None:
    with running(world.gateway()) as manager:
        wait_synced(world, world.key("db"), GOOD)
        world.remove_key(old_key)
        wait_told(world, manager)
        world.delete_sealed(world.key("db"))
        eventually(lambda: counted(manager) == 0, timeout=SYNC_SECONDS, what="it is not counted any more")
