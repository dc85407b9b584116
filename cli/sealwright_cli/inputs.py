"""Turns the arguments of a command into its inputs: files, folders, standard input."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sealwright_cli.advice import when_reading
from sealwright_cli.errors import InputError, UsageError
from sealwright_cli.files import decode, is_folder, read_original, read_stream, real_path, reason
from sealwright_cli.naming import UNNAMED, shown_path
from sealwright_cli.replacing import Original
from sealwright_cli.ui import Console

STDIN = "-"
SUFFIXES = (".yaml", ".yml", ".json")


class OtherFileError(InputError):
    """A file found in a folder is not text, and holds no Secret."""


@dataclass(frozen=True)
class Source:
    """One thing to read.

    `path` is None for standard input. `relative` is the result's path below an output folder. `named` is True if the
    user named this file, and so expects a result from it; other files were found in a folder. `label` is what messages
    call the input if its path is not to be shown.
    """

    path: Path | None
    relative: Path
    named: bool = True
    label: str = ""

    @property
    def name(self) -> str:
        """What messages call it."""
        return "standard input" if self.path is None else self.label or str(self.path)

    def read(self, console: Console, *, utf16: bool = True) -> str:
        """Return its text; UTF-16 may be refused. Raises InputError."""
        return self.read_original(console, utf16=utf16)[0]

    def read_original(self, console: Console, *, utf16: bool = True) -> tuple[str, Original | None]:
        """Return its text, and what is needed to replace the file. Raises InputError."""
        if self.path is None:
            if not console.stdin.closed and console.stdin.isatty():
                console.tell("reading from the terminal; Ctrl-D ends the input (Windows: Ctrl-Z, Enter)")
            return decode(read_stream(console.stdin, self.name), self.name, utf16=utf16), None
        try:
            content, original = read_original(self.path, is_named=self.named)
        except InputError as error:
            raise InputError(error.message.replace(UNNAMED, self.name), hint=error.hint) from None
        return self._decode(content, utf16=utf16), original

    def _decode(self, content: bytes, *, utf16: bool) -> str:
        try:
            return decode(content, self.name, utf16=utf16)
        except InputError as error:
            if self.named or b"Secret" in content.replace(b"\0", b""):
                raise
            raise OtherFileError(error.message, hint=error.hint) from None


def find_sources(arguments: Sequence[str], *, besides: Path | None = None) -> list[Source]:
    """Return the sources that the arguments name, each file once: no argument and `-` are standard input.

    Folders are searched; `besides` is a folder to leave out. Raises InputError for a folder that cannot be searched or
    holds no manifest, UsageError if standard input is named twice.
    """
    found: dict[Path | None, Source] = {}
    for number, argument in enumerate(arguments or [STDIN], start=1):
        if argument == STDIN:
            if None in found:
                raise UsageError("standard input can be read only once", hint="give - once")
            found[None] = Source(None, Path())
            continue
        path = Path(argument)
        label = shown_path(path, f"argument {number}")
        for source in _search(path, besides) if is_folder(path) else [Source(path, Path(path.name), label=label)]:
            found.setdefault(source.path and real_path(source.path), source)
    return list(found.values())


def _search(folder: Path, besides: Path | None) -> list[Source]:
    left_out = besides and real_path(besides)
    found = []
    for current, folders, files in os.walk(folder, onerror=_fail):
        folders[:] = sorted(name for name in folders if name != ".git" and real_path(Path(current, name)) != left_out)
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES):
                path = Path(current, name)
                found.append(Source(path, path.relative_to(folder), named=False))
    if not found:
        raise InputError(
            f"{folder}: no file in this folder ends in {', '.join(SUFFIXES)}",
            hint="name the files themselves; then any ending is allowed",
        )
    return found


def _fail(error: OSError) -> None:
    raise InputError(f"{error.filename}: {reason(error)}", hint=when_reading(error))
