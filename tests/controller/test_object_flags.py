"""The flags that say which SealedSecrets are served and how: the same rows over every world, as in test_behaviours.py."""

import base64
from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.outcomes import SYNC_SECONDS, condition, sealed_in, secret, wait_refused, wait_synced
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.simulator import SimulatedServer
from tests.support.wait import eventually, stays_true
from tests.support.worlds import SimulatedWorld, World

from sealwright_controller.gateway import Resource
from sealwright_controller.manager import Manager
from sealwright_crypto import Scope

CLUSTER_WIDE = Scope.CLUSTER_WIDE
GOOD = {"password": b"hunter2"}


@pytest.fixture(autouse=True)
def key(request: pytest.FixtureRequest) -> None:
    """There is the usual test key in the world of the test, if it has one."""
    if "world" in request.fixturenames:
        request.getfixturevalue("world").add_key(sealing_key())


def edited(world: World, **values: bytes) -> dict[str, Any]:
    """Return the Secret with other values."""
    data = {name: base64.b64encode(value).decode() for name, value in values.items()}
    return {**(world.secret(world.key("db")) or {}), "data": data}


def requests(manager: Manager) -> str:
    """Return how often an object was worked on."""
    lines = manager.metrics.exposition().decode().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("sealed_secrets_controller_unseal_requests_total"))


class TestWithoutLegacyData:
    def test_it_is_refused_and_the_other_form_opens(self, world: World) -> None:
        legacy = sealed_in(world, "legacy", {"blob": b'{"data": {"password": "aHVudGVyMg=="}}'})
        legacy["spec"] = {"data": legacy["spec"]["encryptedData"]["blob"], "encryptedData": {}}
        with running(world.gateway(), "--accept-deprecated-v1-data=false"):
            world.put_sealed(legacy)
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
            told = (
                "spec.data: this deprecated form is not accepted here; seal the values again, into spec.encryptedData"
            )
            assert wait_refused(world, world.key("legacy"), told)["reason"] == "Malformed"
            assert world.secret(world.key("legacy")) is None


class TestSkipRecreate:
    FLAG = "--skip-recreate"

    def test_what_another_hand_does_to_a_secret_stays_until_the_sealed_secret_changes(self, world: World) -> None:
        with running(world.gateway(), self.FLAG):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
            world.put_secret(edited(world, password=b"by hand"))
            stays_true(lambda: world.items(world.key("db")) == {"password": b"by hand"}, seconds=0.5)
            world.put_sealed(sealed_in(world, items={"password": b"new"}))
            wait_synced(world, world.key("db"), {"password": b"new"})
            world.delete_secret(world.key("db"))
            stays_true(lambda: world.secret(world.key("db")) is None, seconds=0.5)
            world.put_sealed(sealed_in(world, items={"password": b"newer"}))
            wait_synced(world, world.key("db"), {"password": b"newer"})

    @pytest.mark.parametrize("how", ["edited", "deleted"])
    def test_a_restart_puts_it_right(self, world: World, how: str) -> None:
        with running(world.gateway(), self.FLAG):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
        if how == "edited":
            world.put_secret(edited(world, password=b"by hand"))
        else:
            world.delete_secret(world.key("db"))
        with running(world.gateway(), self.FLAG):
            wait_synced(world, world.key("db"), GOOD)

    def test_a_restart_over_settled_objects_uses_no_key_and_shows_how_they_fare(self, world: World) -> None:
        with running(world.gateway(), self.FLAG):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
        before = world.sealed(world.key("db")), world.secret(world.key("db"))
        with running(world.gateway(), self.FLAG) as manager:
            eventually(lambda: b'name="db"' in manager.metrics.exposition(), what="it is seen")
            stays_true(lambda: manager.metrics.private_key_operations.value == 0, seconds=0.3, what="no key is used")
        assert (world.sealed(world.key("db")), world.secret(world.key("db"))) == before

    def test_a_foreign_secret_is_untouched(self, world: World) -> None:
        world.put_secret(secret(world))
        with running(world.gateway(), self.FLAG):
            world.put_sealed(sealed_in(world))
            wait_refused(
                world, world.key("db"), 'failed update: Resource "db" already exists and is not managed by SealedSecret'
            )
            assert world.items(world.key("db")) == {"mine": b"x"}

    def test_no_right_to_list_secrets_is_needed(self) -> None:
        class Forbidden(SimulatedGateway):
            def list_page(self, resource: Resource, *rest: Any, **named: Any) -> Any:
                assert resource is not Resource.SECRETS
                return super().list_page(resource, *rest, **named)

        world = SimulatedWorld()
        world.add_key(sealing_key())
        with running(Forbidden(world.server), self.FLAG):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)


