"""What anybody may put into a real API server, and what Python's own reader of JSON fails on, stops nobody."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.cluster import Cluster
from tests.support.following import Following
from tests.support.kube_gateways import KubeGateways
from tests.support.kubeapi import KubeApi

from sealwright_controller.gateway import KEY_LABEL, ObjectKey, Resource, UnreadableError
from sealwright_controller.kube.boundedjson import MAX_VALUES, MAX_VALUES_KEPT
from sealwright_controller.kube.gateway import KubeGateway

DEEP = [
    pytest.param(b"[" * 1_500 + b"]" * 1_500, id="lists, 1,500 deep"),
    pytest.param(b"[" * 9_000 + b"]" * 9_000, id="lists, 9,000 deep"),
    pytest.param(b'{"a":' * 1_500 + b"1" + b"}" * 1_500, id="maps, 1,500 deep, and so the fields that are managed"),
]
FIELDS = [
    pytest.param(b'{"f:a":' * 3_000 + b"{}" + b"}" * 3_000, id="3,000 deep"),
    pytest.param(b'{"f:\xff":{}}', id="no UTF-8"),
]
MANY = b"[" + b",".join([b"[]"] * MAX_VALUES) + b"]"
STATUS = {"observedGeneration": 1, "conditions": [{"type": "Synced", "status": "False"}]}


@pytest.fixture
def gateway(control_plane: Cluster, namespace: str, tmp_path: Path) -> Iterator[KubeGateway]:
    with KubeGateways(control_plane, namespace, tmp_path) as gateways:
        yield gateways.open()


def sealed(namespace: str, name: str, x: bytes = b"1", **metadata: Any) -> bytes:
    described = json.dumps({"name": name, "namespace": namespace, **metadata}).encode()
    spec = b'{"encryptedData":{"a":"AAAA"},"template":{"metadata":{"x":' + x + b"}}}"
    return b'{"apiVersion":"bitnami.com/v1alpha1","kind":"SealedSecret","metadata":%b,"spec":%b}' % (described, spec)


def secret(namespace: str, name: str, fields: bytes, **metadata: Any) -> bytes:
    managed = b'{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":%b}' % fields
    described = json.dumps({"name": name, "namespace": namespace, **metadata}).encode()[:-1]
    return b'{"apiVersion":"v1","kind":"Secret","metadata":%b,"managedFields":[%b]}}' % (described, managed)


def post(kube: KubeApi, kind: str, namespace: str, body: bytes) -> None:
    kube.request("POST", kube.path(kind, namespace), body)


def post_sealed(kube: KubeApi, namespace: str, name: str, x: bytes = b"1", **metadata: Any) -> None:
    post(kube, "bitnami.com/v1alpha1/SealedSecret", namespace, sealed(namespace, name, x, **metadata))


def listed(gateway: KubeGateway, resource: Resource) -> list[str]:
    return [manifest["metadata"]["name"] for manifest in gateway.list_page(resource).items]


@pytest.mark.parametrize("x", DEEP)
class TestSealedSecretsNestedWithoutEnd:
    def test_a_list_shows_them_and_their_neighbours(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, x: bytes
    ) -> None:
        for name in ("a", "bad", "z"):
            post_sealed(kube, namespace, name, x if name == "bad" else b"1")
        assert listed(gateway, Resource.SEALED_SECRETS) == ["a", "bad", "z"]

    def test_a_watch_shows_them_and_goes_on(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, x: bytes
    ) -> None:
        version = gateway.list_page(Resource.SEALED_SECRETS).resource_version
        with Following(gateway, Resource.SEALED_SECRETS, version) as following:
            post_sealed(kube, namespace, "bad", x)
            assert following.wait_for("ADDED", "bad")["metadata"]["generation"] == 1
            post_sealed(kube, namespace, "z")
            following.wait_for("ADDED", "z")

    def test_their_status_can_be_written_and_nothing_else_of_them_changes(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, x: bytes
    ) -> None:
        post_sealed(kube, namespace, "bad", x, labels={"l": "1"}, annotations={"a": "1"}, finalizers=["x.io/y"])
        path = kube.path("bitnami.com/v1alpha1/SealedSecret", namespace, "bad")
        before = gateway.get_sealed_secret(ObjectKey(namespace, "bad"))
        assert before is not None
        gateway.write_status(ObjectKey(namespace, "bad"), before["metadata"]["uid"], STATUS)
        after = gateway.get_sealed_secret(ObjectKey(namespace, "bad"))
        assert after is not None
        assert after["status"] == STATUS
        for kept in ("labels", "annotations", "finalizers", "generation", "uid"):
            assert after["metadata"][kept] == before["metadata"][kept]
        assert b'"x":' + x in kube.request("GET", path)
        kube.request("PATCH", path, b'{"metadata":{"finalizers":null}}', content_type="application/merge-patch+json")


class TestSealedSecretsOfManyValues:
    def test_a_list_shows_them_and_their_neighbours(self, gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
        for name in ("a", "bad", "z"):
            post_sealed(kube, namespace, name, MANY if name == "bad" else b"1")
        assert listed(gateway, Resource.SEALED_SECRETS) == ["a", "bad", "z"]

    def test_they_are_told_from_others_and_their_status_can_be_written(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str
    ) -> None:
        post_sealed(kube, namespace, "bad", MANY, labels={"l": "1"})
        key = ObjectKey(namespace, "bad")
        with pytest.raises(
            UnreadableError, match="one of metadata, spec and status holds more than 50000 values"
        ) as found:
            gateway.get_sealed_secret(key)
        assert found.value.rest["metadata"]["labels"] == {"l": "1"}
        gateway.write_status(key, found.value.rest["metadata"]["uid"], STATUS)
        with pytest.raises(UnreadableError) as found:
            gateway.get_sealed_secret(key)
        assert found.value.rest["status"] == STATUS


class TestSecretsOfManyValues:
    @pytest.fixture
    def many(self, namespace: str) -> dict[str, Any]:
        """Nearly as many values as an API server takes in one Secret."""
        data = {f"k{number:05}": "" for number in range(MAX_VALUES + 1)}
        metadata = {"name": "many", "namespace": namespace, "labels": {KEY_LABEL: "active"}}
        return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}

    def test_one_is_told_from_others_and_not_taken_for_an_empty_one(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, many: dict[str, Any]
    ) -> None:
        kube.create(many)
        with pytest.raises(UnreadableError, match=f"Secret {namespace}/many holds more than 50000 values"):
            gateway.get_secret(ObjectKey(namespace, "many"))

    def test_among_the_sealing_keys_it_is_one_that_holds_no_key(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, many: dict[str, Any]
    ) -> None:
        version = gateway.list_page(Resource.SEALING_KEYS).resource_version
        kube.create(many)
        (listed,) = gateway.list_page(Resource.SEALING_KEYS).items
        with Following(gateway, Resource.SEALING_KEYS, version) as following:
            watched = following.wait_for("ADDED", "many")
        for found in (listed, watched):
            assert found["metadata"]["labels"] == {KEY_LABEL: "active"}
            assert len(found["data"]) <= MAX_VALUES_KEPT


@pytest.mark.parametrize("fields", FIELDS)
class TestSecretsWithStrangeManagedFields:
    def test_a_list_shows_them_and_their_neighbours(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, fields: bytes
    ) -> None:
        for name in ("a", "bad", "z"):
            post(kube, "v1/Secret", namespace, secret(namespace, name, fields if name == "bad" else b"{}"))
        assert listed(gateway, Resource.SECRETS) == ["a", "bad", "z"]

    def test_a_watch_shows_them_and_goes_on(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, fields: bytes
    ) -> None:
        version = gateway.list_page(Resource.SECRETS).resource_version
        with Following(gateway, Resource.SECRETS, version) as following:
            for name in ("bad", "z"):
                post(kube, "v1/Secret", namespace, secret(namespace, name, fields))
                following.wait_for("ADDED", name)

    def test_they_can_be_read_and_replaced(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, fields: bytes
    ) -> None:
        post(kube, "v1/Secret", namespace, secret(namespace, "bad", fields))
        found = gateway.get_secret(ObjectKey(namespace, "bad"))
        assert found is not None
        gateway.replace_secret({**found, "data": {"a": "YQ=="}})
        replaced = gateway.get_secret(ObjectKey(namespace, "bad"))
        assert replaced is not None
        assert replaced["data"] == {"a": "YQ=="}

    def test_a_sealing_key_among_them_is_a_sealing_key(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str, fields: bytes
    ) -> None:
        post(kube, "v1/Secret", namespace, secret(namespace, "key", fields, labels={KEY_LABEL: "active"}))
        assert listed(gateway, Resource.SEALING_KEYS) == ["key"]
