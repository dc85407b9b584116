"""What people see on stderr, and the streams that commands work with.

Rules for messages: lower case, no final period; the file and the object are named; stderr only, stdout carries
results. An error is `error: what and where`, followed by `hint: what to do next`. Text from files and file names is
shown with control characters made visible, so nothing that is read can play tricks with the terminal.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, TextIO

from sealwright_cli.errors import CliError

FINGERPRINT_DIGITS = 32
"""Hexadecimal digits of a fingerprint that name a key though somebody makes keys to meet them: 128 bits."""


@dataclass(frozen=True)
class Console:
    """The streams of a run.

    `ask` shows a prompt and reads a value without echo; `quiet` leaves out whatever is no error, `terse` only what was
    done.
    """

    stdin: BinaryIO
    stdout: BinaryIO
    stderr: TextIO
    ask: Callable[[str], str]
    quiet: bool = False
    terse: bool = False

    def error(self, error: CliError) -> None:
        """Show an error and its hint."""
        self._line(f"error: {error.message}")
        for line in error.excerpt:
            self._line(f"    {line}")
        if hint := error.hint or error.usual_hint:
            self._line(f"hint: {hint}")

    def warn(self, message: str) -> None:
        """Show something that the user should look at, though the run goes on."""
        if not self.quiet:
            self._line(f"warning: {message}")

    def tell(self, message: str) -> None:
        """Show what was done."""
        if not (self.quiet or self.terse):
            self._line(message)

    def _line(self, text: str) -> None:
        # A closed stderr (2>&-) must not turn a finished job into a failed one.
        try:
            self.stderr.write(visible(text) + "\n")
            self.stderr.flush()
        except (OSError, ValueError):
            return


def visible(text: str) -> str:
    """Return `text` with every character that is not printable written as an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def without_password(source: str) -> str:
    """Return a path or URL as messages show it: without the user name and password that a URL may hold.

    That goes even where / or @ in it is not escaped: between a colon and an @ further on, anything may be a password.
    """
    return re.sub(r"(?<=://)(?:.*:.*|[^/?#]*)@", "", source, flags=re.DOTALL)


def short(fingerprint: str) -> str:
    """Return the beginning of a fingerprint that messages show: as much of it as a pin needs."""
    return fingerprint[:FINGERPRINT_DIGITS]


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`: a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
