"""The controller's certificate by port-forward: chooses a pod of the Service and sends it one HTTP request.

The official client's port-forward is not used: it sends only the token of the user's headers, so that --as would be
ignored, and its thread shows tracebacks. A single exchange does not need a thread.
"""

import contextlib
import io
import socket
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import websocket

from sealwright_cli.cluster.connection import CONNECT_TIMEOUT_SECONDS, JSON, Answer, Connection, proxy_authorization
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.refusals import Right, refusal
from sealwright_cli.deadline import DeadlineError, within
from sealwright_cli.messages.errors import ClusterError

_PROTOCOL = "v4.channel.k8s.io"
_DATA, _ERROR = 0, 1
_PORT_BYTES = 2  # each channel begins with its port number
_MAX_BYTES = 1024 * 1024
_REQUEST = b"GET /v1/cert.pem HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def forwarded_certificate(controller: ControllerClient) -> bytes:
    """Return the body that a pod of the controller's Service serves as the certificate.

    Raises ClusterError, naming the right that is missing: reading the Service, listing pods, forwarding a port.
    """
    namespace = controller.address.namespace
    try:
        name, port = _target(controller)
    except (LookupError, TypeError, AttributeError):
        raise ClusterError(
            "the API server's description of the controller's Service or its pods has an unknown form"
        ) from None
    connection = controller.connection
    try:
        answer = within(connection.answer_timeout_seconds, lambda: _ask(connection, namespace, name, port))
    except DeadlineError:
        raise connection.too_slow() from None
    if answer.status != 200:
        raise ClusterError(f"pod {name} answered {answer.status} to /v1/cert.pem")
    return answer.body


def _ask(connection: Connection, namespace: str, name: str, port: int) -> Answer:
    """Return a pod's answer. Raises ClusterError."""
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(name, safe='')}/portforward?ports={port}"
    right = Right("get and create", "pods/portforward", namespace, name)
    with contextlib.closing(_connected(connection)) as own:
        stream = _upgraded(connection, own, path, right)
        try:
            return _exchange(stream, name)
        except (websocket.WebSocketException, OSError) as error:
            raise ClusterError(f"the port-forward to pod {name} was interrupted ({type(error).__name__})") from None


def _target(controller: ControllerClient) -> tuple[str, int]:
    """Return a ready pod's name, and its port for the Service's first one. Raises ClusterError.

    Raises LookupError, TypeError or AttributeError for malformed descriptions.
    """
    service = controller.service()
    labels = service["spec"].get("selector") or {}
    if not labels:
        raise ClusterError("the controller's Service selects no pods")
    selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    pod = _ready_pod(controller.connection, controller.address.namespace, selector)
    first = service["spec"]["ports"][0]
    target = first.get("targetPort") or first["port"]
    if isinstance(target, int):
        return str(pod["metadata"]["name"]), target
    listed = [port for container in pod["spec"]["containers"] for port in container.get("ports") or ()]
    numbers = [int(port["containerPort"]) for port in listed if port.get("name") == target]
    if not numbers:
        raise ClusterError("the controller's Service names a port that its pods do not have")
    return str(pod["metadata"]["name"]), numbers[0]


def _ready_pod(connection: Connection, namespace: str, selector: str) -> Mapping[str, Any]:
    query = urlencode({"labelSelector": selector})
    answer = connection.request("GET", f"/api/v1/namespaces/{quote(namespace, safe='')}/pods?{query}", accept=JSON)
    if not answer.is_success:
        raise refusal(answer, Right("list", "pods", namespace))
    pods = answer.object("the list of pods").get("items") or []
    ready = [pod for pod in pods if _is_ready(pod)]
    if not ready:
        raise ClusterError(f"no pod of the controller is ready in namespace {namespace} ({selector})")
    first: Mapping[str, Any] = ready[0]
    return first


def _is_ready(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or []
    return any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _connected(connection: Connection) -> socket.socket:
    """Return a connection to the API server, through the proxy if there is one. Raises ClusterError."""
    server = urlsplit(connection.server)
    host, port = server.hostname or "", server.port or (80 if connection.tls is None else 443)
    dialled = HTTPConnection(host, port, timeout=CONNECT_TIMEOUT_SECONDS)
    if connection.proxy:
        proxy = urlsplit(connection.proxy)
        if proxy.scheme != "http":
            raise ClusterError(f"port-forward does not support a {proxy.scheme} proxy")
        dialled = HTTPConnection(proxy.hostname or "", proxy.port or 80, timeout=CONNECT_TIMEOUT_SECONDS)
        dialled.set_tunnel(host, port, proxy_authorization(connection.proxy))
    try:
        dialled.connect()
        plain: socket.socket = dialled.sock
        plain.settimeout(connection.answer_timeout_seconds)
        if connection.tls is None:
            return plain
        return connection.tls.wrap_socket(plain, server_hostname=connection.tls_server_name or host)
    except (HTTPException, OSError) as error:
        dialled.close()
        raise _not_opened(error) from None


def _upgraded(connection: Connection, own: socket.socket, path: str, right: Right) -> websocket.WebSocket:
    """Return a stream to the port of the pod, over our own connection. Raises ClusterError."""
    try:
        return websocket.create_connection(
            connection.server.replace("http", "ws", 1) + path,
            socket=own,
            timeout=connection.answer_timeout_seconds,
            header=[f"{name}: {value}" for name, value in connection.headers],
            subprotocols=[_PROTOCOL],
            suppress_origin=True,
            redirect_limit=0,
        )
    except websocket.WebSocketBadStatusException as error:
        raise refusal(Answer(error.status_code, error.resp_body or b""), right) from None
    except (websocket.WebSocketException, OSError, ValueError) as error:
        raise _not_opened(error) from None


def _not_opened(error: Exception) -> ClusterError:
    return ClusterError(f"the port-forward cannot be opened ({type(error).__name__})")


def _exchange(stream: websocket.WebSocket, name: str) -> Answer:
    """Send the request and collect the answer, until it is complete or the other side ends."""
    stream.send_binary(bytes([_DATA]) + _REQUEST)
    received = {_DATA: b"", _ERROR: b""}
    while sum(map(len, received.values())) < _MAX_BYTES:
        opcode, frame = stream.recv_data()
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            break
        if frame and frame[0] in received:
            received[frame[0]] += frame[1:]
        answer = _answer(received[_DATA][_PORT_BYTES:])
        if answer is not None:
            return answer
        if len(received[_ERROR]) > _PORT_BYTES:
            words = " ".join(received[_ERROR][_PORT_BYTES:].decode("utf-8", errors="replace").split())
            raise ClusterError(f"the port of pod {name} cannot be reached: {words[:200]}")
    raise ClusterError(f"pod {name} sent an incomplete answer to /v1/cert.pem")


class _Received:
    """The part of a socket that HTTPResponse needs: a file of the received bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self._content)


def _answer(content: bytes) -> Answer | None:
    """Return the HTTP answer in `content`; None while it is incomplete."""
    if b"\r\n\r\n" not in content:
        return None
    response = HTTPResponse(_Received(content))  # type: ignore[arg-type]  # it only asks its socket for a file
    try:
        response.begin()
        length = response.length
        body = response.read()
    except (HTTPException, ValueError):
        return None
    return Answer(response.status, body) if length is not None and len(body) == length else None
