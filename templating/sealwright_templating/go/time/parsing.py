"""Reads instants by layouts, as Go's time.ParseInLocation does for its zone Local."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from sealwright_templating.go.time.calendar import days_in, is_leap, seconds_of
from sealwright_templating.go.time.cursor import Cursor
from sealwright_templating.go.time.layouts import Piece, is_fraction, is_offset, pieces
from sealwright_templating.go.time.types import LOCAL, MONTHS, UTC, WEEKDAYS, Time, fixed_zone
from sealwright_templating.limits import Budget
from sealwright_templating.values.objects import Pointer

_SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
_SHORT_WEEKDAYS = tuple(name[:3] for name in WEEKDAYS)
_DAYS_BEFORE = [sum(days_in(earlier, 2001) for earlier in range(1, month)) for month in range(1, 13)]
_FRACTION = re.compile(rb"[.,]([0-9]+)")
_NUMBER = re.compile(rb"[+-]?[0-9]+")
_YEAR = re.compile(rb"[0-9]{4}")
_OFFSETS = {
    len("-07"): re.compile(rb"([+-])([0-9]{2})"),
    len("-0700"): re.compile(rb"([+-])([0-9]{2})([0-9]{2})"),
    len("-07:00"): re.compile(rb"([+-])([0-9]{2}):([0-9]{2})"),
    len("-070000"): re.compile(rb"([+-])([0-9]{2})([0-9]{2})([0-9]{2})"),
    len("-07:00:00"): re.compile(rb"([+-])([0-9]{2}):([0-9]{2}):([0-9]{2})"),
}
_ABBREVIATION = re.compile(
    rb"ChST|MeST|GMT(?:[+-]0*(?:2[0-3]|1?[0-9])(?![0-9]))?|(?=...)[+-]0*(?:2[0-3]|1?[0-9])(?![0-9])"
    rb"|(?![A-Z]{6})[A-Z]{4}T|(?![A-Z]{5})(?:[A-Z]{3}T|WITA)|(?![A-Z]{4})[A-Z]{3}",
    re.DOTALL,
)


@dataclass(slots=True)
class _Parts:
    """The fields read so far; None means not read. `half_days` holds AM, PM or both, as Go remembers them."""

    year: int = 0
    month: int | None = None
    day: int | None = None
    year_day: int | None = None
    hour: int = 0
    minute: int = 0
    second: int = 0
    nanoseconds: int = 0
    half_days: set[bytes] = field(default_factory=set)
    utc: bool = False
    offset: int | None = None
    zone: bytes = b""


def parse_time(budget: Budget, layout: bytes, text: bytes) -> Time:
    """Return the instant that a text gives by a layout. Raises ValueError if the text does not match."""
    budget.steps(len(layout))
    cursor, parts = Cursor(text), _Parts()
    for piece in pieces(layout):
        cursor.literal(piece.literal)
        if is_fraction(piece.element):
            _read_fraction(cursor, parts, piece)
        elif is_offset(piece.element):
            _read_offset(cursor, parts, piece)
        elif piece.element:
            _READERS[piece.element](cursor, parts, piece)
    if cursor.left:
        raise ValueError("it goes on behind its end")
    return _time(parts)


def _time(parts: _Parts) -> Time:
    month, day = _month_and_day(parts)
    if not 1 <= day <= days_in(month, parts.year):
        raise ValueError("the month has no such day")
    seconds = seconds_of(parts.year, month, day, _hour(parts) * 3600 + parts.minute * 60 + parts.second)
    ahead, location = _place(parts)
    return Time(seconds - ahead, parts.nanoseconds, location)


def _hour(parts: _Parts) -> int:
    if b"PM" in parts.half_days and parts.hour < 12:
        return parts.hour + 12
    return 0 if b"AM" in parts.half_days and parts.hour == 12 else parts.hour


def _month_and_day(parts: _Parts) -> tuple[int, int]:
    if parts.year_day is None:
        return parts.month or 1, 1 if parts.day is None else parts.day
    number, leap = parts.year_day, is_leap(parts.year)
    if not 1 <= number <= 365 + leap:
        raise ValueError("the year has no such day")
    if leap and number == 60:
        month, day = 2, 29
    else:
        number -= leap and number > 60
        month = sum(before < number for before in _DAYS_BEFORE)
        day = number - _DAYS_BEFORE[month - 1]
    if parts.month not in {None, month} or parts.day not in {None, day}:
        raise ValueError("the day of the year is another date")
    return month, day


def _place(parts: _Parts) -> tuple[int, Pointer]:
    """Return by how many seconds the parsed clock is ahead of UTC, and its location."""
    if parts.utc:
        return 0, UTC
    if parts.offset is not None and parts.offset != -1:  # to Go, -1 means "none was given"
        if not parts.offset and not parts.zone:
            return 0, LOCAL
        return parts.offset, fixed_zone(parts.zone, parts.offset)
    if parts.zone:
        # GMT+3 is a location three hours ahead, but Go reads the clock as if it were in UTC.
        hours = int(parts.zone.lstrip(b"GMT+-0") or b"0") if parts.zone.startswith(b"GMT") else 0
        return 0, fixed_zone(parts.zone, 3600 * (-hours if b"-" in parts.zone else hours))
    return 0, LOCAL


def _fixed(piece: Piece) -> bool:
    return piece.element.startswith(b"0")


def _read_year(cursor: Cursor, parts: _Parts, _: Piece) -> None:
    parts.year = int(cursor.match(_YEAR)[0])


def _read_short_year(cursor: Cursor, parts: _Parts, _: Piece) -> None:
    year = _integer(cursor.take(2))
    parts.year = year + (1900 if year >= 69 else 2000)


def _read_month(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    parts.month = cursor.number(2, 12, fixed=_fixed(piece))
    if not parts.month:
        raise ValueError("there is no month 0")


def _read_month_name(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    parts.month = 1 + cursor.name(MONTHS if piece.element == b"January" else _SHORT_MONTHS)


def _read_weekday(cursor: Cursor, _: _Parts, piece: Piece) -> None:
    cursor.name(WEEKDAYS if piece.element == b"Monday" else _SHORT_WEEKDAYS)


def _read_day(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    if piece.element == b"_2":
        cursor.accept(b" ")
    parts.day = cursor.number(2, 99, fixed=_fixed(piece))


def _read_year_day(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    if piece.element == b"__2":
        cursor.accept(b" ")
        cursor.accept(b" ")
    parts.year_day = cursor.number(3, 999, fixed=_fixed(piece))


def _read_hour(cursor: Cursor, parts: _Parts, _: Piece) -> None:
    parts.hour = cursor.number(2, 23, fixed=False)


def _read_hour_of_half_day(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    parts.hour = cursor.number(2, 12, fixed=_fixed(piece))


def _read_minute(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    parts.minute = cursor.number(2, 59, fixed=_fixed(piece))


def _read_second(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    parts.second = cursor.number(2, 59, fixed=_fixed(piece))
    # The text may have a fraction that the layout has not; if the layout has one anywhere later, that one reads it.
    if not is_fraction(piece.following) and (found := cursor.find(_FRACTION)):
        parts.nanoseconds = _nanoseconds(found[1])


def _read_half_day(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    half_day = cursor.take(2)
    if half_day not in ({b"PM", b"AM"} if piece.element == b"PM" else {b"pm", b"am"}):
        raise ValueError("neither half of the day is named")
    parts.half_days.add(half_day.upper())


def _read_abbreviation(cursor: Cursor, parts: _Parts, _: Piece) -> None:
    if cursor.accept(b"UTC"):
        parts.utc = True
    else:
        parts.zone = cursor.match(_ABBREVIATION)[0]


def _read_fraction(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    if piece.element[1:2] == b"0":
        fraction = cursor.take(len(piece.element))
        if fraction[:1] not in {b".", b","}:
            raise ValueError("a fraction of a second is missing")
        parts.nanoseconds = _nanoseconds(fraction[1:])
    elif found := cursor.find(_FRACTION):
        parts.nanoseconds = _nanoseconds(found[1])


def _read_offset(cursor: Cursor, parts: _Parts, piece: Piece) -> None:
    if piece.element.startswith(b"Z") and cursor.accept(b"Z"):
        parts.utc = True
        return
    sign, *numbers = cursor.match(_OFFSETS[len(piece.element)]).groups()
    hours, minutes, seconds, *_ = (*map(int, numbers), 0, 0)
    if hours > 24 or minutes > 60 or seconds > 60:
        raise ValueError("the offset from UTC is too large")
    offset = (hours * 60 + minutes) * 60 + seconds
    parts.offset = -offset if sign == b"-" else offset


def _integer(text: bytes) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("a number is missing")
    return int(text)


def _nanoseconds(digits: bytes) -> int:
    """Return the nanoseconds of the first nine digits of a fraction; a sign counts as a digit."""
    number = _integer(digits[:9])
    if number < 0:
        raise ValueError("a fraction of a second is negative")
    return int(number * 10 ** max(0, 9 - len(digits)))


_READERS: dict[bytes, Callable[[Cursor, _Parts, Piece], None]] = {
    b"2006": _read_year,
    b"06": _read_short_year,
    b"January": _read_month_name,
    b"Jan": _read_month_name,
    b"01": _read_month,
    b"1": _read_month,
    b"Monday": _read_weekday,
    b"Mon": _read_weekday,
    b"02": _read_day,
    b"_2": _read_day,
    b"2": _read_day,
    b"002": _read_year_day,
    b"__2": _read_year_day,
    b"15": _read_hour,
    b"03": _read_hour_of_half_day,
    b"3": _read_hour_of_half_day,
    b"04": _read_minute,
    b"4": _read_minute,
    b"05": _read_second,
    b"5": _read_second,
    b"PM": _read_half_day,
    b"pm": _read_half_day,
    b"MST": _read_abbreviation,
}
