"""Completion: in shells, by Typer, and behind `kubectl sealwright`, by kubectl."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cli import SECRET, environment, seal, sealwright

BIN = Path(sys.executable).parent
LINES = {
    "se": ["seal"],
    "cert s": ["show"],
    "seal --off": ["--offline", "--offline-ok"],
    "seal --controller-na": ["--controller-name", "--controller-namespace"],
}
every_line = pytest.mark.parametrize(("line", "found"), LINES.items(), ids=LINES.keys())


@every_line
def test_bash_completes_verbs_and_options(line: str, found: list[str]) -> None:
    words = f"sealwright {line}"
    variables = {"_SEALWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert set(found) <= set(sealwright(env=variables).stdout.decode().split())


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
@every_line
def test_kubectl_completes_the_words_of_its_plug_in(line: str, found: list[str]) -> None:
    done = in_kubectl("__complete", "sealwright", *line.split())
    lines = done.stdout.splitlines()
    assert set(found) <= {one.partition("\t")[0] for one in lines}
    assert lines[-1] == ":4"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
def test_kubectl_completes_files_where_files_are_meant() -> None:
    assert in_kubectl("__complete", "sealwright", "seal", "").stdout.splitlines()[-1] == ":0"


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not here")
def test_the_command_is_a_plug_in_of_kubectl() -> None:
    assert in_kubectl("sealwright", "--version").stdout.startswith("sealwright version: v")


def in_kubectl(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run kubectl with the installed commands on its path."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["kubectl", *arguments], env=environment() | {"PATH": path}, capture_output=True, text=True, check=True
    )


def test_bash_completes_the_items_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "db.yaml").write_bytes(seal(stdin=SECRET).stdout)
    words = "sealwright unset db.yaml p"
    variables = {"_SEALWRIGHT_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": "3"}
    assert sealwright(env=variables, cwd=tmp_path).stdout.split() == [b"password"]
    (tmp_path / "db.yaml").write_text("{{ broken")
    assert sealwright(env=variables, cwd=tmp_path).stdout.split() == []
