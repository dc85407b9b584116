"""Compiles expressions with RE2 and searches with them, within the budget.

RE2 reads a byte in about a nanosecond while its automaton is deterministic, which is the usual case; otherwise it takes
about five nanoseconds for each byte and state. The charge lies between the two, by the figures of `pieces.py`. Since
RE2 cannot be interrupted, it is not called for work that could take seconds.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]  # has no types

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError, LimitExceeded
from sealwright_templating.go.regexp.pieces import Piece
from sealwright_templating.go.regexp.subject import Subject
from sealwright_templating.go.regexp.syntax import read

_STATES_PER_STEP = 2000
"""How many states times bytes are charged as a microsecond: ten times as many as RE2 follows in the worst case."""

_BYTES_PER_STEP = 1024
"""How many bytes RE2 reads in a microsecond with a deterministic automaton."""

_LARGEST_WORK = 400_000_000
"""The most states times bytes that RE2 may be given at once: two seconds in the worst case."""

_WORK_BETWEEN_LOOKS = 65536
"""From this many states times bytes on, the clock is checked before going on."""

_STEPS_TO_COMPILE = 5
"""The charge for compiling one state."""

_STEPS_TO_SEARCH = 3
"""The charge for starting a search."""

_WINDOW_BYTES = 4096
"""About how many bytes are searched at once for an expression that matches no line break."""


class Match(Protocol):
    """A match from RE2."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """Return where a group begins and ends; group 0 is the whole match, (-1, -1) means that it does not match."""
        ...


class Expression:
    """A compiled expression. `names` are those of its groups, "" for groups without a name."""

    def __init__(self, context: Context, pattern: bytes, *, groups: bool = False) -> None:
        """Compile a pattern in Go's notation; without `groups`, matches do not give the positions of groups.

        Raises FunctionError for an expression that Go refuses.
        """
        try:
            text = pattern.decode()
        except UnicodeDecodeError:
            raise FunctionError("the regular expression is not UTF-8") from None
        self._piece, self.names = read(context.budget, text)
        self._budget = context.budget
        self._budget.steps(_STEPS_TO_COMPILE * self._piece.size)
        self._compiled = _compile(self._piece, groups=groups)

    def first(self, subject: Subject) -> Match | None:
        """Return the leftmost match in a text."""
        return next(self.all(subject), None)

    def all(self, subject: Subject) -> Iterator[Match]:
        """Yield the matches in a text from left to right; an empty match directly after another one does not count.

        RE2 matches bytes, and sees word boundaries inside a character where Go does not.
        """
        self._budget.steps(self._piece.size * len(subject.data) // _STATES_PER_STEP)
        last_end = -1
        for match in self._found(subject.data):
            start, end = match.span()
            if start != end or (start != last_end and not _is_inside_character(subject.data, start)):
                yield match
            last_end = end

    def _found(self, data: bytes) -> Iterator[Match]:
        """Yield RE2's matches, after charging for the search.

        If the expression matches no line break, searching up to the next line break is enough.
        """
        position = 0
        while position <= len(data):
            stop = len(data)
            if not self._piece.newline and (found := data.find(b"\n", position + _WINDOW_BYTES)) >= 0:
                stop = found
            self._charge(stop - position)
            for match in self._compiled.finditer(data, position, stop):
                yield match
                self._charge(stop - match.span()[1])
            position = stop + 1

    def _charge(self, length: int) -> None:
        """Charge a search, except for the text, which all searches together read once: `all` has charged that."""
        if self._piece.size * length > _LARGEST_WORK:
            raise LimitExceeded("a regular expression is too large for so long a text")
        reach = int(min(self._piece.overscan, length))
        self._budget.steps(_STEPS_TO_SEARCH + reach // _BYTES_PER_STEP)
        if reach * self._piece.size > _WORK_BETWEEN_LOOKS:
            self._budget.look()


def _is_inside_character(data: bytes, position: int) -> bool:
    return position < len(data) and 0x80 <= data[position] < 0xC0


def _compile(piece: Piece, *, groups: bool) -> Any:
    """Return RE2's expression. RE2's cache is emptied at once: it keeps patterns, up to 8 MiB each."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = not groups
    try:
        return re2.compile(piece.text.encode(), options)
    except re2.error:
        raise LimitExceeded("a regular expression is too large") from None
    finally:
        re2.purge()
