"""What a controller does, whatever world it works in: the same rows over a simulator, directories and a real API server.

A whole controller runs in this process. People act on the world and look at it; nothing looks into the controller.
"""

import functools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.builders import NOW, other_sealing_key, sealing_key
from tests.support.outcomes import SYNC_SECONDS, condition, sealed_in, secret, wait_refused, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import World, now

from sealwright_controller.directory.secretstore import timestamp
from sealwright_controller.gateway import KEY_LABEL
from sealwright_controller.manager import Manager
from sealwright_crypto import Scope

NOT_MANAGED = 'failed update: Resource "db" already exists and is not managed by SealedSecret'


@pytest.fixture
def controller(world: World) -> Iterator[Manager]:
    """A controller with the usual test key, which was there before it, so that none is made."""
    world.add_key(sealing_key(), name="usual-key")
    with running(world.gateway()) as manager:
        yield manager


@pytest.fixture
def sealed(world: World) -> Callable[..., dict[str, Any]]:
    """Return a function that builds SealedSecrets for this world."""
    return functools.partial(sealed_in, world)


class TestSecretsMade:
    def test_a_sealed_secret_becomes_a_secret_that_it_owns(self, world, controller, sealed):
        world.put_sealed(sealed(items={"user": b"shop", "binary": bytes(range(256)), "empty": b""}))
        wait_synced(world, world.key("db"), {"user": b"shop", "binary": bytes(range(256)), "empty": b""})
        (owner,) = world.secret(world.key("db"))["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["controller"]) == ("SealedSecret", "db", True)
        assert condition(world, world.key("db"))["message"] == ""
        assert [(said.type, said.reason, said.count) for said in world.events(world.key("db"))] == [
            ("Normal", "Unsealed", 1)
        ]

    def test_a_change_of_the_sealed_secret_reaches_the_secret(self, world, controller, sealed):
        world.put_sealed(sealed(items={"old": b"1", "both": b"1"}))
        wait_synced(world, world.key("db"), {"old": b"1", "both": b"1"})
        world.put_sealed(sealed(items={"new": b"2", "both": b"2"}))
        wait_synced(world, world.key("db"), {"new": b"2", "both": b"2"})

    def test_labels_and_type_come_from_the_template(self, world, controller, sealed):
        template = {"type": "example.org/own", "metadata": {"labels": {"app": "shop"}, "annotations": {"a": "b"}}}
        world.put_sealed(sealed(template=template))
        wait_synced(world, world.key("db"), {"password": b"hunter2"})
        made = world.secret(world.key("db"))
        assert (made["type"], made["metadata"]["labels"], made["metadata"]["annotations"]) == (
            "example.org/own", {"app": "shop"}, {"a": "b"},
        )  # fmt: skip

    def test_a_change_of_the_template_alone_reaches_the_secret_and_what_it_dropped_goes(
        self, world, controller, sealed
    ):
        first = sealed(template={"metadata": {"labels": {"old": "1"}}})
        world.put_sealed(first)
        wait_synced(world, world.key("db"), {"password": b"hunter2"})
        spec = first["spec"] | {"template": {"metadata": {"labels": {"new": "1"}}}}
        world.put_sealed(first | {"spec": spec})
        eventually(
            lambda: world.secret(world.key("db"))["metadata"].get("labels") == {"new": "1"}, timeout=SYNC_SECONDS
        )

    @pytest.mark.parametrize("scope", [Scope.NAMESPACE_WIDE, Scope.CLUSTER_WIDE])
    def test_a_wider_scope_opens_under_another_name(self, world, controller, sealed, scope):
        renamed = sealed(scope=scope)
        renamed["metadata"]["name"] = "renamed"
        world.put_sealed(renamed)
        wait_synced(world, world.key("renamed"), {"password": b"hunter2"})

    def test_the_deprecated_form_opens_too(self, world, controller, sealed):
        blob = b'{"data": {"password": "aHVudGVyMg=="}, "metadata": {"labels": {"app": "old"}}}'
        manifest = sealed(items={"blob": blob})
        manifest["spec"] = {"data": manifest["spec"]["encryptedData"]["blob"], "encryptedData": {}}
        world.put_sealed(manifest)
        wait_synced(world, world.key("db"), {"password": b"hunter2"})
        assert world.secret(world.key("db"))["metadata"]["labels"] == {"app": "old"}


class TestRefusals:
    def test_a_strict_item_under_another_name_is_refused_until_it_is_sealed_anew(self, world, controller, sealed):
        moved = sealed("other")
        moved["metadata"]["name"] = "db"
        world.put_sealed(moved)
        assert wait_refused(world, world.key("db"), "no key could decrypt secret (password)")["reason"] == "NoKey"
        assert world.secret(world.key("db")) is None
        world.put_sealed(sealed())
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_one_bad_item_fails_the_whole_and_leaves_the_old_secret(self, world, controller, sealed):
        world.put_sealed(sealed(items={"a": b"1", "b": b"1"}))
        wait_synced(world, world.key("db"), {"a": b"1", "b": b"1"})
        broken = sealed(items={"a": b"2", "b": b"2"})
        broken["spec"]["encryptedData"]["b"] = sealed("other")["spec"]["encryptedData"]["password"]
        world.put_sealed(broken)
        wait_refused(world, world.key("db"), "no key could decrypt secret (b)")
        assert world.items(world.key("db")) == {"a": b"1", "b": b"1"}

    def test_a_new_error_replaces_the_old_one(self, world, controller, sealed):
        for items in ({"a": b"1"}, {"b": b"1"}):
            moved = sealed("other", items)
            moved["metadata"]["name"] = "db"
            world.put_sealed(moved)
            wait_refused(world, world.key("db"), f"no key could decrypt secret ({', '.join(items)})")

    def test_a_failure_is_said_once_however_often_it_is_tried(self, world, controller, sealed):
        world.put_sealed(sealed(certificate=other_sealing_key(5).certificate))
        wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
        eventually(lambda: b"unseal_requests_total 4" in controller.metrics.exposition(), what="three retries")
        ((said),) = world.events(world.key("db"))
        assert (said.type, said.reason, said.count) == ("Warning", "ErrUnsealFailed", 1)
        assert "seal it again with this cluster's certificate" in said.message

    def test_what_nobody_can_read_does_not_stop_the_rest(self, world, controller, sealed):
        bad = sealed("bad", template={"data": {"text": "{{ nonsense"}})
        world.put_sealed(bad)
        world.put_sealed(sealed())
        wait_synced(world, world.key("db"), {"password": b"hunter2"})
        eventually(lambda: condition(world, world.key("bad"))["reason"] == "TemplateFailed", timeout=SYNC_SECONDS)

    def test_one_that_is_nested_without_end_is_told_and_does_not_stop_the_rest(self, world, controller, sealed):
        deep = "x"
        for _ in range(80):
            deep = [deep]
        world.put_sealed(sealed("bad", template={"metadata": {"x": deep}}))
        world.put_sealed(sealed())
        wait_synced(world, world.key("db"), {"password": b"hunter2"})
        told = wait_refused(world, world.key("bad"), "spec.template.metadata.x: nested more than 64 deep")
        assert told["reason"] == "Malformed"
        assert world.secret(world.key("bad")) is None
        world.put_sealed(sealed("bad"))
        wait_synced(world, world.key("bad"), {"password": b"hunter2"})

    def test_a_label_that_no_server_takes_is_told(self, world, controller, sealed):
        world.put_sealed(sealed(template={"metadata": {"labels": {"bad": "no label !"}}}))
        eventually(lambda: condition(world, world.key("db"))["reason"] == "Refused", timeout=SYNC_SECONDS)

    def test_a_field_that_no_metadata_has_is_told_and_fails_nothing(self, world, controller, sealed):
        world.put_sealed(sealed(template={"metadata": {"lables": {"app": "shop"}}}))
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

        def told() -> bool:
            conditions = world.status(world.key("db")).get("conditions", [])
            return any(each["type"] == "UnknownField" and "lables" in each["message"] for each in conditions)

        eventually(told, timeout=SYNC_SECONDS, what="the field is named")
        assert condition(world, world.key("db"))["status"] == "True"


class TestSecretsOfOthers:
    def test_a_foreign_secret_is_untouched_and_its_removal_frees_the_way(self, world, controller, sealed):
        world.put_secret(secret(world))
        before = world.secret(world.key("db"))
        world.put_sealed(sealed())
        assert wait_refused(world, world.key("db"), NOT_MANAGED)["reason"] == "NotManaged"
        assert world.secret(world.key("db")) == before
        world.delete_secret(world.key("db"))
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_annotating_the_foreign_secret_hands_it_over(self, world, controller, sealed):
        world.put_secret(secret(world))
        world.put_sealed(sealed())
        wait_refused(world, world.key("db"), NOT_MANAGED)
        world.put_secret(secret(world, annotations={"sealedsecrets.bitnami.com/managed": "true"}))
        wait_synced(world, world.key("db"), {"password": b"hunter2"})
        assert world.secret(world.key("db"))["metadata"]["ownerReferences"]

    def test_a_secret_to_be_patched_keeps_what_it_has_and_is_not_owned(self, world, controller, sealed):
        world.put_secret(secret(world, annotations={"sealedsecrets.bitnami.com/patch": "true"}))
        world.put_sealed(sealed())
        wait_synced(world, world.key("db"), {"mine": b"x", "password": b"hunter2"})
        assert not world.secret(world.key("db"))["metadata"].get("ownerReferences")


class TestDrift:
    @pytest.fixture(autouse=True)
    def synced(self, world, controller, sealed):
        world.put_sealed(sealed())
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_a_secret_deleted_by_hand_comes_back(self, world):
        world.delete_secret(world.key("db"))
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_a_secret_edited_by_hand_is_put_back(self, world):
        edited = dict(world.secret(world.key("db")))
        edited["data"] = {"password": "ZWRpdGVk", "more": "eA=="}
        world.put_secret(edited)
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_a_secret_goes_with_its_sealed_secret_and_does_not_come_back(self, world):
        world.delete_sealed(world.key("db"))
        eventually(lambda: world.secret(world.key("db")) is None, timeout=SYNC_SECONDS, what="the Secret is collected")
        stays_true(lambda: world.secret(world.key("db")) is None, seconds=0.5, what="it stays away")


class TestDeletion:
    def test_one_that_is_being_deleted_makes_no_secret_any_more(self, cluster_world):
        world = cluster_world
        world.add_key(sealing_key())
        with running(world.gateway()):
            world.put_sealed(sealed_in(world, finalizers=["example.org/waits"]))
            wait_synced(world, world.key("db"), {"password": b"hunter2"})
            world.delete_sealed(world.key("db"))
            assert world.sealed(world.key("db"))["metadata"]["deletionTimestamp"]
            world.delete_secret(world.key("db"))
            stays_true(lambda: world.secret(world.key("db")) is None, seconds=1, what="the Secret stays away")
            world.put_sealed(sealed_in(world))
            eventually(
                lambda: world.sealed(world.key("db")) is None, timeout=SYNC_SECONDS, what="nothing waits any more"
            )


class TestKeys:
    def test_without_any_key_one_is_made_and_used(self, world, sealed):
        with running(world.gateway()) as manager:
            (name,) = world.key_names()
            assert name.startswith("sealed-secrets-key")
            world.put_sealed(sealed(certificate=manager.keystore.keys.newest))
            wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_a_restart_finds_the_key_again(self, world):
        with running(world.gateway()) as manager:
            certificate = manager.certificate()
        with running(world.gateway()) as manager:
            assert manager.certificate() == certificate
        assert len(world.key_names()) == 1

    def test_a_new_key_is_made_as_the_flags_say(self, world):
        flags = [
            "--key-prefix=our-key",
            "--key-ttl=48h",
            "--my-cn=us",
            f"--privatekey-labels=team=a,{KEY_LABEL}=off",
            "--privatekey-annotations=note=hi",
        ]
        with running(world.gateway(), *flags) as manager:
            (name,) = world.key_names()
            metadata = world.stored_key(name)["metadata"]
            assert name.startswith("our-key")
            assert (metadata["labels"], metadata["annotations"]) == ({KEY_LABEL: "active", "team": "a"}, {"note": "hi"})
            certificate = manager.keystore.keys.newest
            assert (certificate.bits, certificate.subject) == (2048, "CN=us")
            assert certificate.not_after - certificate.not_before == timedelta(hours=48)

    @pytest.mark.parametrize("flag", ["--key-renew-period=30d", "--key-cutoff-time=Mon, 01 Dec 2025 00:00:00 +0000"])
    def test_a_key_that_is_too_old_gets_a_successor_and_stays_in_use(self, world, sealed, flag):
        old = other_sealing_key(2, NOW - timedelta(days=300))
        world.add_key(old, name="old")
        with running(world.gateway(), flag):
            eventually(lambda: len(world.key_names()) == 2, timeout=SYNC_SECONDS, what="a second key")
            world.put_sealed(sealed(certificate=old.certificate))
            wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_a_key_from_the_future_is_not_served_and_opens_all_the_same(self, world, sealed):
        """It was made while a clock was years ahead, and everybody who seals would refuse its certificate."""
        future = other_sealing_key(3, now().replace(microsecond=0) + timedelta(days=4000))
        world.add_key(sealing_key(), name="usual-key")
        world.add_key(future, name="future-key")
        with running(world.gateway()) as manager:
            assert manager.certificate() == sealing_key().certificate.pem
            world.put_sealed(sealed(certificate=future.certificate))
            wait_synced(world, world.key("db"), {"password": b"hunter2"})
            assert world.key_names() == {"usual-key", "future-key"}

    def test_where_every_key_is_from_the_future_a_new_one_is_made_and_served(self, world):
        future = other_sealing_key(3, now().replace(microsecond=0) + timedelta(days=4000))
        world.add_key(future, name="future-key")
        with running(world.gateway()) as manager:
            eventually(lambda: manager.certificate() != future.certificate.pem, what="a new key is served")
            assert len(world.key_names()) == 2

    def test_a_key_can_be_asked_for_and_is_served_at_once(self, world, controller):
        before = controller.certificate()
        controller.renew_now()
        eventually(lambda: len(world.key_names()) == 2, timeout=SYNC_SECONDS, what="a second key")
        eventually(lambda: controller.certificate() != before, timeout=SYNC_SECONDS, what="the new certificate")

    def test_by_creation_time_the_key_that_was_stored_last_is_served(self, cluster_world):
        world = cluster_world
        late, early = (other_sealing_key(number, NOW - timedelta(days=number)) for number in (2, 20))
        world.add_key(late, name="first")
        noted = world.stored_key("first")["metadata"]["creationTimestamp"]
        # The times have whole seconds.
        eventually(lambda: timestamp(now()) > noted, what="the next second")
        world.add_key(early, name="second")
        with running(world.gateway(), "--key-order-priority=SecretCreationTimestamp") as manager:
            assert manager.certificate() == early.certificate.pem
        with running(world.gateway()) as manager:
            assert manager.certificate() == late.certificate.pem

    def test_a_key_added_live_wakes_what_failed_without_it(self, world, controller, sealed):
        late = other_sealing_key(3, NOW - timedelta(days=1))
        world.put_sealed(sealed(certificate=late.certificate))
        wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
        world.add_key(late, name="late")
        wait_synced(world, world.key("db"), {"password": b"hunter2"})

    @pytest.mark.parametrize("how", ["removed", "relabelled"])
    def test_a_key_taken_away_live_is_not_used_any_more(self, world, controller, sealed, how):
        gone = other_sealing_key(4, NOW - timedelta(days=1))
        world.add_key(gone, name="gone")
        eventually(lambda: len(controller.keystore.keys.active) == 2, timeout=SYNC_SECONDS, what="two keys in use")
        world.remove_key("gone") if how == "removed" else world.relabel_key("gone", "compromised")
        eventually(lambda: len(controller.keystore.keys.active) == 1, timeout=SYNC_SECONDS, what="one key in use")
        world.put_sealed(sealed(certificate=gone.certificate))
        wait_refused(world, world.key("db"), "no key could decrypt secret (password)")

    def test_a_key_that_is_labelled_back_heals_what_failed_without_it(self, world, controller, sealed):
        moved = other_sealing_key(5, NOW - timedelta(days=1))
        world.add_key(moved, name="moved")
        eventually(lambda: len(controller.keystore.keys.active) == 2, timeout=SYNC_SECONDS, what="two keys in use")
        world.relabel_key("moved", "compromised")
        eventually(lambda: len(controller.keystore.keys.active) == 1, timeout=SYNC_SECONDS, what="one key in use")
        world.put_sealed(sealed(certificate=moved.certificate))
        wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
        world.relabel_key("moved", "active")
        wait_synced(world, world.key("db"), {"password": b"hunter2"})


class TestRestart:
    def test_a_restart_over_settled_objects_writes_nothing_and_uses_no_key(self, world, sealed):
        world.add_key(sealing_key())
        keys = [world.key(f"s{number}") for number in range(3)]
        with running(world.gateway()):
            for key in keys:
                world.put_sealed(sealed(key.name))
            for key in keys:
                wait_synced(world, key, {"password": b"hunter2"})
        before = [(world.sealed(key), world.secret(key)) for key in keys]
        with running(world.gateway()) as manager:
            eventually(lambda: len(manager.sealed_secrets) == 3, timeout=SYNC_SECONDS, what="all are seen")
            stays_true(lambda: manager.metrics.private_key_operations.value == 0, seconds=0.5, what="no key is used")
        assert [(world.sealed(key), world.secret(key)) for key in keys] == before

    def test_what_happened_meanwhile_is_made_good(self, world, sealed):
        world.add_key(sealing_key())
        with running(world.gateway()):
            for name in ("changed", "stripped", "deleted"):
                world.put_sealed(sealed(name))
                wait_synced(world, world.key(name), {"password": b"hunter2"})
        world.put_sealed(sealed("new"))
        world.put_sealed(sealed("changed", {"password": b"changed"}))
        world.delete_secret(world.key("stripped"))
        world.delete_sealed(world.key("deleted"))
        with running(world.gateway()):
            wait_synced(world, world.key("new"), {"password": b"hunter2"})
            wait_synced(world, world.key("changed"), {"password": b"changed"})
            wait_synced(world, world.key("stripped"), {"password": b"hunter2"})
            eventually(lambda: world.secret(world.key("deleted")) is None, timeout=SYNC_SECONDS, what="it is collected")
