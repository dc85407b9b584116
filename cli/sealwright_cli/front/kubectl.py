"""The command as a plug-in of kubectl: how kubectl completes its words.

The plug-in itself, `kubectl-sealwright`, is the same command by another name.
"""

import shlex
import subprocess
import sys

from sealwright_cli import process


def complete() -> None:
    """Run `kubectl_complete-sealwright`, by which kubectl completes the words behind `kubectl sealwright`.

    They are completed as in the shell fish, which wants the same lines; then kubectl reads a number: 4 if files do not
    fit either (cobra's ShellCompDirectiveNoFileComp), 0 if they do.
    """
    words = sys.argv[1:] or [""]
    line = " ".join(["sealwright", *(shlex.quote(word) if word else "" for word in words)])
    asked = {"_SEALWRIGHT_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [sys.executable, "-m", "sealwright_cli"],
        env={**process.surroundings().environ, **asked, "_TYPER_COMPLETE_ARGS": line},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    found = done.stdout.decode(errors="replace").strip()
    sys.stdout.write(f"{found}\n:4\n" if found else ":0\n")
