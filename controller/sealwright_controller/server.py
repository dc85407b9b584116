"""Serves a WSGI app on a port of its own, from threads of its own, and stands up to bad clients.

The web server is waitress. Here are the limits that it is given, the one that it lacks (see `_Connection`), opening
the port, and an orderly end. What is served is the business of `endpoints`.
"""

import contextlib
import logging
import os
import socket
import threading
import time
from typing import Any, Final, cast
from wsgiref.types import WSGIApplication

import structlog
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer

from sealwright_controller.addresses import ListenAddress

CONNECTION_SECONDS = 30
"""How long a client may take to send a request whole, to take the answer, and to keep a connection without either."""

MAX_WAITING_CONNECTIONS = 200
"""Connections without a request in work. For one more the one that has waited longest is closed, so that clients
which never finish (or begin) a request keep nobody else out."""

MAX_BODY_BYTES = 2 * 1024 * 1024
"""Of a request; the API server takes no object larger than 1.5 MiB."""

MAX_HELD_BYTES = 32 * 1024 * 1024
"""Of bodies that have not arrived whole, all connections together: beyond it those that wait longest are closed."""

LINGER_SECONDS = 2
"""How long a client that was refused before its request was read whole may go on sending it, to nobody."""

STOP_SECONDS = 1.0
"""How long requests in work may take to end when the server is stopped."""

_ADJUSTMENTS: Final[dict[str, Any]] = {
    "threads": 16,  # twice as many as may be busy with private keys (ratelimit.MAX_AT_ONCE), so probes do not wait
    "ident": None,  # no Server header
    "connection_limit": 2 * MAX_WAITING_CONNECTIONS,
    "channel_timeout": CONNECTION_SECONDS,
    "max_request_body_size": MAX_BODY_BYTES,
    "max_request_header_size": 32 * 1024,
    # Above these sizes waitress goes to temporary files, which a read-only root file system does not have.
    "inbuf_overflow": 2 * MAX_BODY_BYTES,
    "outbuf_overflow": 256 * 1024 * 1024,
    "log_socket_errors": False,
    "expose_tracebacks": False,
    "clear_untrusted_proxy_headers": True,
}

_log = structlog.get_logger()


class ServerError(Exception):
    """A port cannot be listened on; the text names the address and the cause."""


class Server:
    """One port. `start` may be called once."""

    def __init__(self, address: ListenAddress, app: WSGIApplication, *, name: str = "http") -> None:
        """`name` is for the log and the thread."""
        self.address = address
        self._app = app
        self._name = name
        self._stopping = threading.Event()
        # Waking the loop writes to a pipe by its number, which may be another file's as soon as the pipe is closed.
        self._wake_up = threading.Lock()
        self._is_open = False
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port listened on, also when a free one was asked for (0). Only after `start`."""
        return self._port

    def start(self) -> None:
        """Open the port and serve from now on. Raises ServerError when the port cannot be had."""
        # Clients decide how often waitress warns (queue, connections, disconnects); an error is one of ours.
        logging.getLogger("waitress").setLevel(logging.ERROR)
        opened = _open(self.address)
        self._port = opened.getsockname()[1]
        self._sockets: dict[int, Any] = {}
        place = (opened.family, opened.type, opened.proto, opened.getsockname())
        self._listener = _Listener(
            self._app, self._sockets, _sock=opened, bind_socket=False, sockinfo=place, **_ADJUSTMENTS
        )
        self._is_open = True
        self._thread = threading.Thread(target=self._serve, name=f"{self._name} server", daemon=True)
        self._thread.start()
        _log.info("listening", server=self._name, address=str(self.address._replace(port=self._port)))

    def stop(self) -> None:
        """Close the port, let requests in work end for up to STOP_SECONDS, and close all connections.

        May be called again, and without a `start`.
        """
        with self._wake_up:
            self._stopping.set()
            if self._is_open:
                self._listener.pull_trigger()
        if self._thread is not None:
            self._thread.join(2 * STOP_SECONDS)

    def _serve(self) -> None:
        """Run the event loop: waitress' own, step by step, for what has to be done between steps."""
        try:
            while not self._stopping.is_set():
                self._step(timeout_seconds=1)
                self._close_overdue(time.monotonic())
            self._finish_requests()
        finally:
            self._close()

    def _step(self, timeout_seconds: float) -> None:
        # poll, not select, which fails with file numbers above 1023.
        wasyncore.loop(timeout_seconds, use_poll=True, map=self._sockets, count=1)

    def _connections(self) -> list["_Connection"]:
        return list(cast(dict[int, _Connection], self._listener.active_channels).values())

    def _close_overdue(self, now: float) -> None:
        waiting = [connection for connection in self._connections() if not connection.requests]
        waiting.sort(key=lambda connection: connection.waiting_since, reverse=True)
        held_bytes = 0
        for number, connection in enumerate(waiting):
            held_bytes += connection.held_bytes
            too_many = number >= MAX_WAITING_CONNECTIONS
            too_much = connection.held_bytes > 0 and held_bytes > MAX_HELD_BYTES
            patience_seconds = LINGER_SECONDS if connection.is_lingering else CONNECTION_SECONDS
            if too_many or too_much or now - connection.waiting_since > patience_seconds:
                connection.drop()

    def _finish_requests(self) -> None:
        wasyncore.dispatcher.close(self._listener)  # the port alone; the loop goes on for what is open
        deadline = time.monotonic() + STOP_SECONDS
        while any(connection.is_busy for connection in self._connections()) and time.monotonic() < deadline:
            self._step(timeout_seconds=0.05)

    def _close(self) -> None:
        # Order matters: a thread that still works may wake the loop as long as it believes its connection open.
        # So threads end first, then connections close, and the pipe last.
        self._listener.task_dispatcher.shutdown(timeout=0 if any(c.requests for c in self._connections()) else 1)
        for connection in self._connections():
            connection.drop()
        with self._wake_up:
            self._is_open = False
            self._listener.close()


