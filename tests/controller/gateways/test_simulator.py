"""What the simulator can do at will and a real server only by chance: 410, lost answers, cut watches, lazy collectors.

That it otherwise behaves like a real one is shown by test_gateways.py.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.faults import Faults
from tests.support.following import Following
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.simulator import SEALED_SECRET, SECRET, SimulatedServer
from tests.support.wait import eventually, stays_true

from sealwright_controller.gateway import (
    ConflictError,
    Event,
    ExpiredError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
)

KEY = ObjectKey("default", "db")


def secret(name: str = "db", **metadata: Any) -> dict[str, Any]:
    """Return a Secret manifest."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "default", **metadata},
        "type": "Opaque",
        "data": {"password": "b2xk"},
    }


def sealed(name: str = "db") -> dict[str, Any]:
    """Return a SealedSecret manifest."""
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"encryptedData": {"password": "AgBy"}},
    }


@pytest.fixture
def server() -> SimulatedServer:
    """An empty server."""
    return SimulatedServer()


class TestHistory:
    def test_after_a_compaction_older_versions_are_expired(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server)
        before = gateway.list_page(Resource.SECRETS).resource_version
        server.put_secret(secret())
        server.compact()
        with pytest.raises(ExpiredError):
            gateway.watch(Resource.SECRETS, before)

    def test_after_a_compaction_the_version_of_a_new_list_is_good(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server)
        server.put_secret(secret())
        server.compact()
        with Following(gateway, Resource.SECRETS, gateway.list_page(Resource.SECRETS).resource_version) as changes:
            server.put_secret(secret("other"))
            changes.wait_for("ADDED", "other")

    def test_after_a_compaction_page_tokens_are_expired(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server, page_size=1)
        server.put_secret(secret("a"))
        server.put_secret(secret("b"))
        token = gateway.list_page(Resource.SECRETS).continue_token
        server.compact()
        with pytest.raises(ExpiredError):
            gateway.list_page(Resource.SECRETS, token)

    def test_only_so_many_changes_are_kept(self) -> None:
        server = SimulatedServer(history_limit=3)
        gateway = SimulatedGateway(server)
        first = gateway.list_page(Resource.SECRETS).resource_version
        for number in range(4):
            server.put_secret(secret(f"s-{number}"))
        with pytest.raises(ExpiredError):
            gateway.watch(Resource.SECRETS, first)
        assert next(gateway.watch(Resource.SECRETS, str(int(first) + 1))).object["metadata"]["name"] == "s-1"

    def test_a_version_that_is_yet_to_come_is_waited_for(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server)
        with Following(gateway, Resource.SECRETS, str(server.version + 1)) as changes:
            server.put_secret(secret("now"))
            server.put_secret(secret("later"))
            changes.wait_for("ADDED", "later")
            assert not changes.seen("now")

    def test_a_change_of_another_collection_is_a_bookmark(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server)
        with Following(gateway, Resource.SECRETS, str(server.version)) as changes:
            made = server.put_sealed_secret(sealed())
            eventually(lambda: changes.events, what="a bookmark")
            version = made["metadata"]["resourceVersion"]
            assert changes.events == [("BOOKMARK", {"metadata": {"resourceVersion": version}})]

    def test_a_cut_watch_ends_without_an_error(self, server: SimulatedServer) -> None:
        with Following(SimulatedGateway(server), Resource.SECRETS, str(server.version)) as changes:
            server.disconnect()
            eventually(lambda: changes.has_ended, what="the watch ended")
            assert changes.error is None

    def test_versions_grow_with_every_change_whoever_makes_it(self, server: SimulatedServer) -> None:
        threads = [
            threading.Thread(target=lambda n=number: [server.put_secret(secret(f"s-{n}-{i}")) for i in range(20)])
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        versions = [int(made["metadata"]["resourceVersion"]) for made in server.objects(SECRET)]
        assert len(set(versions)) == 80
        assert max(versions) == server.version


class TestGarbage:
    def test_it_stays_until_the_collector_comes(self) -> None:
        server = SimulatedServer(collects_at_once=False)
        owner = server.put_sealed_secret(sealed())
        reference = {"apiVersion": "v1", "kind": SEALED_SECRET, "name": "db", "uid": owner["metadata"]["uid"]}
        server.put_secret(secret(ownerReferences=[reference]))
        server.delete(SEALED_SECRET, KEY)
        assert server.find(SECRET, KEY) is not None
        server.collect_garbage()
        assert server.find(SECRET, KEY) is None

    def test_a_secret_with_an_owner_left_stays(self, server: SimulatedServer) -> None:
        owners = [server.put_sealed_secret(sealed(name))["metadata"] for name in ("one", "two")]
        references = [
            {"apiVersion": "v1", "kind": SEALED_SECRET, "name": owner["name"], "uid": owner["uid"]} for owner in owners
        ]
        server.put_secret(secret(ownerReferences=references))
        server.delete(SEALED_SECRET, ObjectKey("default", "one"))
        assert server.find(SECRET, KEY) is not None
        server.delete(SEALED_SECRET, ObjectKey("default", "two"))
        assert server.find(SECRET, KEY) is None

    def test_a_namespace_that_lingers_takes_nothing_new(self, server: SimulatedServer) -> None:
        server.put_secret(secret())
        server.delete_namespace("default", linger=True)
        assert server.find(SECRET, KEY) is None
        with pytest.raises(RefusedError):
            server.put_secret(secret())


class TestFaults:
    def test_a_lost_request_has_no_effect(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server, faults=Faults(1, lost_request=1))
        with pytest.raises(UnavailableError):
            gateway.create_secret(secret())
        assert server.find(SECRET, KEY) is None

    def test_a_request_whose_answer_is_lost_has_its_effect(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server, faults=Faults(1, lost_request=0, lost_answer=1))
        with pytest.raises(UnavailableError):
            gateway.create_secret(secret())
        assert server.find(SECRET, KEY) is not None

    def test_a_conflict_has_no_effect(self, server: SimulatedServer) -> None:
        made = server.put_secret(secret())
        gateway = SimulatedGateway(server, faults=Faults(1, lost_request=0, conflict=1))
        with pytest.raises(ConflictError):
            gateway.replace_secret({**made, "data": {"password": "bmV3"}})
        assert (server.find(SECRET, KEY) or {})["data"] == {"password": "b2xk"}

    def test_events_get_lost_silently(self, server: SimulatedServer) -> None:
        gateway = SimulatedGateway(server, faults=Faults(1, lost_request=1))
        gateway.record_event(Event(KEY, "uid", "Normal", "Unsealed", "well"))
        assert server.events == []

    @pytest.mark.parametrize(
        ("faults", "error"),
        [
            pytest.param(Faults(1, lost_request=0, lost_answer=0, expired=0, cut=1), None, id="cut"),
            pytest.param(Faults(1, lost_request=0, lost_answer=0, expired=1), ExpiredError, id="expired"),
        ],
    )
    def test_a_watch_ends(self, server: SimulatedServer, faults: Faults, error: type[Exception] | None) -> None:
        with Following(SimulatedGateway(server, faults=faults), Resource.SECRETS, str(server.version)) as changes:
            server.put_secret(secret())
            eventually(lambda: changes.has_ended, what="the watch ended")
            assert type(changes.error) is (error or type(None))
            assert not changes.events

    def test_the_same_seed_meets_the_same_faults_in_whatever_order(self) -> None:
        def struck(faults: Faults, names: list[str]) -> set[tuple[str, int]]:
            return {
                (name, number)
                for number in range(50)
                for name in names
                if faults.strike("lost request", "create Secret", name)
            }

        names = ["a", "b", "c"]
        first = struck(Faults(7, lost_request=0.3), names)
        assert first == struck(Faults(7, lost_request=0.3), names[::-1])
        assert first != struck(Faults(8, lost_request=0.3), names)
        assert 0.15 * 150 < len(first) < 0.45 * 150

    def test_nothing_fails_after_healing(self, server: SimulatedServer) -> None:
        faults = Faults(1, lost_request=1, lost_answer=1, conflict=1, cut=1, expired=1)
        faults.heal()
        SimulatedGateway(server, faults=faults).create_secret(secret())

    @pytest.mark.parametrize("seed", range(10))
    def test_one_who_lists_again_and_tries_again_sees_the_world_in_the_end(
        self, server: SimulatedServer, seed: int
    ) -> None:
        faults = Faults(seed, lost_request=0.2, lost_answer=0.2, cut=0.2, expired=0.1)
        gateway = SimulatedGateway(server, page_size=2, faults=faults)
        seen: dict[str, str] = {}
        stopping = threading.Event()
        follower = threading.Thread(target=lambda: _follow(gateway, seen, stopping))
        follower.start()
        for number in range(20):
            server.put_secret({**secret(f"s-{number % 5}"), "data": {"password": "b2xk" * number}})
            if number % 7 == 3:
                server.delete(SECRET, ObjectKey("default", f"s-{number % 5}"))
        faults.heal()
        server.disconnect()
        truth = {made["metadata"]["name"]: made["metadata"]["resourceVersion"] for made in server.objects(SECRET)}
        eventually(lambda: seen == truth, what="what was seen is what there is")
        stays_true(lambda: seen == truth, seconds=0.1)
        stopping.set()
        gateway.close()
        follower.join()


def _follow(gateway: SimulatedGateway, seen: dict[str, str], stopping: threading.Event) -> None:
    """Keep `seen` up to date as any client does: list, watch, and list again when the thread is lost."""
    version = ""
    while not stopping.is_set():
        try:
            if not version:
                version = _retried(lambda: _list(gateway, seen))
            for event in gateway.watch(Resource.SECRETS, version):
                metadata = event.object["metadata"]
                if event.type == "DELETED":
                    seen.pop(metadata["name"])
                elif event.type != "BOOKMARK":
                    seen[metadata["name"]] = metadata["resourceVersion"]
                version = metadata["resourceVersion"]
        except ExpiredError:
            version = ""
        except UnavailableError:
            continue


def _list(gateway: SimulatedGateway, seen: dict[str, str]) -> str:
    found: dict[str, str] = {}
    token = ""
    while True:
        page = gateway.list_page(Resource.SECRETS, token)
        found |= {item["metadata"]["name"]: item["metadata"]["resourceVersion"] for item in page.items}
        token = page.continue_token
        if not token:
            seen.clear()
            seen.update(found)
            return page.resource_version


def _retried(call: Callable[[], str]) -> str:
    for _ in range(1000):
        try:
            return call()
        except UnavailableError:
            continue
    raise AssertionError("it never worked")
