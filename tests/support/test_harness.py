"""The test harness does what it says: a real API server, garbage collection, access control, a way to this host."""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from tests.support.cluster import Cluster
from tests.support.controlplane import ControlPlane
from tests.support.kubeapi import ApiError, KubeApi
from tests.support.wait import eventually


class Greeter(BaseHTTPRequestHandler):
    """Answers every GET with the path that was asked for."""

    def do_GET(self) -> None:
        answer = f"you asked for {self.path}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def local_port() -> Iterator[int]:
    """The port of an HTTP server on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Greeter) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def config_map(name: str, **more: object) -> dict[str, object]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, **more}}


def secret(name: str, **more: object) -> dict[str, object]:
    data = {"password": base64.b64encode(b"hunter2").decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, **more}, "data": data}


def test_the_api_server_tells_its_version_and_serves_sealed_secrets(kube: KubeApi, namespace: str) -> None:
    assert json.loads(kube.request("GET", "/version"))["gitVersion"].startswith("v1.")
    assert kube.list("bitnami.com/v1alpha1/SealedSecret", namespace) == []


def test_a_deleted_namespace_goes_with_all_that_was_in_it(kube: KubeApi, namespace: str) -> None:
    kube.create(secret("inside"), namespace)
    kube.delete("v1/Namespace", namespace)
    eventually(lambda: kube.find("v1/Namespace", namespace) is None, timeout=60, what="the namespace gone")
    assert kube.find("v1/Secret", "inside", namespace) is None


@pytest.mark.parametrize("kind", ["v1/ConfigMap", "bitnami.com/v1alpha1/SealedSecret"])
def test_a_secret_is_collected_when_its_owner_is_deleted(kube: KubeApi, namespace: str, kind: str) -> None:
    api_version, _, name = kind.rpartition("/")
    made = kube.create(
        {"apiVersion": api_version, "kind": name, "metadata": {"name": "owner"}, "spec": {"encryptedData": {}}}
        if name == "SealedSecret"
        else config_map("owner"),
        namespace,
    )
    owner = {"apiVersion": api_version, "kind": name, "name": "owner", "uid": made["metadata"]["uid"]}
    kube.create(secret("owned", ownerReferences=[owner]), namespace)
    kube.create(secret("bystander"), namespace)
    kube.delete(kind, "owner", namespace)
    eventually(lambda: kube.find("v1/Secret", "owned", namespace) is None, timeout=60, what="the owned Secret gone")
    assert kube.find("v1/Secret", "bystander", namespace)


def test_the_service_proxy_reaches_a_server_on_this_machine(
    control_plane: Cluster, kube: KubeApi, namespace: str, local_port: int
) -> None:
    path = control_plane.expose(namespace, "greeter", "http", local_port)
    assert path == f"/api/v1/namespaces/{namespace}/services/http:greeter:http/proxy"
    assert kube.request("GET", f"{path}/v1/cert.pem?a=b") == b"you asked for /v1/cert.pem?a=b"


def test_an_exposed_server_may_move_to_another_port(
    control_plane: Cluster, kube: KubeApi, namespace: str, local_port: int
) -> None:
    path = control_plane.expose(namespace, "greeter", "http", 1)  # where nothing listens
    with pytest.raises(ApiError) as refusal:
        kube.request("GET", f"{path}/healthz")
    assert refusal.value.status in {502, 503}
    assert control_plane.expose(namespace, "greeter", "http", local_port) == path
    assert kube.request("GET", f"{path}/healthz") == b"you asked for /healthz"


def test_a_service_account_can_do_what_its_role_says_and_nothing_else(
    control_plane: Cluster, kube: KubeApi, namespace: str
) -> None:
    rbac = "rbac.authorization.k8s.io"
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "reader"}}, namespace)
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    kube.create({"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": {"name": "read"}, "rules": [rule]}, namespace)
    kube.create(
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": {"name": "read"},
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "read"},
            "subjects": [{"kind": "ServiceAccount", "namespace": namespace, "name": "reader"}],
        },
        namespace,
    )
    kube.create(config_map("allowed"), namespace)
    reader = control_plane.kube(control_plane.service_account_token(namespace, "reader"))

    eventually(lambda: may_read(reader, namespace), what="the Role taken up by the API server")
    with pytest.raises(ApiError) as refusal:
        reader.get("v1/Secret", "allowed", namespace)
    assert refusal.value.status == 403
    assert f"system:serviceaccount:{namespace}:reader" in str(refusal.value)


def may_read(reader: KubeApi, namespace: str) -> bool:
    try:
        return bool(reader.get("v1/ConfigMap", "allowed", namespace))
    except ApiError as refusal:
        if refusal.status == 403:
            return False
        raise


def test_a_token_that_nobody_gave_out_is_refused(control_plane: Cluster) -> None:
    with pytest.raises(ApiError) as refusal:
        control_plane.kube("no-such-token").list("v1/Namespace")
    assert refusal.value.status == 401


def test_a_write_over_an_older_state_is_a_conflict(kube: KubeApi, namespace: str) -> None:
    made = kube.create(config_map("contested"), namespace)
    kube.patch("v1/ConfigMap", "contested", {"data": {"who": "somebody else"}}, namespace)
    with pytest.raises(ApiError) as refusal:
        kube.replace({**made, "data": {"who": "me"}}, namespace)
    assert refusal.value.status == 409


def test_the_api_server_comes_back_after_a_restart_with_its_data(own_control_plane: ControlPlane) -> None:
    kube = own_control_plane.kube()
    kube.create(secret("kept"), "default")

    own_control_plane.stop_apiserver()
    with pytest.raises(OSError, match="refused"):
        kube.get("v1/Secret", "kept", "default")
    own_control_plane.start_apiserver()

    assert kube.get("v1/Secret", "kept", "default")["data"] == secret("kept")["data"]
    own_control_plane.restart_apiserver()
    own_control_plane.check_running()
