"""What docs/guides/migrate-from-sealed-secrets.md says about a release of Helm, with kubectl in the place of Helm.

Helm itself is not run: the release's objects are written by its field manager, `helm`, with the labels of its chart, and
deleted as `helm uninstall` does it, which leaves the CustomResourceDefinition.
"""

import io
import re
from collections.abc import Iterator

import pytest
from ruamel.yaml import YAML
from tests.support import upstream
from tests.support.installation import MANIFESTS, NAME, NAMESPACE, ROOT, SEALED_SECRET, UPSTREAM, Installation
from tests.support.upstream import TEAM, Manifest, recorded

PAGE = (ROOT / "docs/guides/migrate-from-sealed-secrets.md").read_text()
LABELS = {"app.kubernetes.io/name": "sealed-secrets", "app.kubernetes.io/instance": "sealed-secrets"}
CRD = "apiextensions.k8s.io/v1/CustomResourceDefinition"
CLUSTER_ROLE = "rbac.authorization.k8s.io/v1/ClusterRole"


@pytest.fixture
def installed(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Return a cluster with sealed-secrets' kind, keys and objects, and a release of Helm."""
    made = Installation(own_control_plane, tmp_path_factory.mktemp("cluster"))
    if made.kube.find("v1/Namespace", TEAM) is None:
        upstream.install(made)
    uninstall(made)
    server_side(made, "-f", str(UPSTREAM / "crd.yaml"), "--field-manager=helm", "--force-conflicts")
    server_side(made, "-f", "-", "--field-manager=helm", "--force-conflicts", stdin=text_of(release()))
    yield made
    uninstall(made)


def release() -> list[Manifest]:
    """Return the objects that belong to the release: all but the kind."""
    objects = [*recorded("rbac.yaml"), *recorded("controller.yaml")]
    for each in objects:
        if each["kind"] == "Deployment":
            each["spec"]["selector"]["matchLabels"] = LABELS
            each["spec"]["template"]["metadata"]["labels"] = LABELS
    return objects


def text_of(objects: list[Manifest]) -> str:
    text = io.StringIO()
    YAML(typ="safe").dump_all(objects, text)
    return text.getvalue()


def uninstall(installed: Installation) -> None:
    """Delete what `helm uninstall` deletes, if it is there."""
    installed.kubectl("delete", "--ignore-not-found", "-f", "-", stdin=text_of(release()))


def server_side(installed: Installation, *arguments: str, stdin: str | None = None) -> None:
    installed.kubectl("apply", "--server-side", *arguments, stdin=stdin)


def sealwright(*options: str) -> tuple[str, ...]:
    return ("-k", str(MANIFESTS), *options)


def told(action: str) -> str:
    """Return a row of the page's table of what people see."""
    (row,) = re.findall(rf"^\| .*{re.escape(action)}.* \|$", PAGE, re.MULTILINE)
    return str(row)


def test_uninstalling_leaves_kind_keys_and_objects_and_then_sealwright_applies(installed):
    keys = installed.key_secrets()
    before = upstream.versions(installed)
    uninstall(installed)
    assert installed.kube.find("apps/v1/Deployment", NAME, NAMESPACE) is None
    assert installed.kube.find(CRD, "sealedsecrets.bitnami.com") is not None
    assert {each["metadata"]["name"] for each in installed.kube.list(SEALED_SECRET, TEAM)} >= {"db", "shared"}
    assert installed.key_secrets() == keys
    assert upstream.versions(installed) == before
    installed.kubectl("apply", *sealwright())
    assert installed.kube.find(CLUSTER_ROLE, "secrets-unsealer") is not None


def test_server_side_apply_over_the_kind_of_helm_needs_force_conflicts(installed):
    assert "--force-conflicts" in told("kubectl apply --server-side")
    uninstall(installed)
    with pytest.raises(AssertionError, match=r'conflicts? with "helm"'):
        server_side(installed, *sealwright())
    server_side(installed, *sealwright("--force-conflicts"))
    managers = installed.kube.find(CRD, "sealedsecrets.bitnami.com")["metadata"]["managedFields"]
    assert "kubectl" in {each["manager"] for each in managers if each["operation"] == "Apply"}


def test_over_the_deployment_of_a_release_its_selector_is_in_the_way(installed):
    assert "uninstall the Helm release" in told("field is immutable")
    with pytest.raises(AssertionError, match="field is immutable"):
        installed.kubectl("apply", *sealwright())
    uninstall(installed)
    installed.kubectl("apply", *sealwright())


def test_what_a_later_uninstallation_removes_comes_back_with_the_next_apply(installed):
    assert "apply -k ." in told("after `helm uninstall`")
    installed.kubectl("delete", "deployment", NAME, "-n", NAMESPACE)
    installed.kubectl("apply", *sealwright())
    uninstall(installed)
    assert installed.kube.find(CLUSTER_ROLE, "secrets-unsealer") is None
    installed.kubectl("apply", *sealwright())
    assert installed.kube.find(CLUSTER_ROLE, "secrets-unsealer") is not None
    assert installed.kube.find("apps/v1/Deployment", NAME, NAMESPACE) is not None
