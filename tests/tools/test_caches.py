"""The folder that keeps what is costly to make, and the lock that lets one process make it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.building.caches import cache_folder, held, locked
from tools.checkout import ROOT


def test_a_lock_has_one_holder_and_is_free_when_its_process_is_killed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "folder" / "a.lock"
    assert not held(lock)
    program = "import sys, pathlib\nfrom tools.building.caches import locked\n"
    program += "with locked(pathlib.Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()"
    command = [sys.executable, "-c", program, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held" + os.linesep.encode()
        assert held(lock)
        holder.kill()
    with locked(lock):
        assert held(lock)
    assert not held(lock)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        pytest.param({"SEALWRIGHT_DEV_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a", id="its own variable goes first"),
        pytest.param({"XDG_CACHE_HOME": "/b"}, "/b/sealwright-dev", id="then the person's cache folder"),
        pytest.param({}, "/home/.cache/sealwright-dev", id="then the usual place"),
        pytest.param({"SEALWRIGHT_DEV_CACHE": ""}, "/home/.cache/sealwright-dev", id="an empty variable is none"),
    ],
)
def test_the_cache_folder(environment: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SEALWRIGHT_DEV_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: Path("/home"))
    assert cache_folder() == Path(folder).absolute()
