"""The API server's way to pods, for tests: pods that are really servers on this machine.

The API server is told, by its egress selector, to reach pods through HTTP CONNECT over a Unix socket; this module
answers there and joins a connection to the address of every exposed pod (cluster.py) with the same port of 127.0.0.1.
The port alone says which server is meant, so processes that expose servers need not tell this one.
"""

import contextlib
import json
import socket
import socketserver
import threading
from pathlib import Path

from tests.support.cluster import POD_ADDRESS


def egress_selector(socket_path: Path) -> str:
    """Return the file for kube-apiserver's `--egress-selector-config-file` (JSON, which is YAML too)."""
    connection = {"proxyProtocol": "HTTPConnect", "transport": {"uds": {"udsName": str(socket_path)}}}
    return json.dumps(
        {
            "apiVersion": "apiserver.k8s.io/v1beta1",
            "kind": "EgressSelectorConfiguration",
            "egressSelections": [{"name": "cluster", "connection": connection}],
        }
    )


class EgressProxy(socketserver.ThreadingUnixStreamServer):
    """Answers CONNECT on a Unix socket from threads of its own, between `start` and `stop`."""

    def __init__(self, socket_path: Path) -> None:
        super().__init__(str(socket_path), _Connection, bind_and_activate=False)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="egress proxy")

    def start(self) -> None:
        """Answer from now on."""
        self.server_bind()
        self.server_activate()
        self._thread.start()

    def stop(self) -> None:
        """Answer no more, and wait for the connections' ends: stop the API server first."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()


class _Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        # A client that goes away, or a server that is not there, ends this connection and nothing else.
        with contextlib.suppress(OSError):
            port = local_port(self.rfile.readline(1024).decode("latin-1"))
            while self.rfile.readline(8192).strip():
                pass  # the header fields say nothing that is needed
            if port is None:
                self.wfile.write(b"HTTP/1.1 403 Not a pod of these tests\r\n\r\n")
                return
            try:
                server = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                self.wfile.write(b"HTTP/1.1 502 Nothing listens on that port\r\n\r\n")
                raise
            with server:
                server.settimeout(None)
                self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
                self._join(server)

    def _join(self, server: socket.socket) -> None:
        """Copy both ways until both sides have ended."""
        backwards = threading.Thread(target=_copy, args=(server, self.connection))
        backwards.start()
        _copy(self.connection, server)
        backwards.join()


def local_port(request_line: str) -> int | None:
    """Return the PORT of `CONNECT ADDRESS:PORT HTTP/1.1` when the address is that of exposed pods; else None."""
    words = request_line.split()
    if len(words) != 3 or words[0] != "CONNECT":
        return None
    address, _, port = words[1].rpartition(":")
    return int(port) if address == POD_ADDRESS and port.isdecimal() else None


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Copy bytes until `source` ends, then end `target` too."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
