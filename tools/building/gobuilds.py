"""Builds a Go program that development needs, once, from the published modules, and keeps it in the user's cache.

Does not know what the programs do. Uses the standard library alone, since it runs before anything is installed.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.building.caches import cache_folder, locked
from tools.building.launching import ending_with_this_process, tail

SOURCES = ("go.mod", "go.sum", "main.go")
"""The files of a program's module; one of commands that others published has no `main.go`. Every byte of them is part
of the build's name."""
HEARTBEAT_SECONDS = 60
NOT_POSSIBLE = 3  # exit status: something has to be installed or corrected first


class NotBuiltError(Exception):
    """There is no such program; the message says why, and what to do."""


def print_folder(find: Callable[[], Path], *, otherwise: int = NOT_POSSIBLE) -> int:
    """Print the folder that `find` returns; return the exit status, `otherwise` if it raises NotBuiltError."""
    try:
        folder = find()
    except NotBuiltError as reason:
        say(str(reason))
        return otherwise
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(f"{folder}\n")
    return 0


@dataclass(frozen=True)
class GoProgram:
    """A Go module with one program, which is built into a folder under the program's `name`.

    Or `commands`, by their import paths: each is built under the last part of its path.

    `what` and `duration` are for messages; `instead` says what to do without Go, and begins with a comma if not empty.
    """

    name: str
    module: Path
    what: str
    duration: str
    instead: str = ""
    linker_flags: str = "-s -w"
    commands: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        """The folder of the build, named after all its inputs without calling Go: it is found where Go is missing."""
        digest = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
        for source in (self.module / name for name in SOURCES):
            if not self.commands or source.exists():
                digest.update(hashlib.sha256(source.read_bytes()).digest())
        return cache_folder() / self.module.name / digest.hexdigest()[:16]

    def build(self, finish: Callable[[Path], None] = lambda _folder: None) -> Path:
        """Return the folder of the build, built if necessary; one process at a time builds it.

        `finish` completes a new folder before it counts as built. Raises NotBuiltError if Go is missing, too old, or
        fails.
        """
        folder = self.folder
        with locked(folder.with_suffix(".lock"), waiting=f"another process is building {self.what}: waiting"):
            if not folder.is_dir():
                go = self._usable_go()
                partial = folder.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)  # left by an interrupted build
                partial.mkdir()
                self._compile(go, partial if self.commands else partial / self.name, log=folder.with_suffix(".log"))
                finish(partial)
                partial.rename(folder)
        return folder

    def from_go_mod(self, pattern: str) -> str:
        """Return the first group of a pattern in go.mod."""
        found = re.search(pattern, (self.module / "go.mod").read_text(), re.MULTILINE)
        assert found, f"go.mod has no line {pattern}"
        return found[1]

    def _usable_go(self) -> str:
        """Return the path of a sufficiently new Go."""
        needed = self.from_go_mod(r"^go (\d+\.\d+)")
        install = f"install Go {needed} or newer (https://go.dev/doc/install){self.instead}"
        go = shutil.which("go")
        if go is None:
            raise NotBuiltError(f"Go is needed to build {self.what}, and there is no 'go' command; {install}")
        # Called in the folder of go.mod: a Go that may fetch a newer one (GOTOOLCHAIN) answers for that one.
        done = subprocess.run(
            [go, "env", "GOVERSION"], cwd=self.module, env=_environment(), capture_output=True, text=True, check=False
        )
        version = done.stdout.strip().removeprefix("go")
        if done.returncode or _numbers(version) < _numbers(needed):
            found = f"Go {version} is too old" if version else f"Go is too old or does not work ({done.stderr.strip()})"
            raise NotBuiltError(f"{found} to build {self.what}; {install}")
        return go

    def _compile(self, go: str, target: Path, *, log: Path) -> None:
        say(f"building {self.what}: about {self.duration} on two cores, once; it is kept for the next time")
        command = [go, "build", "-trimpath", "-buildvcs=false", "-mod=readonly", "-ldflags", self.linker_flags, "-o"]
        started = time.monotonic()
        with log.open("wb") as output:
            process = subprocess.Popen(
                ending_with_this_process([*command, str(target), *(self.commands or (".",))]),
                cwd=self.module,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            try:
                while not _ended_within(process, HEARTBEAT_SECONDS):
                    say(f"still building ({(time.monotonic() - started) / 60:.0f} min)")
            finally:
                process.kill()
                process.wait()
        if process.returncode:
            raise NotBuiltError(f"building {self.what} failed; the end of {log}:\n{tail(log)}")
        say(f"built in {time.monotonic() - started:.0f} s")


def say(message: str) -> None:
    """Report progress on standard error; standard output is for results."""
    sys.stderr.write(f"{message}\n")


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _environment() -> dict[str, str]:
    """Return an environment that builds for this machine, whatever the user's settings, and without C."""
    kept = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOWORK"}}
    return {**kept, "CGO_ENABLED": "0", "GOWORK": "off"}


def _numbers(version: str) -> tuple[int, ...]:
    """Return 1.26, 1.26.8 and 1.27rc1 in a form that can be compared: (1, 26), (1, 26), (1, 27)."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
