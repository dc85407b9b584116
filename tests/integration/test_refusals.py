"""Why a Secret was not taken, over a real API server: each cause has a reason of its own and is named, and no value is.

And what goes with its namespace, which is no failure.
"""

import base64
import contextlib
import http.server
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.integration.test_controller import seal_and_apply, secret_manifest
from tests.support.controller_process import free_port
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.kubeapi import ApiError
from tests.support.pki import write_control_plane_pki
from tests.support.wait import eventually

VALUE = "correct-horse-battery-staple"


def told(installed: Installation, namespace: str, reason: str, *words: str, name: str = "db") -> dict[str, Any]:
    """Wait until an object's failure is told with a reason; returns the Event, in which no value may stand."""

    def seen() -> dict[str, Any] | None:
        return next((one for one in installed.events(namespace, name) if "; " in one["message"]), None)

    condition = installed.wait_for_condition(namespace, name, "False")
    event = eventually(seen, what="an Event") or {}
    assert condition["reason"] == reason
    assert event["reason"] == "ErrUpdateFailed"
    for word in words:
        assert word in condition["message"]
        assert word in event["message"]
    assert VALUE not in json.dumps([condition, installed.events(namespace, name)])
    assert VALUE not in installed.controller.log.read_text()
    return event


@contextlib.contextmanager
def there(installed: Installation, *objects: dict[str, Any]) -> Iterator[None]:
    """Let cluster-wide objects be there for a while."""
    with contextlib.ExitStack() as cleanup:
        for each in objects:
            installed.kube.create(each)
            kind = f"{each['apiVersion']}/{each['kind']}"
            cleanup.callback(installed.kube.delete, kind, each["metadata"]["name"])
        yield


def policy(namespace: str, expression: str) -> tuple[dict[str, Any], dict[str, Any]]:
    rules = [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}]
    name = f"no-dev-{namespace}"
    return (
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": name},
            "spec": {
                "matchConstraints": {"resourceRules": rules},
                "validations": [
                    {"expression": expression, "messageExpression": "'no ' + string(object.data.password)"}
                ],
            },
        },
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": f"everywhere-{namespace}"},
            "spec": {
                "policyName": name,
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": selector(namespace)},
            },
        },
    )


def selector(namespace: str) -> dict[str, Any]:
    return {"matchLabels": {"kubernetes.io/metadata.name": namespace}}


def webhook(namespace: str, port: int, authority: bytes = b"") -> dict[str, Any]:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": f"opinion-{namespace}"},
        "webhooks": [
            {
                "name": "opinion.example.com",
                "admissionReviewVersions": ["v1"],
                "sideEffects": "None",
                "timeoutSeconds": 5,
                "namespaceSelector": selector(namespace),
                "clientConfig": {
                    "url": f"https://127.0.0.1:{port}/",
                    **({"caBundle": base64.b64encode(authority).decode()} if authority else {}),
                },
                "rules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}
                ],
            }
        ],
    }


class Opinion(http.server.BaseHTTPRequestHandler):
    """Denies whatever it is asked about, and repeats a value that it saw."""

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = {"uid": review["request"]["uid"], "allowed": False, "status": {"code": 409, "message": f"no {VALUE}"}}
        body = json.dumps({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": answer}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def denying(tmp_path: Path) -> Iterator[tuple[int, bytes]]:
    """Return the port of a webhook that denies, and its authority."""
    write_control_plane_pki(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.crt", tmp_path / "server.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Opinion)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1], (tmp_path / "ca.crt").read_bytes()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_policy_is_named(installed: Installation, namespace: str) -> None:
    with there(installed, *policy(namespace, "false")):
        eventually(lambda: "denied request" in denied(installed, namespace), timeout=30, what="the policy is in force")
        seal_and_apply(installed, namespace, password=VALUE)
        told(installed, namespace, "PolicyDenied", f"ValidatingAdmissionPolicy no-dev-{namespace}", "everywhere")


def denied(installed: Installation, namespace: str) -> str:
    """Return what the API server says of a Secret that would be made, empty if it takes it."""
    try:
        installed.kube.request(
            "POST",
            f"/api/v1/namespaces/{namespace}/secrets?dryRun=All",
            secret_manifest(namespace, "probe", password="x").encode(),
        )
    except ApiError as error:
        return str(error)
    return ""


def test_a_webhook_that_denies_is_named(installed: Installation, namespace: str, denying: tuple[int, bytes]) -> None:
    with there(installed, webhook(namespace, *denying)):
        eventually(lambda: "denied the request" in denied(installed, namespace), timeout=30, what="it is asked")
        seal_and_apply(installed, namespace, password=VALUE)
        told(installed, namespace, "WebhookDenied", '"opinion.example.com" denied it')


def test_a_webhook_that_is_dead_is_named_and_its_return_is_noticed(installed: Installation, namespace: str) -> None:
    with there(installed, webhook(namespace, free_port())):
        eventually(lambda: "failed calling webhook" in denied(installed, namespace), timeout=30, what="it is called")
        seal_and_apply(installed, namespace, password=VALUE)
        told(installed, namespace, "WebhookUnavailable", '"opinion.example.com" cannot be called')
    installed.wait_for_items(namespace, "db", {"password": VALUE})


def test_a_quota_is_named(installed: Installation, namespace: str) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "few", "namespace": namespace},
        "spec": {"hard": {"secrets": "0"}},
    }
    installed.kube.create(quota)
    eventually(lambda: "exceeded quota" in denied(installed, namespace), timeout=60, what="the quota is in force")
    seal_and_apply(installed, namespace, password=VALUE)
    told(installed, namespace, "QuotaExceeded", "quota few")


