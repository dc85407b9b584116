"""Prints the demo: steps, commands and their output; ends it when a command fails."""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

INDENT = "    "
MAX_LINE = 110


class DemoError(Exception):
    """A step did not do what it says."""


class Narrator:
    """Prints to standard output; colours only on a terminal. Commands run in `root`, the checkout's own come first."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.started = time.monotonic()
        self._steps = 0
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        own = Path(sys.executable).parent
        identity = {"NAME": "Demo", "EMAIL": "demo@example.invalid"}
        self.environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("SEALWRIGHT_", "SEALED_SECRETS_", "GIT_"))
            },
            "PATH": f"{own}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in identity.items()},
        }

    def step(self, title: str) -> None:
        """Begin a step."""
        self._steps += 1
        self._print(f"\n{self._steps}. {title}", colour="1")

    def say(self, text: str) -> None:
        """Print a text between commands."""
        self._print(f"{INDENT}{text}")

    def check(self, text: str) -> None:
        """Print a check that succeeded."""
        self._print(f"{INDENT}✔ {text}", colour="32")

    def fail(self, text: str) -> None:
        """Print on standard error why the demo ends here."""
        print(f"\n{INDENT}✘ {text}", file=sys.stderr, flush=True)

    def show(self, file: Path, name: str) -> None:
        """Print a file as if with cat, with long lines cut."""
        self._print(f"{INDENT}$ cat {name}", colour="36")
        self._output(file.read_text())

    def run(self, *command: str) -> str:
        """Run a command and print it with its output. Raises DemoError if it fails."""
        self._print(f"{INDENT}$ {shlex.join(command)}", colour="36")
        done = self.run_quietly(*command)
        self._output(done.stdout + done.stderr)
        if done.returncode:
            raise DemoError(f"{command[0]} ended with status {done.returncode}")
        return done.stdout

    def run_quietly(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return its output without printing it."""
        return subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )

    def _output(self, text: str) -> None:
        for line in text.rstrip().splitlines():
            self._print(INDENT + INDENT + (line if len(line) <= MAX_LINE else line[:MAX_LINE] + " …"))

    def _print(self, text: str, colour: str = "") -> None:
        print(f"\x1b[{colour}m{text}\x1b[0m" if colour and self._colours else text, flush=True)
