"""`sealwright-controller` as a process: started as a cluster starts it, asked over HTTP, ended gently or not."""

import contextlib
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.processes import ComponentDiedError
from tests.support.wait import eventually
from tools.building.launching import ending_with_this_process, tail

EXECUTABLE = Path(sys.executable).parent / "sealwright-controller"
READY_SECONDS = 60.0
STOP_SECONDS = 30.0


class ControllerProcess:
    """One controller; it may be started again after its end, at the same address, and adds to the same log."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = (str(EXECUTABLE),),
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.metrics_port = free_port()
        self.log = folder / "controller.log"
        listen = [f"--listen-addr=127.0.0.1:{self.port}", f"--listen-metrics-addr=127.0.0.1:{self.metrics_port}"]
        self._command = [*program, *arguments, *listen]
        self._folder = folder
        self._environment = {"PATH": os.defpath, "HOME": str(folder), **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running controller."""
        assert self._process is not None, "the controller was not started"
        return self._process.pid

    def start(self, *, wait: bool = True) -> None:
        """Start it and wait, unless told not to, until it is ready, which includes making its first key."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ending_with_this_process(self._command),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Wait for /readyz. ComponentDiedError, with the end of the log, when the controller ends instead."""
        eventually(lambda: self.get("/readyz")[0] == 200, timeout=READY_SECONDS, what="the controller is ready")

    def get(self, path: str) -> tuple[int, str]:
        """Ask over HTTP; returns status and body, status 0 when there is no answer."""
        return self._ask(urllib.request.Request(self.url + path))

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, str]:
        """Send a body; returns status and body as `get` does. In names of headers `_` stands for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._ask(urllib.request.Request(self.url + path, body, named, method="POST"))

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        self.check_running()
        try:
            try:
                answer = urllib.request.urlopen(request, timeout=10)
            except urllib.error.HTTPError as error:
                answer = error  # an answer as well, and its body may fail to come as well
            with answer:
                return answer.status, answer.read().decode()
        except OSError:
            return 0, ""

    def metrics(self) -> str:
        """Return what the metrics port says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=5) as answer:
            return str(answer.read().decode())

    def check_running(self) -> None:
        """Raise ComponentDiedError when it has ended by itself."""
        if self._process is not None and (status := self._process.poll()) is not None:
            raise ComponentDiedError(f"the controller ended with status {status}; its log:\n{tail(self.log)}")

    def kill(self) -> None:
        """End it as a dying node would (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> int:
        """End it as a cluster would (SIGTERM); returns its exit status."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait until it has ended after a signal; returns its exit status."""
        assert self._process is not None, "the controller was not started"
        process, self._process = self._process, None
        with contextlib.ExitStack() as cleanup:
            cleanup.callback(process.wait)
            cleanup.callback(process.kill)
            return process.wait(STOP_SECONDS)

    def resident_bytes(self) -> int:
        """Return its resident memory (Linux)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return 1024 * int(line.split()[1])
        raise LookupError("no VmRSS")


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
