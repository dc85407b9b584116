"""Earlier versions of a file in its git repository. Reads only, and runs nothing that the repository names.

`gitrunning` switches off what a repository's configuration names; this file, the programs of diffs. A file without a
history, or a machine without git, is no error.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sealwright_cli.files.gitrunning import run_git, without_git
from sealwright_conventions.records import record

MAX_COMMITS = 100
MAX_VERSION_BYTES = 2 * 1024 * 1024
MAX_BYTES = 32 * 1024 * 1024
TIMEOUT_SECONDS = 10.0
_AT_ONCE = 8

_NO_PROGRAM_OF_THE_DIFF = ("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-color")
_VARIABLES = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_FIELDS = 2


@record
class Committed:
    """One version of a file: its commit, when that was made, its path then (from the top folder), and its bytes."""

    commit: str
    when: datetime
    path: str
    content: bytes


def versions_of(path: Path, environ: Mapping[str, str], seconds: float = TIMEOUT_SECONDS) -> list[Committed]:
    """Return a file's committed versions, the oldest first, also those under its earlier names.

    At most the last MAX_COMMITS; empty if there are none, or git is missing or takes longer than `seconds`.
    """
    git = _Git(path.absolute().parent, environ, seconds)
    try:
        return list(_versions(git, path.name))
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


@record
class _Git:
    """Runs git in a folder."""

    folder: Path
    environ: Mapping[str, str]
    seconds: float

    def run(self, *words: str, given: bytes = b"") -> bytes:
        """Return what git prints. Raises OSError, and SubprocessError if it fails or takes too long."""
        done = run_git(
            "--literal-pathspecs",
            *words,
            folder=self.folder,
            given=given,
            environ=without_git(self.environ) | _VARIABLES,
            seconds=self.seconds,
        )
        done.check_returncode()
        return done.stdout


def _versions(git: _Git, name: str) -> Iterator[Committed]:
    """Yield the versions, the oldest first; one that is the same as the one before is left out."""
    listed = git.run(
        *("log", f"--max-count={MAX_COMMITS}", "--follow", "--name-only", "-z", "--format=%x00%H %ct"),
        *_NO_PROGRAM_OF_THE_DIFF,
        *("--", name),
    )
    commits = list(_commits(listed.decode("utf-8", errors="surrogateescape")))[::-1]
    blobs = _blobs(git, [f"{commit}:{path}" for commit, _, path in commits])
    contents = _contents(git, blobs)
    before = ""
    for (commit, when, path), blob in zip(commits, blobs, strict=True):
        if blob in contents and blob != before:
            yield Committed(commit, datetime.fromtimestamp(when, UTC), path, contents[blob])
        before = blob


def _commits(listed: str) -> Iterator[tuple[str, int, str]]:
    """Yield commit, time and path, the newest first."""
    head: list[str] = []
    for part in listed.split("\0"):
        words = part.strip("\n")
        fields = words.split(" ")
        if len(fields) == _FIELDS and len(fields[0]) in (40, 64) and fields[1].isdigit():
            head = fields
        elif words and head and "\n" not in words:
            yield head[0], int(head[1]), words
            head = []


def _blobs(git: _Git, names: Sequence[str]) -> list[str]:
    """Return the id of each version's content; empty for one that is missing or too large."""
    if not names:
        return []
    given = "".join(f"{name}\n" for name in names).encode("utf-8", errors="surrogateescape")
    answers = git.run("cat-file", "--batch-check=%(objecttype) %(objectsize) %(objectname)", given=given).decode()
    return [_blob(answer) for answer in answers.splitlines()]


def _blob(answer: str) -> str:
    kind, _, rest = answer.partition(" ")
    size, _, name = rest.partition(" ")
    return name if kind == "blob" and size.isdigit() and int(size) <= MAX_VERSION_BYTES else ""


def _contents(git: _Git, blobs: Sequence[str]) -> dict[str, bytes]:
    """Return the content of each blob by its id; the newest alone, if all are more than MAX_BYTES."""
    found: dict[str, bytes] = {}
    size = 0
    newest = list(filter(None, dict.fromkeys(reversed(blobs))))
    for start in range(0, len(newest), _AT_ONCE):
        asked = newest[start : start + _AT_ONCE]
        answer = git.run("cat-file", "--batch", given="".join(f"{blob}\n" for blob in asked).encode())
        for blob in asked:
            head, _, answer = answer.partition(b"\n")
            length = int(head.split(b" ")[-1])
            found[blob], answer = answer[:length], answer[length + 1 :]
            size += length
        if size > MAX_BYTES:
            break
    return found
