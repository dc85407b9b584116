"""No core file: a program that crashes leaves nothing of its memory, with the secrets in it, on a disk."""

import contextlib
import sys

_SET_DUMPABLE = 4  # PR_SET_DUMPABLE of prctl(2)


def switch_off() -> None:
    """Have the system write no core file of this process, as far as it can be told so; what fails is no error.

    The limit stops files; programs that take cores over a pipe (core(5)), whatever the limit, are stopped on Linux by
    the process not being dumpable, which also keeps other processes of its user from looking into its memory.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - Windows has none

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - 3 ms, for nothing elsewhere

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