class _Parser(HTTPRequestParser):
    """Answers 400 to what waitress would drop the connection for, with a traceback in the log (unreadable targets)."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Invalid request") from None


class _Connection(HTTPChannel):
    """A connection that knows since when it has been waiting for its client, and that does not swallow its last answer.

    waitress counts silence, so a client that sends a byte now and then may stay for ever. Here the time for a whole
    request counts, from opening the connection or from the end of the request before it.

    And waitress closes as soon as it has refused a request. What the client sends meanwhile makes the operating system
    reset the connection (RFC 9112 §9.6), and the answer may be lost. Here such a connection lingers: it sends no more,
    and takes what comes until the client ends it or LINGER_SECONDS have passed.
    """

    parser_class = _Parser

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.waiting_since = time.monotonic()
        self.is_lingering = False
        self._is_refused = False
        super().__init__(*args, **kwargs)

    @property
    def is_busy(self) -> bool:
        """Whether a request is in work, or an answer not sent yet."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def held_bytes(self) -> int:
        """How much has arrived of a body that is not there whole."""
        return self.request.body_bytes_received if self.request is not None else 0

    def drop(self) -> None:
        """Close it at once."""
        self.is_lingering = True
        self.handle_close()

    def service(self) -> None:
        self._is_refused = self.requests[0].error is not None
        self.waiting_since = time.monotonic()  # before as well: the loop may look just before the line after
        super().service()
        self.waiting_since = time.monotonic()

    def handle_close(self) -> None:
        if not (self._is_refused and self.will_close and self.connected) or self.is_lingering:
            super().handle_close()
            return
        self.is_lingering, self.will_close = True, False
        with contextlib.suppress(OSError):
            cast(socket.socket, self.socket).shutdown(socket.SHUT_WR)

    def readable(self) -> bool:
        return self.is_lingering or super().readable()

    def handle_read(self) -> None:
        if not self.is_lingering:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()


class _Listener(TcpWSGIServer):
    channel_class = _Connection


def _open(address: ListenAddress) -> socket.socket:
    """Open a port as Go does: no host is every interface, IPv6 and IPv4; of a name's addresses one, IPv4 preferred."""
    try:
        if address.host in ("", "::"):
            if socket.has_dualstack_ipv6():
                return socket.create_server(("::", address.port), family=socket.AF_INET6, dualstack_ipv6=True)
            return socket.create_server(("0.0.0.0", address.port))  # noqa: S104 - every interface is what was asked for
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, place = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return socket.create_server(cast(tuple[str, int], place), family=family)
    except OSError as error:
        is_about_name = isinstance(error, socket.gaierror)  # such errors have numbers, and texts, of their own
        reason = str(error.strerror) if is_about_name else os.strerror(error.errno or 0)
        raise ServerError(f"cannot listen on {address}: {reason[:1].lower()}{reason[1:]}") from None
