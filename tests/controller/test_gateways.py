"""What every Gateway does, whatever is behind it: a simulator, a directory in both of its layouts, a real API server.

Each test is a row, each world a column. What only one world can show is tested beside it (test_simulator.py,
test_dirgateway.py, tests/integration). Where the simulator and the real server differ, the simulator is wrong.
"""

import base64
from typing import Any

import pytest
from tests.support.builders import sealing_key
from tests.support.following import Following
from tests.support.wait import eventually
from tests.support.worlds import ClusterWorld, Said, SimulatedWorld, World, key_secret

from sealwright_controller.gateway import (
    KEY_LABEL,
    LEGACY_KEY_NAME,
    AlreadyExistsError,
    ConflictError,
    Event,
    ExpiredError,
    Gateway,
    GatewayError,
    Manifest,
    NotFoundError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
)

FAILED = {"conditions": [{"type": "Synced", "status": "False", "message": "no key"}], "observedGeneration": 1}
VALUE = "cGxhaW50ZXh0"


def sealed(world: World, name: str = "db", **metadata: Any) -> dict[str, Any]:
    """Return a SealedSecret manifest; gateways do not look into it."""
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": name, "namespace": world.namespace, **metadata},
        "spec": {"encryptedData": {"password": "AgBy"}, "template": {"metadata": {"labels": {"app": name}}}},
    }


def secret(world: World, name: str = "db", **metadata: Any) -> dict[str, Any]:
    """Return a Secret manifest."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": world.namespace, **metadata},
        "type": "Opaque",
        "data": {"password": VALUE},
    }


def controlled_by(owner: Manifest) -> dict[str, Any]:
    """Return the metadata that makes a SealedSecret the controller of a Secret."""
    reference = {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }
    return {"ownerReferences": [reference]}


def new_key(prefix: str = "key-") -> dict[str, Any]:
    """Return the manifest of a key Secret to be made."""
    return key_secret(sealing_key(), generateName=prefix, labels={KEY_LABEL: "active"})


def get_sealed(gateway: Gateway, key: ObjectKey) -> Manifest:
    """Return a SealedSecret that has to be there."""
    found = gateway.get_sealed_secret(key)
    assert found is not None
    return found


def get_secret(gateway: Gateway, key: ObjectKey) -> dict[str, Any]:
    """Return a Secret that has to be there."""
    found = gateway.get_secret(key)
    assert found is not None
    return dict(found)


def version(manifest: Manifest) -> str:
    """Return an object's resourceVersion."""
    return str(manifest["metadata"]["resourceVersion"])


def names(gateway: Gateway, resource: Resource) -> set[str]:
    """Return the names of a collection's objects."""
    return {manifest["metadata"]["name"] for manifest in every_object(gateway, resource)}


def every_object(gateway: Gateway, resource: Resource) -> list[Manifest]:
    """Return a whole list, read page by page."""
    page = gateway.list_page(resource)
    found = list(page.items)
    while page.continue_token:
        page = gateway.list_page(resource, page.continue_token)
        found += page.items
    return found


def following(gateway: Gateway, resource: Resource) -> Following:
    """Follow a collection from now on."""
    return Following(gateway, resource, gateway.list_page(resource).resource_version)