class TestWithoutStatus:
    FLAG = "--update-status=false"

    def test_it_unseals_once_writes_no_status_and_says_so_once(self, world: World) -> None:
        with running(world.gateway(), self.FLAG) as manager:
            manifest = sealed_in(world)
            world.put_sealed(manifest)
            eventually(lambda: len(manager.sealed_secrets.statuses) == 1, timeout=SYNC_SECONDS)
            assert world.items(world.key("db")) == GOOD
            world.put_sealed({**manifest, "metadata": {**manifest["metadata"], "labels": {"seen": "again"}}})
            stays_true(lambda: requests(manager) == "1.0", seconds=0.5, what="it is worked on once")
            assert "conditions" not in world.status(world.key("db"))
            assert [said.count for said in world.events(world.key("db"))] == [1]

    def test_a_hand_edit_is_put_back_and_a_change_followed(self, world: World) -> None:
        with running(world.gateway(), self.FLAG):
            world.put_sealed(sealed_in(world))
            eventually(lambda: world.items(world.key("db")) == GOOD, timeout=SYNC_SECONDS)
            world.put_secret(edited(world, password=b"by hand"))
            eventually(lambda: world.items(world.key("db")) == GOOD, timeout=SYNC_SECONDS)
            world.put_sealed(sealed_in(world, items={"password": b"new"}))
            eventually(lambda: world.items(world.key("db")) == {"password": b"new"}, timeout=SYNC_SECONDS)

    def test_a_failure_is_said_once_however_often_it_is_tried(self, world: World) -> None:
        with running(world.gateway(), self.FLAG) as manager:
            world.put_sealed(sealed_in(world, certificate=other_sealing_key(5).certificate))
            eventually(lambda: float(requests(manager)) >= 4, what="three retries")
            (said,) = world.events(world.key("db"))
            assert (said.reason, said.count) == ("ErrUnsealFailed", 1)
            assert "conditions" not in world.status(world.key("db"))

    def test_a_restart_says_nothing_anew_of_what_is_well(self, world: World) -> None:
        with running(world.gateway(), self.FLAG):
            world.put_sealed(sealed_in(world))
            eventually(lambda: world.items(world.key("db")) == GOOD, timeout=SYNC_SECONDS)
            eventually(lambda: len(world.events(world.key("db"))) == 1)
        before = world.secret(world.key("db"))
        with running(world.gateway(), self.FLAG) as manager:
            eventually(lambda: requests(manager) == "1.0", what="it is looked at")
        assert world.secret(world.key("db")) == before
        assert [said.count for said in world.events(world.key("db"))] == [1]

    def test_nothing_is_kept_in_mind_of_what_is_gone(self) -> None:
        world = SimulatedWorld()
        world.add_key(sealing_key())
        with running(world.gateway(), self.FLAG) as manager:
            world.put_sealed(sealed_in(world))
            eventually(lambda: world.items(world.key("db")) == GOOD)
            world.delete_sealed(world.key("db"))
            eventually(lambda: len(manager.sealed_secrets) == 0)
            eventually(lambda: len(manager.sealed_secrets.statuses) == 0)


