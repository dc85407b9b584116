"""The manifests on a real API server: they are taken, the Pod is modest, the rights are what is needed and no more."""

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.builders import NOW, sealed_secret
from tests.support.controlplane import ControlPlane
from tests.support.installation import MANIFESTS, NAME, NAMESPACE, SEALED_SECRET, Installation
from tests.support.kubeapi import ApiError, KubeApi
from tests.support.rights import may

from sealwright_controller import __version__
from sealwright_controller.gateway import Event, ObjectKey, Resource
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway
from sealwright_controller.manager import DRAIN_SECONDS

Row = tuple[Any, ...]


def rows(table: list[Row]) -> dict[str, Any]:
    """Return the arguments of `parametrize` for a table whose first column names the rows."""
    return {"argvalues": [row[1:] for row in table], "ids": [row[0] for row in table]}


def documents(name: str) -> list[dict[str, Any]]:
    return list(YAML(typ="safe").load_all((MANIFESTS / name).read_text()))


def manifest(file: str, kind: str) -> dict[str, Any]:
    return next(document for document in documents(file) if document["kind"] == kind)


@pytest.fixture(scope="module")
def applied(own_control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The manifests, applied as the README says; no controller runs."""
    installation = Installation(own_control_plane, tmp_path_factory.mktemp("manifests"))
    installation.install()
    return installation


@pytest.fixture
def kube(applied: Installation) -> KubeApi:
    return applied.kube


@pytest.fixture
def namespace(kube: KubeApi) -> str:
    name = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "team-"}})
    return str(name["metadata"]["name"])


@pytest.fixture
def controller_kube(applied: Installation) -> KubeApi:
    """A client with the rights of the controller's ServiceAccount."""
    return applied.cluster.kube(applied.cluster.service_account_token(NAMESPACE, NAME))


@pytest.fixture
def gateway(applied: Installation) -> Iterator[KubeGateway]:
    """The controller's gateway, with the token that its Pod would have."""
    opened = KubeGateway(connect(applied.controller_kubeconfig), own_namespace=NAMESPACE, clock=lambda: NOW)
    yield opened
    opened.close()


# ---- applying


@pytest.mark.parametrize("how", [["--dry-run=server"], ["--server-side", "--dry-run=server"], []])
def test_applying_again_changes_nothing(applied: Installation, how: list[str]) -> None:
    lines = applied.kubectl("apply", "-k", str(MANIFESTS), *how).splitlines()
    assert len(lines) == sum(len(documents(each)) for each in [*kustomized("."), *kustomized("controller")])
    # Server-side apply does not tell changed from unchanged.
    changed = [line for line in lines if not re.search(r" (unchanged|serverside-applied)( \(server dry run\))?$", line)]
    # kubectl sends the selector of a PodDisruptionBudget each time, and calls that a change.
    assert all(line.startswith("poddisruptionbudget.policy/") for line in changed)


def kustomized(folder: str) -> list[str]:
    """Return the files that a folder of manifests applies; what it takes from another folder is that one's."""
    resources = YAML(typ="safe").load((MANIFESTS / folder / "kustomization.yaml").read_text())["resources"]
    return [f"{folder}/{name}" for name in resources if name.endswith(".yaml")]


def test_every_manifest_is_in_a_kustomization() -> None:
    patch = "one-namespace/deployment.yaml"
    folders = (".", "controller", "one-namespace")
    named = [MANIFESTS / name for folder in folders for name in [*kustomized(folder), f"{folder}/kustomization.yaml"]]
    assert sorted([*named, MANIFESTS / patch]) == sorted(MANIFESTS.rglob("*.yaml"))


@pytest.mark.parametrize("variant", [".", "one-namespace"])
def test_a_kustomization_on_top_can_move_everything_to_another_namespace(
    applied: Installation, tmp_path: Path, variant: str
) -> None:
    shutil.copytree(MANIFESTS, tmp_path / "manifests")
    on_top = {"kind": "Kustomization", "namespace": "team-a", "resources": [f"manifests/{variant}"]}
    on_top = {"apiVersion": "kustomize.config.k8s.io/v1beta1", **on_top}
    (tmp_path / "kustomization.yaml").write_text(json.dumps(on_top))
    made = list(YAML(typ="safe").load_all(applied.kubectl("kustomize", str(tmp_path))))
    subjects = [each for binding in made for each in binding.get("subjects", []) if each["kind"] == "ServiceAccount"]
    assert len(subjects) == (2 if variant == "." else 1)
    assert {each["namespace"] for each in subjects} == {"team-a"}
    assert {each["metadata"]["namespace"] for each in made if "namespace" in each["metadata"]} == {"team-a"}


def test_the_deployment_replaces_the_one_of_an_upstream_installation(applied: Installation, namespace: str) -> None:
    labels = {"name": NAME}
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": NAME, "image": "upstream"}]}}
    upstream = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": NAME, "namespace": namespace},
        "spec": {"selector": {"matchLabels": labels}, "strategy": strategy, "template": pod},
    }
    ours = copy.deepcopy(manifest("controller/deployment.yaml", "Deployment"))
    ours["metadata"]["namespace"] = namespace
    for each in (upstream, ours):
        applied.apply(json.dumps(each))
    found = applied.kube.get("apps/v1/Deployment", NAME, namespace)["spec"]
    assert found["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    assert [container["name"] for container in found["template"]["spec"]["containers"]] == ["controller"]


# ---- the Deployment and what belongs to it


def container() -> dict[str, Any]:
    (only,) = manifest("controller/deployment.yaml", "Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_the_pod_is_allowed_where_only_restricted_pods_are(kube: KubeApi, namespace: str) -> None:
    enforced = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    kube.patch("v1/Namespace", namespace, enforced)
    template = manifest("controller/deployment.yaml", "Deployment")["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}, "spec": template["spec"]}
    made = kube.create(pod, namespace)
    assert made["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True
    # Nor is the namespace only lax: the same Pod with one privilege more is refused.
    lax = copy.deepcopy(pod)
    lax["metadata"]["name"] = "lax"
    lax["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    with pytest.raises(ApiError, match="violates PodSecurity"):
        kube.create(lax, namespace)


def test_the_image_is_of_this_version() -> None:
    assert container()["image"] == f"sealwright-controller:{__version__}"


def test_services_and_policies_select_the_pod_and_its_ports(kube: KubeApi) -> None:
    template = manifest("controller/deployment.yaml", "Deployment")["spec"]["template"]
    ports = {port["name"]: port["containerPort"] for port in container()["ports"]}
    assert ports == {"http": 8080, "metrics": 8081}
    for service in [document for document in documents("controller/service.yaml") if document["kind"] == "Service"]:
        assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        for port in service["spec"]["ports"]:
            assert port["port"] == ports[port["targetPort"]]
    policy = manifest("controller/networkpolicy.yaml", "NetworkPolicy")["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    assert [port["port"] for rule in policy["ingress"] for port in rule["ports"]] == list(ports)


def test_kubeseals_defaults_find_the_service(kube: KubeApi) -> None:
    (port,) = kube.get("v1/Service", "sealed-secrets-controller", "kube-system")["spec"]["ports"]
    assert (port["name"], port["port"]) == ("http", 8080)


def test_the_pod_gets_the_time_that_draining_takes() -> None:
    template = manifest("controller/deployment.yaml", "Deployment")["spec"]["template"]
    assert template["spec"]["terminationGracePeriodSeconds"] > DRAIN_SECONDS


# ---- rights

FOLLOW, WRITE = {"get", "list", "watch"}, {"create", "update", "delete"}
SECRETS, SEALED = ("", "secrets"), ("bitnami.com", "sealedsecrets")
STATUS, EVENTS = ("bitnami.com", "sealedsecrets/status"), ("", "events")
RIGHTS = [
    ("SealedSecrets are read and followed", SEALED, "team-a", FOLLOW),
    ("their status is written", STATUS, "team-a", {"update"}),
    (
        "Secrets are read, followed and written",
        SECRETS,
        "team-a",
        FOLLOW | WRITE,
    ),
    ("keys are read, followed and made", SECRETS, NAMESPACE, FOLLOW | WRITE),
    ("Events are written and counted up", EVENTS, "team-a", {"create", "patch"}),
    ("ConfigMaps are none of its business", ("", "configmaps"), "team-a", set()),
    ("nor Pods", ("", "pods"), NAMESPACE, set()),
    ("nor running commands in them", ("", "pods/exec"), NAMESPACE, set()),
    ("nor the tokens of others", ("", "serviceaccounts/token"), NAMESPACE, set()),
    ("nor namespaces", ("", "namespaces"), "", set()),
    ("nor rights", ("rbac.authorization.k8s.io", "clusterroles"), "", set()),
    ("nor its own CustomResourceDefinition", ("apiextensions.k8s.io", "customresourcedefinitions"), "", set()),
]
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "escalate")


def verbs_on(kube: KubeApi, resource: tuple[str, str], namespace: str) -> set[str]:
    """Return what this client may do with a resource in a namespace."""
    return {verb for verb in VERBS if may(kube, verb, resource, namespace)}


@pytest.mark.parametrize(("resource", "namespace", "verbs"), **rows(RIGHTS))
def test_of_the_controllers_rights(
    controller_kube: KubeApi, resource: tuple[str, str], namespace: str, verbs: set[str]
) -> None:
    assert verbs_on(controller_kube, resource, namespace) == verbs


def test_bound_to_one_namespace_the_controller_has_the_same_rights_there_and_its_keys(
    applied: Installation, kube: KubeApi, namespace: str
) -> None:
    """A RoleBinding to the ClusterRole in the place of the ClusterRoleBinding: the keys stay within reach."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "narrow"}}
    kube.create(account, NAMESPACE)
    bind(kube, "narrow", namespace, "ClusterRole", "secrets-unsealer")
    bind(kube, "narrow", NAMESPACE, "Role", "sealed-secrets-key-admin")
    narrow = applied.cluster.kube(applied.cluster.service_account_token(NAMESPACE, "narrow"))
    assert verbs_on(narrow, SECRETS, namespace) == FOLLOW | WRITE
    assert verbs_on(narrow, SECRETS, NAMESPACE) == FOLLOW | {"create"}
    assert verbs_on(narrow, SECRETS, "default") == set()
    assert verbs_on(narrow, SEALED, namespace) == FOLLOW


def bind(kube: KubeApi, account: str, namespace: str, kind: str, role: str) -> None:
    """Let a ServiceAccount of the controller's namespace do in another namespace what a role says."""
    kube.create(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": {"name": account},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": NAMESPACE}],
        },
        namespace,
    )


def test_the_rights_are_enough_for_everything_that_the_gateway_does(
    gateway: KubeGateway, kube: KubeApi, namespace: str
) -> None:
    sealed = kube.create(sealed_secret("db", namespace))
    key, uid = ObjectKey(namespace, "db"), sealed["metadata"]["uid"]
    for resource in Resource:
        page = gateway.list_page(resource)
        watch = gateway.watch(resource, page.resource_version)
        kube.create(secret("kube-system" if resource is Resource.SEALING_KEYS else namespace, resource.name.lower()))
        if resource is not Resource.SEALED_SECRETS:
            assert next(watch).type == "ADDED"
    assert gateway.get_sealed_secret(key) is not None
    made = gateway.create_secret(secret(namespace, "db"))
    assert gateway.get_secret(key) == made
    gateway.replace_secret({**made, "type": made["type"], "data": {"a": "aGk="}})
    gateway.create_sealing_key({"metadata": {"generateName": "sealed-secrets-key"}})
    gateway.write_status(key, uid, {"observedGeneration": 1})
    for _ in range(2):
        gateway.record_event(Event(key, uid, "Normal", "Unsealed", "fine"))
    (event,) = kube.list("v1/Event", namespace)
    assert event["count"] == 2
    assert kube.get(SEALED_SECRET, "db", namespace)["status"] == {"observedGeneration": 1}


def secret(namespace: str, name: str) -> dict[str, Any]:
    labels = {"sealedsecrets.bitnami.com/sealed-secrets-key": "retired"} if namespace == NAMESPACE else {}
    metadata = {"name": name.replace("_", "-"), "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque"}


@pytest.mark.parametrize("part", ["spec", "metadata"])
def test_the_controller_cannot_change_what_the_author_wrote(
    controller_kube: KubeApi, kube: KubeApi, namespace: str, part: str
) -> None:
    kube.create(sealed_secret("db", namespace))
    change: dict[str, Any] = {"spec": {"encryptedData": {}}, "metadata": {"annotations": {"a": "b"}}}
    with pytest.raises(ApiError, match='cannot patch resource "sealedsecrets"'):
        controller_kube.patch(SEALED_SECRET, "db", {part: change[part]}, namespace)
    # The right to write the status does not help: the API server takes nothing else by that way.
    changed = controller_kube.get(SEALED_SECRET, "db", namespace) | {"status": {"scope": "strict"}}
    changed["spec"] = change["spec"]
    after = controller_kube.replace(changed, namespace, subresource="status")
    assert after["spec"]["encryptedData"].keys() == {"password"}
    assert after["status"] == {"scope": "strict"}


PROXY = [
    ("the port by its name", f"http:{NAME}:http", True),
    ("the port by its number", f"http:{NAME}:8080", True),
    ("the only port", f"http:{NAME}:", True),
    ("the Service alone", NAME, True),
    ("the metrics", f"http:{NAME}-metrics:metrics", False),
    ("the metrics by number", f"http:{NAME}:8081", False),
    ("another Service", "kube-dns", False),
]


@pytest.mark.parametrize(("service", "allowed"), **rows(PROXY))
def test_whoever_is_logged_in_may_reach_through_the_service_proxy(
    applied: Installation, kube: KubeApi, namespace: str, service: str, allowed: bool
) -> None:
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "someone"}}, namespace)
    someone = applied.cluster.kube(applied.cluster.service_account_token(namespace, "someone"))
    # To get the certificate, and to post to verify and rotate.
    for verb in ("get", "create"):
        assert may(someone, verb, ("", "services/proxy"), NAMESPACE, service) is allowed
    assert not may(someone, "delete", ("", "services/proxy"), NAMESPACE, service)
    assert may(someone, "get", ("", "services"), NAMESPACE, NAME)
    assert not may(someone, "get", SECRETS, NAMESPACE)
