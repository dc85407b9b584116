"""Clients that mean no good, as a process of their own: `python -m tests.support.floods KIND PORT` until its input ends.

A flood opens its connections, says `on` when all have begun, and goes on; connections that the server closes are opened
again. `FLOODS` has the kinds, each of them one sort of clients or several at once.
"""

import contextlib
import selectors
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.repository import ROOT
from tools.building.launching import ending_with_this_process

CHUNKED = b"POST /v1/rotate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
YAML = b"[" + b"a," * 49_000 + b"]"
LARGE = b"kind: " + b"x" * (2 * 1024 * 1024 - 100)


def post(path: bytes, body: bytes) -> bytes:
    """Return a whole request with a body."""
    return b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (path, len(body), body)


@dataclass(frozen=True)
class Flood:
    """`clients` connections, each of which sends `first` and then `again` for ever; they read answers or do not.

    At most `piece` bytes are sent at once.
    """

    clients: int
    first: bytes
    again: bytes = b""
    reads: bool = False
    piece: int = 65536


DRIBBLED_HEADERS = Flood(300, b"GET / HTTP/1.1\r\nHost: x\r\nX: ", b"x", piece=1)
POSTED = b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (50 * 2**20)
CHUNK = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
DRIBBLING_AND_POSTING = "300 dribble, 40 post 50 MB"

_KINDS: dict[str, Flood | tuple[Flood, ...]] = {
    "pipelined GETs, nothing read": Flood(40, b"", b"GET /v1/cert.pem HTTP/1.1\r\nHost: x\r\n\r\n" * 2000),
    "rotates, nothing read": Flood(60, b"", post(b"/v1/rotate", b"kind: x")),
    "chunks of one byte": Flood(300, CHUNKED, b"1\r\nx\r\n" * 1000),
    "dribbled headers": DRIBBLED_HEADERS,
    "dribbled bodies": Flood(
        300, b"POST /v1/rotate HTTP/1.1\r\nHost: x\r\nContent-Length: 999999\r\n\r\n", b"x", piece=1
    ),
    "bodies of 2 MB": Flood(20, b"", post(b"/v1/verify", LARGE), reads=True),
    "YAML in flow style": Flood(20, b"", post(b"/v1/verify", YAML), reads=True),
    "new connections": Flood(200, b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", reads=True),
    "malformed requests": Flood(100, b"", b"GET / HTTP/1.1\nHost: x\r\n\r\n", reads=True),
    "headers without end": Flood(100, b"GET / HTTP/1.1\r\nHost: x\r\n", b"a: b\r\n" * 10_000),
    # Half of the large bodies say how long they are; of the others it shows when they are too long.
    DRIBBLING_AND_POSTING: (DRIBBLED_HEADERS, Flood(20, POSTED, b"x" * 65536), Flood(20, CHUNKED, CHUNK)),
}
FLOODS = {name: kind if isinstance(kind, tuple) else (kind,) for name, kind in _KINDS.items()}
"""Name → the sorts of clients that come at once."""


class _Client:
    def __init__(self, flood: Flood, port: int) -> None:
        self.flood = flood
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setblocking(False)
        self.left = memoryview(flood.first)

    def go_on(self, events: int) -> bool:
        """Send and read what goes now; False when the server has closed the connection."""
        try:
            if events & selectors.EVENT_READ and not self.socket.recv(65536):
                return False
            if events & selectors.EVENT_WRITE:
                self.left = self.left or memoryview(self.flood.again)
                self.left = self.left[self.socket.send(self.left[: self.flood.piece]) :]
        except BlockingIOError:
            return True
        except OSError:
            return False
        return True


def run(floods: Iterable[Flood], port: int, is_over: Callable[[], bool]) -> None:
    """Be the clients of these floods until it is over."""
    with selectors.DefaultSelector() as selector:

        def open_one(flood: Flood) -> None:
            with contextlib.suppress(OSError):
                made = _Client(flood, port)
                reads = selectors.EVENT_READ if flood.reads else 0
                selector.register(made.socket, selectors.EVENT_WRITE | reads, made)

        for flood in floods:
            for _ in range(flood.clients):
                open_one(flood)
        print("on", flush=True)
        while not is_over():
            for key, events in selector.select(0.1):
                if not key.data.go_on(events):
                    selector.unregister(key.fileobj)
                    key.data.socket.close()
                    open_one(key.data.flood)
                elif not key.data.left and not key.data.flood.again:
                    selector.modify(key.fileobj, selectors.EVENT_READ, key.data)  # only its end is of interest now


@contextmanager
def flooding(kind: str, port: int) -> Iterator[None]:
    """Have a flood run against a port of this machine while the block lasts."""
    command = [sys.executable, "-m", "tests.support.floods", kind, str(port)]
    process = subprocess.Popen(
        ending_with_this_process(command), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        yield
        assert process.poll() is None, "the flood ended by itself"
    finally:
        process.kill()
        process.communicate()


def main() -> None:
    """Run the flood that the command line names."""
    over = threading.Event()

    def wait() -> None:
        sys.stdin.buffer.read()
        over.set()

    threading.Thread(target=wait, daemon=True).start()
    run(FLOODS[sys.argv[1]], int(sys.argv[2]), over.is_set)


if __name__ == "__main__":
    main()
