"""The annotations sealwright.dev/suspend and sealwright.dev/retry, in every world."""

from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.outcomes import SYNC_SECONDS, condition, wait_refused, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import World

from sealwright_controller.manager import Manager

GOOD, BETTER = {"password": b"hunter2"}, {"password": b"hunter3"}
SUSPEND = {"sealwright.dev/suspend": "true"}
QUIET_SECONDS = 0.3


def put(
    world: World, items: dict[str, bytes] = GOOD, annotations: dict[str, str] | None = None, **special: Any
) -> None:
    more = {"annotations": annotations} if annotations else {}
    world.put_sealed(sealed_secret("db", world.namespace, items, hints=False, **special, **more))


def types(world: World) -> list[str]:
    return [entry["type"] for entry in world.status(world.key("db")).get("conditions", [])]


def annotate(world: World, annotations: dict[str, str]) -> None:
    """Change nothing but the annotations of the object."""
    sealed = world.sealed(world.key("db"))
    assert sealed is not None
    metadata = {"name": "db", "namespace": world.namespace, "annotations": annotations}
    world.put_sealed({**{name: sealed[name] for name in ("apiVersion", "kind", "spec")}, "metadata": metadata})


def wait_suspended(world: World) -> None:
    eventually(lambda: "Suspended" in types(world), timeout=SYNC_SECONDS, what="the status says so")


@pytest.fixture
def world_with_key(world: World) -> World:
    world.add_key(sealing_key())
    return world


class TestSuspend:
    def test_a_new_object_is_not_processed_and_says_so(self, world_with_key: World) -> None:
        world = world_with_key
        with running(world.gateway()):
            put(world, annotations=SUSPEND)
            wait_suspended(world)
            assert condition(world, world.key("db"))["status"] == "Unknown"
            assert world.secret(world.key("db")) is None
            put(world)
            wait_synced(world, world.key("db"), GOOD)
            assert types(world) == ["Synced"]

    def test_a_synced_object_keeps_its_secret_and_its_condition(self, world_with_key: World) -> None:
        world = world_with_key
        with running(world.gateway()):
            put(world)
            wait_synced(world, world.key("db"), GOOD)
            annotate(world, SUSPEND)
            wait_suspended(world)
            assert condition(world, world.key("db"))["status"] == "True"
            put(world, BETTER, annotations=SUSPEND)
            stays_true(lambda: world.items(world.key("db")) == GOOD, seconds=QUIET_SECONDS, what="nothing is written")
            put(world, BETTER)
            wait_synced(world, world.key("db"), BETTER)
            eventually(lambda: types(world) == ["Synced"], timeout=SYNC_SECONDS, what="it is suspended no longer")

    def test_a_deleted_secret_is_made_again_only_afterwards(self, world_with_key: World) -> None:
        world = world_with_key
        with running(world.gateway()):
            put(world)
            wait_synced(world, world.key("db"), GOOD)
            annotate(world, SUSPEND)
            wait_suspended(world)
            world.delete_secret(world.key("db"))
            stays_true(lambda: world.secret(world.key("db")) is None, seconds=QUIET_SECONDS, what="it stays away")
            annotate(world, {})
            wait_synced(world, world.key("db"), GOOD)

    def test_it_is_said_after_a_restart_and_written_once(self, world_with_key: World) -> None:
        world = world_with_key
        with running(world.gateway()):
            put(world)
            wait_synced(world, world.key("db"), GOOD)
        annotate(world, SUSPEND)
        with running(world.gateway()):
            wait_suspended(world)
        before = world.status(world.key("db"))
        with running(world.gateway()):
            stays_true(
                lambda: world.status(world.key("db")) == before, seconds=QUIET_SECONDS, what="nothing is written"
            )

    def test_it_ends_after_a_restart_too(self, world_with_key: World) -> None:
        world = world_with_key
        with running(world.gateway()):
            put(world, annotations=SUSPEND)
            wait_suspended(world)
        put(world)
        with running(world.gateway()):
            wait_synced(world, world.key("db"), GOOD)
            assert types(world) == ["Synced"]

    def test_any_other_value_suspends_nothing(self, world_with_key: World) -> None:
        with running(world_with_key.gateway()):
            put(world_with_key, annotations={"sealwright.dev/suspend": "yes"})
            wait_synced(world_with_key, world_with_key.key("db"), GOOD)


def looks(manager: Manager) -> float:
    lines = manager.metrics.exposition().decode().splitlines()
    (line,) = [line for line in lines if line.startswith("sealed_secrets_controller_unseal_requests_total ")]
    return float(line.split()[1])


class TestRetry:
    def test_each_new_value_asks_for_a_look_at_once(self, world_with_key: World) -> None:
        world = world_with_key
        with running(world.gateway()) as manager:
            put(world, certificate=other_sealing_key().certificate)
            wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
            for number in ("1", "2"):
                before = looks(manager)
                annotate(world, {"sealwright.dev/retry": number})
                eventually(lambda before=before: looks(manager) > before, timeout=SYNC_SECONDS, what="a look")