class TestLabelSelector:
    def test_what_it_does_not_pick_is_left_alone_until_it_does(self, world: World) -> None:
        with running(world.gateway(selector="app in (shop,till),!old")):
            world.put_sealed(sealed_in(world, "other", labels={"app": "else"}))
            world.put_sealed(sealed_in(world, "old", labels={"app": "shop", "old": ""}))
            world.put_sealed(sealed_in(world, labels={"app": "shop"}))
            wait_synced(world, world.key("db"), GOOD)
            for name in ("other", "old"):
                assert (world.secret(world.key(name)), world.status(world.key(name)).get("conditions")) == (None, None)
            world.put_sealed(sealed_in(world, "other", labels={"app": "till"}))
            wait_synced(world, world.key("other"), GOOD)

    @pytest.mark.parametrize("flags", [(), ("--old-gc-behavior",)])
    def test_one_that_it_picks_no_more_keeps_its_secret_and_is_not_followed(
        self, world: World, flags: tuple[str, ...]
    ) -> None:
        with running(world.gateway(selector="app=shop"), *flags) as manager:
            world.put_sealed(sealed_in(world, labels={"app": "shop"}))
            wait_synced(world, world.key("db"), GOOD)
            world.put_sealed(sealed_in(world, items={"password": b"new"}, labels={"app": "else"}))
            eventually(lambda: len(manager.sealed_secrets) == 0, timeout=SYNC_SECONDS)
            stays_true(lambda: world.items(world.key("db")) == GOOD, seconds=0.5)
            world.put_sealed(sealed_in(world, items={"password": b"newer"}, labels={"app": "shop"}))
            wait_synced(world, world.key("db"), {"password": b"newer"})


def test_one_that_a_new_list_shows_no_more_because_of_its_labels_keeps_its_secret() -> None:
    world = SimulatedWorld()
    world.server = SimulatedServer(collects_at_once=False)
    world.server.create_namespace(world.namespace)
    world.add_key(sealing_key())
    manifest = sealed_in(world, labels={"app": "shop"})
    with running(world.gateway(selector="app=shop"), "--old-gc-behavior") as manager:
        world.put_sealed(manifest)
        wait_synced(world, world.key("db"), GOOD)
        with world.server.condition:
            world.put_sealed({**manifest, "metadata": {**manifest["metadata"], "labels": {}}})
            world.server.compact()
            world.server.disconnect()
        eventually(lambda: len(manager.sealed_secrets) == 0)
        stays_true(lambda: world.items(world.key("db")) == GOOD, seconds=0.5)


