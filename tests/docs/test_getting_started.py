"""The folder part of docs/getting-started.md, typed as it stands there: each command works, each promise holds."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.controller_process import ControllerProcess
from tests.support.repository import ROOT
from tests.support.wait import eventually

from sealwright_controller.objects.reasons import Reason

PAGE = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
SECTION = PAGE.split("\n## In a folder\n")[1].split("\n## ")[0]
COMMANDS = re.findall(r"^\$ (.*)$", SECTION, re.MULTILINE)
PORT_OF_THE_PAGE = "localhost:8080"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")


def test_the_folder_part_works_as_written(tmp_path: Path) -> None:
    start, *commands, stop = COMMANDS
    program, *arguments = shlex.split(start)
    assert (program, arguments.pop()) == ("sealwright-controller", "&")
    (tmp_path / "secret.yaml").write_text(yaml_block(), encoding="utf-8")

    controller = ControllerProcess(arguments, folder=tmp_path)
    controller.start()
    try:
        outputs = [run(command, tmp_path, f"localhost:{controller.port}") for command in commands]
        eventually(lambda: not (tmp_path / "try/secrets/team-a/db.yaml").exists(), timeout=20.0, what="it is removed")
    finally:
        controller.stop()

    secret, status, stolen = (output for command, output in zip(commands, outputs, strict=True) if is_look(command))
    assert "kind: Secret" in secret
    assert 'status: "True"' in status
    assert "no key could decrypt secret (password)" in stolen
    assert not (tmp_path / "secret.yaml").exists()
    assert "rm try/sealed/db.yaml" in commands
    assert stop == "kill %1"  # the job that `start` left in the background
    for name in set(re.findall(r"`(try/[\w.]+)`", SECTION)):
        assert (tmp_path / name).exists(), name


def test_each_reason_for_a_failure_is_in_the_table_of_troubles() -> None:
    table = PAGE.split("\n## When it does not work\n")[1]
    missing = [reason for reason in Reason if reason is not Reason.UNSEALED and f"`{reason.value}`" not in table]
    assert missing == []
    assert "(reference/controller.md#reasons-of-the-condition-synced)" in table


def yaml_block() -> str:
    """Return the Secret that the page tells to write."""
    return SECTION.split("```yaml\n")[1].split("```")[0]


def is_look(command: str) -> bool:
    return command.startswith("cat ")


def run(command: str, folder: Path, address: str) -> str:
    """Type a command; a look at what the controller makes may take a few tries, as it would a person."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}

    def attempt() -> str:
        done = subprocess.run(
            ["bash", "-c", command.replace(PORT_OF_THE_PAGE, address)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
        assert not is_look(command) or "status: {}" not in done.stdout, "the controller has not said anything yet"
        return done.stdout or "nothing"

    return eventually(attempt, timeout=20.0 if is_look(command) else 0.0, what=command)
