"""Each right that the manifests give is needed: without it, one named operation of the controller is forbidden.

The operations are the gateway's, with the token of a ServiceAccount that has all rights but the one in question.
"""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.builders import NOW, sealed_secret
from tests.support.installation import MANIFESTS
from tests.support.kube_gateways import KubeGateways
from tests.support.kubeapi import KubeApi
from tests.support.rights import may
from tests.support.shared_controlplane import SharedControlPlane
from tests.support.wait import eventually

from sealwright_controller.gateway import Event, Gateway, NotFoundError, ObjectKey, RefusedError, Resource
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.leases import NAME, KubeLeases, shard_lease_names
from sealwright_controller.leadership.lease import Lease
from sealwright_controller.options.table import MAX_SHARDS

GROUPS = {
    "sealedsecrets": "bitnami.com",
    "sealedsecrets/status": "bitnami.com",
    "secrets": "",
    "events": "",
    "leases": "coordination.k8s.io",
}
UNSEALER, KEY_ADMIN = "secrets-unsealer", "sealed-secrets-key-admin"

Right = tuple[str, str, str]
"""Role, resource and verb."""
_numbers = itertools.count(1)


@dataclass
class Scene:
    """What an operation works on: a gateway with some rights, and the administrator's view of its namespaces."""

    gateway: Gateway
    kubeconfig: Path
    kube: KubeApi
    served: str
    own: str

    def sealed(self) -> dict[str, Any]:
        """Return a SealedSecret that is there."""
        return self.kube.create(sealed_secret(f"db-{next(_numbers)}", self.served))

    def secret(self) -> dict[str, Any]:
        """Return a Secret that is there."""
        return self.kube.create(secret_manifest(self.served))

    def leases(self) -> KubeLeases:
        """Return where a Lease that is not there would be."""
        return KubeLeases(connect(self.kubeconfig), self.own, f"lease-{next(_numbers)}", lambda: NOW)

    def told(self, event: Event, times: int) -> None:
        """Tell an Event some times; RefusedError when fewer were counted, as the gateway keeps quiet about that."""
        for _ in range(times):
            self.gateway.record_event(event)
        found = self.kube.list("v1/Event", event.about.namespace, fields=f"involvedObject.uid={event.uid}")
        if [each["count"] for each in found] != [times]:
            raise RefusedError("forbidden: the Event was not written")


def secret_manifest(namespace: str) -> dict[str, Any]:
    metadata = {"name": f"made-{next(_numbers)}", "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}


# ---- operations


def find(resource: Resource) -> Callable[[Scene], object]:
    return lambda scene: scene.gateway.list_page(resource)


def follow(resource: Resource) -> Callable[[Scene], object]:
    def operation(scene: Scene) -> object:
        kind = "bitnami.com/v1alpha1/SealedSecret" if resource is Resource.SEALED_SECRETS else "v1/Secret"
        namespace = scene.own if resource is Resource.SEALING_KEYS else scene.served
        path = f"{scene.kube.path(kind, namespace)}?limit=1"
        version = scene.kube._json("GET", path)["metadata"]["resourceVersion"]  # without the right to list
        if resource is Resource.SEALED_SECRETS:
            scene.sealed()
        else:
            scene.kube.create(key_manifest(namespace))
        return next(scene.gateway.watch(resource, version))

    return operation


def key_manifest(namespace: str) -> dict[str, Any]:
    """Return a key Secret that nobody uses."""
    manifest = secret_manifest(namespace)
    manifest["metadata"]["labels"] = {"sealedsecrets.bitnami.com/sealed-secrets-key": "retired"}
    return manifest


def read_keys(scene: Scene) -> None:
    scene.kube.create(key_manifest(scene.own))
    scene.gateway.list_page(Resource.SEALING_KEYS)


def write_status(scene: Scene) -> None:
    sealed = scene.sealed()
    scene.gateway.write_status(ObjectKey.of(sealed), sealed["metadata"]["uid"], {"observedGeneration": 1})


def take_over(scene: Scene) -> None:
    owner = scene.sealed()
    identity = {"name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"], "controller": True}
    secret = scene.secret()
    secret["metadata"]["ownerReferences"] = [{"apiVersion": owner["apiVersion"], "kind": owner["kind"], **identity}]
    scene.gateway.replace_secret(secret)


