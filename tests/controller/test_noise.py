"""A whole controller in a flood of changes: how much it does, and that it comes to the right end."""

import pytest
from tests.support.builders import sealed_secret, sealing_key
from tests.support.running import running
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld

from sealwright_controller.objects import status
from sealwright_controller.pacing import edits

EDITS = 300


@pytest.fixture
def world() -> SimulatedWorld:
    made = SimulatedWorld()
    made.add_key(sealing_key())
    return made


def last_seen(manager, key):
    """Return the generation of an object that the controller was shown last, 0 before the first."""
    seen = manager.sealed_secrets._seen.get(key)
    return seen.generation if seen else 0


def flood(world, template):
    """Change an object many times, each time seen, then once to what is well; return how often others wrote."""
    before = world.server.version
    changed = sealed_secret("db", world.namespace, template={"data": {"url": template}})
    with running(world.gateway()) as manager:
        for number in range(EDITS):
            changed["spec"]["template"]["data"]["n"] = str(number)
            world.put_sealed(changed)
            eventually(lambda at=number: last_seen(manager, world.key("db")) > at, interval=0.002)
        world.put_sealed(sealed_secret("db", world.namespace))
        eventually(lambda: world.items(world.key("db")) == {"password": b"hunter2"}, timeout=30)
        eventually(lambda: world.status(world.key("db"))["observedGeneration"] == EDITS + 1, timeout=30)
    return world.server.version - before - EDITS - 1


@pytest.mark.parametrize(
    ("template", "looks"),
    [("db://{{ .password }}", edits.LOOKS_AT_ONCE), ("{{ fail .password }}", 4)],
    ids=["that succeed", "that fail"],
)
def test_many_changes_at_once_are_few_looks(world, template, looks):
    writes = flood(world, template)
    # One of the Secret and one of the status for a look; while it waits, one of the status between two looks.
    assert writes <= 3 * (looks + 10)
    assert sum(said.count for said in world.events(world.key("db"))) <= looks + 10


def test_a_change_that_waits_for_long_is_told_so_and_looked_at_in_the_end(world):
    key = world.key("db")

    def change(number):
        template = {"data": {"url": "{{ fail .password }}", "n": str(number)}}
        world.put_sealed(sealed_secret("db", world.namespace, template=template))

    def message():
        return status.synced_condition(world.status(key)).get("message", "")

    with running(world.gateway()) as manager:
        for number in range(6):
            change(number)
            eventually(lambda at=number: last_seen(manager, key) > at, interval=0.002)
            eventually(
                lambda at=number: world.status(key).get("observedGeneration") == at + 1 or edits.WAITING in message(),
                timeout=30,
            )
        assert message().endswith(edits.WAITING)
        eventually(
            lambda: world.status(key)["observedGeneration"] == 6, timeout=30, what="the last change is looked at"
        )
        assert edits.WAITING not in message()
        assert b'outcome="paced"} 0.0' not in b"".join(
            line for line in manager.metrics.exposition().splitlines() if b"duration_seconds_count" in line
        )
