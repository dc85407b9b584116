"""Tells processes apart, and recognises one that has ended, so that its successor need not wait for its Lease."""

import os
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_POD = "pod"


class Identity(NamedTuple):
    """`name` is different for each process; `process` says where it runs: `pod/UID`, `host/BOOT/NAMESPACE/PID/START`.

    `process` is empty if that cannot be known.
    """

    name: str
    process: str


def own_identity(environ: Mapping[str, str]) -> Identity:
    """Return this process's. In a pod, its manifest sets POD_NAME and POD_UID."""
    place = environ.get("POD_NAME") or socket.gethostname()
    pod = environ.get("POD_UID")
    return Identity(f"{place}_{uuid.uuid4()}", f"{_POD}/{pod}" if pod else _process_here(os.getpid()))


def has_ended(process: str, own: str) -> bool:
    """Tell whether a process has certainly ended, seen from another process, whose own description is given.

    The containers of a pod's replica follow each other: kubelet starts one when the one before has ended. On one
    machine, the system knows which processes there are.
    """
    if process.startswith(f"{_POD}/"):
        return process == own
    parts = process.split("/")
    if len(parts) != 5 or parts[:3] != own.split("/")[:3] or not parts[3].isdecimal():
        return False
    pid = int(parts[3])
    return not _is_hidden(pid) and _process_here(pid) != process


def _is_hidden(pid: int) -> bool:
    """Tell whether there is a process that /proc does not show, as systems can be set for processes of other users."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return not os.access(_PROC / str(pid) / "stat", os.R_OK)


def _process_here(pid: int) -> str:
    """Describe a process of this machine; empty if there is none, if it is dead but not reaped, or without /proc."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = (_PROC / "self/ns/pid").readlink().name.removeprefix("pid:[").removesuffix("]")
        state, *numbers = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    started = numbers[18]  # field 22 of proc_pid_stat(5): in clock ticks since the machine was started
    return "" if state in "ZX" else f"host/{boot}/{namespace}/{pid}/{started}"
