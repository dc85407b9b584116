"""Serves a WSGI app on its own port, with its own threads, and withstands bad clients.

The web server is waitress. This module sets its limits, opens the port, decides which connections are closed and when,
and shuts down in order. `connection` has the state of one connection, `endpoints` what is served.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, cast
from wsgiref.types import WSGIApplication

import structlog
from waitress import wasyncore
from waitress.server import TcpWSGIServer

from sealwright_controller.options.addresses import ListenAddress
from sealwright_controller.web import loop
from sealwright_controller.web.connection import Connection
from sealwright_controller.web.parsing import MAX_BODY_BYTES, MAX_HEADER_BYTES

MAX_WAITING_CONNECTIONS = 200
"""Connections without a request in work, including those that do not take their answer. Beyond this, the one that has
waited longest is closed, so that clients which never finish (or begin) a request do not block others."""

MAX_SPARED = 50
"""How many connections beyond these are kept because their next request has arrived and is not read yet."""

MAX_HELD_BYTES = 16 * 1024 * 1024
"""The limit of incomplete bodies over all connections; beyond it, those that wait longest are closed."""

MAX_UNSENT_BYTES = 16 * 1024 * 1024
"""The limit of untaken answers over all connections; beyond it, those that take longest are closed, but never the one
that has just begun to take an answer, however long that is."""

MAX_WAITING_REQUESTS = 32
"""How many requests may wait for a thread; one more is answered 503."""

MAX_ACCEPTED = 64
"""How many new connections are accepted at once."""

STOP_SECONDS = 1.0
"""How long requests in work may take to end when the server is stopped."""

_ADJUSTMENTS: Final[dict[str, Any]] = {
    "threads": 16,  # twice as many as may be busy with private keys (ratelimit.MAX_AT_ONCE), so others are told to wait
    "ident": None,  # no Server header
    "connection_limit": 2 * MAX_WAITING_CONNECTIONS,
    "max_request_body_size": MAX_BODY_BYTES,
    "max_request_header_size": MAX_HEADER_BYTES,
    # Above these sizes waitress uses temporary files, which a read-only root file system does not allow.
    "inbuf_overflow": 2 * MAX_BODY_BYTES,
    "outbuf_overflow": 256 * 1024 * 1024,
    "log_socket_errors": False,
    "expose_tracebacks": False,
    "clear_untrusted_proxy_headers": True,
}

_log = structlog.get_logger()


class ServerError(Exception):
    """Listening on a port failed; the text names the address and the cause."""


class Server:
    """One port. `start` may be called once."""

    def __init__(
        self,
        address: ListenAddress,
        app: WSGIApplication,
        *,
        is_quick: Callable[[str, str], bool] = lambda path, method: False,  # noqa: ARG005
        threads: int = _ADJUSTMENTS["threads"],
        name: str = "http",
        read_seconds: float = 120.0,
        write_seconds: float = 120.0,
    ) -> None:
        """`name` is for the log and the thread.

        Requests for which `is_quick(path, method)` is true are answered by the loop's own thread; all others by
        `threads` threads, which may be 0 if all are quick.

        A client has `read_seconds`, from the opening of the connection or the previous answer, to send its whole
        request, and `write_seconds` to take an answer; then the connection is closed. Both are exact to about a second.
        """
        self.read_seconds = read_seconds
        self.write_seconds = write_seconds
        self.address = address
        self._app = app
        self._is_quick = is_quick
        self._threads = threads
        self._name = name
        self._stopping = threading.Event()
        # Waking the loop writes to a pipe by its number, which may belong to another file once the pipe is closed.
        self._wake_up = threading.Lock()
        self._is_open = False
        self._thread: threading.Thread | None = None
        self._port = 0

    @property
    def port(self) -> int:
        """The port listened on, also if a free one was requested (0). Only after `start`."""
        return self._port

    def start(self) -> None:
        """Open the port and start serving. Raises ServerError if the port cannot be opened."""
        # Clients can cause any number of waitress' warnings (queue, connections, disconnects); an error is ours.
        logging.getLogger("waitress").setLevel(logging.ERROR)
        opened = _open(self.address)
        self._port = opened.getsockname()[1]
        self._sockets: dict[int, Any] = {}
        place = (opened.family, opened.type, opened.proto, opened.getsockname())
        self._listener = _Listener(
            self._is_quick,
            self._app,
            self._sockets,
            _sock=opened,
            bind_socket=False,
            sockinfo=place,
            **self._adjustments(),
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

    def _adjustments(self) -> dict[str, Any]:
        # waitress would close silent connections; here silence only counts as time.
        return {
            **_ADJUSTMENTS,
            "threads": self._threads,
            "channel_timeout": int(self.read_seconds + self.write_seconds) + 60,
        }

    def _serve(self) -> None:
        """Run the event loop in steps, with housekeeping between them."""
        self._listener.loop_thread = threading.get_ident()
        try:
            while not self._stopping.is_set():
                self._step(timeout_seconds=1)
                self._close_overdue(time.monotonic())
            self._finish_requests()
        finally:
            self._close()

    def _step(self, timeout_seconds: float) -> None:
        loop.step(self._sockets, timeout_seconds)

    def _connections(self) -> list[Connection]:
        return list(cast(dict[int, Connection], self._listener.active_channels).values())

    def _close_overdue(self, now: float) -> None:
        connections = self._connections()
        for connection in connections:
            connection.look(now)
        overdue = [c for c in connections if c.is_overdue(now, self.read_seconds, self.write_seconds)]
        # A set, because a connection may be over several limits.
        for connection in {*overdue, *_beyond_waiting(connections), *_beyond_sending(connections)}:
            connection.drop()

    def _finish_requests(self) -> None:
        wasyncore.dispatcher.close(self._listener)  # only the port; the loop continues for open connections
        deadline = time.monotonic() + STOP_SECONDS
        while any(connection.is_busy for connection in self._connections()) and time.monotonic() < deadline:
            self._step(timeout_seconds=0.05)

    def _close(self) -> None:
        # Order matters: a working thread may wake the loop while it considers its connection open. So threads end
        # first, then connections close, and the pipe last.
        self._listener.task_dispatcher.shutdown(timeout=0 if any(c.requests for c in self._connections()) else 1)
        for connection in self._connections():
            connection.drop()
        with self._wake_up:
            self._is_open = False
            self._listener.close()


class _Listener(TcpWSGIServer):
    """The open port; connections ask it which thread answers a request."""

    channel_class = Connection

    def __init__(self, is_quick: Callable[[str, str], bool], *args: Any, **kwargs: Any) -> None:
        self.loop_thread: int | None = None
        self._is_quick = is_quick
        super().__init__(*args, **kwargs)

    @property
    def has_room(self) -> bool:
        """Whether one more request may wait for a thread."""
        return len(self.task_dispatcher.queue) < MAX_WAITING_REQUESTS

    def is_quick(self, request: Any) -> bool:
        """Tell whether the loop's own thread answers a complete request without errors."""
        path = request.path
        # The app sees several slashes at the beginning of a path as one (see waitress.task).
        return self._is_quick(f"/{path.lstrip('/')}" if path.startswith("/") else path, request.command)

    def pull_trigger(self) -> None:
        """Wake the loop; the loop's own thread skips this, because it would release the interpreter for nothing."""
        if threading.get_ident() != self.loop_thread:
            super().pull_trigger()

    def handle_accept(self) -> None:
        """Accept all pending connections, within bounds; waitress accepts one a round."""
        channels = cast(dict[int, Connection], self.active_channels)
        for _ in range(MAX_ACCEPTED):
            before = len(channels)
            super().handle_accept()
            if len(channels) == before:
                return


