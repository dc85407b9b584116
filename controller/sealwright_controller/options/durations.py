"""Durations and times as people write them in flags: Go's durations with days added, RFC 1123 dates."""

import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

MAX_DURATION = timedelta(microseconds=2**63 // 1000)
"""About 292 years: the longest duration that Go, and so upstream, can hold."""

_MICROSECONDS = {
    "ns": Fraction(1, 1000),
    "us": Fraction(1),
    "µs": Fraction(1),  # U+00B5, micro sign
    "μs": Fraction(1),  # U+03BC, Greek letter mu
    "ms": Fraction(1000),
    "s": Fraction(1_000_000),
    "m": Fraction(60_000_000),
    "h": Fraction(3_600_000_000),
    "d": Fraction(86_400_000_000),
}
_DURATION_PART = re.compile(rf"(\d+\.?\d*|\.\d+)({'|'.join(_MICROSECONDS)})", re.ASCII)
_DURATION = re.compile(rf"([+-]?)(0|(?:{_DURATION_PART.pattern})+)", re.ASCII)
_DURATION_SHOWN = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))
_MAX_TEXT_LENGTH = 64
"""Characters; longer than any sensible duration, and no work for the regular expressions."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RFC_1123 = re.compile(
    rf"(?:mon|tue|wed|thu|fri|sat|sun), (\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}}) "
    r"(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)",
    re.ASCII | re.IGNORECASE,
)


def parse_duration(text: str) -> timedelta:
    """Read a duration as Go's time.ParseDuration does ("720h", "1h30m", "1.5s", "0"), and days as well ("30d").

    The result has microseconds; what is finer is cut off. Raises ValueError, saying what is allowed.
    """
    match = _DURATION.fullmatch(text) if len(text) <= _MAX_TEXT_LENGTH else None
    if match is None:
        raise ValueError("is not a duration such as 720h, 30d, 1h30m or 0")
    parts = _DURATION_PART.findall(match[2])
    microseconds = sum(Fraction(number.rstrip(".")) * _MICROSECONDS[unit] for number, unit in parts)
    if microseconds > MAX_DURATION // timedelta(microseconds=1):
        raise ValueError("is longer than 292 years")
    duration = timedelta(microseconds=int(microseconds))
    return -duration if match[1] == "-" else duration


def format_duration(duration: timedelta) -> str:
    """Write a duration of 0 or more for people, the way `parse_duration` reads it: "30d", "1h30m", "1.5s", "0s"."""
    text, rest = "", duration
    for unit, length in _DURATION_SHOWN:
        count, rest = divmod(rest, length)
        text += f"{count}{unit}" if count else ""
    return text if text and not rest else f"{text}{rest.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"


def parse_rfc1123(text: str) -> datetime:
    """Read an RFC 1123 date with a numeric zone, "Mon, 02 Jan 2006 15:04:05 -0700", as an aware time in UTC.

    The name of the day is not compared with the date, as upstream does not. Raises ValueError.
    """
    match = _RFC_1123.fullmatch(text)
    if match is None:
        raise ValueError('is not a time such as "Mon, 02 Jan 2006 15:04:05 -0700"')
    day, month, year, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    offset = timedelta(hours=int(zone_hours), minutes=int(zone_minutes)) * (-1 if sign == "-" else 1)
    date = (int(year), _MONTHS.index(month.lower()) + 1, int(day))
    try:
        return datetime(*date, int(hour), int(minute), int(second), tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no time that exists") from None
