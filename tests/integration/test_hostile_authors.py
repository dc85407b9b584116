"""Whoever may write SealedSecrets in one namespace, and nothing else, gets no rights by it: over a real API server."""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.integration.conftest import running
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.installation import CLUSTER_WIDE, KEY_LABEL, ONE_NAMESPACE, SEALED_SECRET, Installation
from tests.support.kubeapi import ApiError, KubeApi
from tests.support.wait import eventually, stays_true

from sealwright_crypto import load_certificate

RBAC = "rbac.authorization.k8s.io/v1"
TOKEN = "kubernetes.io/service-account-token"
OPENED = dataclasses.replace(CLUSTER_WIDE, about="tokens allowed", arguments=(f"--allow-secret-types={TOKEN}",))
ATTACKERS = other_sealing_key(9)
PAIR = {"tls.crt": ATTACKERS.certificate.pem.encode(), "tls.key": ATTACKERS.private_key.pem()}
everywhere = pytest.mark.parametrize("installed", [CLUSTER_WIDE, ONE_NAMESPACE], indirect=True, scope="module")
cluster_wide = pytest.mark.parametrize("installed", [CLUSTER_WIDE], indirect=True, scope="module")
opened = pytest.mark.parametrize("installed", [OPENED], indirect=True, scope="module")


