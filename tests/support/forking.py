"""Runs our commands as forks of a process that has imported them: in a tenth of the time of a new interpreter.

Each run is a process of its own, with its own arguments, streams, folder and environment. What only a new interpreter
shows is tested with one: signals while modules are imported, variables that Python reads at its start.

    python -m tests.support.forking SOCKET      serve runs on that inherited socket, one after the other
"""

import atexit
import importlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from tests.support import witness

TIMEOUT_SECONDS = 120
_CHECKOUT = Path(__file__).parents[2]
_MAX_REQUEST_BYTES = 100_000  # what a socket takes at once
_READ_AT_START = ("PYTHON", "LC_", "LANG", "TERM", "COLUMNS", "NO_COLOR", "FORCE_COLOR")


class Forks:
    """The process that forks. Several threads may use it: their runs follow one another."""

    def __init__(self) -> None:
        """Start it. It ends when its socket is closed, so at the latest with this process."""
        self._lock = threading.Lock()
        # pytest's workers have COLUMNS, which no run is given.
        inherited = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        self._environment = _read_at_start(inherited)
        self._socket, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        self._socket.settimeout(TIMEOUT_SECONDS)
        with theirs:
            command = [sys.executable, "-m", "tests.support.forking", str(theirs.fileno())]
            self._process = subprocess.Popen(command, env=inherited, pass_fds=[theirs.fileno()], cwd=_CHECKOUT)

    def run(
        self, entry: str, argv: Sequence[str], stdin: bytes, cwd: Path | None, environment: Mapping[str, str]
    ) -> tuple[int, bytes, bytes] | None:
        """Run a function of `sealwright_cli.start` to its end; return its status, standard output and standard error.

        Returns None if it needs a new interpreter. Raises TimeoutError, and ValueError if such a run is to be watched.
        """
        umask = os.umask(0o22)
        os.umask(umask)
        request = json.dumps([entry, list(argv), str(cwd or Path.cwd()), umask, dict(environment)]).encode()
        if len(request) > _MAX_REQUEST_BYTES or _read_at_start(environment) != self._environment:
            if witness.VARIABLE in environment:
                raise ValueError("a run in a new interpreter cannot be watched")
            return None
        with self._lock, TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            socket.send_fds(self._socket, [request], [stream.fileno() for stream in (given, out, err)])
            status = int(self._socket.recv(10))
            out.seek(0)
            err.seek(0)
            return status, out.read(), err.read()

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._process.wait()


@cache
def forks() -> Forks:
    """Return the one of this process."""
    started = Forks()
    atexit.register(started.close)
    return started


def _read_at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that Python or a library reads before a command begins."""
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}


def _next_run(link: socket.socket) -> Callable[[], None] | None:
    """Serve until the other end is closed. Returns, in the process of a run, what is to be run, and None at the end."""
    while True:
        request, streams, _, _ = socket.recv_fds(link, _MAX_REQUEST_BYTES, 3)
        if not request:
            return None
        if os.fork() == 0:
            link.close()
            return _become(streams, *json.loads(request))
        for stream in streams:
            os.close(stream)
        link.send(str(os.waitstatus_to_exitcode(os.wait()[1])).encode())


def _become(
    streams: Sequence[int], entry: str, argv: list[str], cwd: str, umask: int, environment: dict[str, str]
) -> Callable[[], None]:
    """Make this process look as if it had been started for a run; return what is to be run."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        stream_of_run: Any = os.fdopen(number, mode, closefd=False, errors=getattr(sys, name).errors)
        setattr(sys, name, stream_of_run)
        setattr(sys, f"__{name}__", stream_of_run)
    os.chdir(cwd)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = argv
    if folder := os.environ.pop(witness.VARIABLE, ""):
        witness.watch(Path(folder))
    run: Callable[[], None] = getattr(importlib.import_module("sealwright_cli.start"), entry)
    return run


if __name__ == "__main__":
    for module in ("sealwright_cli.app", "sealwright_cli.front.typerapp", "sealwright_cli.kubeseal.front"):
        importlib.import_module(module)
    for verb in importlib.import_module("sealwright_cli.front.index").VERBS:
        importlib.import_module("sealwright_cli.front.index").load(verb)
    if (what := _next_run(socket.socket(fileno=int(sys.argv[1])))) is not None:
        what()
