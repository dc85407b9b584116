"""Prints instants by layouts, as Go's Time.Format does."""

from collections.abc import Callable
from typing import NamedTuple

from sealwright_templating.go.time.calendar import Civil, civil
from sealwright_templating.go.time.layouts import is_fraction, is_offset, pieces
from sealwright_templating.go.time.types import MONTHS, WEEKDAYS, Time
from sealwright_templating.limits import Budget

_LONGEST_PER_BYTE = 4
"""No element except `MST` prints more than four times its own length: `2006` prints at most 13 bytes, `2` two."""


class View(NamedTuple):
    """An instant seen in a zone: date and time there, the zone's abbreviation and its offset in seconds."""

    civil: Civil
    nanoseconds: int
    zone: bytes
    offset: int


def view(time: Time) -> View:
    """Return an instant seen in its own zone."""
    place = time.place
    return View(civil(time.seconds + place.offset), time.nanoseconds, place.name, place.offset)


def format_view(budget: Budget, seen: View, layout: bytes) -> bytes:
    """Return an instant formatted by a layout."""
    budget.memory(_LONGEST_PER_BYTE * len(layout) + layout.count(b"MST") * len(seen.zone))
    budget.steps(len(layout))
    printed = bytearray()
    for literal, element, _ in pieces(layout):
        printed += literal
        if element:
            printed += _printed(seen, element)
    return bytes(printed)


def _printed(seen: View, element: bytes) -> bytes:
    if is_fraction(element):
        return _fraction(seen.nanoseconds, element)
    if is_offset(element):
        return _offset(seen.offset, element)
    if element == b"MST":
        return seen.zone or _offset(seen.offset, b"-0700")
    return _PRINTERS[element](seen.civil)


def _fraction(nanoseconds: int, element: bytes) -> bytes:
    digits = b"%09d" % nanoseconds
    digits = digits[: len(element) - 1]
    if element[1:2] == b"0":
        return element[:1] + digits
    digits = digits.rstrip(b"0")
    return element[:1] + digits if digits else b""


def _offset(offset: int, element: bytes) -> bytes:
    if element.startswith(b"Z") and not offset:
        return b"Z"
    # The sign is that of the minutes: half a minute west of UTC prints as +00:00:-30.
    minutes = abs(offset) // 60
    negative = offset < 0 and minutes > 0
    colon = b":" if b":" in element else b""
    shown = (b"-" if negative else b"+") + b"%02d" % (minutes // 60)
    if len(element) > len("-07"):
        shown += colon + b"%02d" % (minutes % 60)
    if len(element) > len("-07:00"):
        seconds = abs(offset) % 60
        shown += colon + padded(seconds if negative or offset >= 0 else -seconds, 2)
    return shown


def padded(number: int, width: int) -> bytes:
    """Return a number with zeros up to a width, which does not include the sign."""
    return b"-" * (number < 0) + str(abs(number)).encode().rjust(width, b"0")


def _hour_of_half_day(civil: Civil) -> int:
    return civil.hour % 12 or 12


_PRINTERS: dict[bytes, Callable[[Civil], bytes]] = {
    b"2006": lambda civil: padded(civil.year, 4),
    b"06": lambda civil: b"%02d" % (abs(civil.year) % 100),
    b"January": lambda civil: MONTHS[civil.month - 1],
    b"Jan": lambda civil: MONTHS[civil.month - 1][:3],
    b"01": lambda civil: b"%02d" % civil.month,
    b"1": lambda civil: b"%d" % civil.month,
    b"Monday": lambda civil: WEEKDAYS[civil.weekday],
    b"Mon": lambda civil: WEEKDAYS[civil.weekday][:3],
    b"02": lambda civil: b"%02d" % civil.day,
    b"_2": lambda civil: b"%2d" % civil.day,
    b"2": lambda civil: b"%d" % civil.day,
    b"002": lambda civil: b"%03d" % civil.year_day,
    b"__2": lambda civil: b"%3d" % civil.year_day,
    b"15": lambda civil: b"%02d" % civil.hour,
    b"03": lambda civil: b"%02d" % _hour_of_half_day(civil),
    b"3": lambda civil: b"%d" % _hour_of_half_day(civil),
    b"04": lambda civil: b"%02d" % civil.minute,
    b"4": lambda civil: b"%d" % civil.minute,
    b"05": lambda civil: b"%02d" % civil.second,
    b"5": lambda civil: b"%d" % civil.second,
    b"PM": lambda civil: b"AM" if civil.hour < 12 else b"PM",
    b"pm": lambda civil: b"am" if civil.hour < 12 else b"pm",
}