def tell(kind: Any, times: int) -> Callable[[Scene], object]:
    def operation(scene: Scene) -> object:
        about = scene.sealed() if kind == "SealedSecret" else scene.kube.create(key_manifest(scene.own))
        uid = about["metadata"]["uid"]
        return scene.told(Event(ObjectKey.of(about), uid, "Warning", "ErrUnsealFailed", "why", kind), times)

    return operation


def renew(scene: Scene) -> None:
    with contextlib.suppress(NotFoundError):  # only those who may update it learn that there is none
        scene.leases().write(Lease("me", "", 12, 0, NOW, "1"))


OPERATIONS: dict[Right, Callable[[Scene], object]] = {
    (UNSEALER, "sealedsecrets", "get"): lambda scene: scene.gateway.get_sealed_secret(ObjectKey.of(scene.sealed())),
    (UNSEALER, "sealedsecrets", "list"): find(Resource.SEALED_SECRETS),
    (UNSEALER, "sealedsecrets", "watch"): follow(Resource.SEALED_SECRETS),
    (UNSEALER, "sealedsecrets/status", "update"): write_status,
    (UNSEALER, "secrets", "get"): lambda scene: scene.gateway.get_secret(ObjectKey.of(scene.secret())),
    (UNSEALER, "secrets", "list"): find(Resource.SECRETS),
    (UNSEALER, "secrets", "watch"): follow(Resource.SECRETS),
    (UNSEALER, "secrets", "create"): lambda scene: scene.gateway.create_secret(secret_manifest(scene.served)),
    (UNSEALER, "secrets", "update"): lambda scene: scene.gateway.replace_secret(scene.secret()),
    (UNSEALER, "secrets", "delete"): take_over,
    (UNSEALER, "events", "create"): tell("SealedSecret", 1),
    (UNSEALER, "events", "patch"): tell("SealedSecret", 2),
    (KEY_ADMIN, "secrets", "get"): read_keys,
    (KEY_ADMIN, "secrets", "list"): find(Resource.SEALING_KEYS),
    (KEY_ADMIN, "secrets", "watch"): follow(Resource.SEALING_KEYS),
    (KEY_ADMIN, "secrets", "create"): lambda scene: scene.gateway.create_sealing_key(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"generateName": "key-"}}
    ),
    (KEY_ADMIN, "events", "create"): tell("Secret", 1),
    (KEY_ADMIN, "events", "patch"): tell("Secret", 2),
    (KEY_ADMIN, "leases", "create"): lambda scene: scene.leases().write(Lease("me", "", 12, 0, NOW)),
    (KEY_ADMIN, "leases", "get"): lambda scene: scene.leases().read(),
    (KEY_ADMIN, "leases", "update"): renew,
}
"""For each right of the manifests what the controller cannot do without it."""


