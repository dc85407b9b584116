"""Whether a process of ours could leave a core file."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

_STATE = """\
import ctypes, importlib, resource, sys
importlib.import_module(sys.argv[1]).switch_off()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def check_leaves_no_core(pid: int) -> None:
    """Check that the system may write no core file of a process that runs."""
    limits = Path(f"/proc/{pid}/limits")
    if not limits.exists():
        pytest.skip("there is no /proc")
    found = re.search(r"^Max core file size +(\S+) +(\S+)", limits.read_text(), re.MULTILINE)
    assert found is not None
    assert found.groups() == ("0", "0")


def check_switches_off(module: str) -> None:
    """Check what a module's `switch_off` does in a process of its own: no file, and no core over a pipe."""
    if sys.platform != "linux":
        pytest.skip("prctl is Linux's")
    done = subprocess.run([sys.executable, "-c", _STATE, module], capture_output=True, text=True, check=True)
    assert done.stdout == "(0, 0) 0\n"
