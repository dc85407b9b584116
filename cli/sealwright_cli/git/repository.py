"""What is asked of git, and its refusals as our own errors. Knows no format; `files/gitrunning` runs git."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sealwright_cli.files.gitrunning import run_git
from sealwright_cli.messages.errors import InputError

_NO_REPOSITORY = "go into a repository, or make one (git init)"


def git(*arguments: str, cwd: Path | None = None, stdin: bytes = b"") -> bytes:
    """Return what git says on standard output. Raises InputError if it is not there, or fails."""
    status, output, _ = attempt(*arguments, cwd=cwd, stdin=stdin)
    if status:
        raise InputError(f"git {arguments[0]} failed with status {status}", hint=_NO_REPOSITORY)
    return output


def attempt(*arguments: str, cwd: Path | None = None, stdin: bytes = b"") -> tuple[int, bytes, str]:
    """Run git; return its status, its standard output and its standard error. Raises InputError if it is not there."""
    try:
        done = run_git(*arguments, folder=cwd, given=stdin)
    except OSError:
        raise InputError("git cannot be run", hint="install git, or correct the PATH") from None
    return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def top_folder(cwd: Path | None = None, *, otherwise: str = "") -> Path:
    """Return the top folder of the working tree. Raises InputError outside one; `otherwise` ends its hint."""
    status, output, _ = attempt("rev-parse", "--show-toplevel", cwd=cwd)
    if status or not output.strip():
        raise InputError("not in a working tree of git", hint=f"{_NO_REPOSITORY}{otherwise}")
    return Path(os.fsdecode(output).removesuffix("\n"))


def prefix_of_folder() -> str:
    """Return the path from the top folder to the working directory, with a slash behind it; empty at the top."""
    status, output, _ = attempt("rev-parse", "--show-prefix")
    return "" if status else os.fsdecode(output).removesuffix("\n")


def object_kind(name: str) -> str:
    """Return the kind of what a revision, or `REV:path`, names: commit, tag, tree or blob; empty if it names nothing.

    Raises InputError if git cannot be run.
    """
    status, output, _ = attempt("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    if status:
        return ""
    status, output, _ = attempt("cat-file", "-t", output.decode().strip())
    return "" if status else output.decode().strip()


def blob(name: str) -> bytes:
    """Return the content of a file of a revision. Raises InputError."""
    return git("cat-file", "blob", git("rev-parse", "--verify", "--end-of-options", name).decode().strip())


def files_of(tree: str, suffixes: Sequence[str]) -> dict[str, str]:
    """Return path → object of the regular files in a revision's tree whose names end so. Raises InputError."""
    found = git("rev-parse", "--verify", "--end-of-options", tree).decode().strip()
    listed = git("ls-tree", "-r", "-z", "--full-tree", found)
    files: dict[str, str] = {}
    for line in filter(None, listed.split(b"\0")):
        facts, _, path = line.partition(b"\t")
        mode, kind, name = facts.decode().split()
        text = path.decode(errors="surrogateescape")
        if kind == "blob" and mode.startswith("100") and text.lower().endswith(tuple(suffixes)):
            files[text] = name
    return files


def blobs(files: Mapping[str, str]) -> dict[str, bytes]:
    """Return the content of files by path, read by one process; `files` has path → object. Raises InputError."""
    names = files.values()
    output = git("cat-file", "--batch", stdin="".join(f"{name}\n" for name in names).encode()) if files else b""
    found: dict[str, bytes] = {}
    at = 0
    for path in files:
        end = output.index(b"\n", at)
        size = output[at:end].split()[-1]
        if not size.isdigit():
            raise InputError(
                f"{path}: git does not have the content that this revision names",
                hint="fetch it with git (git fetch), or check the repository (git fsck)",
            )
        found[path] = output[end + 1 : end + 1 + int(size)]
        at = end + 2 + int(size)
    return found
