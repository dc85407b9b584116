"""The restrictions that the operating system puts on a renderer. The renderer calls this before the first request.

Linux only. The renderer can undo only the two time limits, and the controller has a deadline for those.
"""

import contextlib
import ctypes
import math
import mmap
import os
import resource
import signal
import time
from pathlib import Path

from sealwright_controller.renderer.templates import MAX_SLOW_SECONDS

SLOW_SECONDS = MAX_SLOW_SECONDS + 2.0
"""Processor time for slow work, which is one long call that cannot be interrupted."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38  # linux/prctl.h
_ADDRESSES_BEYOND_DATA = 16 * 1024 * 1024
_PIPES = 2
"""The number of a renderer's descriptors: standard input and standard output."""
_ROOM_LEFT = 0.75
_IGNORED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)


def die_with(parent: int) -> None:
    """Let the kernel end this process when the thread that started it ends. Raises OSError if it has ended already.

    Signals to the controller's process group or to all processes of a container are ignored here, so that the
    controller can finish running work before it ends; it then ends this process too.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise OSError("the process that started this one has ended")
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    for number in (signal.SIGPROF, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def confine(memory_bytes: int) -> None:
    """Give up files, network, other processes and core dumps, and limit memory to `memory_bytes` more than now.

    Raises OSError if the system refuses one of these restrictions.
    """
    # If memory runs out, the kernel should kill this process, not the controller. A sandbox may refuse this.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    data, addresses = _memory_now()
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_DUMPABLE, 0)
    os.closerange(_PIPES, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        # A new descriptor would be number 2, so no file, socket or pipe can be opened.
        resource.RLIMIT_NOFILE: _PIPES,
        # Data can become resident, unlike shared libraries. Addresses are limited for sandboxes that do not count data.
        resource.RLIMIT_DATA: data + memory_bytes,
        resource.RLIMIT_AS: addresses + memory_bytes + _ADDRESSES_BEYOND_DATA,
    }
    for limit, most in limits.items():
        hard = resource.getrlimit(limit)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (allowed, allowed))


def has_room(memory_bytes: int) -> bool:
    """Tell whether most of the memory that `confine` allowed is still available."""
    try:
        mmap.mmap(-1, int(_ROOM_LEFT * memory_bytes), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
    except (OSError, MemoryError):
        return False
    return True


def give_back_memory() -> None:
    """Return freed memory to the system, if the C library can do that."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


class Stopwatch:
    """Lets the kernel end this process when the templates of an object take too much processor time.

    Ordinary and slow work are counted separately. The signal is SIGPROF, or SIGXCPU if that fails.
    """

    def __init__(self) -> None:
        self._ordinary, self._slow = 0.0, SLOW_SECONDS
        self._is_slow = False

    def begin(self, seconds: float) -> None:
        """Begin with an object, which has `seconds` for ordinary work."""
        self._ordinary, self._slow = seconds, SLOW_SECONDS
        self._is_slow = False
        most = math.ceil(time.process_time() + seconds + SLOW_SECONDS) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        signal.setitimer(signal.ITIMER_PROF, self._ordinary)

    def go_on(self) -> None:
        """Count ordinary work again after slow work; otherwise do nothing."""
        if self._is_slow:
            self._slow = self._left()
            self._is_slow = False
            signal.setitimer(signal.ITIMER_PROF, self._ordinary)

    def slow(self) -> None:
        """Count slow work."""
        if not self._is_slow:
            self._ordinary = self._left()
            self._is_slow = True
            signal.setitimer(signal.ITIMER_PROF, self._slow)

    def end(self) -> None:
        """Count nothing."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _left(self) -> float:
        return max(signal.getitimer(signal.ITIMER_PROF)[0], 0.001)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")


def _memory_now() -> tuple[int, int]:
    """Return this process's bytes of data and of address space."""
    said = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    data, addresses = (1024 * int(said[name].split()[0]) for name in ("VmData", "VmSize"))
    return data, addresses
