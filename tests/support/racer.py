"""Another user who swaps what is in a folder of his, as fast as he can, for links to files that he may not read.

Run as a program: `racer.py FOLDER NAME VICTIM`, where FOLDER is his. He keeps FOLDER/NAME a file of his own, a hard
link to another, a link to VICTIM, and puts such links in the place of every file of ours that appears beside it.
Prints a line when he begins; ends when he is killed or the folder goes away.
"""

# pathlib takes longer, and this is a race:
# ruff: noqa: PTH104, PTH108, PTH120, PTH208, PTH211

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OTHER = 65534
"""The user and group that he is."""


@contextmanager
def racing(folder: Path, name: str, victim: Path) -> Iterator[None]:
    """Let him swap files for as long as this context is; only root can start him."""
    command = [sys.executable, "-S", "-c", Path(__file__).read_text(), folder, name, victim]
    racer = subprocess.Popen(command, stdout=subprocess.PIPE)
    with racer:
        try:
            assert racer.stdout is not None
            assert racer.stdout.readline() == b"racing\n"
            yield
        finally:
            racer.kill()


def race(folder: str, name: str, victim: str) -> None:
    """Swap files until killed."""
    os.chdir(folder)
    os.setgroups([])  # here, for he may not be able to read our Python
    os.setresgid(OTHER, OTHER, OTHER)
    os.setresuid(OTHER, OTHER, OTHER)
    Path(".own").write_text(Path(name).read_text())
    print("racing", flush=True)
    turn = 0
    while True:
        for found in os.listdir():
            if found.startswith(f".{name}") and found.endswith(".tmp"):
                with contextlib.suppress(OSError):
                    os.unlink(found)
                    os.symlink(victim, found)
                with contextlib.suppress(OSError):
                    os.rename(found, ".moved")
                    os.symlink(os.path.dirname(victim), found)
        turn += 1
        with contextlib.suppress(OSError):
            if turn % 64 == 0:
                os.symlink(victim, ".swap")
            elif turn % 64 == 8:
                os.link(".own", ".swap")
            else:
                continue
            os.rename(".swap", name)


if __name__ == "__main__":
    race(*sys.argv[1:])
