r"""Reads regular expressions in Go's notation, and writes them in RE2's.

It handles the differences: `\C`, which only RE2 has; names of groups; names of classes; `$` and `^`, which are
written by their meaning; and Go's limits on counts and nesting.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sealwright_templating.errors import FunctionError, LimitExceeded
from sealwright_templating.go.regexp.classes import (
    of_items,
    one_character,
    read_class,
    read_escape,
    read_named_class,
)
from sealwright_templating.go.regexp.pieces import Piece, alternatives, captured, character, repeated, sequence
from sealwright_templating.limits import Budget

_LARGEST_COUNT = 1000
_LARGEST_HEIGHT = 1000
_COUNT = re.compile(r"\{(0|[1-9][0-9]*)(?:(,)(0|[1-9][0-9]*)?)?\}")
_COUNT_DIGITS = 4
_NAME = re.compile(r"\(\?P?<([A-Za-z0-9_]+)>")
_FLAGS = re.compile(r"\(\?([imsU]*)(?:-([imsU]+))?([:)])")
_SIMPLE_REPETITIONS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_ANY_SIZE = 10

_ITEMS_PER_CHARACTER = 5
"""The memory of a part read from one character, and of its text, counted in elements of a list."""

_LARGEST_CLASSES = 256 * 1024
"""How many characters RE2 may have to read for all classes together."""

_CHARACTERS_PER_STEP = 1024


@dataclass(frozen=True, slots=True)
class _Flags:
    """What `(?imsU)` sets."""

    fold: bool = False
    multiline: bool = False
    dot_newline: bool = False
    ungreedy: bool = False


_FLAG_NAMES = {"i": "fold", "m": "multiline", "s": "dot_newline", "U": "ungreedy"}


@dataclass(slots=True)
class _Frame:
    """A group that is not closed yet, or the whole expression; `flags` are restored at its end."""

    flags: _Flags
    capture: bool = False
    done: list[Piece] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)

    def piece(self) -> Piece:
        """Return everything read as one part."""
        whole = alternatives([*self.done, sequence(self.pieces)])
        return captured(whole) if self.capture else whole


def read(budget: Budget, text: str) -> tuple[Piece, list[str]]:
    """Return RE2's text for an expression, and the names of its groups, "" for groups without a name.

    Raises FunctionError for an expression that Go refuses.
    """
    budget.items(_ITEMS_PER_CHARACTER * len(text))
    budget.steps(len(text))
    reader = _Reader(budget, text)
    return reader.read(), reader.names


class _Reader:
    def __init__(self, budget: Budget, text: str) -> None:
        self.names: list[str] = []
        self._budget = budget
        self._text = text
        self._position = 0
        self._flags = _Flags()
        self._frames = [_Frame(self._flags)]
        self._after_repetition = False
        self._classes_length = 0
        self._handlers: dict[str, _Handler] = {
            "(": self._open,
            ")": self._close,
            "|": self._bar,
            "^": self._begin,
            "$": self._end,
            ".": self._dot,
            "[": self._brackets,
            "*": self._simple_repetition,
            "+": self._simple_repetition,
            "?": self._simple_repetition,
            "{": self._counted_repetition,
            "\\": self._escape,
        }

    def read(self) -> Piece:
        while self._position < len(self._text):
            handle = self._handlers.get(self._text[self._position], self._literal)
            self._after_repetition = bool(handle())
        if len(self._frames) > 1:
            raise FunctionError("a group in the regular expression has no closing parenthesis")
        return self._checked(self._frames[0].piece())

    def _append(self, piece: Piece) -> None:
        self._budget.steps(len(piece.text) // _CHARACTERS_PER_STEP)
        self._frames[-1].pieces.append(self._checked(piece))

    def _append_class(self, piece: Piece) -> None:
        """Add a character class; RE2's text for one may be far longer than that in the expression."""
        self._classes_length += len(piece.text)
        if self._classes_length > _LARGEST_CLASSES:
            raise LimitExceeded("the classes of a regular expression are too large")
        self._append(piece)

    def _checked(self, piece: Piece) -> Piece:
        if piece.height > _LARGEST_HEIGHT:
            raise FunctionError("the regular expression is nested too deeply")
        return piece

    def _literal(self) -> None:
        self._append(one_character(ord(self._text[self._position]), fold=self._flags.fold))
        self._position += 1

    def _bar(self) -> None:
        frame = self._frames[-1]
        frame.done.append(self._checked(sequence(frame.pieces)))
        frame.pieces = []
        self._position += 1

    def _begin(self) -> None:
        self._append(Piece("(?m:^)" if self._flags.multiline else r"\A"))
        self._position += 1

    def _end(self) -> None:
        self._append(Piece("(?m:$)" if self._flags.multiline else r"\z"))
        self._position += 1

    def _dot(self) -> None:
        newline = self._flags.dot_newline
        self._append(character("(?s:.)" if newline else ".", size=_ANY_SIZE, ascii_only=False, newline=newline))
        self._position += 1

    def _brackets(self) -> None:
        piece, self._position = read_class(self._text, self._position, fold=self._flags.fold)
        self._append_class(piece)

    def _open(self) -> None:
        if not self._text.startswith("(?", self._position):
            self._open_capture("", self._position + 1)
        elif found := _NAME.match(self._text, self._position):
            self._open_capture(found[1], found.end())
        elif found := _FLAGS.match(self._text, self._position):
            self._position = found.end()
            if found[3] == ":":
                self._frames.append(_Frame(self._flags))
            changes = dict.fromkeys(found[1], True) | dict.fromkeys(found[2] or "", False)
            self._flags = replace(self._flags, **{_FLAG_NAMES[flag]: to for flag, to in changes.items()})
        else:
            raise FunctionError("the regular expression holds a kind of group that there is not")

    def _open_capture(self, name: str, position: int) -> None:
        self.names.append(name)
        self._frames.append(_Frame(self._flags, capture=True))
        self._position = position

    def _close(self) -> None:
        if len(self._frames) == 1:
            raise FunctionError("the regular expression closes a group that it did not open")
        frame = self._frames.pop()
        self._flags = frame.flags
        self._append(frame.piece())
        self._position += 1

    def _simple_repetition(self) -> bool:
        least, most = _SIMPLE_REPETITIONS[self._text[self._position]]
        return self._repeat(least, most, self._position + 1)

    def _counted_repetition(self) -> bool:
        found = _COUNT.match(self._text, self._position)
        if not found:
            self._literal()
            return False
        least = _count(found[1])
        most = _count(found[3]) if found[3] else None if found[2] else least
        if most is not None and least > most:
            raise FunctionError("the regular expression repeats something at least more often than at most")
        return self._repeat(least, most, found.end())

    def _repeat(self, least: int, most: int | None, position: int) -> bool:
        lazy = self._text.startswith("?", position)
        pieces = self._frames[-1].pieces
        if self._after_repetition:
            raise FunctionError("the regular expression repeats a repetition")
        if not pieces:
            raise FunctionError("the regular expression repeats nothing")
        piece = repeated(pieces.pop(), least, most, greedy=lazy == self._flags.ungreedy)
        if max(least, most or 0) > 1 and piece.repeats > _LARGEST_COUNT:
            raise _counts_too_high()
        self._append(piece)
        self._position = position + lazy
        return True

    def _escape(self) -> None:
        mark = self._text[self._position + 1 : self._position + 2]
        if assertion := _ASSERTIONS.get(mark):
            self._append(Piece(assertion))
            self._position += 2
        elif mark == "Q":
            self._quoted()
        elif named := read_named_class(self._text, self._position, fold=self._flags.fold):
            item, self._position = named
            self._append_class(of_items([item], negated=False, fold=self._flags.fold))
        else:
            code, self._position = read_escape(self._text, self._position)
            self._append(one_character(code, fold=self._flags.fold))

    def _quoted(self) -> None:
        start = self._position + 2
        end = self._text.find(r"\E", start)
        quoted = self._text[start:] if end < 0 else self._text[start:end]
        for letter in quoted:
            self._append(one_character(ord(letter), fold=self._flags.fold))
        self._position = start + len(quoted) + (0 if end < 0 else 2)


def _count(digits: str) -> int:
    if len(digits) > _COUNT_DIGITS or int(digits) > _LARGEST_COUNT:
        raise _counts_too_high()
    return int(digits)


def _counts_too_high() -> FunctionError:
    return FunctionError(f"the regular expression repeats something more than {_LARGEST_COUNT} times")


_Handler = Callable[[], bool | None]
"""Reads a part that begins with a certain character, and tells whether it was a repetition."""

_ASSERTIONS = {"A": r"\A", "b": r"\b", "B": r"\B", "z": r"\z"}
