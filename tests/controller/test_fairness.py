"""A whole controller over the simulator: what one tenant's thousands of objects cost, and what another notices of them."""

import threading
import time
from collections import Counter
from functools import partial

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.queue.lanes import Lane

NOISY, CALM = "noisy", "calm"
KEYS = 3
WORKERS = 4


class SlowFor(SimulatedGateway):
    """Lets everything about one namespace's objects take until `go_on` is set."""

    def __init__(self, world, namespace):
        super().__init__(world.server, own_namespace=world.keys_namespace)
        self._slow = namespace
        self.go_on = threading.Event()
        self.in_work = 0
        self._lock = threading.Lock()

    def get_sealed_secret(self, key, *, shown=False):
        if key.namespace == self._slow and not self.go_on.is_set():
            with self._lock:
                self.in_work += 1
            self.go_on.wait(60)
        return super().get_sealed_secret(key, shown=shown)


@pytest.fixture
def world():
    made = SimulatedWorld()
    for namespace in (NOISY, CALM):
        made.server.create_namespace(namespace)
    for number in range(KEYS):
        made.add_key(sealing_key() if number == 0 else other_sealing_key(number), name=f"key-{number}")
    yield made
    made.close()


def garbage(name):
    return sealed_secret(name, NOISY) | {"spec": {"encryptedData": {"password": GARBAGE}}}


GARBAGE = sealed_secret("elsewhere")["spec"]["encryptedData"]["password"]


def synced(world, name):
    return world.items(ObjectKey(CALM, name)) == {"password": b"hunter2"}


def test_1500_objects_that_no_key_opens_cost_each_key_once_and_nobody_else_anything(world):
    count = 1500
    gateway = SimulatedGateway(world.server, own_namespace=world.keys_namespace)
    with running(gateway, f"--workers={WORKERS}") as manager:
        for number in range(count):
            world.put_sealed(garbage(f"hopeless-{number}"))
        began = time.monotonic()
        world.put_sealed(sealed_secret("new", CALM))
        eventually(lambda: synced(world, "new"), timeout=30, what="the calm tenant's new object")
        assert time.monotonic() - began < 5  # of a backlog of half a minute
        eventually(lambda: manager.queue.failing() == count, timeout=120, what="all of them looked at")
        eventually(lambda: manager.queue.retries() >= count * 2, timeout=120, what="most of them looked at again")
        assert manager.metrics.private_key_operations.value <= KEYS * count + KEYS
        assert len(manager.sealed_secrets.hopeless) == count


@pytest.mark.parametrize("was_quick", [False, True], ids=["of which nothing is known", "that was quick once"])
def test_objects_that_hold_all_the_workers_they_get_delay_no_new_object_of_a_tenant_that_is_known(world, was_quick):
    gateway = SlowFor(world, NOISY)
    with running(gateway, f"--workers={WORKERS}") as manager:
        world.put_sealed(sealed_secret("known", CALM))
        eventually(lambda: synced(world, "known"), what="the calm tenant's first object")
        if was_quick:
            gateway.go_on.set()
            world.put_sealed(sealed_secret("quick", NOISY))
            eventually(lambda: world.items(ObjectKey(NOISY, "quick")), what="the noisy tenant's first object")
            eventually(lambda: NOISY in manager.queue._shares[Lane.LIVE]._proven, what="it is known for quick work")
            gateway.go_on.clear()
        try:
            for number in range(100):
                world.put_sealed(garbage(f"slow-{number}"))
            eventually(lambda: gateway.in_work == WORKERS - 1, what="all workers but one in the noisy tenant's hands")
            for number in range(5):
                world.put_sealed(sealed_secret(f"new-{number}", CALM))
                eventually(partial(synced, world, f"new-{number}"), timeout=5, what="a new object of the calm tenant")
            assert gateway.in_work == WORKERS - 1
        finally:
            gateway.go_on.set()


class InOrder(SimulatedGateway):
    """Notes which objects are looked at, in what order, and whose status is written; the first looks wait for `go_on`."""

    def __init__(self, world):
        super().__init__(world.server, own_namespace=world.keys_namespace)
        self.go_on = threading.Event()
        self.looks: list[ObjectKey] = []
        self.statuses: Counter[ObjectKey] = Counter()

    def get_sealed_secret(self, key, *, shown=False):
        self.looks.append(key)
        self.go_on.wait(60)
        return super().get_sealed_secret(key, shown=shown)

    def write_status(self, key, uid, status, *, read=None):
        self.statuses[key] += 1
        super().write_status(key, uid, status, read=read)


STORM = 1500
"""Enough to see the order; benchmarks/new_object.py has the time, with 10,000."""


def test_a_new_object_is_among_the_next_that_are_looked_at_however_many_another_tenant_has_created(world):
    gateway = InOrder(world)
    with running(gateway, f"--workers={WORKERS}") as manager:
        try:
            for number in range(STORM):
                world.put_sealed(garbage(f"storm-{number}"))
            # One worker is for long work alone.
            eventually(lambda: sum(manager.queue.depth()) == STORM, timeout=60, what="the storm waits")
            before = len(gateway.looks)
            world.put_sealed(sealed_secret("new", CALM))
            eventually(lambda: sum(manager.queue.depth()) == STORM + 1, what="the new object waits")
        finally:
            gateway.go_on.set()
        eventually(lambda: synced(world, "new"), timeout=60, what="the calm tenant's new object")
        assert gateway.looks[before:].index(ObjectKey(CALM, "new")) < WORKERS


def test_what_fails_again_and_again_is_written_one_status_and_says_one_thing(world):
    count = 200
    gateway = InOrder(world)
    gateway.go_on.set()
    with running(gateway, f"--workers={WORKERS}") as manager:
        for number in range(count):
            world.put_sealed(garbage(f"hopeless-{number}"))
        eventually(lambda: manager.queue.retries() >= count * 5, timeout=120, what="each is tried again")
        named = manager.metrics.exposition().decode().splitlines()
    assert set(gateway.statuses.values()) == {1}
    assert len(gateway.statuses) == count
    for key in gateway.statuses:
        assert len(world.events(key)) == 1
    # The one series that names an object has one line for each, however often it failed.
    assert sum(NOISY in line and "hopeless-" in line for line in named) == count
