"""A git repository for tests, with commits at fixed times and no settings of the machine."""

import os
import subprocess
from pathlib import Path

HOSTILE = {
    "core.fsmonitor": "{script}",
    "core.hooksPath": "{folder}",
    "core.pager": "{script}",
    "core.sshCommand": "{script}",
    "diff.external": "{script}",
    "diff.evil.textconv": "{script}",
    "diff.evil.command": "{script}",
    "filter.evil.smudge": "{script}",
    "filter.evil.clean": "{script}",
    "gpg.program": "{script}",
    "log.showSignature": "true",
    "pager.log": "{script}",
}
"""Settings by which a repository can make git run a program."""


class GitRepo:
    """A repository in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.days = 0
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        """Run git in the folder and return what it prints."""
        left_out = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        when = f"2026-03-{1 + self.days:02d}T12:00:00+00:00"
        settings = {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
        }
        who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, env=left_out | settings, capture_output=True, text=True, check=True
        )
        return done.stdout

    def commit(self, days: int = 0) -> str:
        """Commit all that is in the folder, so many days after 1 March 2026; return the commit."""
        self.days = days
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change")
        return self.git("rev-parse", "HEAD").strip()

    def make_hostile(self, script: Path) -> None:
        """Have git run a script wherever the repository's own settings can name one."""
        for name, value in HOSTILE.items():
            self.git("config", name, value.format(script=script, folder=script.parent))
        (self.folder / ".gitattributes").write_text("* diff=evil filter=evil\n")
