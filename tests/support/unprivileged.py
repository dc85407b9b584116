"""Runs our commands as somebody whom file modes stop; root, whom none stops, gives up what makes it so."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, run_command

# Root stays root, for it may be the only one who can read the checkout; a program that it starts then has neither
# CAP_DAC_OVERRIDE (1) nor CAP_DAC_READ_SEARCH (2), as capabilities(7) says. PR_CAPBSET_DROP is 24; it fails for a root
# that has no capabilities, whom modes stop as it is.
_STOPPED_BY_MODES = """\
import ctypes, os, sys
for capability in (1, 2):
    ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""
_MAIN = "import importlib, sys; module = importlib.import_module(sys.argv[1]); del sys.argv[0]; module.main()"


def run_stopped_by_modes(module: str, *arguments: str | Path, cwd: Path, stdin: str = "") -> Run:
    """Run the main of a module (`sealwright_cli.app`) to its end; skips where root cannot be stopped."""
    command = [sys.executable, "-c", _MAIN, module, *map(str, arguments)]
    if os.geteuid() == 0:
        if sys.platform != "linux":
            pytest.skip("root, whom no file mode stops")
        command = [sys.executable, "-c", _STOPPED_BY_MODES, *command]
    return run_command(command, stdin, cwd)


@contextmanager
def folder_with_keys() -> Iterator[Path]:
    """Yield a folder with `cert.pem` and `key.pem` in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source, target in ((CERTIFICATE, "cert.pem"), (PRIVATE_KEY, "key.pem")):
            shutil.copyfile(source, folder / target)
        yield folder
        for path in folder.iterdir():  # else only root could remove what is locked
            path.chmod(0o700)
