"""Messages on stderr, and the streams that commands use.

Rules for messages: lower case, no final period; the file and the object are named; stderr only, stdout carries
results. An error is `error: what and where`, followed by `hint: what to do next`. Text from files and file names is
shown with control characters made visible, so that no input can control the terminal.
"""

import re
from collections.abc import Callable
from typing import BinaryIO, TextIO

from sealwright_cli.messages.errors import CliError
from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import record

FINGERPRINT_DIGITS = 32
"""How many hexadecimal digits of a fingerprint are shown: 128 bits, so that nobody can make a key that matches."""

_COMMANDS = pattern(r"(?P<blanks>\A\s*):(?=:)|#(?=#\w*\[)")


@record
class Console:
    """The streams of a run.

    `ask` shows a prompt and reads a value without echo. `quiet` shows only errors; `terse` hides only reports of what
    was done.
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
        for line in error.afterwards:
            self._line(line)

    def warn(self, message: str) -> None:
        """Show a warning; the run continues."""
        if not self.quiet:
            self._line(f"warning: {message}")

    def tell(self, message: str) -> None:
        """Show what was done."""
        if not (self.quiet or self.terse):
            self._line(message)

    def pass_on(self, lines: str) -> None:
        """Show what another console has written."""
        for line in lines.splitlines():
            self._line(line)

    def _line(self, text: str) -> None:
        # A closed stderr (2>&-) must not turn a finished job into a failed one.
        try:
            self.stderr.write(visible(text) + "\n")
            self.stderr.flush()
        except (OSError, ValueError):
            return


def visible(text: str) -> str:
    """Return `text` with every character that is not printable written as an escape.

    So is the first character of what GitHub's and Azure's runners take for a command in a log: a file's name may be
    `::add-mask::x.yaml` in a pull request.
    """
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return _COMMANDS.sub(lambda found: f"{found['blanks'] or ''}\\x{ord(found[0][-1]):02x}", shown)


def without_password(source: str) -> str:
    """Return a path or URL as messages show it: without the user name and password that a URL may hold.

    Even an unescaped / or @ does not matter: all text between a colon and a later @ may be a password.
    """
    return re.sub(r"(?<=://)(?:.*:.*|[^/?#]*)@", "", source, flags=re.DOTALL)


def short(fingerprint: str) -> str:
    """Return the beginning of a fingerprint for messages: as long as a pin has to be."""
    return fingerprint[:FINGERPRINT_DIGITS]


def stopped(done: int, of: int) -> str:
    """Return the line about a run over several files that Ctrl-C ended."""
    return f"stopped: {counted(done, 'file')} done, {of - done:,} as {'it was' if of - done == 1 else 'they were'}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
