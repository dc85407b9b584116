"""Parts of a regular expression: RE2's text for each, and its cost.

Three figures describe the cost of a search. `size` is about how many states the part's automaton has, and so how many
RE2 may have to follow at each byte. `longest` is how many bytes a match can have. `overscan` is how far beyond the end
of a match a search may have to read before it knows that no better match exists: for `a.*b|a` up to the end of the
text, and again for the next match, so that finding all takes quadratic time; for `a+` one byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf

_LONGEST_CHARACTER = 4


class Kind(IntEnum):
    """The kind of a part; a higher one binds more tightly in its text."""

    ALTERNATIVES = 0
    SEQUENCE = 1
    REPETITION = 2
    ATOM = 3
    CHARACTER = 4
    LITERAL = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an expression.

    `newline` is True if it can match a line break, `repeats` is how often its innermost part is written out, and
    `height` how deeply its parts are nested.
    """

    text: str
    kind: Kind = Kind.ATOM
    size: int = 0
    longest: float = 0
    overscan: float = 0
    newline: bool = False
    repeats: int = 1
    height: int = 1

    def bound(self, kind: Kind) -> str:
        """Return the text so that it binds as tightly as a part of this kind: in a group if necessary."""
        return self.text if self.kind >= kind else f"(?:{self.text})"


def character(
    text: str, kind: Kind = Kind.CHARACTER, *, size: int = 1, ascii_only: bool = True, newline: bool = False
) -> Piece:
    """Return a part that matches one character: a class or a literal."""
    longest = 1 if ascii_only else _LONGEST_CHARACTER
    return Piece(text, kind, size=size, longest=longest, overscan=longest, newline=newline)


def sequence(pieces: Sequence[Piece]) -> Piece:
    """Return the parts one after another."""
    if len(pieces) == 1:
        return pieces[0]
    before = sum(piece.longest for piece in pieces[:-1])
    return Piece(
        "".join(piece.bound(Kind.SEQUENCE) for piece in pieces),
        Kind.SEQUENCE,
        size=sum(piece.size for piece in pieces),
        longest=before + (pieces[-1].longest if pieces else 0),
        overscan=before + (pieces[-1].overscan if pieces else 0),
        newline=any(piece.newline for piece in pieces),
        repeats=max((piece.repeats for piece in pieces), default=1),
        height=_height(pieces, Kind.SEQUENCE, one=Kind.LITERAL),
    )


def alternatives(pieces: Sequence[Piece]) -> Piece:
    """Return a part that matches one of the parts, preferring the first."""
    if len(pieces) == 1:
        return pieces[0]
    return Piece(
        "|".join(piece.text for piece in pieces),
        Kind.ALTERNATIVES,
        size=sum(piece.size for piece in pieces) + len(pieces),
        longest=max(piece.longest for piece in pieces),
        overscan=max(piece.overscan for piece in pieces),
        newline=any(piece.newline for piece in pieces),
        repeats=max(piece.repeats for piece in pieces),
        height=_height(pieces, Kind.ALTERNATIVES, one=Kind.CHARACTER),
    )


def _height(pieces: Sequence[Piece], kind: Kind, *, one: Kind) -> int:
    """Return the height of a part of that kind; in Go, nested parts of one kind are one, and so are characters."""
    if all(piece.kind >= one for piece in pieces):
        return 1
    return max(piece.height + (piece.kind != kind) for piece in pieces)


def captured(piece: Piece) -> Piece:
    """Return the part as a group."""
    text = f"({piece.text})"
    return replace(piece, text=text, kind=Kind.ATOM, size=piece.size + 2, height=piece.height + 1)


def repeated(piece: Piece, least: int, most: int | None, *, greedy: bool) -> Piece:
    """Return the part repeated this many times; `most` may be None."""
    copies = max(least, 1) if most is None else most
    times = inf if most is None else most
    return Piece(
        f"{piece.bound(Kind.ATOM)}{_operator(least, most)}{'' if greedy else '?'}",
        Kind.REPETITION,
        size=(piece.size + 1) * copies + 1,
        longest=_times(piece.longest, times),
        overscan=piece.overscan if times <= 1 else _times(piece.longest, copies + 1),
        newline=piece.newline,
        repeats=piece.repeats * copies or 1,
        height=piece.height + 1,
    )


def _times(longest: float, times: float) -> float:
    """Return a product in which zero times an unlimited number is zero."""
    return longest * times if longest and times else 0


def _operator(least: int, most: int | None) -> str:
    if most is None and least <= 1:
        return "+" if least else "*"
    if (least, most) == (0, 1):
        return "?"
    return f"{{{least},{'' if most is None else most}}}"
