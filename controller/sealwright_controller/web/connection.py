"""One connection of a client: its phase, since when, and how it ends. Opens no sockets.

It extends waitress' connection. waitress limits silence, so a client that sends or takes a byte now and then may stay
for ever; here the time for a whole request and for a whole answer is limited. waitress closes as soon as it has refused
a request; here such a connection lingers, so that the answer is not lost. waitress reads all pipelined requests at
once; here the next one is read after the client has taken the previous answer, so a client has at most one request in
work and one answer stored.
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
"""How long a client whose request was refused early may go on sending it; the bytes are discarded."""

_DECAY_SECONDS = 1.0  # half-life of a connection's cost


class Connection(HTTPChannel):
    """A connection that knows since when it waits for its client, and does not lose its last answer.

    `waiting_since`: when it began to wait for a whole request, at opening or after the previous answer.
    `sending_since`: when the client began to have answers to take, or None; answers queued together count as one. Both
    are of time.monotonic(). `spent`: seconds of the loop's thread that it has cost lately; `is_owed`: whether it has
    waited for that thread since the last step. The loop's thread has to call `look` between its steps, and `go_on` when
    the connection `can_go_on`.

    If a client sends more after a refusal, the operating system resets the closed connection (RFC 9112 §9.6), and the
    answer may be lost. So a refused connection lingers: it sends no more, and discards input until the client closes it
    or LINGER_SECONDS have passed.
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
        """Whether a request is in work or an answer is not sent yet."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def held_bytes(self) -> int:
        """How many bytes of an incomplete body have arrived."""
        return self.request.body_bytes_received if self.request is not None else 0

    def look(self, now: float) -> None:
        """Note whether the client has an answer to take, and let its cost decay."""
        if now - self._decayed >= _DECAY_SECONDS:
            self.spent, self._decayed = self.spent / 2, now
        # While a request is in work, waitress holds back small answers to earlier ones.
        unsent_bytes = self.total_outbufs_len
        if unsent_bytes and (not self.requests or unsent_bytes >= self.adj.send_bytes):
            if self.sending_since is None:
                self.sending_since = now
        elif self.sending_since is not None:
            self.sending_since, self.waiting_since = None, now

    def is_overdue(self, now: float, read_seconds: float, write_seconds: float) -> bool:
        """Tell whether the client's time is over: for a whole request, for a whole answer, or for lingering."""
        if self.is_lingering:
            return now - self.waiting_since > LINGER_SECONDS
        if self.sending_since is not None:
            return now - self.sending_since > write_seconds
        # The last request leaves the list a moment before the time of its answer is noted.
        is_waiting = not self.requests and not self._serving
        return is_waiting and now - self.waiting_since > read_seconds

    def drop(self) -> None:
        """Close it at once, even if a thread waits for its client to take an answer."""
        self.is_lingering = True
        self.handle_close()

    def has_next_request(self) -> bool:
        """Tell whether the client has begun a request of which nothing is read yet; asks the operating system."""
        if self.request is not None or self.is_lingering:
            return False
        try:
            return bool(self._unread or cast(socket.socket, self.socket).recv(1, socket.MSG_PEEK))
        except OSError:
            return False

    @property
    def can_go_on(self) -> bool:
        """Whether unread bytes have arrived and nothing has to be waited for."""
        return bool(self._unread) and self.connected and not self.is_busy

    def received(self, data: bytes) -> bool:
        """Keep the received bytes; `go_on` reads them."""
        self._unread += data
        return True

    def go_on(self) -> None:
        """Read up to the end of the next request, and answer it: at once, or in a thread if it may take long."""
        if self.will_close or self.close_when_flushed or self.is_lingering:
            self._unread = b""
        if self.can_go_on:
            self._read_on()
            if self.requests:
                self._have_answered()

    def _read_on(self) -> None:
        """Give a request its part of the received bytes."""
        channel: Any = self  # the stubs know neither the lock nor that the requests are a list
        with channel.requests_lock:  # a thread may be about to end the previous request
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
        server: Any = self.server  # the port, which knows which requests take long
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
            self.sending_since = None  # the loop may not have looked since the previous answer was taken
        self._count_serving(1)
        super().service()  # the next request may start before this one's last steps, so two threads may be here
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
        """Tell whether the client's bytes are read."""
        return self.is_lingering or (not self._unread and super().readable())

    def handle_read(self) -> None:
        """Take the client's bytes; a lingering connection discards them."""
        if not self.is_lingering:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()