def rights_in(path: Path) -> set[Right]:
    """Return the rights that the roles of a manifest give."""
    roles = [each for each in YAML(typ="safe").load_all(path.read_text()) if each["kind"] in {"Role", "ClusterRole"}]
    for rule in [rule for role in roles for rule in role["rules"]]:
        assert {GROUPS[resource] for resource in rule["resources"]} == set(rule["apiGroups"])
        assert rule.get("resourceNames") in (None, [NAME], shard_lease_names(NAME, MAX_SHARDS))
        assert set(rule) - {"resourceNames"} == {"apiGroups", "resources", "verbs"}
    return {
        (role["metadata"]["name"], resource, verb)
        for role in roles
        for rule in role["rules"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


def test_there_are_these_rights_and_no_others() -> None:
    assert rights_in(MANIFESTS / "rbac.yaml") == set(OPERATIONS)
    # In one namespace, one role is enough for both.
    assert rights_in(MANIFESTS / "one-namespace" / "rbac.yaml") == {
        (UNSEALER, *right) for role, *right in OPERATIONS if role == UNSEALER or right[0] == "leases"
    }


@pytest.mark.parametrize("path", ["rbac.yaml", "one-namespace/rbac.yaml"])
def test_each_right_says_what_it_is_for(path: str) -> None:
    lines = [line.strip() for line in (MANIFESTS / path).read_text().splitlines()]
    verbs = [before for before, line in itertools.pairwise(lines) if line.startswith("- ") and line[2:].isalpha()]
    assert len(verbs) == len(rights_in(MANIFESTS / path))
    assert [line for line in verbs if not (line.startswith("# ") and line.endswith("."))] == []


# ---- one right less


@pytest.fixture(scope="module")
def namespaces(control_plane: SharedControlPlane) -> tuple[str, str]:
    """Return two fresh namespaces: one with SealedSecrets, one with keys."""
    kube = control_plane.kube()
    made = [
        kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": f"{use}-"}})
        for use in ("served", "own")
    ]
    return made[0]["metadata"]["name"], made[1]["metadata"]["name"]


@pytest.fixture(scope="module")
def scene_with(
    control_plane: SharedControlPlane, namespaces: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[set[Right]], Scene]]:
    """Return a function that makes a scene in which the gateway has these rights alone."""
    served, own = namespaces
    kube, folder = control_plane.kube(), tmp_path_factory.mktemp("kubeconfigs")

    def make(rights: set[Right]) -> Scene:
        name = f"account-{next(_numbers)}"
        account(kube, name, served, own, rights)
        token = control_plane.service_account_token(own, name)
        wait_until_in_force(control_plane.kube(token), served, own)
        gateway, kubeconfig = opened.open(token, own_namespace=own), folder / f"kubeconfig-{name}"
        control_plane.kubeconfig(kubeconfig, token=token)
        return Scene(gateway, kubeconfig, kube, served, own)

    with KubeGateways(control_plane, served, tmp_path_factory.mktemp("gateways")) as opened:
        yield make


@pytest.fixture(scope="module")
def everything(scene_with: Callable[[set[Right]], Scene]) -> Scene:
    return scene_with(set(OPERATIONS))


@pytest.mark.parametrize("lacking", OPERATIONS, ids="-".join)
def test_without_a_right_what_needs_it_is_forbidden(
    scene_with: Callable[[set[Right]], Scene], everything: Scene, lacking: Right
) -> None:
    OPERATIONS[lacking](everything)
    with pytest.raises(RefusedError, match=r"forbidden|HTTP 403"):
        OPERATIONS[lacking](scene_with(set(OPERATIONS) - {lacking}))


def account(kube: KubeApi, name: str, served: str, own: str, rights: set[Right]) -> None:
    """Make a ServiceAccount with these rights, of each role in its namespace."""
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, own)
    group = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": name}}
    for role, namespace in ((UNSEALER, served), (KEY_ADMIN, own)):
        rules = [
            {"apiGroups": [GROUPS[resource]], "resources": [resource], "verbs": [verb]}
            for of_role, resource, verb in sorted(rights)
            if of_role == role
        ]
        # The last thing that is known is the right to do what no operation does.
        marker = {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}
        kube.create({**group, "kind": "Role", "rules": [*rules, marker]}, namespace)
        subject = {"kind": "ServiceAccount", "name": name, "namespace": own}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
        kube.create({**group, "kind": "RoleBinding", "roleRef": reference, "subjects": [subject]}, namespace)


def wait_until_in_force(kube: KubeApi, *namespaces: str) -> None:
    """Wait until the API server knows the roles: so what is forbidden is so for the one right alone."""
    for namespace in namespaces:
        eventually(lambda namespace=namespace: may(kube, "list", ("", "pods"), namespace), what="the rights in force")
