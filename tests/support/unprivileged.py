"""Runs our commands as somebody whom file modes stop: root, whom none stops, becomes nobody for it."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, run_command

NOBODY = 65534

# All modules are loaded before: what root installed for itself, nobody may not even read.
_PROGRAM = """\
import importlib, os, pkgutil, sys
import sealwright_cli
for module in pkgutil.walk_packages(sealwright_cli.__path__, "sealwright_cli."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
number, name, *sys.argv = sys.argv[1:]
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(int(number))
    os.setuid(int(number))
importlib.import_module(name).main()
"""


def run_as_nobody(module: str, *arguments: str | Path, cwd: Path, stdin: str = "") -> Run:
    """Run the main of a module (`sealwright_cli.app`) to its end."""
    command = [sys.executable, "-c", _PROGRAM, str(NOBODY), module, module, *map(str, arguments)]
    return run_command(command, stdin, cwd)


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """Yield a folder that everybody may enter, with `cert.pem` and `key.pem` in it; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        for source, target in ((CERTIFICATE, "cert.pem"), (PRIVATE_KEY, "key.pem")):
            shutil.copyfile(source, folder / target)
        yield folder
        for path in folder.iterdir():  # else nobody but root could remove what is locked
            path.chmod(0o700)
