"""One connection of a client: which phase it is in, since when, and how it ends. No sockets are opened here.

It is waitress' connection, with what that lacks. waitress counts silence, so a client that sends or takes a byte now
and then may stay for ever; here the time for a whole request counts, and that for a whole answer. waitress closes as
soon as it has refused a request; here such a connection lingers, so that the answer is not lost. And what waitress
itself refuses is answered with one line of text, as everything else is.
"""

import contextlib
import socket
import threading
import time
from typing import Any, cast

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask

MAX_BODY_BYTES = 2 * 1024 * 1024
"""Of a request; the API server takes no object larger than 1.5 MiB."""

MAX_HEADER_BYTES = 32 * 1024
"""Of a request's first line and headers."""

LINGER_SECONDS = 2
"""How long a client that was refused before its request was read whole may go on sending it, to nobody."""

_REFUSALS = {
    413: f"the body is too large: {MAX_BODY_BYTES // 2**20} MiB or more",
    431: f"the headers are too large: {MAX_HEADER_BYTES // 2**10} KiB or more",
    500: "internal error",
}


class _Parser(HTTPRequestParser):
    """Answers 400 to what waitress would drop the connection for, with a traceback in the log (unreadable targets)."""

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Invalid request") from None


class _Refusal(ErrorTask):
    """Answers a request that the app never sees, in one line, where waitress writes a paragraph that names itself."""

    def execute(self) -> None:
        error: Any = self.request.error  # type: ignore[attr-defined] # its stubs take a request for an error
        line = _REFUSALS.get(error.code) or " ".join(f"{error.reason}: {error.body}".split())
        body = f"{line}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Connection(HTTPChannel):
    """A connection that knows since when it has been waiting for its client, and that does not swallow its last answer.

    `waiting_since`: when it began to wait for a whole request: it was opened, or had answered the one before.
    `sending_since`: when the client began to owe the taking of answers, or None; answers queued together count as one.
    Both are of time.monotonic(). The loop's thread has to call `look` between its steps.

    What a client sends after it was refused makes the operating system reset a closed connection (RFC 9112 §9.6), and
    the answer may be lost. So a refused one lingers: it sends no more, and takes what comes until the client ends it or
    LINGER_SECONDS have passed.
    """

    parser_class = _Parser
    error_task_class = _Refusal

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.waiting_since = time.monotonic()
        self.sending_since: float | None = None
        self.is_lingering = False
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
        """Note whether the client owes the taking of an answer."""
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

    def service(self) -> None:
        """Answer one request, in a thread of its own."""
        self._is_refused = self.requests[0].error is not None
        if not self.total_outbufs_len:
            self.sending_since = None  # the loop may not have looked since the answer before was taken
        self._count_serving(1)
        super().service()  # ends with handing on the next request, so that two threads may be here
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
        return self.is_lingering or super().readable()

    def handle_read(self) -> None:
        """Take what the client has sent; nobody reads it when it lingers."""
        if not self.is_lingering:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            self.handle_close()
