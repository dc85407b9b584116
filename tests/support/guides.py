"""Runs the shell blocks of a guide, in order, in one shell and a clean folder: each command has to succeed.

The lines below a command are what it prints; a fingerprint there stands for any.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.cli import environment
from tests.support.repository import ROOT

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FINGERPRINT = re.compile(r"\b[0-9a-f]{32,64}\b")
_MARK = "@@ next @@"


def commands_of(guide: str, section: str = "") -> list[tuple[str, str]]:
    """Return each command of docs/guides/GUIDE.md with what the page says that it prints; empty if it says nothing.

    `section` is the beginning of a heading: then only those below it, up to the next heading of its level.
    """
    page = (ROOT / "docs/guides" / f"{guide}.md").read_text(encoding="utf-8")
    if section:
        page = re.split(r"^## ", page.partition(f"\n{section}")[2], flags=re.MULTILINE)[0]
    found: list[tuple[str, str]] = []
    for line in "".join(_BLOCK.findall(page)).splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:], ""))
        else:
            command, output = found[-1]
            found[-1] = (command + line, output) if command.endswith("\\\n") else (command, output + line)
    return found


def run_guide(guide: str, folder: Path, section: str = "", **variables: str) -> None:
    """Run all commands of a guide, or of a section, in a folder. Fails if one fails, or prints something else."""
    commands = commands_of(guide, section)
    script = "set -e\n" + "".join(f"{command}echo '{_MARK}'\n" for command, _ in commands)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment() | {"PATH": path} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        timeout=300,
        check=False,
    )
    outputs = done.stdout.split(f"{_MARK}\n")
    assert done.returncode == 0, f"{commands[len(outputs) - 1][0]}{outputs[-1]}"
    for (command, expected), printed in zip(commands, outputs, strict=False):
        if expected:
            assert _FINGERPRINT.sub("…", printed) == _FINGERPRINT.sub("…", expected), command
