"""The gateway over the real API server: what is Kubernetes' own about it.

What every gateway has to do is in the table of behaviours that all gateways share; answers that no API server gives on
request are in test_kubetransport.py and test_kubeerrors.py.
"""

import base64
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.support.cluster import Cluster
from tests.support.kube_gateways import KubeGateways
from tests.support.kubeapi import KubeApi
from tests.support.wait import eventually

from sealwright_controller.gateway import (
    KEY_LABEL,
    LEGACY_KEY_NAME,
    ConflictError,
    GatewayError,
    NamespaceEndingError,
    NotFoundError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
    WatchEvent,
)
from sealwright_controller.kube.gateway import MAX_OBJECTS_PER_PAGE, KubeGateway
from sealwright_controller.options.selectors import parse_label_selector

VALUE = "hunter2"
SEALED_SECRET = "bitnami.com/v1alpha1/SealedSecret"


@pytest.fixture
def gateways(control_plane: Cluster, namespace: str, tmp_path: Path) -> Iterator[KubeGateways]:
    with KubeGateways(control_plane, namespace, tmp_path) as opened:
        yield opened


@pytest.fixture
def gateway(gateways: KubeGateways) -> KubeGateway:
    return gateways.open()


def secret(namespace: str, name: str, value: str = VALUE, **more: Any) -> dict[str, Any]:
    labels = more.pop("labels", None) or {}
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    data = {"a": base64.b64encode(value.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data, **more}


def sealed(namespace: str, name: str = "db") -> dict[str, Any]:
    metadata = {"name": name, "namespace": namespace}
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata,
        "spec": {"encryptedData": {"a": "AgA="}},
    }


def names(items: Any) -> list[str]:
    return sorted(item["metadata"]["name"] for item in items)


def value_of(manifest: Mapping[str, Any]) -> str:
    return base64.b64decode(manifest["data"]["a"]).decode()


class Following:
    """Follows a watch in a thread of its own and keeps what it yields, bookmarks apart."""

    def __init__(self, gateway: KubeGateway, resource: Resource) -> None:
        self.changes: list[WatchEvent] = []
        self.bookmarks: list[WatchEvent] = []
        self.error: GatewayError | None = None
        version = gateway.list_page(resource).resource_version
        self._thread = threading.Thread(target=self._run, args=(gateway.watch(resource, version),))
        self._thread.start()

    def _run(self, events: Iterator[WatchEvent]) -> None:
        try:
            for event in events:
                (self.bookmarks if event.type == "BOOKMARK" else self.changes).append(event)
        except GatewayError as error:
            self.error = error

    def wait_for_end(self) -> None:
        self._thread.join(10)
        assert not self._thread.is_alive(), "the watch goes on"

    def wait_for(self, *changes: tuple[str, str]) -> list[WatchEvent]:
        """Wait until these types and names, and no others, were seen, in this order."""
        eventually(
            lambda: [(event.type, event.object["metadata"]["name"]) for event in self.changes] == list(changes),
            what=f"{changes}, with {self.error}",
        )
        return self.changes


# ---- lists and watches


def test_pages_hold_the_page_size_and_share_one_version(gateways: KubeGateways, kube: KubeApi, namespace: str) -> None:
    for number in range(5):
        kube.create(sealed(namespace, f"s{number}"))
    gateway, found, versions, token = gateways.open(page_size=2), [], set(), ""
    for _ in range(3):
        page = gateway.list_page(Resource.SEALED_SECRETS, token)
        found += page.items
        versions.add(page.resource_version)
        token = page.continue_token
    assert (names(found), len(versions), token) == (["s0", "s1", "s2", "s3", "s4"], 1, "")


def test_pages_are_small(gateways: KubeGateways, kube: KubeApi, namespace: str) -> None:
    for number in range(MAX_OBJECTS_PER_PAGE + 1):
        kube.create(sealed(namespace, f"s{number}"))
        kube.create(secret(namespace, f"s{number}"))
    for resource in (Resource.SEALED_SECRETS, Resource.SECRETS):
        page = gateways.open(page_size=500).list_page(resource)
        assert len(page.items) == MAX_OBJECTS_PER_PAGE
        assert page.continue_token


