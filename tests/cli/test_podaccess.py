"""The certificate by port-forward: which pod and port, as whom, and what comes back over the WebSocket."""

from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import NO_READING, SERVICE, client, forbidden, status
from tests.support.table_server import Reply, Upgraded
from tests.support.websocket_frames import CLOSE, PING, frame

from sealwright_cli.cluster.podaccess import forwarded_certificate
from sealwright_cli.messages.errors import ClusterError

PODS = "GET /api/v1/namespaces/kube-system/pods?labelSelector=app=sealer,name=c"
FORWARD = "GET /api/v1/namespaces/kube-system/pods/c-2/portforward?ports=8123"
PORT = (8123).to_bytes(2, "little")
BEGUN = [frame(b"\x00" + PORT), frame(b"\x01" + PORT)]
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nPEM"


def pod(name: str, *, ready: bool = True) -> dict[str, Any]:
    return {
        "metadata": {"name": name},
        "spec": {
            "containers": [{"name": "sidecar"}, {"name": "c", "ports": [{"name": "http", "containerPort": 8123}]}]
        },
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def service(**port: Any) -> Reply:
    spec = {"selector": {"name": "c", "app": "sealer"}, "ports": [{"name": "http", "port": 8080, **port}]}
    return Reply({"kind": "Service", "spec": spec})


def world(forward: Reply | Upgraded | None = None) -> dict[str, Reply | Upgraded]:
    """Return the table of a cluster with a controller whose second pod is ready."""
    pods = {"items": [pod("c-1", ready=False), pod("c-2")]}
    return {
        SERVICE: service(targetPort="http"),
        PODS: Reply(pods),
        FORWARD: forward or Upgraded([*BEGUN, frame(b"\x00" + ANSWER), frame(b"", CLOSE)]),
    }


def test_a_ready_pod_of_the_service_is_asked_at_the_services_port(plain_server: StandIn) -> None:
    plain_server.table = world()
    with client(plain_server) as controller:
        assert forwarded_certificate(controller) == b"PEM"
    asked = plain_server.asked[-1]
    assert plain_server.lines == [SERVICE, PODS, FORWARD]
    assert asked.headers["Sec-WebSocket-Protocol"] == "v4.channel.k8s.io"
    assert asked.body.startswith(b"\x00GET /v1/cert.pem HTTP/1.1\r\n")


def test_it_is_asked_as_the_user_says_over_tls(tls_server: StandIn) -> None:
    tls_server.table = world()
    flags = {"impersonate_user": "eve", "impersonate_groups": ("a", "b"), "tls_server_name": "localhost"}
    with client(tls_server, user={"token": "sesame"}, **flags) as controller:
        assert forwarded_certificate(controller) == b"PEM"
    headers = tls_server.asked[-1].headers
    assert (headers["Authorization"], headers["Impersonate-User"]) == ("Bearer sesame", "eve")
    assert headers.get_all("Impersonate-Group") == ["a", "b"]


@pytest.mark.parametrize(
    "frames",
    [
        [*BEGUN, frame(b"\x00" + ANSWER[:20]), frame(b"still there?", PING), frame(b"\x00" + ANSWER[20:])],
        [BEGUN[0] + frame(b"\x00" + ANSWER[:-1]), BEGUN[1], frame(b"\x00" + ANSWER[-1:])],
        [frame(b"\x00" + PORT + ANSWER)],
    ],
    ids=["in pieces", "channels mixed", "at once"],
)
def test_the_answer_may_come_in_pieces(plain_server: StandIn, frames: list[bytes]) -> None:
    plain_server.table = world(Upgraded(frames))
    with client(plain_server) as controller:
        assert forwarded_certificate(controller) == b"PEM"


@pytest.mark.parametrize("port", [{"targetPort": 8123}, {"port": 8123}])
def test_the_port_may_be_a_number(plain_server: StandIn, port: dict[str, Any]) -> None:
    plain_server.table = {**world(), SERVICE: service(**port)}
    with client(plain_server) as controller:
        assert forwarded_certificate(controller) == b"PEM"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({SERVICE: NO_READING}, "may not get services on sealed-secrets-controller"),
        ({SERVICE: status(404)}, "there is no Service"),
        ({SERVICE: Reply({"spec": {"ports": [{"port": 1}]}})}, "the controller's Service selects no pods"),
        ({SERVICE: service(targetPort="other")}, "names a port that its pods do not have"),
        ({PODS: forbidden("pods", "list", "pods")}, "user ann may not list pods in namespace kube-system"),
        ({PODS: Reply({"items": [pod("c-1", ready=False)]})}, "no pod of the controller is ready"),
        ({PODS: Reply({"items": [None]})}, "has an unknown form"),
        ({SERVICE: Reply({"kind": "Service"})}, "has an unknown form"),
        ({PODS: Reply({"items": []})}, "no pod of the controller is ready"),
        (
            {FORWARD: forbidden('pods "c-2"', "create", "pods/portforward")},
            "user ann may not get and create pods/portforward on c-2 in namespace kube-system",
        ),
        ({FORWARD: status(500, "no kubelet")}, "the API server answered 500: no kubelet"),
        ({FORWARD: Reply(b"")}, "the API server answered 200$"),
        (
            {FORWARD: Upgraded([*BEGUN, frame(b"\x01connection refused")])},
            "port of pod c-2 cannot be reached: connection",
        ),
        ({FORWARD: Upgraded([*BEGUN, frame(b"", CLOSE)])}, "pod c-2 sent an incomplete answer"),
        ({FORWARD: Upgraded([*BEGUN, frame(b"\x00" + ANSWER[:-1])])}, "port-forward to pod c-2 was interrupted"),
        ({FORWARD: Upgraded([*BEGUN, frame(b"\x00garbage\r\n\r\n"), frame(b"", CLOSE)])}, "sent an incomplete answer"),
        (
            {FORWARD: Upgraded([*BEGUN, frame(b"\x00" + ANSWER.replace(b"200 OK", b"404 Gone"))])},
            "pod c-2 answered 404 to /v1/cert.pem",
        ),
    ],
)
def test_what_fails_is_told_with_the_right_that_is_missing(
    plain_server: StandIn, change: dict[str, Reply | Upgraded], words: str
) -> None:
    plain_server.table = {**world(), **change}
    with client(plain_server) as controller, pytest.raises(ClusterError, match=words):
        forwarded_certificate(controller)


def test_a_proxy_is_asked_to_connect(plain_server: StandIn) -> None:
    plain_server.table = world()
    with client(plain_server) as controller:
        controller.connection.proxy = plain_server.url
        with pytest.raises(ClusterError, match="the port-forward cannot be opened"):
            forwarded_certificate(controller)
        controller.connection.proxy = "socks5://127.0.0.1:1"
        with pytest.raises(ClusterError, match="port-forward does not support a socks5 proxy"):
            forwarded_certificate(controller)
