"""The demo is what newcomers see first: it runs to its end in both worlds, and stops where a step is not what it says."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.repository import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder to play in, below the checkout as the demo's own is."""
    made = Path("build", f"demo-{os.getpid()}-{tmp_path.name}")
    yield made
    shutil.rmtree(ROOT / made, ignore_errors=True)


def demo(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ) | ({"PATH": path} if path else {})
    command = [sys.executable, "-m", "tools.demo", "--folder", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment, cwd=ROOT)


def check_whole_story(done: subprocess.CompletedProcess[str], folder: Path) -> None:
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("✔") == 5
    assert "Traceback" not in done.stderr
    assert (ROOT / folder / "repository" / ".git").is_dir(), "the folder is left for a look"


def test_over_a_folder(folder: Path) -> None:
    check_whole_story(demo(folder), folder)


@pytest.mark.usefixtures("control_plane")  # only where there are binaries; the demo starts a server of its own
def test_over_a_real_api_server(folder: Path) -> None:
    check_whole_story(demo(folder, "--cluster"), folder)


def test_it_ends_at_the_first_step_that_fails(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "git"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    executables = Path(sys.executable).parent
    done = demo(folder, path=f"{tmp_path}{os.pathsep}{executables}{os.pathsep}{os.defpath}")
    assert done.returncode == 1
    assert "git ended with status 3" in done.stderr
    assert "Apply it" not in done.stdout
