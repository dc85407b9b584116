"""Runs git: the one place that does. What the repository names as programs is not run, and nothing is fetched.

A repository's own configuration may name programs, and what a partial clone lacks would be fetched. Knows no command of
git; who calls says what a failure means.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

_SAFELY = (
    *("--no-pager", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false", "-c", "protocol.allow=never"),
)
_FETCHES_NOTHING = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
"""Older versions of git do not know the first; without the second, `protocol.ext.allow` of a repository would win."""


def without_git(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return variables, those of this process if not given, without git's: a hook's are about another repository."""
    given = os.environ if environ is None else environ
    return {name: value for name, value in given.items() if not name.startswith("GIT_")}


def run_git(
    *words: str,
    folder: Path | None = None,
    given: bytes = b"",
    environ: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> "subprocess.CompletedProcess[bytes]":
    """Run git with `given` on its standard input, and return its status and what it printed.

    Without `environ`, it gets this process's. Raises OSError if git or the folder is not there, and
    subprocess.TimeoutExpired if it takes longer than `seconds`.
    """
    return subprocess.run(  # noqa: S603 - no shell, and git alone
        ["git", *_SAFELY, *words],  # noqa: S607 - the git of the PATH is the user's
        cwd=folder,
        input=given,
        capture_output=True,
        env={**(os.environ if environ is None else environ), **_FETCHES_NOTHING},
        timeout=seconds,
        check=False,
    )
