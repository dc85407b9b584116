"""How long a probe takes while clients of the main port mean no good, beside how long it takes when there are none.

Both are measured on the main port and on the one for probes, as wall-clock time and as the processor time that the
controller spends meanwhile: on a machine that does much else, the latter says more. The last row is from cold: the
controller has just started, and its first clients are the flood. There a probe is to take 100 ms at most.
"""

import contextlib
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.support.controller_process import ControllerProcess, free_port
from tests.support.floods import DRIBBLING_AND_POSTING, FLOODS, flooding

SECONDS = 4.0
PAUSE_SECONDS = 0.02
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def busy_seconds(pid: int) -> float:
    """Return how long the threads of a process have kept a core busy."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def probe(pid: int, port: int) -> tuple[float, float]:
    """Return the seconds that a probe takes: by the clock, and of the controller's work."""
    busy, started = busy_seconds(pid), time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(REQUEST)
        while client.recv(65536):
            continue
    return time.perf_counter() - started, busy_seconds(pid) - busy


def measured(pid: int, port: int) -> str:
    """Return median and maximum over some seconds, in milliseconds."""
    until, taken = time.monotonic() + SECONDS, list[tuple[float, float]]()
    while time.monotonic() < until:
        taken.append(probe(pid, port))
        time.sleep(PAUSE_SECONDS)
    columns = [sorted(column) for column in zip(*taken, strict=True)]
    return " ".join(f"{1000 * column[len(column) // 2]:7.1f} {1000 * column[-1]:7.1f}" for column in columns)


@contextlib.contextmanager
def running(probe_port: int) -> Iterator[ControllerProcess]:
    """Run a controller over a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "root" / "sealed").mkdir(parents=True)
        flags = [f"--directory={folder}/root", f"--listen-probe-addr=127.0.0.1:{probe_port}"]
        process = ControllerProcess(flags, folder=Path(folder))
        process.start()
        try:
            yield process
        finally:
            process.kill()


def print_both(what: str, controller: ControllerProcess, probe_port: int) -> None:
    """Print a line for each port."""
    for name, port in [("main", controller.port), ("own", probe_port)]:
        print(f"{what:30s} {name:5s} {measured(controller.pid, port)}", flush=True)


def main() -> None:
    """Print two lines for each flood."""
    print("probe of /healthz, milliseconds            by the clock        of the controller's work")
    print("                                         median     max    median     max")
    probe_port = free_port()
    with running(probe_port) as controller:
        print_both("no flood", controller, probe_port)
        for kind in FLOODS:
            with flooding(kind, controller.port):
                print_both(kind, controller, probe_port)
    with running(probe_port) as controller, flooding(DRIBBLING_AND_POSTING, controller.port):
        print_both(f"{DRIBBLING_AND_POSTING}, cold", controller, probe_port)


if __name__ == "__main__":
    main()
