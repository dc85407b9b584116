"""A server that never comes to an end: it sends a few bytes at a time, in time for every timeout of a socket."""

import contextlib
import itertools
import socket
import threading
from types import TracebackType
from typing import Self

PAUSE_SECONDS = 0.05

ENDLESS_BODY = (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x")
ENDLESS_HEADER = (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x")
ENDLESS_HEADERS = (b"HTTP/1.1 ", b"100 Continue\r\n\r\nHTTP/1.1 ")
ENDLESS_STATUS = (b"HTTP/1.1 200 ", b"x")


class DribblingServer:
    """Answers whoever connects with a beginning and then, for ever, the same bytes; between entering and leaving."""

    def __init__(self, beginning: bytes, again: bytes) -> None:
        self._parts = (beginning, again)
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept)]
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for clients
        self._socket.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._socket.accept()
                thread = threading.Thread(target=self._dribble, args=(client,))
                self._threads.append(thread)
                thread.start()

    def _dribble(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65536)
            beginning, again = self._parts
            for part in itertools.chain([beginning], itertools.repeat(again)):
                client.sendall(part)
                if self._over.wait(PAUSE_SECONDS):
                    return
