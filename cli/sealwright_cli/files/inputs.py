"""Turns the arguments of a command into its inputs: files, folders, standard input."""

import os
from collections.abc import Sequence
from pathlib import Path

from sealwright_cli.files.choosing import PROJECT_FILE, Choice, Chooser
from sealwright_cli.files.disk import (
    check_readable,
    decode,
    exists,
    is_folder,
    is_plain_file,
    read_original,
    read_stream,
    real_path,
    real_paths,
    reason,
)
from sealwright_cli.files.replacing import Original
from sealwright_cli.messages.advice import when_reading
from sealwright_cli.messages.errors import CliError, InputError, UsageError
from sealwright_cli.messages.naming import UNNAMED, shown_path
from sealwright_cli.messages.ui import Console
from sealwright_conventions.records import field, record

STDIN = "-"
SUFFIXES = (".yaml", ".yml", ".json")
_ALL = Choice()


class NotTextError(InputError):
    """A file that the user named, or that mentions Secrets, is not text."""


class OtherFileError(InputError):
    """A file found in a folder is not text, and holds no Secret."""


@record
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

    def check(self) -> None:
        """Open the file, unless it is something that may open only once, such as a pipe. Raises InputError."""
        if self.path is not None and (is_plain_file(self.path) or not exists(self.path)):
            check_readable(self.path, name=self.name)

    def held(self, console: Console) -> "Source":
        """Return a source that can be read several times: standard input is read now. Raises InputError."""
        return self if self.path is not None else _Held(None, self.relative, text=self.read(console))

    def _decode(self, content: bytes, *, utf16: bool) -> str:
        try:
            return decode(content, self.name, utf16=utf16)
        except InputError as error:
            if self.named or b"Secret" in content.replace(b"\0", b""):
                raise NotTextError(error.message, hint=error.hint) from None
            raise OtherFileError(error.message, hint=error.hint) from None


@record
class _Held(Source):
    """Standard input that was read."""

    text: str = field(default="", repr=False)

    def read_original(self, console: Console, *, utf16: bool = True) -> tuple[str, Original | None]:  # noqa: ARG002 - as the others
        """Return the text."""
        return self.text, None


def find_sources(arguments: Sequence[str], *, besides: Path | None = None, choice: Choice = _ALL) -> list[Source]:
    """Return the sources that the arguments name, each file once: no argument and `-` are standard input.

    Folders are searched, for what `choice` takes; `besides` is a folder to leave out. Raises InputError for a folder
    that cannot be searched or holds no manifest, and if nothing is left; UsageError if standard input is named twice.
    """
    found: dict[Path | None, Source] = {}
    real = real_paths()
    chooser = Chooser(choice)
    for number, argument in enumerate(arguments or [STDIN], start=1):
        if argument == STDIN:
            if None in found:
                raise UsageError("standard input can be read only once", hint="give - once")
            found[None] = Source(None, Path())
            continue
        path = Path(argument)
        if is_folder(path):
            sources = _search(path, besides, chooser)
        else:
            name = Path(path.name)
            label = shown_path(path, f"argument {number}")
            sources = [] if chooser.excludes(path, name) else [Source(path, name, label=label)]
        for source in sources:
            found.setdefault(source.path and real(source.path), source)
    chooser.finish()
    if not found:
        raise InputError("nothing is left of what was named: --exclude names all of it", hint="correct --exclude")
    return list(found.values())


def unreadable(sources: Sequence[Source]) -> list[CliError]:
    """Return the errors about files that the user named and that cannot be opened, before anything else is tried."""
    errors: list[CliError] = []
    for source in sources:
        try:
            if source.named:
                source.check()
        except InputError as error:
            errors.append(error)
    return errors


def check_any_readable(sources: Sequence[Source]) -> None:
    """Raise InputError, before anything else is tried, if none of the sources can be opened."""
    errors = unreadable(sources)
    if len(errors) == len(sources):
        raise errors[0]


def _search(folder: Path, besides: Path | None, chooser: Chooser) -> list[Source]:
    left_out = besides and real_path(besides)
    chooser.begin(folder)
    found = []
    for current, folders, files in os.walk(folder, onerror=_fail):
        at = Path(current)
        chooser.enter(at)
        folders[:] = sorted(
            name
            for name in folders
            if name != ".git"
            and real_path(at / name) != left_out
            and chooser.takes(at / name, (at / name).relative_to(folder), is_folder=True)
        )
        for name in sorted(files):
            if name.lower().endswith(SUFFIXES) and name != PROJECT_FILE:
                path = at / name
                relative = path.relative_to(folder)
                if chooser.takes(path, relative, is_folder=False):
                    found.append(Source(path, relative, named=False))
    if not found:
        raise InputError(
            f"{folder}: no file in this folder ends in {', '.join(SUFFIXES)}",
            hint=chooser.why_nothing or "name the files themselves; then any ending is allowed",
        )
    return found


def _fail(error: OSError) -> None:
    raise InputError(f"{error.filename}: {reason(error)}", hint=when_reading(error))