def test_an_item_whose_name_no_secret_has_is_named(installed: Installation, namespace: str) -> None:
    sealed = json.loads(installed.sealwright("seal", "-o", "json", stdin=secret_manifest(namespace, password=VALUE)))
    sealed["spec"]["template"]["data"] = {"my key": "x"}
    installed.apply(json.dumps(sealed))
    told(installed, namespace, "ItemNameInvalid", 'item "my key"')


def test_an_immutable_secret_is_told_in_upstreams_words(installed: Installation, namespace: str) -> None:
    def apply(value: str) -> None:
        manifest = json.loads(secret_manifest(namespace, password=value))
        installed.apply(installed.sealwright("seal", "-o", "json", stdin=json.dumps({**manifest, "immutable": True})))

    apply("first")
    installed.wait_for_condition(namespace, "db", "True")
    apply(VALUE)
    event = told(installed, namespace, "Immutable", "the target Secret is immutable")
    assert "kubectl delete secret" in event["message"]


def test_a_missing_right_is_named_and_the_binding_that_gives_it(installed: Installation, namespace: str) -> None:
    role = installed.kube.get("rbac.authorization.k8s.io/v1/ClusterRole", "secrets-unsealer")
    fewer = json.loads(json.dumps(role))
    for rule in fewer["rules"]:
        if rule["resources"] == ["secrets"]:
            rule["verbs"].remove("create")
    installed.kube.replace(fewer)
    try:
        seal_and_apply(installed, namespace, password=VALUE)
        right = f'cannot create resource "secrets" in API group "" in the namespace "{namespace}"'
        event = told(installed, namespace, "Forbidden", right)
        assert "ClusterRoleBinding sealed-secrets-controller" in event["message"]
    finally:
        current = installed.kube.get("rbac.authorization.k8s.io/v1/ClusterRole", "secrets-unsealer")
        installed.kube.replace({**current, "rules": role["rules"]})


def test_a_failure_to_unseal_begins_as_upstreams_event(installed: Installation, namespace: str) -> None:
    sealed = json.loads(installed.sealwright("seal", "-o", "json", stdin=secret_manifest(namespace, password=VALUE)))
    sealed["metadata"]["name"] = "moved"
    installed.apply(json.dumps(sealed))
    condition = installed.wait_for_condition(namespace, "moved", "False")
    assert condition["message"].startswith("no key could decrypt secret")
    event = eventually(lambda: installed.events(namespace, "moved"), what="an Event")[0]
    assert event["message"].startswith("Failed to unseal: no key could decrypt secret")


def test_a_blocked_object_is_told_as_by_upstream(installed: Installation, namespace: str) -> None:
    installed.apply(secret_manifest(namespace, mine="x"))
    seal_and_apply(installed, namespace, password=VALUE)
    condition = installed.wait_for_condition(namespace, "db", "False")
    said = 'Resource "db" already exists and is not managed by SealedSecret'
    assert condition["message"] == f"failed update: {said}"
    event = eventually(lambda: installed.events(namespace, "db"), what="an Event")[0]
    assert event["message"].startswith(said)


OBJECTS = 8


def test_a_namespace_goes_quietly(installed: Installation, namespace: str) -> None:
    for number in range(OBJECTS):
        seal_and_apply(installed, namespace, f"s{number}", password=VALUE)
    for number in range(OBJECTS):
        installed.wait_for_condition(namespace, f"s{number}", "True")
    logged = len(installed.controller.log.read_text())
    installed.kubectl("delete", "namespace", namespace, "--wait=true", "--timeout=60s")
    gone = f'namespace="{namespace}"'
    eventually(lambda: gone not in shown(installed), timeout=30, what="the controller has seen them go")
    news = [line for line in installed.controller.log.read_text()[logged:].splitlines() if namespace in line]
    assert [line for line in news if "warning" in line or "error" in line] == []
    counted = [line for line in installed.controller.metrics().splitlines() if "unseal_errors_total" in line]
    assert [line for line in counted if gone in line] == []


def shown(installed: Installation) -> str:
    lines = installed.controller.metrics().splitlines()
    return "\n".join(line for line in lines if line.startswith("sealed_secrets_controller_condition_info"))


def test_a_namespace_of_that_name_is_served_again(installed: Installation, namespace: str) -> None:
    seal_and_apply(installed, namespace, password=VALUE)
    installed.wait_for_condition(namespace, "db", "True")
    installed.kubectl("delete", "namespace", namespace, "--wait=true", "--timeout=60s")
    installed.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    seal_and_apply(installed, namespace, password=VALUE)
    installed.wait_for_items(namespace, "db", {"password": VALUE}, seconds=10)
    assert installed.kube.find(SEALED_SECRET, "db", namespace)
