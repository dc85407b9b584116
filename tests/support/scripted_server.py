"""A server on a socket that answers by a script: what an API server, or a proxy before it, cannot be asked to do."""

import contextlib
import json
import socket
import threading
from pathlib import Path
from typing import Any

STREAM_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


def answer(body: bytes | dict[str, Any], status: str = "200 OK", headers: str = "") -> bytes:
    """Return a complete HTTP answer; `headers` are whole lines."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n".encode() + content


def chunk(data: bytes) -> bytes:
    """Return a chunk of an answer that began with STREAM_HEAD."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class ScriptedServer:
    """Answers every connection's first request with `script`, then keeps it open until the client or `close` ends it.

    A script's steps are bytes to send, seconds to be silent, or None to cut the connection.
    """

    def __init__(self, *script: bytes | float | None) -> None:
        self._script = script
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self.ended_by_client = threading.Event()
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig for this server and the token `hunter2` into a folder, and return its path."""
        path = folder / "kubeconfig"
        content = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": self.url}}],
            "users": [{"name": "u", "user": {"token": "hunter2"}}],
        }
        path.write_text(json.dumps(content))
        return path

    def close(self) -> None:
        """End every connection and stop listening."""
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(0.05)
            self.requests.append(self._receive(connection))
            for step in self._script:
                if step is None:
                    return
                if isinstance(step, bytes):
                    self._send(connection, step)
                else:
                    self._closing.wait(step)
            while not self._closing.is_set():
                if self._receive(connection) == b"":
                    self.ended_by_client.set()
                    return

    def _send(self, connection: socket.socket, data: bytes) -> None:
        with contextlib.suppress(OSError):  # the client may have left
            connection.sendall(data)

    def _receive(self, connection: socket.socket) -> bytes:
        while not self._closing.is_set():
            try:
                return connection.recv(65536)
            except TimeoutError:
                continue
            except OSError:  # the client left without waiting for what was sent
                return b""
        return b""
