"""Compiles expressions with RE2 and searches with them, and never asks RE2 for more work than the budget allows.

RE2 reads a byte in about a nanosecond as long as it can make its automaton deterministic, which is nearly always; where
it cannot, it takes some five nanoseconds for each byte and each state. What is charged lies between the two, by the
figures of `pieces.py`; and as nothing can interrupt RE2, it is not called at all for what could take seconds.
"""

from collections.abc import Iterator
from typing import Any, Protocol

import re2  # type: ignore[import-untyped]  # it comes without types

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError, LimitExceeded
from sealwright_templating.go.regexp.pieces import Piece
from sealwright_templating.go.regexp.subject import Subject
from sealwright_templating.go.regexp.syntax import read

_STATES_PER_STEP = 2000
"""How many states, times bytes, are charged as a microsecond: ten times as many as RE2 follows at the worst."""

_BYTES_PER_STEP = 1024
"""How many bytes RE2 reads in a microsecond with a deterministic automaton."""

_LARGEST_WORK = 400_000_000
"""The most states, times bytes, that RE2 may be given at once: two seconds, at the worst."""

_WORK_BETWEEN_LOOKS = 65536
"""With more states, times bytes, than that, it may be worth while to look at the clock before going on."""

_STEPS_TO_COMPILE = 5
"""What compiling one state takes."""

_STEPS_TO_SEARCH = 3
"""What beginning a search takes."""

_WINDOW_BYTES = 4096
"""About how far an expression that matches no line break is searched for at once."""


class Match(Protocol):
    """A match as RE2 gives it."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """Return from where to where a group matches, group 0 being the whole; (-1, -1) for one that does not."""
        ...


class Expression:
    """A compiled expression. `names` are those of its groups, "" for those that have none."""

    def __init__(self, context: Context, pattern: bytes, *, groups: bool = False) -> None:
        """Compile a pattern in Go's notation; without `groups`, matches will not say where these are.

        Raises FunctionError for what Go takes for no expression.
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
        """Yield the matches in a text from left to right; an empty one right behind another one is none.

        RE2 looks at bytes, and takes the inside of a character for no word boundary; Go finds nothing there.
        """
        self._budget.steps(self._piece.size * len(subject.data) // _STATES_PER_STEP)
        last_end = -1
        for match in self._found(subject.data):
            start, end = match.span()
            if start != end or (start != last_end and not _is_inside_character(subject.data, start)):
                yield match
            last_end = end

    def _found(self, data: bytes) -> Iterator[Match]:
        """Yield what RE2 finds, having charged for looking.

        An expression that matches no line break cannot reach over one: it is enough to look as far as the next.
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
        """Charge a search, without what it reads only once for all searches together: `all` did that."""
        if self._piece.size * length > _LARGEST_WORK:
            raise LimitExceeded("a regular expression is too large for so long a text")
        reach = int(min(self._piece.overscan, length))
        self._budget.steps(_STEPS_TO_SEARCH + reach // _BYTES_PER_STEP)
        if reach * self._piece.size > _WORK_BETWEEN_LOOKS:
            self._budget.look()


def _is_inside_character(data: bytes, position: int) -> bool:
    return position < len(data) and 0x80 <= data[position] < 0xC0


def _compile(piece: Piece, *, groups: bool) -> Any:
    """Return RE2's expression. RE2's cache is emptied at once: it keeps patterns, and up to 8 MiB for each."""
    options = re2.Options()
    options.log_errors = False
    options.never_capture = not groups
    try:
        return re2.compile(piece.text.encode(), options)
    except re2.error:
        raise LimitExceeded("a regular expression is too large") from None
    finally:
        re2.purge()