class TestOldGarbageCollection:
    """Over a server that collects no garbage, so that nobody else deletes."""

    @pytest.fixture
    def world(self) -> SimulatedWorld:
        made = SimulatedWorld()
        made.server = SimulatedServer(collects_at_once=False)
        made.server.create_namespace(made.namespace)
        return made

    def test_a_secret_goes_with_the_sealed_secret_that_controls_it(self, world: SimulatedWorld) -> None:
        with running(world.gateway(), "--old-gc-behavior"):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
            world.delete_sealed(world.key("db"))
            eventually(lambda: world.secret(world.key("db")) is None)

    def test_without_the_flag_it_is_left_to_others(self, world: SimulatedWorld) -> None:
        with running(world.gateway()):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
            world.delete_sealed(world.key("db"))
            stays_true(lambda: world.items(world.key("db")) == GOOD, seconds=0.3)

    def test_one_that_it_does_not_control_stays(self, world: SimulatedWorld) -> None:
        world.put_secret(secret(world, annotations={"sealedsecrets.bitnami.com/patch": "true"}))
        with running(world.gateway(), "--old-gc-behavior") as manager:
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), {"mine": b"x"} | GOOD)
            world.delete_sealed(world.key("db"))
            eventually(lambda: len(manager.sealed_secrets) == 0)
            stays_true(lambda: world.items(world.key("db")) == {"mine": b"x"} | GOOD, seconds=0.3)

    SKIP = "sealedsecrets.bitnami.com/skip-set-owner-references"

    @pytest.mark.parametrize("annotations", [{}, {"sealedsecrets.bitnami.com/managed": "true"}])
    def test_one_that_was_made_without_an_owner_goes_too(
        self, world: SimulatedWorld, annotations: dict[str, str]
    ) -> None:
        kept = annotations | {self.SKIP: "true"}
        if annotations:
            world.put_secret(secret(world, annotations=annotations))
        with running(world.gateway(), "--old-gc-behavior") as manager:
            world.put_sealed(sealed_in(world, template={"metadata": {"annotations": kept}}))
            wait_synced(world, world.key("db"), GOOD)
            assert (world.secret(world.key("db")) or {})["metadata"].get("ownerReferences") in (None, [])
            eventually(lambda: manager.sealed_secrets._made, what="the record is seen")
            world.delete_sealed(world.key("db"))
            eventually(lambda: world.secret(world.key("db")) is None)

    def test_one_that_somebody_put_in_its_place_stays(self, world: SimulatedWorld) -> None:
        with running(world.gateway(), "--old-gc-behavior") as manager:
            world.put_sealed(sealed_in(world, template={"metadata": {"annotations": {self.SKIP: "true"}}}))
            wait_synced(world, world.key("db"), GOOD)
            eventually(lambda: manager.sealed_secrets._made, what="the record is seen")
            manager.sealed_secrets._made[world.key("db")] = "another"
            world.delete_sealed(world.key("db"))
            eventually(lambda: len(manager.sealed_secrets) == 0)
            stays_true(lambda: world.items(world.key("db")) == GOOD, seconds=0.3)

    def test_a_namesake_gets_a_secret_of_its_own(self, world: SimulatedWorld) -> None:
        with running(world.gateway(), "--old-gc-behavior"):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
            world.delete_sealed(world.key("db"))
            world.put_sealed(sealed_in(world, items={"password": b"new"}))
            wait_synced(world, world.key("db"), {"password": b"new"})
            (owner,) = (world.secret(world.key("db")) or {})["metadata"]["ownerReferences"]
            assert owner["uid"] == (world.sealed(world.key("db")) or {})["metadata"]["uid"]

    def test_it_is_deleted_where_secrets_are_not_followed_too(self, world: SimulatedWorld) -> None:
        with running(world.gateway(), "--old-gc-behavior", "--skip-recreate"):
            world.put_sealed(sealed_in(world))
            wait_synced(world, world.key("db"), GOOD)
            world.delete_sealed(world.key("db"))
            eventually(lambda: world.secret(world.key("db")) is None)


@pytest.mark.parametrize("flag", ["--watch-for-secrets", "--watch-for-secrets=false", "--max-unseal-retries=1"])
def test_keys_are_followed_and_failures_retried_for_ever_whatever_these_flags_say(flag: str) -> None:
    world = SimulatedWorld()
    world.add_key(sealing_key())
    late = other_sealing_key(3)
    with running(world.gateway(), flag) as manager:
        world.put_sealed(sealed_in(world, certificate=late.certificate))
        eventually(lambda: float(requests(manager)) >= 4, what="three retries")
        world.add_key(late, name="late")
        wait_synced(world, world.key("db"), GOOD)


class TestAnnotationsAndLabels:
    def test_the_missing_scope_annotation_makes_a_failed_one_sync_with_no_change_of_its_spec(
        self, world: World
    ) -> None:
        annotation = "sealedsecrets.bitnami.com/cluster-wide"
        manifest = sealed_in(world, annotations={annotation: "true"})
        manifest["spec"] = sealed_in(world, "elsewhere", scope=CLUSTER_WIDE)["spec"]
        strict = {**manifest, "metadata": {**manifest["metadata"], "annotations": {}}}
        with running(world.gateway()):
            world.put_sealed(strict)
            wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
            world.put_sealed(manifest)
            wait_synced(world, world.key("db"), GOOD)
            assert world.status(world.key("db"))["observedGeneration"] == 1

    def test_a_label_is_no_reason_to_try_again(self, world: World) -> None:
        manifest = sealed_in(world, certificate=other_sealing_key(5).certificate)
        with running(world.gateway()) as manager:
            world.put_sealed(manifest)
            eventually(
                lambda: float(requests(manager)) >= 4, timeout=SYNC_SECONDS, what="the next retry is seconds off"
            )
            before = requests(manager)
            world.put_sealed({**manifest, "metadata": {**manifest["metadata"], "labels": {"team": "a"}}})
            stays_true(lambda: float(requests(manager)) <= float(before) + 1, seconds=0.5)
            assert condition(world, world.key("db"))["status"] == "False"
