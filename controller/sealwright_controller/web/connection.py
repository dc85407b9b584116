"""One connection of a client: which phase it is in, since when, and how it ends. No sockets are opened here.

It is waitress' connection, with what that lacks. waitress counts silence, so a client that sends or takes a byte now
and then may stay for ever; here the time for a whole request counts, and that for a whole answer. waitress closes as
soon as it has refused a request; here such a connection lingers, so that the answer is not lost. And waitress reads
all requests that came together; here the next one is read when the answer to the one before has been taken, so that
a client has one request in work and one answer kept, however many it sends.
"""

import contextlib
import socket
import threading
import time
from typing import Any, cast

from waitress.channel import HTTPChannel

from sealwright_controller.web.parsing import MAX_BODY_BYTES, MAX_HEADER_BYTES, Overloaded, Refusal, RequestParser

__all__ = ["LINGER_SECONDS", "MAX_BODY_BYTES", "MAX_HEADER_BYTES", "Connection"]

LINGER_SECONDS = 2
"""How long a client that was refused before its request was read whole may go on sending it, to nobody."""

_DECAY_SECONDS = 1.0  # after which what a connection has cost counts half


class Connection(HTTPChannel):
    """A connection that knows since when it has been waiting for its client, and that does not swallow its last answer.

    `waiting_since`: when it began to wait for a whole request: it was opened, or had answered the one before.
    `sending_since`: when the client began to owe the taking of answers, or None; answers queued together count as one.
    Both are of time.monotonic(). `spent`: seconds of the loop's thread that it has cost lately; `is_owed`: whether it
    has waited for that thread since the last step.
    The loop's thread has to call `look` between its steps, and `go_on` when the connection `can_go_on`.

    What a client sends after it was refused makes the operating system reset a closed connection (RFC 9112 §9.6), and
    the answer may be lost. So a refused one lingers: it sends no more, and takes what comes until the client ends it or
    LINGER_SECONDS have passed.
    """

    parser_class = RequestParser
    error_task_class = Refusal

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.waiting_since = time.monotonic()
        self.sending_since: float | None = None
        self.is_lingering = False
        self.spent = 0.0
        self.is_owed = False
        self._decayed = self.waiting_since
        self._unread = b""
        self._is_refused = False
        self._serving = 0
        self._serving_lock = threading.Lock()
        super().__init__(*args, **kwargs)

    @property
    def is_busy(self) -> bool:
        """Whether a request is in work, or an answer not sent yet."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def held_bytes(self) -> int:
        """How much has arrived of a body that is not there whole."""
        return self.request.body_bytes_received if self.request is not None else 0

    def look(self, now: float) -> None:
        """Note whether the client owes the taking of an answer, and let what it has cost fade."""
        if now - self._decayed >= _DECAY_SECONDS:
            self.spent, self._decayed = self.spent / 2, now
        # While a request is in work, waitress itself keeps little answers to those before it back.
        unsent_bytes = self.total_outbufs_len
        if unsent_bytes and (not self.requests or unsent_bytes >= self.adj.send_bytes):
            if self.sending_since is None:
                self.sending_since = now
        elif self.sending_since is not None:
            self.sending_since, self.waiting_since = None, now

    def is_overdue(self, now: float, read_seconds: float, write_seconds: float) -> bool:
        """Tell whether the client has had its time: for a whole request, for a whole answer, or to go away."""
        if self.is_lingering:
            return now - self.waiting_since > LINGER_SECONDS
        if self.sending_since is not None:
            return now - self.sending_since > write_seconds
        # The last request is off the list a moment before the time of its answer is noted.
        is_waiting = not self.requests and not self._serving
        return is_waiting and now - self.waiting_since > read_seconds

    def drop(self) -> None:
        """Close it at once, also under a thread that waits for its client to take an answer."""
        self.is_lingering = True
        self.handle_close()

    @property
    def can_go_on(self) -> bool:
        """Whether more has arrived than has been read, and there is nothing to wait for."""
        return bool(self._unread) and self.connected and not self.is_busy

    def received(self, data: bytes) -> bool:
        """Keep what has arrived; `go_on` reads it."""
        self._unread += data
        return True

    def go_on(self) -> None:
        """Read up to the end of the next request, and have it answered: at once, or by a thread if that takes long."""
        if self.will_close or self.close_when_flushed or self.is_lingering:
            self._unread = b""
        if self.can_go_on:
            self._read_on()
            if self.requests:
                self._have_answered()

    def _read_on(self) -> None:
        """Give a request what belongs to it of what has arrived."""
        channel: Any = self  # the stubs know neither the lock nor that the requests are a list
        with channel.requests_lock:  # a thread may be about to end the request before
            if self.request is None:
                self.request = self.parser_class(self.adj)
            request = self.request
            self._unread = self._unread[request.received(self._unread) :]
            if request.completed:
                self.request, self.sent_continue = None, False
                if not request.empty:
                    channel.requests.append(request)
            elif request.expect_continue and request.headers_finished and not self.sent_continue:
                self.send_continue()

    def _have_answered(self) -> None:
        request: Any = self.requests[0]
        server: Any = self.server  # the port, which knows what takes long
        if request.error is None and not server.is_quick(request):
            if server.has_room:
                server.add_task(self)
                return
            request.error = Overloaded("")
        self.service()
        if self.writable():
            self.handle_write()

    def service(self) -> None:
        """Answer one request: in the loop's thread, or in one of its own."""
        self._is_refused = self.requests[0].error is not None
        if not self.total_outbufs_len:
            self.sending_since = None  # the loop may not have looked since the answer before was taken
        self._count_serving(1)
        super().service()  # the next request may be in work before its last steps, so that two threads may be here
        self.waiting_since = time.monotonic()
        self._count_serving(-1)

    def _count_serving(self, change: int) -> None:
        with self._serving_lock:
            self._serving += change

    def handle_close(self) -> None:
        """Close, or linger first."""
        if not (self._is_refused and self.will_close and self.connected) or self.is_lingering:
            super().handle_close()
            return
        self.is_lingering, self.will_close = True, False
        self.waiting_since = time.monotonic()
        with contextlib.suppress(OSError):
            cast(socket.socket, self.socket).shutdown(socket.SHUT_WR)

    def readable(self) -> bool:
        """Tell whether what the client sends is taken."""
        return self.is_lingering or (not self._unread and super().readable())

    def handle_read(self) -> None:
        """Take what the client has sent; nobody reads it when it lingers."""
        if not self.is_lingering:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()
