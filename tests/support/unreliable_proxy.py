"""A proxy between controllers and an API server that delays, drops, cuts, lies and forgets, as networks and servers do.

It speaks HTTP/1.1, with TLS or without. `wire_faults` decides what a request meets; `passing_streams` has the watches.
"""

import contextlib
import http.client
import json
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from tests.support.cluster import Cluster
from tests.support.old_versions import OldVersions
from tests.support.passing_streams import PassedStream, shut
from tests.support.wire_faults import STREAM_FAULTS, Asked, WireFaults

LATE_SECONDS = 1.0
OWN_HEADERS = {"connection", "content-length", "transfer-encoding", "date", "server"}
REASONS = {409: "Conflict", 410: "Expired", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}


class Exchange(NamedTuple):
    """One request that came through, and the status that the server gave; 0 if it gave none."""

    asked: Asked
    body: bytes
    status: int


class UnreliableProxy:
    """A context manager: between its ends, controllers reach `cluster` through it, and meet `faults`.

    `recorded` is called with each exchange with the server, from several threads. `old` is shared by proxies whose
    clients may be shown what others saw.
    """

    def __init__(
        self,
        cluster: Cluster,
        faults: WireFaults,
        *,
        tls: bool = True,
        recorded: Callable[[Exchange], None] = lambda _: None,
        old: OldVersions | None = None,
    ) -> None:
        self.cluster = cluster
        self.faults = faults
        self.recorded = recorded
        self.old = old or OldVersions()
        self.is_parted = False
        self.token = ""
        self.closing = threading.Event()
        self._tls = tls
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = _Server(self, _server_context(cluster) if tls else None)
        self.upstream_context = ssl.create_default_context(cafile=cluster.ca_file)
        self.upstream_context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # see pki
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="unreliable proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._cut_all()
        self._server.server_close()

    def kubeconfig(self, path: Path, *, token: str | None = None) -> Path:
        """Write a kubeconfig whose server is this proxy, see Cluster.

        Clients send no token over a connection without TLS, as kubectl does not; then the proxy adds it.
        """
        port = self._server.server_address[1]
        seen = Cluster(folder=self.cluster.folder, port=port, admin_token=self.cluster.admin_token)
        if not self._tls:
            seen.url = seen.url.replace("https:", "http:")
            self.token = token or self.cluster.admin_token
        return seen.kubeconfig(path, token=token)

    def part(self) -> None:
        """Cut everybody off from the server: every connection ends, and no new one leads anywhere."""
        self.is_parted = True
        self.faults.count("partition")
        self._cut_all()

    def join(self) -> None:
        """End the partition."""
        self.is_parted = False

    def hold(self, connection: socket.socket) -> None:
        """Note a connection that ends with the proxy and with a partition."""
        with self._lock:
            self._sockets.add(connection)

    def drop(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._sockets.discard(connection)

    def _cut_all(self) -> None:
        with self._lock:
            for connection in self._sockets:
                shut(connection)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, proxy: UnreliableProxy, context: ssl.SSLContext | None) -> None:
        self.proxy = proxy
        self._context = context
        super().__init__(("127.0.0.1", 0), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._context is not None:
            # The handshake happens in the connection's own thread, at its first read.
            connection = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client, or the server behind, that goes away ends its connection and nothing else."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    _upstream: http.client.HTTPSConnection | None = None

    def setup(self) -> None:
        self.proxy = self.server.proxy
        self.proxy.hold(self.request)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()

    def finish(self) -> None:
        self.proxy.drop(self.request)
        self._hang_up()
        with contextlib.suppress(OSError, ValueError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        pass

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path)
        if self.proxy.is_parted:
            self._break_off()
            return
        fault, drawn = self.proxy.faults.strike(asked)
        if fault == "late":
            self.proxy.closing.wait(LATE_SECONDS * drawn)
        try:
            if fault == "lost request":
                self._break_off()
            elif fault.isdecimal():
                self._refuse(int(fault))
            elif asked.kind == "watch":
                self._pass_watch(asked, fault, drawn)
            else:
                self._pass_answer(asked, body, fault)
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            # Either side ended, perhaps in the middle of something (http.client then finds its file gone).
            self._hang_up()
            self._break_off()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass  # noqa: N815 - the names are the base class's

    def _pass_answer(self, asked: Asked, body: bytes, fault: str) -> None:
        target = self.proxy.old.listed(asked) if fault == "stale list" else asked.target
        response = self._ask(asked, target, body)
        content = response.read()
        self.proxy.recorded(Exchange(asked, body, response.status))
        if fault == "lost answer":
            self._break_off()
            return
        half = content[: len(content) // 2]
        self._answer(response, half if fault == "truncated" else content, cut=fault == "cut answer")

    def _pass_watch(self, asked: Asked, fault: str, drawn: float) -> None:
        target = self.proxy.old.watched(asked) if fault == "stale watch" else asked.target
        self.proxy.old.saw(asked)
        response = self._ask(asked, target, b"")
        self.proxy.recorded(Exchange(asked, b"", response.status))
        if response.status != 200:
            self._answer(response, response.read())
            return
        self._send_head(response, ("Transfer-Encoding", "chunked"))
        self.close_connection = True
        upstream = self._upstream
        assert upstream is not None
        stream = PassedStream(response, upstream.sock, self.request, self.wfile)
        stream.run(fault if fault in STREAM_FAULTS else "", drawn, self.proxy.faults)
        self._hang_up()

    def _ask(self, asked: Asked, target: str, body: bytes) -> http.client.HTTPResponse:
        """Send the request on and return the beginning of the answer."""
        if self._upstream is None:
            self._upstream = http.client.HTTPSConnection(
                "127.0.0.1", self.proxy.cluster.port, timeout=120, context=self.proxy.upstream_context
            )
            self._upstream.connect()
            self.proxy.hold(self._upstream.sock)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"connection", "host"}}
        if self.proxy.token:
            headers["Authorization"] = f"Bearer {self.proxy.token}"
        self._upstream.request(asked.method, target, body or None, headers)
        return self._upstream.getresponse()

    def _answer(self, response: http.client.HTTPResponse, content: bytes, *, cut: bool = False) -> None:
        self._send_head(response, ("Content-Length", str(len(content))))
        self.wfile.write(content[: len(content) // 2] if cut else content)
        if cut:
            self._break_off()

    def _send_head(self, response: http.client.HTTPResponse, framing: tuple[str, str]) -> None:
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in OWN_HEADERS:
                self.send_header(name, value)
        self.send_header(*framing)
        self.end_headers()

    def _refuse(self, code: int) -> None:
        """Answer in the server's place."""
        reason = "AlreadyExists" if code == 409 and self.command == "POST" else REASONS[code]
        status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code}
        content = json.dumps({**status, "reason": reason, "message": "said by a proxy"}).encode()
        self.send_response_only(code)
        if code in (429, 503):
            self.send_header("Retry-After", "1")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _break_off(self) -> None:
        self.close_connection = True
        shut(self.request)

    def _hang_up(self) -> None:
        if self._upstream is not None:
            if self._upstream.sock is not None:
                self.proxy.drop(self._upstream.sock)
            with contextlib.suppress(OSError):
                self._upstream.close()
            self._upstream = None


def _server_context(cluster: Cluster) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cluster.folder / "server.crt", cluster.folder / "server.key")
    return context