def test_secrets_are_listed_and_watched_without_their_data(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    kube.create(secret(namespace, "listed"))
    listed = gateway.list_page(Resource.SECRETS).items
    following = Following(gateway, Resource.SECRETS)
    kube.create(secret(namespace, "watched"))
    (watched,) = following.wait_for(("ADDED", "watched"))
    assert names(listed) == ["listed"]
    for manifest in [*listed, watched.object]:
        assert "data" not in manifest
        assert {"uid", "resourceVersion", "namespace"} <= manifest["metadata"].keys()


def test_all_namespaces_are_served_unless_one_is_named(gateways: KubeGateways, kube: KubeApi, namespace: str) -> None:
    elsewhere = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": f"{namespace}-"}})
    kube.create(sealed(elsewhere["metadata"]["name"], "elsewhere"))
    kube.create(sealed(namespace, "here"))
    everywhere = gateways.open(served_namespaces=None).list_page(Resource.SEALED_SECRETS)
    here = gateways.open().list_page(Resource.SEALED_SECRETS)
    assert {"elsewhere", "here"} <= set(names(everywhere.items))
    assert names(here.items) == ["here"]
    kube.delete("v1/Namespace", elsewhere["metadata"]["name"])


def test_several_namespaces_are_listed_one_by_one(gateways: KubeGateways, kube: KubeApi, namespace: str) -> None:
    kube.create(sealed(namespace, "here"))
    kube.create(secret(namespace, "here"))
    missing = f"{namespace}-missing"
    gateway = gateways.open(served_namespaces=[namespace, missing])
    assert gateway.namespaces == (namespace, missing)
    for resource in (Resource.SEALED_SECRETS, Resource.SECRETS):
        assert names(gateway.list_page(resource, namespace=namespace).items) == ["here"]
        assert names(gateway.list_page(resource, namespace=missing).items) == []


def test_the_server_is_asked_for_those_that_the_selector_picks(
    gateways: KubeGateways, kube: KubeApi, namespace: str
) -> None:
    gateway = gateways.open(selector=parse_label_selector("app in (shop, till),!old"))
    for name, labels in (("yes", {"app": "till"}), ("no", {"app": "else"}), ("old", {"app": "shop", "old": "1"})):
        manifest = sealed(namespace, name)
        kube.create({**manifest, "metadata": {**manifest["metadata"], "labels": labels}})
    assert names(gateway.list_page(Resource.SEALED_SECRETS).items) == ["yes"]
    following = Following(gateway, Resource.SEALED_SECRETS)
    kube.patch(SEALED_SECRET, "yes", {"metadata": {"labels": {"app": "else"}}}, namespace)
    eventually(lambda: [(event.type, *names([event.object])) for event in following.changes] == [("DELETED", "yes")])
    assert gateway.get_sealed_secret(ObjectKey(namespace, "yes")) is not None


def test_a_watch_ends_by_itself_after_its_time(gateways: KubeGateways, kube: KubeApi, namespace: str) -> None:
    gateway = gateways.open(watch_timeout_seconds=2)
    following = Following(gateway, Resource.SECRETS)
    kube.create(secret(namespace, "one"))
    following.wait_for_end()
    assert following.error is None
    assert names(event.object for event in following.changes) == ["one"]
    last = following.changes[0].object["metadata"]["resourceVersion"]
    assert all(int(mark.object["metadata"]["resourceVersion"]) >= int(last) for mark in following.bookmarks)


@pytest.mark.parametrize("resource", Resource)
def test_closing_wakes_a_blocked_watch_and_refuses_new_calls(gateways: KubeGateways, resource: Resource) -> None:
    gateway = gateways.open()
    following = Following(gateway, resource)
    gateway.close()
    following.wait_for_end()
    assert following.error is None or isinstance(following.error, UnavailableError)
    with pytest.raises(UnavailableError):
        gateway.list_page(resource)


def test_a_version_that_the_server_cannot_read_ends_the_watch_with_a_gateway_error(gateway: KubeGateway) -> None:
    with pytest.raises(UnavailableError, match="watch of Secrets"):
        next(gateway.watch(Resource.SECRETS, "no version"))


def test_without_the_custom_resource_definition_the_watcher_is_told_to_wait_for_it(
    monkeypatch: pytest.MonkeyPatch, gateways: KubeGateways
) -> None:
    monkeypatch.setattr("sealwright_controller.kube.gateway.API_VERSION", "bitnami.com/v0")
    gateway = gateways.open()
    with pytest.raises(UnavailableError, match="is the CustomResourceDefinition of SealedSecrets installed"):
        gateway.list_page(Resource.SEALED_SECRETS)
    with pytest.raises(UnavailableError, match="is the CustomResourceDefinition of SealedSecrets installed"):
        next(gateway.watch(Resource.SEALED_SECRETS, "1"))


# ---- sealing keys


def test_keys_are_the_labelled_secrets_and_the_one_of_the_legacy_name(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    kube.create(secret(namespace, "active", labels={KEY_LABEL: "active"}))
    kube.create(secret(namespace, "retired", labels={KEY_LABEL: "retired"}))
    kube.create(secret(namespace, LEGACY_KEY_NAME))
    kube.create(secret(namespace, "other", labels={"some": "label"}))
    items = gateway.list_page(Resource.SEALING_KEYS).items
    assert names(items) == ["active", "retired", LEGACY_KEY_NAME]
    assert [(item["kind"], value_of(item)) for item in items] == [("Secret", VALUE)] * 3


def test_keys_are_followed_live_through_every_change(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    following = Following(gateway, Resource.SEALING_KEYS)
    kube.create(secret(namespace, "key", "one", labels={KEY_LABEL: "active"}))
    following.wait_for(("ADDED", "key"))
    kube.patch("v1/Secret", "key", {"metadata": {"labels": {KEY_LABEL: "compromised"}}}, namespace)
    kube.create(secret(namespace, "no-key"))
    kube.delete("v1/Secret", "no-key", namespace)
    kube.create(secret(namespace, LEGACY_KEY_NAME, "legacy"))
    kube.patch("v1/Secret", "key", {"metadata": {"labels": {KEY_LABEL: None}}}, namespace)
    kube.delete("v1/Secret", LEGACY_KEY_NAME, namespace)
    added, relabelled, legacy, unlabelled, _ = following.wait_for(
        ("ADDED", "key"),
        ("MODIFIED", "key"),
        ("ADDED", LEGACY_KEY_NAME),
        ("DELETED", "key"),
        ("DELETED", LEGACY_KEY_NAME),
    )
    assert [value_of(event.object) for event in (added, relabelled, legacy)] == ["one", "one", "legacy"]
    assert "data" not in unlabelled.object


def test_a_watch_of_keys_is_taken_up_where_it_broke(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    version = gateway.list_page(Resource.SEALING_KEYS).resource_version
    for name in ("first", "second"):
        kube.create(secret(namespace, name, labels={KEY_LABEL: "active"}))
    # The first is read only now that it has changed again, after the second was made.
    kube.patch("v1/Secret", "first", {"data": {"a": base64.b64encode(b"new").decode()}}, namespace)
    first = next(gateway.watch(Resource.SEALING_KEYS, version)).object
    assert (first["metadata"]["name"], value_of(first)) == ("first", "new")
    following = gateway.watch(Resource.SEALING_KEYS, first["metadata"]["resourceVersion"])
    assert next(following).object["metadata"]["name"] == "second"


def test_a_key_that_is_gone_before_it_could_be_read_is_only_seen_to_go(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    version = gateway.list_page(Resource.SEALING_KEYS).resource_version
    kube.create(secret(namespace, "key", labels={KEY_LABEL: "active"}))
    kube.delete("v1/Secret", "key", namespace)
    assert next(gateway.watch(Resource.SEALING_KEYS, version)).type == "DELETED"


# ---- the status


def test_a_status_keeps_the_fields_that_are_not_written(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    uid = kube.create(sealed(namespace))["metadata"]["uid"]
    key = ObjectKey(namespace, "db")
    gateway.write_status(key, uid, {"observedGeneration": 1, "scope": "strict"})
    gateway.write_status(key, uid, {"scope": "cluster-wide"})
    assert kube.get(SEALED_SECRET, "db", namespace)["status"] == {"observedGeneration": 1, "scope": "cluster-wide"}


def test_a_status_never_reaches_a_namesake(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    uid = kube.create(sealed(namespace))["metadata"]["uid"]
    kube.delete(SEALED_SECRET, "db", namespace)
    key = ObjectKey(namespace, "db")
    with pytest.raises(NotFoundError):
        gateway.write_status(key, uid, {"scope": "strict"})
    kube.create(sealed(namespace))
    with pytest.raises(ConflictError):
        gateway.write_status(key, uid, {"scope": "strict"})
    assert "scope" not in kube.get(SEALED_SECRET, "db", namespace).get("status", {})


def test_a_status_is_written_while_others_keep_changing_the_object(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    uid = kube.create(sealed(namespace))["metadata"]["uid"]
    done = threading.Event()

    def disturb() -> None:
        number = 0
        while not done.is_set():
            number += 1
            kube.patch(SEALED_SECRET, "db", {"metadata": {"labels": {"number": str(number)}}}, namespace)
            done.wait(0.02)

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        for generation in range(20):
            gateway.write_status(ObjectKey(namespace, "db"), uid, {"observedGeneration": generation})
    finally:
        done.set()
        disturber.join()
    assert kube.get(SEALED_SECRET, "db", namespace)["status"] == {"observedGeneration": 19}


def test_a_status_that_the_schema_refuses_says_which_field(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    uid = kube.create(sealed(namespace))["metadata"]["uid"]
    with pytest.raises(RefusedError, match=r"status\.scope: Unsupported value"):
        gateway.write_status(ObjectKey(namespace, "db"), uid, {"scope": "universe"})


# ---- Secrets


def test_a_refused_secret_names_the_field_and_shows_no_value(gateway: KubeGateway, namespace: str) -> None:
    good = gateway.create_secret(secret(namespace, "db", immutable=True))
    changed = base64.b64encode(f"{VALUE}!".encode()).decode()
    attempts = [
        (gateway.replace_secret, {**good, "data": {"a": changed}}, "the target Secret is immutable"),
        (gateway.replace_secret, {**good, "type": VALUE}, "type: field is immutable"),
        (gateway.create_secret, secret(namespace, "x", data={"my key": ""}), 'item "my key"'),
        (gateway.create_secret, secret(namespace, "x", data={"a": VALUE + "!"}), "not base64"),
        (gateway.create_secret, secret(namespace, "x", labels={"l": VALUE + " !"}), "metadata.labels is invalid"),
        (gateway.create_secret, secret(namespace, "x", data={"a": {"b": VALUE}}), "BadRequest"),
        (gateway.create_secret, secret(namespace, "x", type="kubernetes.io/tls"), "data[tls.crt] is required"),
        (gateway.create_secret, secret(namespace, "x", value=VALUE * 200_000), "data is too long"),
        (gateway.create_sealing_key, secret(namespace, "x", data={"a": VALUE + "!"}), "not base64"),
    ]
    for attempt, manifest, said in attempts:
        with pytest.raises(RefusedError) as refused:
            attempt(manifest)
        assert said in str(refused.value)
        assert VALUE not in str(refused.value)


def test_a_missing_right_is_named(
    control_plane: Cluster, gateways: KubeGateways, kube: KubeApi, namespace: str
) -> None:
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "nobody", "namespace": namespace}})
    gateway = gateways.open(control_plane.service_account_token(namespace, "nobody"))
    right = rf'User "system:serviceaccount:{namespace}:nobody" cannot {{}} resource "secrets" in API group ""'
    with pytest.raises(RefusedError, match=right.format("list")):
        gateway.list_page(Resource.SECRETS)
    with pytest.raises(RefusedError, match=right.format("create")):
        gateway.create_secret(secret(namespace, "db"))


def test_a_namespace_that_is_being_deleted_takes_no_secret_and_says_so(gateway: KubeGateway, kube: KubeApi) -> None:
    metadata = {"generateName": "going-"}
    going = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})["metadata"]["name"]
    # A finalizer on an object within keeps the namespace in its deletion.
    held = secret(going, "held")
    held["metadata"]["finalizers"] = ["example.com/held"]
    kube.create(held)
    kube.delete("v1/Namespace", going)
    try:
        with pytest.raises(NamespaceEndingError, match="its namespace is being deleted"):
            gateway.create_secret(secret(going, "db"))
    finally:
        kube.patch("v1/Secret", "held", {"metadata": {"finalizers": None}}, going)


def test_several_threads_share_a_gateway(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    def create(thread: int) -> None:
        for number in range(5):
            gateway.create_secret(secret(namespace, f"s{thread}-{number}"))

    threads = [threading.Thread(target=create, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kube.list("v1/Secret", namespace)) == 40
