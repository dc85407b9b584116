"""Whatever stands in a field of an object, a controller comes to an end with it, and says how."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import event, example, given, settings
from tests.support.builders import NOW, keyring, sealed_secret, sealing_key, stored
from tests.support.directories import put
from tests.support.spoiling import spoiled
from tests.support.worlds import key_secret

from sealwright_controller.directory.gateway import DirGateway
from sealwright_controller.gateway import KEY_LABEL, ObjectKey, Resource
from sealwright_controller.keys.keysecrets import is_active
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.manager import Manager
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, controller_uid, decide, is_settled
from sealwright_controller.objects.guards import Guards
from sealwright_controller.reconciler import DONE
from sealwright_controller.renderer.templates import TemplateRendering, rendering_here
from sealwright_controller.settings import parse_settings

DB = ObjectKey("team-a", "db")
IDENTITY = ("metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion")
"""What every gateway gives of an object, in the right shape."""
TEMPLATE = {
    "type": "Opaque",
    "immutable": False,
    "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}, "finalizers": ["x.io/y"]},
    "data": {"text": "x{{ .password }}"},
}
SEALED = sealed_secret(
    template=TEMPLATE,
    labels={"app.kubernetes.io/instance": "blue"},
    annotations={"sealedsecrets.bitnami.com/cluster-wide": "false"},
    ownerReferences=[{"kind": "App", "uid": "a", "controller": True}],
)
STATUS = status.success(
    {}, generation=1, secret_uid="s", secret_version="7", scope="strict", fingerprints=["f"], now=NOW
)  # fmt: skip
OBJECT = stored(SEALED) | {"status": STATUS}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {
        "name": "db",
        "namespace": "team-a",
        "uid": "s",
        "resourceVersion": "7",
        "labels": {"a": "b"},
        "annotations": {"sealedsecrets.bitnami.com/patch": "true"},
        "ownerReferences": [{"kind": "SealedSecret", "uid": "uid-1", "controller": True}],
    },
    "type": "Opaque",
    "data": {"password": "eA=="},
}
LABELS = [["x"], "x", 5, None, {"app.kubernetes.io/instance": 5}, {"app.kubernetes.io/instance": "\ud800"}]
thorough = settings(max_examples=200, deadline=None)


class TestRules:
    """The pure rules never raise."""

    @thorough
    @given(spoiled(OBJECT, keep=IDENTITY), spoiled(SECRET, keep=IDENTITY))
    def test_of_what_is_done(self, manifest: dict[str, Any], existing: dict[str, Any]) -> None:
        for secret in (None, SECRET, existing):
            decision = decide(manifest, secret, keyring(), TemplateRendering())
            json.dumps(decision.secret)
            event(decision.reason)
        is_settled(manifest, ("s", "7"))
        controller_uid(existing)
        is_active(existing)

    @thorough
    @given(spoiled(OBJECT, keep=IDENTITY))
    def test_of_what_is_said(self, manifest: dict[str, Any]) -> None:
        previous = status.status_of(manifest)
        said = status.success(
            previous, generation=1, secret_uid="s", secret_version="8", scope="strict", fingerprints=[], now=NOW
        )
        assert status.differs(said, said) is False
        (condition, *_) = said["conditions"]
        assert all(isinstance(text, str) for text in condition.values())
        status.is_current(manifest)


class Folder:
    """A controller over a folder, without its threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        put(root, "keys/key.json", key_secret(sealing_key(), name="key", namespace="x", labels={KEY_LABEL: "active"}))
        self.gateway = DirGateway(root, clock=lambda: NOW, leaving_seconds=0.0)
        settings = parse_settings(["--allow-finalizers"], {})  # or no shape of them would be looked at
        self.manager = Manager(settings, self.gateway, Metrics("test"), rendering_here, lambda _: [], now=lambda: NOW)
        keystore: KeyStore = self.manager.keystore
        for manifest in self.gateway.list_page(Resource.SEALING_KEYS).items:
            keystore.put(manifest, live=False)

    def see(self, manifest: dict[str, Any]) -> None:
        """Let a person write a file, and the watcher show what is in it."""
        put(self.root, "sealed/db.json", manifest)
        for found in self.gateway.list_page(Resource.SEALED_SECRETS).items:
            self.manager.sealed_secrets.put(found, live=True)

    def condition(self) -> dict[str, Any]:
        found = self.gateway.get_sealed_secret(DB)
        assert found is not None
        return dict(status.synced_condition(found["status"]))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    yield made
    made.gateway.close()


class TestWholeObjects:
    @thorough
    @given(spoiled(SEALED, keep=("metadata.name", "metadata.namespace", "apiVersion", "kind")))
    @example(SEALED | {"metadata": SEALED["metadata"] | {"labels": ["x"]}})
    def test_whatever_stands_in_a_field_it_is_synced_or_told_why_not(self, manifest: dict[str, Any]) -> None:
        with TemporaryDirectory() as root:
            folder = Folder(Path(root))
            try:
                folder.see(manifest)
                result = folder.manager._reconciler.reconcile(DB)
                condition = folder.condition()
            finally:
                folder.gateway.close()
            assert condition["status"] == ("True" if result is DONE else "False")
            assert bool(condition["message"]) == (condition["status"] == "False")
            assert b'name="db"' in folder.manager.metrics.exposition()

    @pytest.mark.parametrize("labels", LABELS)
    def test_labels_of_any_shape_are_no_trouble(self, folder: Folder, labels: Any) -> None:
        folder.see(SEALED | {"metadata": SEALED["metadata"] | {"labels": labels}})
        assert folder.manager._reconciler.reconcile(DB) is DONE
        assert folder.condition()["status"] == "True"

    @pytest.mark.parametrize("field", ["conditions", "secret", "scope", "keyFingerprints", "observedGeneration"])
    @pytest.mark.parametrize(
        "value", [None, "x", 5, [[1]], {"a": {"b": 1}}, [{"type": "Synced", "lastTransitionTime": 5}]]
    )
    def test_a_status_of_any_shape_is_made_right(self, folder: Folder, field: str, value: Any) -> None:
        folder.see(SEALED)
        found = folder.gateway.get_sealed_secret(DB)
        assert found is not None
        folder.gateway.write_status(DB, found["metadata"]["uid"], {**STATUS, field: value})
        assert folder.manager._reconciler.reconcile(DB) is DONE
        assert folder.condition()["lastTransitionTime"] == "2026-03-01T12:00:00Z"
        assert (
            decide(
                folder.gateway.get_sealed_secret(DB) or {},
                None,
                keyring(),
                TemplateRendering(),
                guards=Guards(allow_finalizers=True),
            ).action
            is Action.CREATE
        )
