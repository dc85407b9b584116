"""What a list or watch has shown is used once in place of a request, and never when something later was shown."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.cluster import Cluster
from tests.support.kube_gateways import KubeGateways
from tests.support.kubeapi import KubeApi

from sealwright_controller.gateway import Manifest, ObjectKey, Resource, UnreadableError, WatchEvent
from sealwright_controller.kube.boundedjson import MAX_EMPTIED
from sealwright_controller.kube.gateway import KubeGateway
from sealwright_controller.kube.shown import MAX_OBJECT_BYTES, ShownObjects
from sealwright_manifests.text.bounds import MAX_DEPTH

DB = ObjectKey("team-a", "db")
SEALED_SECRET = "bitnami.com/v1alpha1/SealedSecret"


def event(kind: Any, version: str) -> tuple[WatchEvent, bytes]:
    """Return an event about DB and the line that it was read from."""
    manifest = {"metadata": {"name": "db", "namespace": "team-a", "uid": "u", "resourceVersion": version}}
    return WatchEvent(kind, manifest), b'{"type":"%b","object":%b}\n' % (kind.encode(), json.dumps(manifest).encode())


def version_of(text: bytes | None) -> str | None:
    return None if text is None else json.loads(text)["metadata"]["resourceVersion"]


class TestMemory:
    def test_the_latest_text_is_given_once(self) -> None:
        shown = ShownObjects()
        shown.note(*event("ADDED", "1"))
        shown.note(*event("MODIFIED", "2"))
        assert [version_of(shown.take(DB)), shown.take(DB)] == ["2", None]

    def test_what_is_gone_is_not_given(self) -> None:
        shown = ShownObjects()
        shown.note(*event("ADDED", "1"))
        shown.note(*event("DELETED", "2"))
        assert shown.take(DB) is None

    def test_a_line_of_an_unusual_form_takes_the_place_of_what_was_kept(self) -> None:
        shown = ShownObjects()
        shown.note(*event("ADDED", "1"))
        later, _ = event("MODIFIED", "2")
        shown.note(later, b'{"object":{},"type":"MODIFIED"}')
        assert shown.take(DB) is None

    def test_a_bookmark_changes_nothing(self) -> None:
        shown = ShownObjects()
        shown.note(*event("ADDED", "1"))
        shown.note(WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": "9"}}), b"")
        assert version_of(shown.take(DB)) == "1"

    def test_a_later_text_that_is_too_long_takes_the_place_of_an_earlier_one(self) -> None:
        shown = ShownObjects()
        shown.keep(DB, b"{}")
        shown.keep(DB, b" " * (MAX_OBJECT_BYTES + 1))
        assert shown.take(DB) is None

    @given(st.lists(st.tuples(st.integers(0, 5), st.binary(max_size=40))))
    def test_no_more_bytes_are_kept_than_there_is_room_for_and_the_latest_at_most(
        self, texts: list[tuple[int, bytes]]
    ) -> None:
        shown, latest = ShownObjects(max_bytes=100), {}
        for number, text in texts:
            latest[ObjectKey("n", str(number))] = text
            shown.keep(ObjectKey("n", str(number)), text)
        kept = {key: shown.take(key) for key in latest}
        assert sum(len(text) for text in kept.values() if text) <= 100
        assert all(text in (None, latest[key]) for key, text in kept.items())
        for number in range(10):  # all room is free again
            shown.keep(ObjectKey("n", str(number)), b"0123456789")
        assert all(shown.take(ObjectKey("n", str(number))) for number in range(10))


@pytest.fixture
def gateway(control_plane: Cluster, namespace: str, tmp_path: Path) -> Iterator[KubeGateway]:
    with KubeGateways(control_plane, namespace, tmp_path) as gateways:
        yield gateways.open()


def sealed(namespace: str, **labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": {"name": "db", "namespace": namespace, "labels": labels},
        "spec": {"encryptedData": {"a": "AgA="}},
    }


class TestOverTheApiServer:
    """An object that was shown is given after it was changed or deleted unseen: so no request was made for it."""

    @pytest.fixture
    def key(self, kube: KubeApi, namespace: str) -> ObjectKey:
        kube.create(sealed(namespace, generation="first"))
        return ObjectKey(namespace, "db")

    @staticmethod
    def labels(manifest: Manifest | None) -> Any:
        return None if manifest is None else manifest["metadata"]["labels"]

    def test_a_listed_object_is_given_whole_and_once(self, gateway: KubeGateway, kube: KubeApi, key: ObjectKey) -> None:
        listed = list(gateway.list_page(Resource.SEALED_SECRETS).items)
        kube.delete(SEALED_SECRET, *reversed(key))
        assert [gateway.get_sealed_secret(key, shown=True)] == listed
        assert gateway.get_sealed_secret(key, shown=True) is None

    def test_a_watched_object_is_given_as_it_was_shown_last(
        self, gateway: KubeGateway, kube: KubeApi, key: ObjectKey
    ) -> None:
        page = gateway.list_page(Resource.SEALED_SECRETS)
        assert len(list(page.items)) == 1
        events = gateway.watch(Resource.SEALED_SECRETS, page.resource_version)
        kube.patch(SEALED_SECRET, key.name, {"metadata": {"labels": {"generation": "second"}}}, key.namespace)
        assert next(events).type == "MODIFIED"
        kube.patch(SEALED_SECRET, key.name, {"metadata": {"labels": {"generation": "third"}}}, key.namespace)
        assert self.labels(gateway.get_sealed_secret(key, shown=True)) == {"generation": "second"}
        assert self.labels(gateway.get_sealed_secret(key, shown=True)) == {"generation": "third"}

    def test_an_object_is_read_once_nobody_would_show_its_changes(
        self, gateway: KubeGateway, kube: KubeApi, key: ObjectKey
    ) -> None:
        page = gateway.list_page(Resource.SEALED_SECRETS)
        assert len(list(page.items)) == 1
        with contextlib.closing(gateway.watch(Resource.SEALED_SECRETS, page.resource_version)) as events:
            kube.patch(SEALED_SECRET, key.name, {"metadata": {"labels": {"generation": "second"}}}, key.namespace)
            assert next(events).type == "MODIFIED"
            kube.patch(SEALED_SECRET, key.name, {"metadata": {"labels": {"generation": "third"}}}, key.namespace)
        assert self.labels(gateway.get_sealed_secret(key, shown=True)) == {"generation": "third"}

    @pytest.mark.parametrize("forgets", [True, False], ids=["forgotten", "asked for as it is now"])
    def test_otherwise_it_is_read(self, gateway: KubeGateway, kube: KubeApi, key: ObjectKey, *, forgets: bool) -> None:
        assert len(list(gateway.list_page(Resource.SEALED_SECRETS).items)) == 1
        if forgets:
            gateway.forget_shown(key)
        kube.patch(SEALED_SECRET, key.name, {"metadata": {"labels": {"generation": "second"}}}, key.namespace)
        assert self.labels(gateway.get_sealed_secret(key, shown=forgets)) == {"generation": "second"}

    def test_one_that_is_too_deep_is_refused_as_if_it_were_read(
        self, gateway: KubeGateway, kube: KubeApi, namespace: str
    ) -> None:
        manifest = sealed(namespace)
        manifest["spec"]["template"] = {"metadata": {"deep": "here"}}
        levels = MAX_DEPTH - 4  # within spec.template.metadata
        deep = "[" * levels + ",".join(["[0]"] * (MAX_EMPTIED + 1)) + "]" * levels
        text = json.dumps(manifest).replace('"here"', deep)
        assert len(text) < MAX_OBJECT_BYTES
        kube.request("POST", kube.path(SEALED_SECRET, namespace), text.encode())
        for shown in (True, False):
            assert len(list(gateway.list_page(Resource.SEALED_SECRETS).items)) == 1
            with pytest.raises(UnreadableError, match="levels deep"):
                gateway.get_sealed_secret(ObjectKey(namespace, "db"), shown=shown)

    def test_a_status_is_written_over_the_object_as_it_is_now(
        self, gateway: KubeGateway, kube: KubeApi, key: ObjectKey
    ) -> None:
        old = gateway.get_sealed_secret(key)
        assert old is not None
        theirs = {"type": "Theirs", "status": "True"}
        kube.patch(SEALED_SECRET, key.name, {"status": {"conditions": [theirs]}}, key.namespace, subresource="status")
        gateway.write_status(key, old["metadata"]["uid"], {"observedGeneration": 7}, read=old)
        written = kube.get(SEALED_SECRET, key.name, key.namespace)["status"]
        assert (written["conditions"], written["observedGeneration"]) == ([theirs], 7)