def _beyond_waiting(connections: Sequence[Connection]) -> Iterator[Connection]:
    """Yield the connections over the limit of those that wait for their clients: those that have waited longest."""
    # Except new connections whose first bytes have not been read yet.
    waiting = [each for each in connections if not each.requests and not (each.is_owed and not each.spent)]
    waiting.sort(key=lambda connection: connection.sending_since or connection.waiting_since, reverse=True)
    held_bytes = spared = 0
    for number, connection in enumerate(waiting):
        held_bytes += connection.held_bytes
        if connection.held_bytes and held_bytes > MAX_HELD_BYTES:
            yield connection
        elif number >= MAX_WAITING_CONNECTIONS:
            # Its client would take the request for lost, although the loop is what is late.
            if spared < MAX_SPARED and connection.has_next_request():
                spared += 1
            else:
                yield connection


def _beyond_sending(connections: Sequence[Connection]) -> Iterator[Connection]:
    """Yield the connections over the limit of those with untaken answers: those that take longest."""
    sending = [connection for connection in connections if connection.sending_since is not None]
    sending.sort(key=lambda connection: connection.sending_since or 0.0, reverse=True)
    unsent_bytes = 0
    for number, connection in enumerate(sending):
        unsent_bytes += connection.total_outbufs_len
        if number > 0 and unsent_bytes > MAX_UNSENT_BYTES:
            yield connection


def _open(address: ListenAddress) -> socket.socket:
    """Open a port as Go does: no host means every interface, IPv6 and IPv4; a name, one address, IPv4 first."""
    try:
        if address.host in ("", "::"):
            if socket.has_dualstack_ipv6():
                return socket.create_server(("::", address.port), family=socket.AF_INET6, dualstack_ipv6=True)
            return socket.create_server(("0.0.0.0", address.port))  # noqa: S104 - every interface was asked for
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, place = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return socket.create_server(cast(tuple[str, int], place), family=family)
    except OSError as error:
        is_about_name = isinstance(error, socket.gaierror)  # such errors have their own numbers and texts
        reason = str(error.strerror) if is_about_name else os.strerror(error.errno or 0)
        raise ServerError(f"cannot listen on {address}: {reason[:1].lower()}{reason[1:]}") from None
