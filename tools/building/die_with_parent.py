"""Run a command that ends when the process that started it does: `die_with_parent.py PARENT_PID COMMAND ARGUMENT…`.

This is a separate program because the request has to be made in the child, and running Python between fork and exec
(`preexec_fn`) is not safe in a process with threads. On Linux the kernel sends SIGKILL when the *thread* that started
the child ends: start it from a thread that lives as long as the child should. Elsewhere it only runs the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Become COMMAND, which the kernel kills when this process's parent ends."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that started this one has ended already")
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
