"""Processes that the tests start: started, watched, ended; with a log each, and a port that stays theirs."""

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tools.building.launching import ending_with_this_process, tail


class ComponentDiedError(Exception):
    """A component ended by itself; the message holds the last lines of its log."""


def cpu_seconds(pid: int) -> float:
    """Return the processor time of a process and of its children (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for each in (str(pid), *children):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Component:
    """A server process that this process owns; it can be started again after it was stopped."""

    def __init__(self, executable: Path, arguments: Sequence[str], *, folder: Path) -> None:
        self.name = executable.name
        self.log = folder / f"{executable.name}.log"
        self._command = [str(executable), *arguments]
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; its output is added to the log."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ending_with_this_process(self._command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                # The person's environment must not configure it (ETCD_*, KUBE_FEATURE_*, proxies, kubeconfigs).
                env={"HOME": str(self._folder), "PATH": os.defpath},
                # Ctrl-C in the terminal is for the tests, which then end this process in good order.
                start_new_session=True,
            )

    def check_running(self) -> None:
        """Raise ComponentDiedError if the process was started and has ended without being asked to."""
        if self._process is not None and (status := self._process.poll()) is not None:
            raise ComponentDiedError(f"{self.name} ended with status {status}; the end of its log:\n{tail(self.log)}")

    @property
    def pid(self) -> int:
        """The process id of the running component."""
        assert self._process is not None, f"{self.name} was not started"
        return self._process.pid

    def signal(self, number: int) -> None:
        """Send a signal to the process; nothing where it was not started."""
        if self._process is not None:
            self._process.send_signal(number)

    def stop(self, *, grace: float = 0) -> None:
        """End the process and wait for its end: SIGTERM first when `grace` seconds are given, else SIGKILL at once."""
        if self._process is None:
            return
        process, self._process = self._process, None
        if grace:
            process.terminate()
            try:
                process.wait(grace)
            except subprocess.TimeoutExpired:
                pass
            else:
                return
        process.kill()
        process.wait()


class ReservedPort:
    """A TCP port of 127.0.0.1 that nobody else is given, even while its server is being restarted.

    It is bound but not listened on; the server shares it (SO_REUSEPORT), which kube-apiserver and etcd have flags for.
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._socket.bind(("127.0.0.1", 0))
        self.number: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()