@pytest.fixture(scope="module")
def installed(request, own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation after the other."""
    folder = tmp_path_factory.mktemp("installation")
    yield from running(Installation(own_control_plane, folder, request.param, ["--key-size=2048"]))


def tenant_of(installed: Installation, namespace: str) -> KubeApi:
    """Return a client that may write and read SealedSecrets of a namespace, and read Secrets there; nothing else."""
    kube = installed.kube
    rules = [
        {"apiGroups": ["bitnami.com"], "resources": ["sealedsecrets"], "verbs": ["create", "get", "update"]},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]},
    ]
    name, account = "tenant", {"kind": "ServiceAccount", "name": "tenant", "namespace": namespace}
    kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, namespace)
    kube.apply({"apiVersion": RBAC, "kind": "Role", "metadata": {"name": name}, "rules": rules}, namespace)
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    kube.apply(
        {"apiVersion": RBAC, "kind": "RoleBinding", "metadata": {"name": name}, "roleRef": role, "subjects": [account]},
        namespace,
    )
    return kube.__class__(
        installed.cluster.port, installed.cluster.ca_file, installed.cluster.service_account_token(namespace, name)
    )


def seal(installed: Installation, name: str, namespace: str, items: dict[str, bytes], **special: Any) -> dict[str, Any]:
    certificate = load_certificate(installed.certificate.read_bytes())
    return sealed_secret(name, namespace, items, certificate=certificate, **special)


def wait_reason(installed: Installation, namespace: str, name: str, reason: str) -> dict[str, Any]:
    def told() -> dict[str, Any] | None:
        found = installed.condition(namespace, name)
        return found if found.get("reason") == reason else None

    return eventually(told, timeout=30, what=f"{namespace}/{name} is told {reason}") or {}


@everywhere
class TestSealingKeysThroughTheFrontDoor:
    def test_an_author_in_the_controllers_namespace_changes_no_key(self, installed):
        namespace = installed.namespace
        tenant = tenant_of(installed, namespace)
        keys = {key["metadata"]["name"] for key in installed.key_secrets()}
        labels = {"labels": {KEY_LABEL: "active"}}
        unowned = {"annotations": {"sealedsecrets.bitnami.com/skip-set-owner-references": "true"}}
        inner = b'{"type": "kubernetes.io/tls", "metadata": {"labels": {"%s": "active"}}}' % KEY_LABEL.encode()
        deprecated = seal(installed, "evil-deprecated", namespace, {"blob": inner})
        deprecated["spec"] = {"data": deprecated["spec"]["encryptedData"]["blob"], "encryptedData": {}}
        tls = {"type": "kubernetes.io/tls"}
        attempts = [
            seal(installed, "evil-labelled", namespace, PAIR, template=tls | {"metadata": labels}),
            seal(installed, "evil-unowned", namespace, PAIR, template=tls | {"metadata": labels | unowned}),
            seal(installed, "sealed-secrets-key", namespace, PAIR, template=tls),
            deprecated,
        ]
        for manifest in attempts:
            tenant.create(manifest)
        for manifest in attempts:
            name = manifest["metadata"]["name"]
            told = wait_reason(installed, namespace, name, "SealingKeyRefused")
            assert (told["status"], "which no SealedSecret may make" in told["message"]) == ("False", True)
            assert installed.items(namespace, name) is None
        assert {key["metadata"]["name"] for key in installed.key_secrets()} == keys
        assert installed.controller.get("/v1/cert.pem") == (200, installed.certificate.read_text())
        for manifest in attempts:
            installed.kube.delete(SEALED_SECRET, manifest["metadata"]["name"], namespace)


@cluster_wide
class TestTokensOfOthers:
    def test_a_tenant_gets_no_token_of_a_powerful_account(self, installed, namespace):
        tenant = tenant_of(installed, namespace)
        installed.kube.create(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "powerful", "namespace": namespace}}
        )
        annotations = {"kubernetes.io/service-account.name": "powerful"}
        template = {"type": TOKEN, "metadata": {"annotations": annotations}}
        manifest = seal(installed, "token", namespace, {"extra": b"x"}, template=template)
        with pytest.raises(ApiError, match="403"):
            tenant.create({"apiVersion": "v1", "kind": "Secret", "type": TOKEN, "metadata": {"name": "x"}}, namespace)
        tenant.create(manifest)
        told = wait_reason(installed, namespace, "token", "TypeRefused")
        assert told["message"] == f'type "{TOKEN}": Kubernetes acts on Secrets of this type with rights of its own'
        (event,) = installed.events(namespace, "token")
        assert "--allow-secret-types" in event["message"]
        stays_true(lambda: tenant.list("v1/Secret", namespace) == [], seconds=1, what="there is no Secret")

    def test_nobody_gets_a_token_to_join_the_cluster_with(self, installed):
        template = {"type": "bootstrap.kubernetes.io/token"}
        items = {"token-id": b"abcdef", "token-secret": b"0123456789abcdef", "usage-bootstrap-authentication": b"true"}
        installed.kube.create(seal(installed, "bootstrap-token-abcdef", "kube-system", items, template=template))
        wait_reason(installed, "kube-system", "bootstrap-token-abcdef", "TypeRefused")
        assert installed.items("kube-system", "bootstrap-token-abcdef") is None


@cluster_wide
class TestFindingThemBeforehand:
    """The commands of the guide for moving: which objects would be refused."""

    SEALED = (
        "custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,TYPE:.spec.template.type,"
        "FINALIZERS:.spec.template.metadata.finalizers,"
        r"KEY:.spec.template.metadata.labels.sealedsecrets\.bitnami\.com/sealed-secrets-key"
    )
    OWNED = "custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,OWNER:.metadata.ownerReferences[*].kind"

    def test_the_templates_are_listed_in_columns(self, installed, namespace):
        kube = installed.kube
        kube.create(seal(installed, "a-token", namespace, {"a": b"1"}, template={"type": TOKEN}))
        stays = {"metadata": {"finalizers": ["example.org/stays"]}}
        kube.create(seal(installed, "b-stays", namespace, {"a": b"1"}, template=stays))
        key = {"metadata": {"labels": {KEY_LABEL: "active"}}}
        kube.create(seal(installed, "c-key", namespace, {"a": b"1"}, template=key))
        kube.create(seal(installed, "d-plain", namespace, {"a": b"1"}))
        listed = installed.kubectl("get", "sealedsecrets", "-n", namespace, "--no-headers", "-o", self.SEALED)
        assert [line.split() for line in listed.splitlines()] == [
            [namespace, "a-token", TOKEN, "<none>", "<none>"],
            [namespace, "b-stays", "<none>", "[example.org/stays]", "<none>"],
            [namespace, "c-key", "<none>", "<none>", "active"],
            [namespace, "d-plain", "<none>", "<none>", "<none>"],
        ]

    @pytest.mark.parametrize("pick", [f"--field-selector=type={TOKEN}", f"--selector={KEY_LABEL}"])
    def test_secrets_that_were_made_are_listed_with_their_owner(self, installed, namespace, pick):
        author = installed.kube.create(seal(installed, "author", namespace, {"a": b"1"}))
        owner = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "author"}
        owner["uid"] = author["metadata"]["uid"]
        metadata = {"name": "made", "namespace": namespace, "ownerReferences": [owner], "labels": {KEY_LABEL: "active"}}
        made = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
        if "type" in pick:
            metadata["annotations"] = {"kubernetes.io/service-account.name": "default"}
            made["type"] = TOKEN
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
            installed.kube.apply(account, namespace)
        installed.kube.create(made)
        listed = installed.kubectl("get", "secrets", "-n", namespace, "--no-headers", pick, "-o", self.OWNED)
        assert [line.split() for line in listed.splitlines()] == [[namespace, "made", "SealedSecret"]]


@opened
class TestWhatKubernetesFillsIn:
    def test_it_is_not_fought_over(self, installed, namespace):
        installed.kube.create(
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "account", "namespace": namespace}}
        )
        template = {"type": TOKEN, "metadata": {"annotations": {"kubernetes.io/service-account.name": "account"}}}
        installed.kube.create(seal(installed, "token", namespace, {"extra": b"x"}, template=template))
        told = wait_reason(installed, namespace, "token", "Contended")
        assert told["status"] == "False"

        def version() -> str:
            return str(installed.kube.get("v1/Secret", "token", namespace)["metadata"]["resourceVersion"])

        versions = set()
        # One more try, each party's write, may fall into this time; while they fight there are tens a second.
        stays_true(lambda: versions.add(version()) or len(versions) <= 4, seconds=3, what="hardly anybody writes")
        eventually(lambda: "token" in (installed.items(namespace, "token") or {}), what="the token is filled in")
        assert re.search(r"^sealwright_contended_secrets [1-9]", installed.controller.metrics(), re.MULTILINE)
        reasons = [event["reason"] for event in installed.events(namespace, "token") if event["type"] == "Warning"]
        assert reasons == ["ErrUpdateFailed"]
