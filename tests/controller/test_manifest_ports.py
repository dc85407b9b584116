"""The manifests' ways to the controller: probes have one that no client can fill, and the others are as narrow as kubeseal allows."""

from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.installation import MANIFESTS, NAME

from sealwright_controller.settings import parse_settings

FOLDER = MANIFESTS / "controller"
PATHS = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}


def documents(name: str) -> list[dict[str, Any]]:
    return list(YAML(typ="safe").load_all((FOLDER / name).read_text()))


@pytest.fixture
def container() -> dict[str, Any]:
    (deployment,) = documents("deployment.yaml")
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(only)


def test_probes_have_a_port_of_their_own_which_nothing_else_names(container: dict[str, Any]) -> None:
    variables = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    settings = parse_settings([], variables).http
    assert settings.probe_address is not None
    port = settings.probe_address.port
    assert {name: container[name]["httpGet"] for name in PATHS} == {
        name: {"path": path, "port": port} for name, path in PATHS.items()
    }
    others = [settings.address.port, settings.metrics_address.port]
    assert [each["containerPort"] for each in container["ports"]] == others
    assert port not in others
    assert [
        each for service in documents("service.yaml") for each in service["spec"]["ports"] if port in each.values()
    ] == []
    (policy,) = documents("networkpolicy.yaml")
    assert [each["port"] for rule in policy["spec"]["ingress"] for each in rule["ports"]] == ["http", "metrics"]


def test_without_the_flag_there_is_no_such_port() -> None:
    assert parse_settings([], {}).http.probe_address is None


def test_the_one_namespace_form_takes_the_same_probes_and_endpoints() -> None:
    (patch,) = YAML(typ="safe").load_all((MANIFESTS / "one-namespace" / "deployment.yaml").read_text())
    (only,) = patch["spec"]["template"]["spec"]["containers"]
    assert only.keys() == {"name", "args"}
    assert parse_settings(only["args"], {}).http.key_endpoints


def test_the_service_proxier_may_get_and_post_by_the_names_of_one_service() -> None:
    role, binding = documents("service-proxier.yaml")
    ways = [f"http:{NAME}:http", f"http:{NAME}:8080", f"http:{NAME}:", NAME]
    proxying = {"apiGroups": [""], "resources": ["services/proxy"], "resourceNames": ways}
    assert role["rules"] == [
        proxying | {"verbs": ["get"]},
        proxying | {"verbs": ["create"]},
        {"apiGroups": [""], "resources": ["services"], "resourceNames": [NAME], "verbs": ["get"]},
    ]
    assert [subject["name"] for subject in binding["subjects"]] == ["system:authenticated"]


def test_metrics_are_for_the_monitoring_alone() -> None:
    (policy,) = documents("networkpolicy.yaml")
    public, metrics = policy["spec"]["ingress"]
    assert "from" not in public
    assert metrics["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]


@pytest.mark.parametrize("name", ["service-proxier.yaml", "networkpolicy.yaml"])
def test_each_rule_says_what_it_is_for(name: str) -> None:
    lines = [line.strip() for line in (FOLDER / name).read_text().splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith(("- apiGroups:", "- ports:"))]
    assert len(starts) >= 2
    assert all(lines[number - 1].startswith("# ") for number in starts)
