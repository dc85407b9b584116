"""Whatever clients do to its ports, the controller answers probes, and afterwards it is as it was before."""

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.support.controller_process import ControllerProcess, free_port
from tests.support.floods import FLOODS, flooding
from tests.support.wait import eventually

from sealwright_controller.options.addresses import parse_listen_address
from sealwright_controller.web import loop
from sealwright_controller.web.endpoints import controller_app, text_response
from sealwright_controller.web.server import MAX_WAITING_CONNECTIONS, MAX_WAITING_REQUESTS, Server

PROBES = 7
USUAL_SECONDS = 3.0
"""Of half the probes, on a machine that does much else: a thirtieth of it and less where nobody else works."""
LONGEST_SECONDS = 5.0
"""Of each: what our manifests allow."""
MAX_GROWTH_BYTES = 64 * 2**20


def probe(port: int, path: str) -> float:
    """Ask as a kubelet does, on a connection of its own; returns the seconds until the whole answer is there."""
    started = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST_SECONDS) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert all_of(client).startswith(b"HTTP/1.1 200 ")
    return time.perf_counter() - started


def all_of(client: socket.socket) -> bytes:
    """Return what comes until the server ends the connection."""
    received = b""
    while chunk := client.recv(65536):
        received += chunk
    return received


@pytest.fixture(scope="module")
def probe_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def controller(tmp_path_factory: pytest.TempPathFactory, probe_port: int) -> Iterator[ControllerProcess]:
    folder = tmp_path_factory.mktemp("floods")
    (folder / "root" / "sealed").mkdir(parents=True)
    flags = [f"--directory={folder}/root", "--key-size=2048", f"--listen-probe-addr=127.0.0.1:{probe_port}"]
    process = ControllerProcess(flags, folder=folder)
    process.start()
    yield process
    assert process.stop() == 0


def threads_and_files(controller: ControllerProcess) -> tuple[int, int]:
    """Return how many of both the controller has."""
    proc = Path(f"/proc/{controller.pid}")
    if not proc.exists():
        pytest.skip("no /proc here")
    return len(list((proc / "task").iterdir())), len(list((proc / "fd").iterdir()))


@pytest.mark.parametrize("kind", FLOODS)
def test_probes_are_answered_under(controller: ControllerProcess, probe_port: int, kind: str) -> None:
    eventually(lambda: probe(controller.port, "/v1/cert.pem"), what="the controller answers")
    before, memory_before = threads_and_files(controller), controller.resident_bytes()
    with flooding(kind, controller.port):
        for port in (controller.port, probe_port):
            took = [probe(port, path) for path in ("/livez", "/healthz", "/readyz") for _ in range(PROBES)]
            assert statistics.median(took) < USUAL_SECONDS
        threads, _ = threads_and_files(controller)
        assert threads <= before[0]
    eventually(lambda: threads_and_files(controller) <= before, timeout=20, what="threads and files are as before")
    assert controller.resident_bytes() < memory_before + MAX_GROWTH_BYTES
    assert "error" not in controller.log.read_text().lower()


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET /livez", 200),
        ("GET /readyz", 200),
        ("HEAD /healthz", 200),
        ("GET /v1/cert.pem", 404),
        ("GET /metrics", 404),
        ("POST /v1/rotate", 404),
        ("POST /livez", 405),
    ],
)
def test_probes_have_a_port_that_serves_nothing_else(
    controller: ControllerProcess, probe_port: int, line: str, status: int
) -> None:
    with socket.create_connection(("127.0.0.1", probe_port), timeout=10) as client:
        client.sendall(f"{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert all_of(client).startswith(f"HTTP/1.1 {status} ".encode())


class Stuck:
    """verify and rotate that do not come to an end before they are told."""

    def __init__(self):
        self.entered, self.open = threading.Semaphore(0), threading.Event()

    def __call__(self, environ):
        self.entered.release()
        self.open.wait(20)
        return text_response(HTTPStatus.OK, "ok")


def test_when_every_thread_is_taken_probes_are_answered_and_one_request_too_many_is_told() -> None:
    stuck = Stuck()
    app = controller_app(
        certificate=lambda: "PEM\n", why_not_ready=lambda: None, verify=stuck, rotate=stuck, observe=lambda *_: None
    )
    server = Server(parse_listen_address("127.0.0.1:0"), app, is_quick=app.is_quick, threads=2)
    server.start()
    clients: list[socket.socket] = []
    try:
        clients.extend(
            socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(3 + MAX_WAITING_REQUESTS)
        )
        for client in clients[:2]:
            client.sendall(b"POST /v1/rotate HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            assert stuck.entered.acquire(timeout=10)
        for client in clients[2:]:
            client.sendall(b"POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        answer = all_of(clients[-1])
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1\r\n" in answer
        assert answer.endswith(b"too many requests at the same time; try again in 1 s\n")
        assert probe(server.port, "/livez") < LONGEST_SECONDS
    finally:
        stuck.open.set()
        for client in clients:
            client.close()
        server.stop()


def test_who_pipelines_gets_the_answers_in_order_and_has_one_in_work_at_a_time() -> None:
    app = controller_app(
        certificate=lambda: "PEM\n",
        why_not_ready=lambda: None,
        verify=Stuck(),
        rotate=Stuck(),
        observe=lambda *_: None,
    )
    server = Server(parse_listen_address("127.0.0.1:0"), app, is_quick=app.is_quick, threads=0)
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
            paths = ["/livez", "/nothing", "/v1/cert.pem"] * 100
            client.sendall(b"".join(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % path.encode() for path in paths))
            client.shutdown(socket.SHUT_WR)
            received = all_of(client)
        statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
        assert statuses == [200, 404, 200] * 100
    finally:
        server.stop()


class Pause:
    """Readiness whose asking holds the server's loop until it is told to go on."""

    def __init__(self) -> None:
        self.entered, self.over = threading.Event(), threading.Event()

    def __call__(self) -> None:
        self.entered.set()
        assert self.over.wait(20)


def test_a_kept_connection_whose_next_request_has_arrived_is_answered_whoever_else_dribbles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loop, "STEP_SECONDS", 0.0)  # one connection a step, as where the machine is busy
    pause = Pause()
    app = controller_app(
        certificate=lambda: "PEM\n", why_not_ready=pause, verify=Stuck(), rotate=Stuck(), observe=lambda *_: None
    )
    server = Server(parse_listen_address("127.0.0.1:0"), app, is_quick=app.is_quick, threads=0)
    server.start()
    opened: list[socket.socket] = []

    def connect(first: bytes) -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
        opened[-1].sendall(first)
        return opened[-1]

    try:
        kept = connect(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        first_answer = b""
        while not first_answer.endswith(b"\r\n\r\nok\n"):
            first_answer += kept.recv(65536)
        connect(b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert pause.entered.wait(10)
        for _ in range(MAX_WAITING_CONNECTIONS + 100):
            connect(b"POST /v1/verify HTTP/1.1\r\nX-Slow: ")
        kept.sendall(b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        pause.over.set()
        assert all_of(kept).startswith(b"HTTP/1.1 200 ")
    finally:
        pause.over.set()
        for each in opened:
            each.close()
        server.stop()
