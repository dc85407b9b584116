"""A server that answers from a table, over HTTP or TLS: an API server as kubeseal's cases record one, or a controller.

What it was asked is kept, so that a test can tell who spoke and how.
"""

import http.server
import json
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from tests.support.websocket_frames import accept_key, read_payload


@dataclass(frozen=True)
class Reply:
    """An answer; a `body` that is a dict is sent as JSON."""

    body: bytes | dict[str, Any] = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Upgraded:
    """An answer that turns the connection into a WebSocket: after the client's first message, raw `frames` are sent.

    The message is kept as the body of what was asked.
    """

    frames: Sequence[bytes]
    protocol: str = "v4.channel.k8s.io"


@dataclass(frozen=True)
class Asked:
    """A request as it came: its line (`GET /path?query`, escapes undone), header fields and body."""

    line: str
    headers: Message
    body: bytes


NOT_FOUND = Reply(b"no such page\n", 404)


class TableServer:
    """Answers `GET /path` by `table["GET /path"]`, anything else with 404, between entering and leaving a `with`.

    `table` may change meanwhile. With a `certificate` (PEM files: certificate, key) it speaks TLS, and with
    `client_authority` it asks for client certificates: `Asked.headers["X-Client"]` then has the subject's name.
    """

    def __init__(
        self,
        table: Mapping[str, Reply | Upgraded] | None = None,
        *,
        certificate: tuple[Path, Path] | None = None,
        client_authority: Path | None = None,
    ) -> None:
        self.table = dict(table or {})
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        scheme = "http"
        if certificate is not None:
            scheme = "https"
            self._server.socket = _tls(certificate, client_authority).wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = self._server.server_port
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def lines(self) -> list[str]:
        """The lines of all requests so far."""
        return [asked.line for asked in self.asked]


class _Server(http.server.ThreadingHTTPServer):
    owner: TableServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up, as those do that refuse the certificate."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if isinstance(self.connection, ssl.SSLSocket) and (shown := self.connection.getpeercert()):
            self.headers["X-Client"] = dict(pair for part in shown["subject"] for pair in part)["commonName"]
        owner = self.server.owner
        owner.asked.append(Asked(f"{self.command} {unquote(self.path)}", self.headers, body))
        reply = owner.table.get(f"{self.command} {unquote(self.path)}", NOT_FOUND)
        if isinstance(reply, Upgraded):
            self._upgrade(reply)
            return
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _upgrade(self, reply: Upgraded) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers["Sec-WebSocket-Key"]))
        self.send_header("Sec-WebSocket-Protocol", reply.protocol)
        self.end_headers()
        asked = self.server.owner.asked
        asked[-1] = replace(asked[-1], body=read_payload(self.rfile))
        self.wfile.write(b"".join(reply.frames))
        self.close_connection = True


def _tls(certificate: tuple[Path, Path], client_authority: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    if client_authority is not None:
        context.load_verify_locations(client_authority)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
