"""Memory that was freed goes back to the system, whichever thread had it."""

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from pathlib import Path
from sealwright_controller.process import allocator

if sys.argv[1] == "kept little":
    allocator.keep_little()
kept = []

def use_much():
    # Of 20 MB something small stays, as a name or a status does of a large object.
    much = [b"x" * 40_000 for _ in range(500)]
    kept.append(b"x" * 600)
    del much
    used.set()
    end.wait()

end = threading.Event()
for _ in range(8):
    used = threading.Event()
    threading.Thread(target=use_much, daemon=True).start()
    used.wait()
print(int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20)
"""


def resident_mib(how: str) -> int:
    return int(subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, check=True, text=True).stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells how much memory a process has so")
def test_less_stays_of_what_eight_threads_had_one_after_the_other() -> None:
    assert resident_mib("kept little") + 15 < resident_mib("as it comes")
