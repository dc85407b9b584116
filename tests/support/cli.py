"""Runs `sealwright` as people do: as a process with arguments, standard streams and an environment."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from tests.support.builders import VECTORS
from tests.support.forking import forks

from sealwright_cli.messages.ui import Console

COMMAND = (sys.executable, "-m", "sealwright_cli")
KUBESEAL = str(Path(sys.executable).with_name("sealwright-kubeseal"))
CERTIFICATE = VECTORS / "envelope" / "key-2048.crt.pem"
PRIVATE_KEY = VECTORS / "envelope" / "key-2048.key.pem"
NO_HOME = "/nonexistent"
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: team-a
stringData:
  password: correct horse
"""


@dataclass(frozen=True)
class Run:
    """What a run left behind: its exit status and what it wrote."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def yaml(self) -> list[Any]:
        """The documents on standard output, read as YAML."""
        return list(YAML(typ="safe", pure=True).load_all(self.stdout.decode()))

    @property
    def json(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.stdout)


def recording_console() -> Console:
    """Return a console for calls below the command line; its `stdout` and `stderr` keep what is written."""
    return Console(io.BytesIO(), io.BytesIO(), io.StringIO(), lambda _: "")


def environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without settings for sealwright or a cluster, and with these."""
    left_out = ("SEALWRIGHT", "SEALED_SECRETS", "COLUMNS", "KUBE", "XDG_", "POD_NAMESPACE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return kept | {"HOME": NO_HOME, "USERPROFILE": NO_HOME} | variables


def sealwright(
    *arguments: str | Path, stdin: str | bytes = b"", cwd: Path | None = None, env: dict[str, str] | None = None
) -> Run:
    """Run the command to its end."""
    return _forked("sealwright", COMMAND, arguments, stdin, cwd, env or {})


def kubeseal(*arguments: str | Path, stdin: str | bytes = b"", cwd: Path | None = None, **env: str) -> Run:
    """Run `sealwright-kubeseal` to its end."""
    return _forked("kubeseal", [KUBESEAL], arguments, stdin, cwd, env)


def run_command(
    command: Sequence[str], stdin: str | bytes = b"", cwd: Path | None = None, env: dict[str, str] | None = None
) -> Run:
    """Run any command to its end, in an environment without settings but these."""
    done = subprocess.run(
        command,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        cwd=cwd,
        env=environment(**env or {}),
        timeout=120,
        check=False,
    )
    return Run(done.returncode, done.stdout, done.stderr.decode())


def _forked(
    entry: str,
    command: Sequence[str],
    arguments: Sequence[str | Path],
    stdin: str | bytes,
    cwd: Path | None,
    env: dict[str, str],
) -> Run:
    """Run one of our commands as a fork (see `forking`), or by a new interpreter where that makes a difference."""
    words = list(map(str, arguments))
    given = stdin.encode() if isinstance(stdin, str) else stdin
    done = forks().run(entry, [command[-1], *words], given, cwd, environment(**env))
    return Run(done[0], done[1], done[2].decode()) if done else run_command([*command, *words], given, cwd, env)


def seal(*arguments: str | Path, stdin: str | bytes = b"", cwd: Path | None = None) -> Run:
    """Run `sealwright seal` with the usual test certificate."""
    return sealwright("seal", "--cert", CERTIFICATE, *arguments, stdin=stdin, cwd=cwd)


def unseal(*arguments: str | Path, stdin: str | bytes = b"") -> Run:
    """Run `sealwright unseal` with the private key of the usual test certificate."""
    return sealwright("unseal", "--key", PRIVATE_KEY, *arguments, stdin=stdin)


def files_below(folder: Path) -> dict[str, bytes]:
    """Return everything in a folder: path → content."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
