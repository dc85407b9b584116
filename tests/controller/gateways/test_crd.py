"""The CustomResourceDefinition on the real API server: what upstream takes is taken, nothing that we write is lost."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import sealed_secret
from tests.support.cluster import Cluster
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.kube_gateways import KubeGateways
from tests.support.kubeapi import ApiError, KubeApi

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.kube.gateway import KubeGateway


@pytest.fixture
def gateway(control_plane: Cluster, namespace: str, tmp_path: Path) -> Iterator[KubeGateway]:
    with KubeGateways(control_plane, namespace, tmp_path) as opened:
        yield opened.open()


@pytest.fixture
def installation(control_plane: Cluster, tmp_path: Path) -> Installation:
    """For its kubectl; nothing but the CustomResourceDefinition is installed."""
    return Installation(control_plane, tmp_path)


def without(*path: str) -> Callable[[dict[str, Any]], None]:
    def change(obj: dict[str, Any]) -> None:
        for part in path[:-1]:
            obj = obj[part]
        del obj[path[-1]]

    return change


def having(**spec: Any) -> Callable[[dict[str, Any]], None]:
    return lambda obj: obj["spec"].update(spec)


ACCEPTED = [
    ("a SealedSecret as it is made", lambda obj: None),
    ("no template", without("spec", "template")),
    ("an empty template", having(template={})),
    ("a template without metadata", having(template={"metadata": None})),
    ("kubeseal's creationTimestamp", having(template={"metadata": {"name": "db", "creationTimestamp": None}})),
    ("fields of metadata that nobody knows", having(template={"metadata": {"ownerReferences": [{"a": 1}], "x": "y"}})),
    ("finalizers", having(template={"metadata": {"finalizers": ["example.com/f"]}})),
    ("templates of items", having(template={"data": {"url": "https://{{ .user }}"}})),
    ("an item that is left out", having(template={"data": {"password": None}})),
    ("no templates of items", having(template={"data": None})),
    ("an immutable Secret of a type", having(template={"immutable": True, "type": "kubernetes.io/basic-auth"})),
    ("no items", having(encryptedData={})),
    ("an item that is null, for the controller to report", having(encryptedData={"a": None})),
    ("the deprecated form", having(encryptedData={}, data="AgA=")),
]


@pytest.mark.parametrize("change", [row[1] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_the_schema_takes_and_keeps(kube: KubeApi, namespace: str, change: Callable[[dict[str, Any]], None]) -> None:
    obj = sealed_secret("db", namespace)
    change(obj)
    made = kube.create(obj)
    assert made["spec"] == obj["spec"]
    assert kube.get(SEALED_SECRET, "db", namespace)["spec"] == obj["spec"]


REFUSED = [
    ("no spec", without("spec"), "spec: Required value"),
    ("no encryptedData", without("spec", "encryptedData"), "spec.encryptedData: Required value"),
    ("an item that is a number", having(encryptedData={"a": 1}), "spec.encryptedData.a"),
    ("items in a list", having(encryptedData=["a"]), "spec.encryptedData"),
    ("the deprecated form without base64", having(data="no base64!"), "spec.data"),
    ("immutable as a text", having(template={"immutable": "true"}), "spec.template.immutable"),
    ("a template that is a number", having(template={"data": {"a": 1}}), "spec.template.data.a"),
    (
        "a label that is a number",
        having(template={"metadata": {"labels": {"a": 1}}}),
        "spec.template.metadata.labels.a",
    ),
]


@pytest.mark.parametrize(("change", "field"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_the_schema_refuses(
    kube: KubeApi, namespace: str, change: Callable[[dict[str, Any]], None], field: str
) -> None:
    obj = sealed_secret("db", namespace)
    change(obj)
    with pytest.raises(ApiError, match=re.escape(field)) as refused:
        kube.create(obj)
    assert refused.value.status == 422


def test_the_status_keeps_upstreams_fields_and_ours(gateway: KubeGateway, kube: KubeApi, namespace: str) -> None:
    uid = kube.create(sealed_secret("db", namespace))["metadata"]["uid"]
    times = {"lastTransitionTime": "2026-03-01T12:00:00Z", "lastUpdateTime": "2026-03-01T12:00:00Z"}
    status = {
        "observedGeneration": 1,
        "conditions": [
            {"type": "Synced", "status": "False", "reason": "NoKey", "message": "no key", **times},
            {"type": "Other", "status": "Unknown"},
        ],
        "secret": {"uid": "1-2", "resourceVersion": "7"},
        "scope": "namespace-wide",
        "keyFingerprints": ["ab" * 32],
    }
    gateway.write_status(ObjectKey(namespace, "db"), uid, status)
    assert kube.get(SEALED_SECRET, "db", namespace)["status"] == status


def test_an_object_that_nobody_has_processed_says_so(kube: KubeApi, namespace: str) -> None:
    made = kube.create(sealed_secret("db", namespace))
    assert made["status"] == {"observedGeneration": -1}
    assert kube.get(SEALED_SECRET, "db", namespace)["status"] == {"observedGeneration": -1}


def test_applying_an_object_again_changes_nothing_of_its_default_status(
    installation: Installation, kube: KubeApi, namespace: str, tmp_path: Path
) -> None:
    manifest = tmp_path / "db.json"
    manifest.write_text(json.dumps(sealed_secret("db", namespace)))
    installation.kubectl("apply", "-f", str(manifest))
    assert installation.kubectl("diff", "-f", str(manifest)) == ""
    assert "unchanged" in installation.kubectl("apply", "-f", str(manifest))


def test_kubectl_shows_the_columns_that_people_know(
    installation: Installation, gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    for name, synced, message in (("good", "True", ""), ("bad", "False", "no key could decrypt secret (password)")):
        uid = kube.create(sealed_secret(name, namespace))["metadata"]["uid"]
        condition = {"type": "Synced", "status": synced, "message": message}
        gateway.write_status(ObjectKey(namespace, name), uid, {"conditions": [condition]})
    table = installation.kubectl("get", "sealedsecrets", "--namespace", namespace).splitlines()
    assert [re.split(r"\s{2,}", line.strip())[:-1] for line in table] == [
        ["NAME", "STATUS", "SYNCED"],
        ["bad", "no key could decrypt secret (password)", "False"],
        ["good", "True"],
    ]
    assert table[0].endswith("AGE")


def test_kubectl_waits_for_the_condition(
    installation: Installation, gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    """As docs/guides/health.md says."""
    uid = kube.create(sealed_secret("db", namespace))["metadata"]["uid"]
    condition = {"type": "Synced", "status": "True"}
    gateway.write_status(ObjectKey(namespace, "db"), uid, {"conditions": [condition], "observedGeneration": 1})
    said = installation.kubectl("wait", "--for=condition=Synced", "sealedsecret/db", "--timeout=60s", "-n", namespace)
    assert "condition met" in said


def test_kubectl_explains_the_fields(installation: Installation) -> None:
    assert "Ciphertexts in base64" in installation.kubectl("explain", "sealedsecret.spec.encryptedData")
    assert "SHA-256" in installation.kubectl("explain", "sealedsecret.status.keyFingerprints")
