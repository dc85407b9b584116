"""How many requests a SealedSecret costs the API server, and how many reconciles."""

import threading
from collections.abc import Iterator

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.outcomes import condition, wait_synced
from tests.support.running import running
from tests.support.wait import eventually
from tests.support.worlds import ClusterWorld

from sealwright_controller.kube.transport import Request, Transport
from sealwright_controller.manager import Manager

pytestmark = pytest.mark.apiserver

GOOD = {"password": b"hunter2"}
COUNT = 5


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch, namespace: str) -> list[tuple[str, str]]:
    """The method and the last parts of the path of each request about the served namespace, except watches."""
    made: list[tuple[str, str]] = []
    fetch, lock = Transport.fetch, threading.Lock()

    def counted(transport: Transport, request: Request) -> bytes:
        place = f"/namespaces/{namespace}/"
        if place in request.path:
            with lock:
                made.append((request.method, request.path.split(place)[1]))
        return fetch(transport, request)

    monkeypatch.setattr(Transport, "fetch", counted)
    return made


@pytest.fixture
def world(control_plane, namespace, tmp_path) -> Iterator[ClusterWorld]:
    made = ClusterWorld(control_plane, namespace, tmp_path)
    made.add_key(sealing_key())
    yield made
    made.close()


def reconciles(manager: Manager) -> int:
    lines = manager.metrics.exposition().decode().splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if "reconcile_duration_seconds_count" in line)


def shown_last(manager: Manager, world: ClusterWorld) -> None:
    """Wait until the controller was shown all that there is, and has done what follows from it."""
    world.put_sealed(sealed_secret("last", world.namespace, GOOD))
    wait_synced(world, world.key("last"), GOOD)
    eventually(lambda: manager.queue.depth() == (0, 0, 0), what="there is nothing to do")


def test_a_new_object_costs_three_requests_and_one_reconcile(world: ClusterWorld, requests: list) -> None:
    with running(world.gateway(), "--leader-elect=false") as manager:
        eventually(lambda: requests.count(("GET", "sealedsecrets")), what="the list")
        requests.clear()
        for number in range(COUNT):  # one after the other, or reports come later, as reconciles of their own
            world.put_sealed(sealed_secret(f"db-{number}", world.namespace, GOOD))
            wait_synced(world, world.key(f"db-{number}"), GOOD)
        shown_last(manager, world)
        names = [f"db-{number}" for number in range(COUNT)] + ["last"]
        status = [("PUT", f"sealedsecrets/{name}/status") for name in names]
        assert sorted(requests) == sorted([*status, *[("POST", "secrets"), ("POST", "events")] * (COUNT + 1)])
        assert reconciles(manager) == COUNT + 1


def test_many_new_objects_cost_three_requests_each(world: ClusterWorld, requests: list) -> None:
    for number in range(COUNT):
        world.put_sealed(sealed_secret(f"db-{number}", world.namespace, GOOD))
    with running(world.gateway(), "--leader-elect=false"):
        for number in range(COUNT):
            wait_synced(world, world.key(f"db-{number}"), GOOD)
        written = [(method, place) for method, place in requests if method != "GET"]
        status = [("PUT", f"sealedsecrets/db-{number}/status") for number in range(COUNT)]
        assert sorted(written) == sorted([*status, *[("POST", "secrets"), ("POST", "events")] * COUNT])
        assert not [place for method, place in requests if method == "GET" and "db-" in place], "one was read again"


def test_an_object_that_no_key_opens_costs_two(world: ClusterWorld, requests: list) -> None:
    certificate = other_sealing_key().certificate
    with running(world.gateway(), "--leader-elect=false") as manager:
        eventually(lambda: requests.count(("GET", "sealedsecrets")), what="the list")
        requests.clear()
        world.put_sealed(sealed_secret("db", world.namespace, GOOD, certificate=certificate))
        eventually(lambda: condition(world, world.key("db"))["status"] == "False", what="it is refused")
        eventually(lambda: len(requests) > 1, what="the Event")
        assert sorted(requests) == [("POST", "events"), ("PUT", "sealedsecrets/db/status")]
        assert manager.metrics.private_key_operations.value == 1
