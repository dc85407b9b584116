"""What every Gateway does, continued from test_gateways.py: lists, watches, garbage, sealing keys, events, namespaces."""

import pytest
from tests.support.builders import sealing_key
from tests.support.following import Following
from tests.support.gateway_calls import (
    VALUE,
    controlled_by,
    every_object,
    following,
    get_sealed,
    names,
    new_key,
    sealed,
    secret,
    version,
)
from tests.support.wait import eventually
from tests.support.worlds import ClusterWorld, Said, SimulatedWorld, World

from sealwright_controller.gateway import (
    KEY_LABEL,
    KEY_TRUST_NAME,
    LEGACY_KEY_NAME,
    AlreadyExistsError,
    Event,
    ExpiredError,
    GatewayError,
    NotFoundError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
    is_later,
)

FAILED = {"conditions": [{"type": "Synced", "status": "False", "message": "no key"}], "observedGeneration": 1}


class TestLists:
    def test_an_empty_collection_has_a_version(self, world: World) -> None:
        gateway = world.gateway()
        for resource in Resource:
            page = gateway.list_page(resource)
            assert not page.items
            assert page.resource_version
            assert not page.continue_token

    def test_pages_together_hold_everything_as_it_was_at_one_moment(self, world: World) -> None:
        gateway = world.gateway(page_size=2)
        for number in range(5):
            world.put_sealed(sealed(world, f"db-{number}"))
        first = gateway.list_page(Resource.SEALED_SECRETS)
        world.put_sealed(sealed(world, "db-late"))
        pages = [first]
        while pages[-1].continue_token:
            pages.append(gateway.list_page(Resource.SEALED_SECRETS, pages[-1].continue_token))
        listed = [manifest["metadata"]["name"] for page in pages for manifest in page.items]
        assert sorted(listed) == [f"db-{number}" for number in range(5)]
        assert len({page.resource_version for page in pages}) == 1

    def test_what_is_made_after_a_list_was_taken_is_later_than_the_list(self, world: World) -> None:
        gateway = world.gateway()
        key_lists, secret_lists = (
            gateway.list_page(resource) for resource in (Resource.SEALING_KEYS, Resource.SECRETS)
        )
        assert is_later(version(gateway.create_sealing_key(new_key())), key_lists.resource_version)
        assert is_later(version(gateway.create_secret(secret(world))), secret_lists.resource_version)
        assert not is_later(key_lists.resource_version, gateway.list_page(Resource.SEALING_KEYS).resource_version)

    def test_sealed_secrets_are_listed_whole(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        assert every_object(gateway, Resource.SEALED_SECRETS) == [get_sealed(gateway, world.key("db"))]

    def test_secrets_are_listed_without_their_data(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        owner = controlled_by(get_sealed(gateway, world.key("db")))
        made = gateway.create_secret(secret(world, labels={"app": "db"}, **owner))
        [listed] = every_object(gateway, Resource.SECRETS)
        assert "data" not in listed
        assert VALUE not in str(listed)
        for field in ("name", "namespace", "uid", "resourceVersion", "labels", "ownerReferences"):
            assert listed["metadata"][field] == made["metadata"][field]


class TestWatches:
    def test_every_change_of_a_sealed_secret_is_shown(self, world: World) -> None:
        gateway = world.gateway()
        with following(gateway, Resource.SEALED_SECRETS) as changes:
            world.put_sealed(sealed(world))
            added = changes.wait_for("ADDED", "db")
            assert added["spec"] == sealed(world)["spec"]
            world.put_sealed({**sealed(world), "spec": {"encryptedData": {}}})
            assert changes.wait_for("MODIFIED", "db")["metadata"]["generation"] == 2
            gateway.write_status(world.key("db"), added["metadata"]["uid"], FAILED)
            eventually(lambda: changes.wait_for("MODIFIED", "db").get("status") == FAILED, what="the status was shown")
            world.delete_sealed(world.key("db"))
            changes.wait_for("DELETED", "db")
            assert changes.seen("db") == ["ADDED", "MODIFIED", "MODIFIED", "DELETED"]

    def test_every_change_of_a_secret_is_shown_without_its_data(self, world: World) -> None:
        gateway = world.gateway()
        with following(gateway, Resource.SECRETS) as changes:
            made = gateway.create_secret(secret(world))
            assert version(changes.wait_for("ADDED", "db")) == version(made)
            replaced = gateway.replace_secret({**made, "data": {"user": VALUE}})
            assert version(changes.wait_for("MODIFIED", "db")) == version(replaced)
            world.delete_secret(world.key("db"))
            changes.wait_for("DELETED", "db")
            assert changes.seen("db") == ["ADDED", "MODIFIED", "DELETED"]
            assert VALUE not in str(changes.events)

    def test_a_secret_edited_by_hand_is_shown(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret(secret(world))
        with following(gateway, Resource.SECRETS) as changes:
            world.put_secret({**(world.secret(world.key("db")) or {}), "data": {"password": "ZWRpdGVkISE="}})
            assert version(changes.wait_for("MODIFIED", "db")) != version(made)

    def test_what_happened_between_list_and_watch_is_shown(self, world: World) -> None:
        gateway = world.gateway()
        before = gateway.list_page(Resource.SECRETS).resource_version
        gateway.create_secret(secret(world))
        with Following(gateway, Resource.SECRETS, before) as changes:
            changes.wait_for("ADDED", "db")

    def test_a_watch_is_taken_up_again_where_it_ended(self, world: World) -> None:
        gateway = world.gateway()
        start = gateway.list_page(Resource.SECRETS).resource_version
        gateway.create_secret(secret(world, "first"))
        seen = next(event for event in gateway.watch(Resource.SECRETS, start) if event.type == "ADDED")
        gateway.create_secret(secret(world, "second"))
        with Following(gateway, Resource.SECRETS, version(seen.object)) as changes:
            changes.wait_for("ADDED", "second")

    def test_a_version_that_is_too_old_is_expired(self, world: World) -> None:
        world.put_sealed(sealed(world))
        with pytest.raises(ExpiredError):
            next(iter(world.gateway().watch(Resource.SEALED_SECRETS, "1")))

    def test_closing_ends_watches_and_refuses_calls(self, world: World) -> None:
        gateway = world.gateway()
        with following(gateway, Resource.SECRETS) as changes:
            gateway.create_secret(secret(world))
            changes.wait_for("ADDED", "db")
            gateway.close()
            eventually(lambda: changes.has_ended, timeout=5, what="the watch ended")
        calls = [
            lambda: gateway.list_page(Resource.SECRETS),
            lambda: next(iter(gateway.watch(Resource.SECRETS, "1"))),
            lambda: gateway.get_sealed_secret(world.key("db")),
            lambda: gateway.get_secret(world.key("db")),
            lambda: gateway.write_status(world.key("db"), "uid", {}),
            lambda: gateway.create_secret(secret(world, "other")),
            lambda: gateway.replace_secret(secret(world)),
            lambda: gateway.create_sealing_key(new_key()),
        ]
        for call in calls:
            with pytest.raises(UnavailableError):
                call()
        assert world.secret(world.key("other")) is None


class TestGarbage:
    def test_a_controlled_secret_goes_with_its_sealed_secret(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        gateway.create_secret(secret(world, **controlled_by(get_sealed(gateway, world.key("db")))))
        gateway.create_secret(secret(world, "of-nobody"))
        with following(gateway, Resource.SECRETS) as changes:
            world.delete_sealed(world.key("db"))
            changes.wait_for("DELETED", "db")
            assert world.secret(world.key("db")) is None
            assert world.items(world.key("of-nobody")) == {"password": b"plaintext"}

    def test_a_secret_whose_controller_is_gone_already_goes_too(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        owner = get_sealed(gateway, world.key("db"))
        gone = {**owner, "metadata": {**owner["metadata"], "uid": "c0ffee00-0000-4000-8000-000000000000"}}
        with following(gateway, Resource.SECRETS) as changes:
            gateway.create_secret(secret(world, **controlled_by(gone)))
            changes.wait_for("DELETED", "db")
            assert world.secret(world.key("db")) is None

    def test_a_secret_of_a_controller_that_is_there_stays(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        world.put_sealed(sealed(world, "marker"))
        gateway.create_secret(secret(world, **controlled_by(get_sealed(gateway, world.key("db")))))
        gateway.create_secret(secret(world, "marker", **controlled_by(get_sealed(gateway, world.key("marker")))))
        with following(gateway, Resource.SECRETS) as changes:
            world.put_sealed({**sealed(world), "spec": {"encryptedData": {}}})
            world.delete_sealed(world.key("marker"))
            changes.wait_for("DELETED", "marker")
            assert world.secret(world.key("db")) is not None


class TestSealingKeys:
    def test_a_created_one_gets_a_name_of_its_own_and_is_listed_whole(self, world: World) -> None:
        gateway = world.gateway()
        wanted = new_key("sealed-secrets-key")
        made = [gateway.create_sealing_key(wanted) for _ in range(2)]
        found = every_object(gateway, Resource.SEALING_KEYS)
        assert {version(key) for key in found} == {version(key) for key in made}
        assert len({key["metadata"]["name"] for key in found}) == 2
        assert world.key_names() == {key["metadata"]["name"] for key in found}
        for key in found:
            assert key["metadata"]["name"].startswith("sealed-secrets-key")
            assert key["metadata"]["labels"] == {KEY_LABEL: "active"}
            assert key["metadata"]["namespace"] in (world.keys_namespace, world.namespace)
            assert (key["type"], key["data"]) == ("kubernetes.io/tls", wanted["data"])

    def test_those_that_people_add_relabel_and_remove_are_shown(self, world: World) -> None:
        gateway = world.gateway()
        with following(gateway, Resource.SEALING_KEYS) as changes:
            name = world.add_key(sealing_key())
            added = changes.wait_for("ADDED", name)
            assert added["data"] == new_key()["data"]
            world.relabel_key(name, "compromised")
            assert changes.wait_for("MODIFIED", name)["metadata"]["labels"] == {KEY_LABEL: "compromised"}
            world.remove_key(name)
            changes.wait_for("DELETED", name)
            assert changes.seen(name) == ["ADDED", "MODIFIED", "DELETED"]

    def test_one_that_loses_its_label_is_one_no_longer(self, world: World) -> None:
        gateway = world.gateway()
        name = world.add_key(sealing_key())
        with following(gateway, Resource.SEALING_KEYS) as changes:
            world.relabel_key(name, None)
            changes.wait_for("DELETED", name)
            assert names(gateway, Resource.SEALING_KEYS) == set()
            world.relabel_key(name, "active")
            eventually(lambda: changes.seen(name)[-1] != "DELETED", what="it was shown again")
            assert names(gateway, Resource.SEALING_KEYS) == {name}

    def test_a_secret_without_the_label_is_none_unless_it_has_the_legacy_name(self, world: World) -> None:
        world.add_key(sealing_key(), name="just-a-tls-secret", label=None)
        world.add_key(sealing_key(), name=LEGACY_KEY_NAME, label=None)
        assert names(world.gateway(), Resource.SEALING_KEYS) == {LEGACY_KEY_NAME}

    def test_one_with_a_name_is_made_once_and_keeps_where_its_name_comes_from(self, world: World) -> None:
        gateway, other = world.gateway(), new_key()
        wanted = new_key("sealed-secrets-key")
        wanted["metadata"]["name"] = "sealed-secrets-keyabcde"
        made = gateway.create_sealing_key(wanted)
        with pytest.raises(AlreadyExistsError):
            gateway.create_sealing_key({**other, "metadata": wanted["metadata"]})
        [found] = every_object(gateway, Resource.SEALING_KEYS)
        assert version(found) == version(made)
        assert (found["metadata"]["name"], found["metadata"]["generateName"]) == (
            "sealed-secrets-keyabcde",
            "sealed-secrets-key",
        )

    def test_one_is_found_by_its_name_and_its_uid_tells_whether_it_is_there_still(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_sealing_key(new_key())
        name = made["metadata"]["name"]
        found = gateway.find_key_secret(name)
        assert found is not None
        assert (found["data"], found["metadata"]["uid"]) == (made["data"], made["metadata"]["uid"])
        assert gateway.key_secret_uid(name) == made["metadata"]["uid"]
        world.remove_key(name)
        eventually(lambda: gateway.key_secret_uid(name) is None, what="the key is gone")
        assert gateway.find_key_secret(name) is None

    def test_a_secret_beside_them_is_found_and_is_no_key(self, world: World) -> None:
        gateway = world.gateway()
        beside = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": KEY_TRUST_NAME},
            "type": "sealwright.dev/any",
            "data": {"a": "eA=="},
        }
        gateway.create_sealing_key(beside)
        with pytest.raises(AlreadyExistsError):
            gateway.create_sealing_key(beside)
        found = gateway.find_key_secret(KEY_TRUST_NAME)
        assert found is not None
        assert (found["type"], found["data"]) == ("sealwright.dev/any", {"a": "eA=="})
        assert names(gateway, Resource.SEALING_KEYS) == set()

    def test_a_cluster_is_told_from_others_by_something_that_stays(self, world: World) -> None:
        first = world.gateway()
        before = first.cluster_identity
        first.close()
        assert world.gateway().cluster_identity == before != ""

    def test_they_outlive_a_controller(self, world: World) -> None:
        first = world.gateway()
        made = first.create_sealing_key(new_key())
        first.close()
        [found] = every_object(world.gateway(), Resource.SEALING_KEYS)
        assert (found["metadata"]["uid"], found["data"]) == (made["metadata"]["uid"], made["data"])


class TestEvents:
    def test_equal_ones_are_counted_and_others_listed(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        uid = get_sealed(gateway, world.key("db"))["metadata"]["uid"]
        failed = Event(world.key("db"), uid, "Warning", "ErrUnsealFailed", "no key could decrypt secret (password)")
        well = Event(world.key("db"), uid, "Normal", "Unsealed", "SealedSecret unsealed successfully")
        for event in (failed, failed, well):
            gateway.record_event(event)
        assert set(world.events(world.key("db"))) == {
            Said("Warning", "ErrUnsealFailed", "no key could decrypt secret (password)", 2),
            Said("Normal", "Unsealed", "SealedSecret unsealed successfully", 1),
        }

    def test_one_about_a_key_is_told_too(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_sealing_key(new_key())
        about = ObjectKey.of(made)
        gateway.record_event(Event(about, made["metadata"]["uid"], "Warning", "ErrKeyUnreadable", "no PEM", "Secret"))
        assert world.events(about) == [Said("Warning", "ErrKeyUnreadable", "no PEM", 1)]

    def test_one_that_cannot_be_told_harms_nobody(self, world: World) -> None:
        gateway = world.gateway()
        gateway.record_event(Event(ObjectKey("no-such-namespace-anywhere", "db"), "uid", "Normal", "Unsealed", "well"))
        gateway.close()
        gateway.record_event(Event(world.key("db"), "uid", "Normal", "Unsealed", "well"))


class TestNamespaces:
    def test_a_secret_for_one_that_is_not_there_is_not_found(
        self, cluster_world: SimulatedWorld | ClusterWorld
    ) -> None:
        wanted = secret(cluster_world)
        wanted["metadata"]["namespace"] = "no-such-namespace-anywhere"
        with pytest.raises(NotFoundError):
            cluster_world.gateway().create_secret(wanted)

    def test_everything_goes_with_a_deleted_one(self, cluster_world: SimulatedWorld | ClusterWorld) -> None:
        gateway = cluster_world.gateway()
        cluster_world.put_sealed(sealed(cluster_world))
        gateway.create_secret(secret(cluster_world))
        with following(gateway, Resource.SECRETS) as changes:
            cluster_world.delete_namespace()
            # A namespace controller with many namespaces to clear takes its time.
            changes.wait_for("DELETED", "db", timeout=60)
            with pytest.raises(GatewayError) as refusal:
                gateway.create_secret(secret(cluster_world, "late"))
            assert isinstance(refusal.value, NotFoundError | RefusedError)
            eventually(
                lambda: gateway.get_sealed_secret(cluster_world.key("db")) is None,
                timeout=60,
                what="the SealedSecret is gone",
            )
