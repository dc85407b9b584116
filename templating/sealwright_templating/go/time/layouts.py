"""Layouts: Go describes the form of a date by the example Mon Jan 2 15:04:05 MST 2006.

`formatting.py` and `parsing.py` both split a layout into pieces here.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

RFC3339 = b"2006-01-02T15:04:05Z07:00"
RFC3339_NANO = b"2006-01-02T15:04:05.999999999Z07:00"

_ELEMENT = re.compile(
    rb"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST"
    rb"|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm"
    rb"|[-Z]07(?:0000|:00:00|00|:00)?"
    rb"|[.,](?:0+|9+)(?![0-9])"
)


class Piece(NamedTuple):
    """Literal text, the element after it, and the next element anywhere later; empty where the layout ends."""

    literal: bytes
    element: bytes
    following: bytes


def pieces(layout: bytes) -> Iterator[Piece]:
    """Split a layout into pieces; the last has no element."""
    position, elements = 0, _ELEMENT.finditer(layout)
    found = next(elements, None)
    while found is not None:
        later = next(elements, None)
        yield Piece(layout[position : found.start()], found[0], b"" if later is None else later[0])
        position, found = found.end(), later
    yield Piece(layout[position:], b"", b"")


def is_fraction(element: bytes) -> bool:
    """Tell whether an element is a fraction of a second, such as `.000` or `,999`."""
    return element[:1] in {b".", b","}


def is_offset(element: bytes) -> bool:
    """Tell whether an element is a numeric offset from UTC, such as `-0700` or `Z07:00`."""
    return element[1:3] == b"07"
