"""Controllers that can be killed, paused, cut off and sent to another time, and all that they say."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.controller_process import ControllerProcess
from tests.support.processes import ComponentDiedError
from tests.support.unreliable_proxy import UnreliableProxy
from tests.support.wait import eventually

LAUNCHER = Path(__file__).with_name("jumping_controller.py")
FLAGS = ("--key-size=2048", "--log-level=debug", "--rate-limit=1000")
END_SECONDS = 30.0
KILLED = -signal.SIGKILL


class Replica:
    """One controller behind its own proxy; `launcher` is the program that runs it."""

    def __init__(
        self, proxy: UnreliableProxy, token: str, folder: Path, flags: Sequence[str] = (), launcher: Path = LAUNCHER
    ) -> None:
        folder.mkdir()
        (folder / "tmp").mkdir()
        self.proxy = proxy
        self.folder = folder
        self.is_up = False
        self.is_paused = False
        self.slow_ends = 0
        self._clock = folder / "clock"
        self.jump(0)
        kubeconfig = proxy.kubeconfig(folder / "kubeconfig", token=token)
        self.process = ControllerProcess(
            ["--kubeconfig", str(kubeconfig), *FLAGS, *flags],
            folder=folder,
            environment={
                "POD_NAMESPACE": "kube-system",
                "CHAOS_CLOCK": str(self._clock),
                "TMPDIR": str(folder / "tmp"),
                # The launcher lies beside modules whose names the standard library may have.
                "PYTHONSAFEPATH": "1",
            },
            program=(sys.executable, str(launcher)),
        )
        self._sessions: list[int] = []

    def start(self) -> None:
        """Start it, and do not wait for it."""
        if not self.is_up:
            self.process.start(wait=False)
            self._sessions.append(self.process.pid)
            self.is_up = True

    def kill(self) -> None:
        """End it as a dying node would."""
        if self.is_up:
            self.process.kill()
            self.is_up = self.is_paused = False

    def stop(self) -> int:
        """End it as a cluster would, paused or not; returns its exit status, or KILLED if it did not end in time."""
        self.resume()
        self.is_up = False
        try:
            return self.process.stop()
        except subprocess.TimeoutExpired:
            self.slow_ends += 1
            return KILLED

    def pause(self) -> None:
        """Let it do nothing, and know nothing of it, until `resume`."""
        if self.is_up:
            os.kill(self.process.pid, signal.SIGSTOP)
            self.is_paused = True

    def resume(self) -> None:
        """Let it go on."""
        if self.is_paused:
            os.kill(self.process.pid, signal.SIGCONT)
            self.is_paused = False

    def renew(self) -> None:
        """Ask it for a new key. A process that has just begun would be ended by the signal."""
        if self.is_up and not self.is_paused and self.ask("/readyz")[0] == 200:
            os.kill(self.process.pid, signal.SIGUSR1)

    def jump(self, seconds: float) -> None:
        """Put its clock this much ahead of the true time, or behind it."""
        new = self._clock.with_suffix(".new")
        new.write_text(str(seconds))
        new.replace(self._clock)

    def ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Ask over HTTP; status 0 when there is no answer."""
        if not self.is_up or self.is_paused or self.died():
            return 0, ""
        return self.process.get(path) if body is None else self.process.post(path, body)

    def metrics(self) -> str:
        """Return its metrics, nothing when it does not answer."""
        try:
            return self.process.metrics() if self.is_up and not self.is_paused else ""
        except OSError:
            return ""

    @property
    def leads(self) -> bool:
        """Whether it says that it leads."""
        return "sealwright_leader 1.0" in self.metrics()

    def died(self) -> str:
        """Return how it ended by itself; nothing when it did not."""
        if not self.is_up:
            return ""
        try:
            self.process.check_running()
        except ComponentDiedError as error:
            return str(error)
        return ""

    def said(self) -> Iterator[tuple[str, bytes]]:
        """Yield what it wrote anywhere, and its command lines, with the place."""
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path != self.folder / "kubeconfig":
                yield str(path), path.read_bytes()
        for number in self._processes():
            for name in ("cmdline", "environ"):
                yield f"/proc/{number}/{name}", _read(Path("/proc", str(number), name))

    def wait_until_nothing_runs(self) -> None:
        """Wait until all its processes have ended: those of replicas that were killed as well."""
        eventually(lambda: not self._processes(), timeout=END_SECONDS, what="its processes have ended")

    def _processes(self) -> list[int]:
        """Return the processes that any of its lives started (Linux)."""
        found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
        return [number for number in found if _session(number) in self._sessions]


def _session(number: int) -> int:
    stat = _read(Path("/proc", str(number), "stat")).rpartition(b")")[2].split()
    return int(stat[3]) if len(stat) > 3 and stat[0] != b"Z" else 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended
        return b""
