"""What every Gateway does, whatever is behind it: a simulator, a directory in both of its layouts, a real API server.

Each test is a row, each world a column. Objects are here; lists, watches and the rest in test_gateway_streams.py. What
only one world can show is tested beside it (test_simulator.py, test_dirgateway.py, tests/integration). Where the
simulator and the real server differ, the simulator is wrong.
"""

import base64
from typing import Any

import pytest
from tests.support.gateway_calls import (
    VALUE,
    every_object,
    get_sealed,
    get_secret,
    sealed,
    secret,
    version,
)
from tests.support.wait import eventually
from tests.support.worlds import World

from sealwright_controller.gateway import (
    KEY_LABEL,
    LEGACY_KEY_NAME,
    AlreadyExistsError,
    ConflictError,
    NotFoundError,
    RefusedError,
    Resource,
)

FAILED = {"conditions": [{"type": "Synced", "status": "False", "message": "no key"}], "observedGeneration": 1}


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
        assert "conditions" not in found.get("status", {})

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
        world.put_sealed(sealed(world))  # with the first update, the creator stops managing the status's default
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
        assert "conditions" not in after.get("status", {})


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
        assert "conditions" not in world.status(world.key("db"))


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

    def test_a_deleted_one_is_gone(self, world: World) -> None:
        gateway = world.gateway()
        gateway.delete_secret(gateway.create_secret(secret(world)))
        assert gateway.get_secret(world.key("db")) is None
        assert world.secret(world.key("db")) is None

    def test_deleting_one_that_changed_since_is_a_conflict(self, world: World) -> None:
        gateway = world.gateway()
        read = gateway.create_secret(secret(world))
        world.put_secret({**(world.secret(world.key("db")) or {}), "data": {"theirs": VALUE}})
        with pytest.raises(ConflictError):
            gateway.delete_secret(read)
        assert world.items(world.key("db")) == {"theirs": b"plaintext"}

    def test_deleting_a_namesake_is_a_conflict(self, world: World) -> None:
        gateway = world.gateway()
        read = gateway.create_secret(secret(world))
        world.delete_secret(world.key("db"))
        world.put_secret({**secret(world), "data": {"theirs": VALUE}})
        with pytest.raises(ConflictError):
            gateway.delete_secret(read)
        assert world.items(world.key("db")) == {"theirs": b"plaintext"}

    def test_deleting_one_that_is_gone_is_not_found(self, world: World) -> None:
        gateway = world.gateway()
        read = gateway.create_secret(secret(world))
        world.delete_secret(world.key("db"))
        with pytest.raises(NotFoundError):
            gateway.delete_secret(read)

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
    pytest.param({"metadata": {"finalizers": ["no finalizer"]}}, id="a finalizer with a blank"),
    pytest.param({"metadata": {"finalizers": ["plain"]}}, id="a finalizer without a prefix"),
    pytest.param({"metadata": {"finalizers": [1]}}, id="a finalizer that is a number"),
    pytest.param({"metadata": {"finalizers": "example.org/x"}}, id="finalizers that are text"),
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
        with pytest.raises(RefusedError, match="the target Secret is immutable"):
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


class TestSealingKeysAsSecrets:
    """The last line: whatever decided on the write, no Secret is written or deleted that is a sealing key."""

    LABELS = {"labels": {KEY_LABEL: "x"}}  # noqa: RUF012 - not changed

    def test_none_is_made(self, world: World) -> None:
        gateway = world.gateway()
        for manifest in (secret(world, **self.LABELS), secret(world, LEGACY_KEY_NAME)):
            with pytest.raises(RefusedError, match="is a sealing key"):
                gateway.create_secret(manifest)
            assert world.secret(world.key(manifest["metadata"]["name"])) is None
        assert every_object(gateway, Resource.SEALING_KEYS) == []

    def test_no_secret_is_made_one(self, world: World) -> None:
        gateway = world.gateway()
        made = gateway.create_secret(secret(world))
        with pytest.raises(RefusedError, match="is a sealing key"):
            gateway.replace_secret({**made, "metadata": {**made["metadata"], **self.LABELS}})
        assert "labels" not in get_secret(gateway, world.key("db"))["metadata"]

    def test_none_is_deleted(self, world: World) -> None:
        gateway = world.gateway()
        world.put_secret(secret(world, **self.LABELS))
        with pytest.raises(RefusedError, match="is a sealing key"):
            gateway.delete_secret(get_secret(gateway, world.key("db")))
        assert world.secret(world.key("db")) is not None

    def test_another_namespace_can_be_opened(self, cluster_world: World) -> None:
        world = cluster_world
        world.key_secrets_in = (world.namespace, world.keys_namespace)
        gateway = world.gateway()
        assert gateway.create_secret(secret(world, **self.LABELS))["metadata"]["labels"] == {KEY_LABEL: "x"}
        own = secret(world, "own", **self.LABELS)
        with pytest.raises(RefusedError, match="is a sealing key"):
            gateway.create_secret({**own, "metadata": {**own["metadata"], "namespace": world.keys_namespace}})
