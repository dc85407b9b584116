"""Becomes a program, with a second replica of it that begins when it is ready and ends when it does.

python second_replica.py PROGRAM [OPTION...]

The first replica leads, as it comes first, so that the metrics of what it does are found where they are looked for. The
second one listens to ports of its own.
"""

import http.client
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

ADDRESS, METRICS_ADDRESS = PORTS = ("--listen-addr=", "--listen-metrics-addr=")
WAIT_SECONDS = 0.2


def main(command: list[str]) -> None:
    """Become the first replica; who started this has its process and its streams.

    What watches it and runs the second one is no child of it: a suite that measures a process adds its children.
    """
    first = os.getpid()
    if os.fork() == 0:
        if os.fork() == 0:
            run_second(first, command)
        os._exit(0)
    os.wait()
    os.execv(command[0], command)


def run_second(first: int, command: list[str]) -> None:
    """Run the second replica from when the first, a process with this id, is ready to when it ends."""
    address = next(one for one in command if one.startswith(ADDRESS)).removeprefix(ADDRESS)
    wait_while(lambda: is_running(first) and not is_ready(address))
    options = [one for one in command if not one.startswith(PORTS)]
    second = subprocess.Popen([*options, *(f"{name}127.0.0.1:{free_port()}" for name in PORTS)])
    wait_while(lambda: is_running(first))
    second.terminate()
    second.wait()


def wait_while(holds: Callable[[], bool]) -> None:
    """Wait until something is no longer so."""
    while holds():
        threading.Event().wait(WAIT_SECONDS)


def is_running(process: int) -> bool:
    """Tell whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def is_ready(address: str) -> bool:
    """Tell whether a controller is ready."""
    try:
        connection = http.client.HTTPConnection(address, timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def free_port() -> int:
    """Return a port that nobody listens to at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main(sys.argv[1:])
