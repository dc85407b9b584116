"""The answer to a watch on its way through a proxy: passed on as it comes, until a fault strikes it."""

import contextlib
import http.client
import json
import socket
import threading
from typing import BinaryIO

from tests.support.wire_faults import WireFaults

STRIKES_WITHIN_SECONDS = 6.0
LASTS_SECONDS = 1.0
"""How long a cut waits for an event to cut into."""
SILENCE_SECONDS = 15.0
"""How long a silent stream lasts, if nothing heals it."""
END = b"0\r\n\r\n"
EXPIRED = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 410, "reason": "Expired"}


class PassedStream:
    """Passes one stream of chunks from the server to a client."""

    def __init__(
        self, response: http.client.HTTPResponse, server: socket.socket, client: socket.socket, out: BinaryIO
    ) -> None:
        self._response = response
        self._server = server
        self._client = client
        self._out = out
        self._lock = threading.Lock()
        self._fault = ""
        self._is_due = False
        self._is_over = False

    def run(self, fault: str, drawn: float, faults: WireFaults) -> None:
        """Pass it on until it ends, or until `fault` (or none) strikes, `drawn` of the time within which it does.

        Raises OSError and http.client's errors when either side is gone.
        """
        self._fault = fault
        timers = [threading.Timer(STRIKES_WITHIN_SECONDS * drawn, self._strike, [faults])] if fault else []
        if fault == "cut watch":
            timers.append(threading.Timer(STRIKES_WITHIN_SECONDS * drawn + LASTS_SECONDS, self._end, [b""]))
        for timer in timers:
            timer.daemon = True
            timer.start()
        try:
            while data := self._response.read1(65536):
                self._send(data)
            self._end(END)
        finally:
            for timer in timers:
                timer.cancel()
            self._end(b"")

    def _send(self, data: bytes) -> None:
        with self._lock:
            if self._is_over or (self._is_due and self._fault == "silent watch"):
                return
            if self._is_due and self._fault == "cut watch":
                self._out.write(_chunk(data)[: 10 + len(data) // 2])
            else:
                self._out.write(_chunk(data))
                return
        self._end(b"")

    def _strike(self, faults: WireFaults) -> None:
        with self._lock:
            self._is_due = True
        if self._fault == "ended watch":
            self._end(END)
        elif self._fault == "expired watch":
            self._end(_chunk(json.dumps({"type": "ERROR", "object": EXPIRED}).encode() + b"\n") + END)
        elif self._fault == "silent watch":
            faults.wait_until_healed(SILENCE_SECONDS)
            self._end(b"")

    def _end(self, last: bytes) -> None:
        """Send the last bytes and end both sides."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
            with contextlib.suppress(OSError, ValueError):
                self._out.write(last)
            shut(self._client)
            shut(self._server)


def shut(connection: socket.socket) -> None:
    """End a connection at once, whichever thread is reading from it; it is closed by its owner."""
    # Not the method of TLS sockets: it takes their state away from the thread that reads.
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
