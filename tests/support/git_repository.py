"""A repository of the real git for tests, which knows no configuration but its own and runs our commands by name."""

import base64
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.cli import CERTIFICATE, PRIVATE_KEY, environment

SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: {}}}\nstringData:\n"


@dataclass(frozen=True)
class GitRepository:
    """A repository in `folder`, of a user whose home is beside it."""

    folder: Path

    @classmethod
    def new(cls, folder: Path) -> "GitRepository":
        """Make one."""
        made = cls(folder / "repository")
        made.folder.mkdir()
        (folder / "home").mkdir()
        made.git("init", "-q", "-b", "main")
        return made

    @property
    def env(self) -> dict[str, str]:
        """The environment of all commands."""
        who = {f"GIT_{role}_{what}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        home = str(self.folder.parent / "home")
        kept = {key: value for key, value in environment().items() if not key.startswith("GIT_")}
        return kept | who | {"PATH": path, "HOME": home, "GIT_CONFIG_NOSYSTEM": "1", "GIT_EDITOR": "true"}

    def run(self, *command: str | Path, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the repository."""
        return subprocess.run(
            command, cwd=self.folder, env=self.env | env, input=stdin, capture_output=True, text=True, check=False
        )

    def git(self, *arguments: str) -> str:
        """Run git; it has to succeed."""
        done = self.run("git", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sealwright(self, *arguments: str | Path, stdin: str = "") -> str:
        """Run sealwright; it has to succeed."""
        done = self.run("sealwright", *arguments, stdin=stdin)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        return path

    def read(self, name: str = "db.yaml") -> str:
        """Read a file, with its line ends."""
        return (self.folder / name).read_bytes().decode()

    def commit(self, message: str = "change") -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def seal(self, name: str = "db.yaml", namespace: str = "prod", **values: str) -> None:
        """Make a file with a SealedSecret of these values, or replace those that it has."""
        secret = self.folder.parent / "secret.yaml"
        secret.write_text(SECRET.format(namespace) + "".join(f'  {key}: "{value}"\n' for key, value in values.items()))
        if (self.folder / name).exists():
            self.sealwright("merge", name, secret, "--cert", CERTIFICATE)
        else:
            self.sealwright("seal", secret, "--cert", CERTIFICATE, "-w", name)

    def unsealed(self, name: str = "db.yaml") -> dict[str, str]:
        """Return the values in a file."""
        found = json.loads(self.run("sealwright", "unseal", name, "--key", PRIVATE_KEY, "-o", "json").stdout)
        return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}