class TestSealedSecrets:
    def test_one_that_is_not_there_is_none(self, world: World) -> None:
        assert world.gateway().get_sealed_secret(world.key("db")) is None

    def test_a_new_one_has_an_identity_and_is_of_the_first_generation(self, world: World) -> None:
        world.put_sealed(sealed(world, labels={"team": "a"}))
        found = get_sealed(world.gateway(), world.key("db"))
        assert found["spec"] == sealed(world)["spec"]
        assert found["metadata"]["labels"] == {"team": "a"}
        assert found["metadata"]["generation"] == 1
        assert found["metadata"]["uid"]
        assert found["metadata"]["creationTimestamp"]
        assert version(found).isdecimal()
        assert not found.get("status")

    def test_a_changed_spec_is_a_new_generation_of_the_same_object(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        before = get_sealed(gateway, world.key("db"))
        world.put_sealed({**sealed(world), "spec": {"encryptedData": {"password": "AgBz"}}})
        after = get_sealed(gateway, world.key("db"))
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert after["metadata"]["generation"] == 2
        assert version(after) != version(before)
        assert after["spec"]["encryptedData"] == {"password": "AgBz"}

    def test_changed_labels_and_annotations_are_no_new_generation(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        before = get_sealed(gateway, world.key("db"))
        world.put_sealed(sealed(world, annotations={"sealedsecrets.bitnami.com/cluster-wide": "true"}))
        after = get_sealed(gateway, world.key("db"))
        assert after["metadata"]["generation"] == 1
        assert version(after) != version(before)

    def test_one_that_is_put_again_unchanged_keeps_its_version(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        before = get_sealed(gateway, world.key("db"))
        world.put_sealed(sealed(world))
        assert get_sealed(gateway, world.key("db")) == before

    def test_identity_and_status_outlive_a_controller(self, world: World) -> None:
        first = world.gateway()
        world.put_sealed(sealed(world))
        before = get_sealed(first, world.key("db"))
        first.write_status(world.key("db"), before["metadata"]["uid"], FAILED)
        first.close()
        after = get_sealed(world.gateway(), world.key("db"))
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert after["metadata"]["creationTimestamp"] == before["metadata"]["creationTimestamp"]
        assert after["metadata"]["generation"] == 1
        assert after["status"] == FAILED

    def test_one_that_changed_while_no_controller_ran_is_of_a_new_generation(self, world: World) -> None:
        first = world.gateway()
        world.put_sealed(sealed(world))
        get_sealed(first, world.key("db"))
        first.close()
        world.put_sealed({**sealed(world), "spec": {"encryptedData": {"password": "AgBz"}}})
        assert get_sealed(world.gateway(), world.key("db"))["metadata"]["generation"] == 2

    def test_a_namesake_of_a_deleted_one_is_another_object(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        before = get_sealed(gateway, world.key("db"))
        gateway.write_status(world.key("db"), before["metadata"]["uid"], FAILED)
        world.delete_sealed(world.key("db"))
        eventually(lambda: gateway.get_sealed_secret(world.key("db")) is None, what="the SealedSecret is gone")
        world.put_sealed(sealed(world))
        after = get_sealed(gateway, world.key("db"))
        assert after["metadata"]["uid"] != before["metadata"]["uid"]
        assert after["metadata"]["generation"] == 1
        assert not after.get("status")


class TestStatus:
    def test_it_is_there_for_people_and_for_the_next_look(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        before = get_sealed(gateway, world.key("db"))
        gateway.write_status(world.key("db"), before["metadata"]["uid"], FAILED)
        after = get_sealed(gateway, world.key("db"))
        assert world.status(world.key("db")) == FAILED
        assert after["status"] == FAILED
        assert after["metadata"]["generation"] == 1
        assert version(after) != version(before)

    def test_it_is_merged_into_what_is_there(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        uid = get_sealed(gateway, world.key("db"))["metadata"]["uid"]
        record = {"secret": {"uid": "u", "resourceVersion": "1"}, "scope": "strict"}
        gateway.write_status(world.key("db"), uid, FAILED | record)
        gateway.write_status(world.key("db"), uid, {"observedGeneration": 2, "scope": None})
        assert world.status(world.key("db")) == {**FAILED, "observedGeneration": 2, "secret": record["secret"]}

    def test_writing_what_is_there_already_changes_nothing(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        uid = get_sealed(gateway, world.key("db"))["metadata"]["uid"]
        gateway.write_status(world.key("db"), uid, FAILED)
        before = get_sealed(gateway, world.key("db"))
        gateway.write_status(world.key("db"), uid, FAILED)
        assert version(get_sealed(gateway, world.key("db"))) == version(before)

    def test_a_changed_spec_leaves_it_as_it_is(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        uid = get_sealed(gateway, world.key("db"))["metadata"]["uid"]
        gateway.write_status(world.key("db"), uid, FAILED)
        world.put_sealed({**sealed(world), "spec": {"encryptedData": {}}, "status": {"observedGeneration": 7}})
        assert get_sealed(gateway, world.key("db"))["status"] == FAILED

    def test_that_of_an_object_that_is_gone_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFoundError):
            world.gateway().write_status(world.key("db"), "c0ffee00-0000-4000-8000-000000000000", FAILED)

    def test_that_of_a_namesake_is_a_conflict(self, world: World) -> None:
        gateway = world.gateway()
        world.put_sealed(sealed(world))
        with pytest.raises(ConflictError):
            gateway.write_status(world.key("db"), "c0ffee00-0000-4000-8000-000000000000", FAILED)
        assert not world.status(world.key("db"))


class TestSecrets:
    def test_one_that_is_not_there_is_none(self, world: World) -> None:
        assert world.gateway().get_secret(world.key("db")) is None

    def test_a_created_one_is_there_as_it_was_returned(self, world: World) -> None:
        gateway = world.gateway()
        wanted = secret(world, labels={"app": "db"}, annotations={"note": "a text, of any kind: é"})
        stored = gateway.create_secret(wanted)
        assert stored["metadata"]["uid"]
        assert version(stored).isdecimal()
        assert stored["metadata"]["labels"] == {"app": "db"}
        assert stored["metadata"]["annotations"] == {"note": "a text, of any kind: é"}
        assert get_secret(gateway, world.key("db")) == stored
        assert world.items(world.key("db")) == {"password": b"plaintext"}

    def test_without_a_type_it_is_opaque(self, world: World) -> None:
        wanted = {field: value for field, value in secret(world).items() if field != "type"}
        assert world.gateway().create_secret(wanted)["type"] == "Opaque"

    @pytest.mark.parametrize(
        "items",
        [
            pytest.param({}, id="no item"),
            pytest.param({"empty": b""}, id="an empty item"),
            pytest.param({"binary": bytes(range(256))}, id="bytes that are no text"),
            pytest.param({".hidden": b"1", "UPPER_lower-1.txt": b"2", "yes": b"3", "1": b"4"}, id="names of all kinds"),
            pytest.param({"tls.crt": b"-----BEGIN\n\nlines\n", "long": b"x" * 300_000}, id="long texts of many lines"),
        ],
    )
    def test_items_come_out_as_they_went_in(self, world: World, items: dict[str, bytes]) -> None:
        data = {name: base64.b64encode(value).decode() for name, value in items.items()}
        gateway = world.gateway()
        gateway.create_secret({**secret(world), "data": data})
        assert world.items(world.key("db")) == items
        assert (get_secret(gateway, world.key("db")).get("data") or {}) == data

    def test_creating_one_that_is_there_is_refused(self, world: World) -> None:
        gateway = world.gateway()
        world.put_secret(secret(world))
        with pytest.raises(AlreadyExistsError):
            gateway.create_secret({**secret(world), "data": {"other": VALUE}})
        assert world.items(world.key("db")) == {"password": b"plaintext"}

    def test_a_replaced_one_is_the_same_object_with_another_version(self, world: World) -> None:
        gateway = world.gateway()
        before = gateway.create_secret(secret(world, labels={"old": "label"}))
        metadata = {**before["metadata"], "labels": {"new": "label"}}
        after = gateway.replace_secret({**before, "metadata": metadata, "data": {"user": "YWRtaW4="}})
        assert after["metadata"]["uid"] == before["metadata"]["uid"]
        assert version(after) != version(before)
        assert after["metadata"]["labels"] == {"new": "label"}
        assert get_secret(gateway, world.key("db")) == after
        assert world.items(world.key("db")) == {"user": b"admin"}

    def test_replacing_one_with_itself_changes_nothing(self, world: World) -> None:
        gateway = world.gateway()
        before = gateway.create_secret(secret(world))
        assert gateway.replace_secret(before) == before

    def test_replacing_one_that_changed_since_is_a_conflict(self, world: World) -> None:
        gateway = world.gateway()
        read = gateway.create_secret(secret(world))
        world.put_secret({**(world.secret(world.key("db")) or {}), "data": {"theirs": VALUE}})
        with pytest.raises(ConflictError):
            gateway.replace_secret({**read, "data": {"ours": VALUE}})
        assert world.items(world.key("db")) == {"theirs": b"plaintext"}

    def test_replacing_a_namesake_is_a_conflict(self, world: World) -> None:
        gateway = world.gateway()
        read = gateway.create_secret(secret(world))
        world.delete_secret(world.key("db"))
        world.put_secret({**secret(world), "data": {"theirs": VALUE}})
        with pytest.raises(ConflictError):
            gateway.replace_secret({**read, "data": {"ours": VALUE}})
        assert world.items(world.key("db")) == {"theirs": b"plaintext"}

    def test_replacing_one_that_is_gone_is_not_found(self, world: World) -> None:
        gateway = world.gateway()
        read = gateway.create_secret(secret(world))
        world.delete_secret(world.key("db"))
        with pytest.raises(NotFoundError):
            gateway.replace_secret(read)
        assert world.secret(world.key("db")) is None

    def test_uid_and_version_outlive_a_controller(self, world: World) -> None:
        first = world.gateway()
        made = first.create_secret(secret(world))
        first.close()
        second = world.gateway()
        assert get_secret(second, world.key("db")) == made
        assert [(m["metadata"]["uid"], version(m)) for m in every_object(second, Resource.SECRETS)] == [
            (made["metadata"]["uid"], version(made))
        ]

    def test_an_edit_by_hand_is_another_version(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret(secret(world))
        world.put_secret({**(world.secret(world.key("db")) or {}), "data": {"password": "ZWRpdGVkISE="}})
        edited = get_secret(gateway, world.key("db"))
        assert version(edited) != version(made)
        assert edited["metadata"]["uid"] == made["metadata"]["uid"]
        assert edited["data"] == {"password": "ZWRpdGVkISE="}

    def test_one_made_anew_by_hand_is_another_object(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret(secret(world))
        world.delete_secret(world.key("db"))
        assert gateway.get_secret(world.key("db")) is None
        world.put_secret(secret(world))
        assert get_secret(gateway, world.key("db"))["metadata"]["uid"] != made["metadata"]["uid"]


INVALID = [
    pytest.param({"data": {"a/b": VALUE}}, id="an item with a slash in its name"),
    pytest.param({"data": {"..": VALUE}}, id="an item named with two dots"),
    pytest.param({"data": {"..data": VALUE}}, id="an item whose name begins with two dots"),
    pytest.param({"data": {"": VALUE}}, id="an item without a name"),
    pytest.param({"data": {"x" * 254: VALUE}}, id="an item with an endless name"),
    pytest.param({"data": {"password": "not base64!"}}, id="a value that is no base64"),
    pytest.param({"data": {"password": 1}}, id="a value that is a number"),
    pytest.param({"data": [VALUE]}, id="data that is a list"),
    pytest.param({"data": {"big": base64.b64encode(bytes(1024 * 1024 + 1)).decode()}}, id="more than a MiB of data"),
    pytest.param({"type": "kubernetes.io/tls"}, id="a TLS Secret without its items"),
    pytest.param({"type": "kubernetes.io/ssh-auth"}, id="an SSH Secret without its item"),
    pytest.param({"type": "kubernetes.io/basic-auth", "data": {}}, id="a basic-auth Secret without its items"),
    pytest.param(
        {"type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": VALUE}}, id="a docker Secret, no JSON"
    ),
    pytest.param({"immutable": "yes"}, id="an immutable that is text"),
    pytest.param({"metadata": {"labels": {"app": "not a label value"}}}, id="a label value with blanks"),
    pytest.param({"metadata": {"labels": {"app": "x" * 64}}}, id="a label value that is too long"),
    pytest.param({"metadata": {"labels": {"a/b/c": "x"}}}, id="a label key with two slashes"),
    pytest.param({"metadata": {"labels": {"app": 1}}}, id="a label that is a number"),
    pytest.param({"metadata": {"annotations": {"not a key": "x"}}}, id="an annotation key with blanks"),
    pytest.param({"metadata": {"annotations": {"a": "x" * 262_144}}}, id="more than 256 KiB of annotations"),
    pytest.param({"metadata": {"ownerReferences": [{"kind": "SealedSecret"}]}}, id="an owner without a name"),
]


class TestRefusals:
    @pytest.mark.parametrize("change", INVALID)
    def test_an_invalid_secret_is_not_created(self, world: World, change: dict[str, Any]) -> None:
        wanted = secret(world)
        metadata = wanted["metadata"] | change.get("metadata", {})
        with pytest.raises(RefusedError) as refusal:
            world.gateway().create_secret({**wanted, **change, "metadata": metadata})
        assert VALUE not in str(refusal.value)
        assert world.secret(world.key("db")) is None

    def test_a_type_cannot_change(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret(secret(world))
        with pytest.raises(RefusedError, match=r"type.*immutable"):
            gateway.replace_secret({**made, "type": "example.com/other"})
        assert (world.secret(world.key("db")) or {})["type"] == "Opaque"

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param({"data": {"password": "b3RoZXI="}}, id="a value"),
            pytest.param({"data": {"password": VALUE, "user": VALUE}}, id="one more item"),
            pytest.param({"data": {}}, id="one item less"),
            pytest.param({"immutable": False}, id="the flag itself"),
            pytest.param({"immutable": None}, id="the flag taken away"),
        ],
    )
    def test_of_an_immutable_secret_nothing_can_change(self, world: World, change: dict[str, Any]) -> None:
        gateway = world.gateway()
        made = gateway.create_secret({**secret(world), "immutable": True})
        with pytest.raises(RefusedError, match="immutable when `immutable` is set"):
            gateway.replace_secret({**made, **change})
        assert world.items(world.key("db")) == {"password": b"plaintext"}

    def test_but_its_labels(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret({**secret(world), "immutable": True})
        gateway.replace_secret({**made, "metadata": {**made["metadata"], "labels": {"app": "db"}}})
        assert (world.secret(world.key("db")) or {})["metadata"]["labels"] == {"app": "db"}

    def test_a_secret_can_become_immutable(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret(secret(world))
        assert gateway.replace_secret({**made, "immutable": True, "data": {"new": VALUE}})["immutable"] is True


class TestLists:
    def test_an_empty_collection_has_a_version(self, world: World) -> None:
        for resource in Resource:
            page = world.gateway().list_page(resource)
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
