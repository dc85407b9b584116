"""Disables core files, so that a program that crashes leaves no secrets from its memory on a disk."""

import contextlib
import sys

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE of prctl(2)


def switch_off() -> None:
    """Stop the system from writing core files of this process where possible; failures are ignored.

    The limit stops core files. Programs that receive cores over a pipe (core(5)) ignore it, so on Linux the process is
    also made undumpable, which keeps other processes of its user from reading its memory as well.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - takes 3 ms, and only Linux needs it

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
