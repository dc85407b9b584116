"""Limits what memory a process and its children may have, as a container's limit does, by what this machine offers."""

import contextlib
import os
import resource
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")


class Cage:
    """A limit in bytes for processes that are put into it. Close it when they have ended.

    `kind` says how: by a cgroup of version 2 or 1, whose limit ends a process that goes beyond, or, where none can be
    made, by the size of the data of each process (RLIMIT_DATA), which lets it fail instead.
    """

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self._folder: Path | None = None
        self.kind = next(
            (kind for kind, attempt in (("cgroup v2", self._second), ("cgroup v1", self._first)) if attempt()),
            "RLIMIT_DATA",
        )

    def hold(self, pid: int) -> None:
        """Put a process into the cage; the children that it makes from now on are in it too."""
        if self._folder is not None:
            (self._folder / "cgroup.procs").write_text(str(pid))
        else:
            resource.prlimit(pid, resource.RLIMIT_DATA, (self.limit_bytes, self.limit_bytes))

    def close(self) -> None:
        """Take the cage away."""
        if self._folder is not None:
            self._folder.rmdir()
            self._folder = None

    def _second(self) -> bool:
        if "memory" not in _read(_ROOT / "cgroup.controllers").split():
            return False
        return self._make(_ROOT, {"memory.max": self.limit_bytes, "memory.swap.max": 0})

    def _first(self) -> bool:
        return self._make(_ROOT / "memory", {"memory.limit_in_bytes": self.limit_bytes})

    def _make(self, parent: Path, limits: dict[str, int]) -> bool:
        folder = parent / f"sealwright-cage-{os.getpid()}"
        try:
            folder.mkdir()
            self._folder = folder
            for name, value in limits.items():
                if (folder / name).exists() or name != "memory.swap.max":
                    (folder / name).write_text(str(value))
        except OSError:
            self._folder = None
            with contextlib.suppress(OSError):
                folder.rmdir()
            return False
        return True


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def resident_bytes(pid: int) -> list[int]:
    """Return the resident memory of a process, and of each that it has started what that has for itself (Linux).

    Files that are mapped, which are libraries, are there once, and count for the first. So is the memory of one that is
    about to run another program, and still shows its parent's: it is left out.
    """
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (status := _read(folder / "stat")):
            parent = int(status.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        process = waiting.pop()
        waiting += [child for child in children.get(process, []) if not _is_copy(child, process)]
        if pages := _read(Path("/proc") / str(process) / "statm").split():
            resident, files = int(pages[1]), int(pages[2])
            found.append((resident - files if found else resident) * resource.getpagesize())
    return found


def _is_copy(child: int, parent: int) -> bool:
    commands = (_read(Path("/proc") / str(pid) / "cmdline") for pid in (child, parent))
    return len(set(commands)) == 1


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process, and the children that it waited for, have had; 0 when it is gone (Linux)."""
    fields = _read(Path("/proc") / str(pid) / "stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0.0
