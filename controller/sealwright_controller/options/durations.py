"""Durations and times in flags: Go's durations with days added, RFC 1123 dates."""

import re
from datetime import UTC, datetime, timedelta, timezone

from sealwright_conventions import durations
from sealwright_conventions.durations import LONGEST, MICROSECOND, DurationTooLongError

MAX_DURATION = timedelta(microseconds=LONGEST // MICROSECOND)
"""About 292 years: the longest duration that Go, and so upstream, can hold."""

_DURATION_SHOWN = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_RFC_1123 = re.compile(
    rf"(?:mon|tue|wed|thu|fri|sat|sun), (\d\d?) ({'|'.join(_MONTHS)}) (\d{{4}}) "
    r"(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)",
    re.ASCII | re.IGNORECASE,
)


def parse_duration(text: str) -> timedelta:
    """Read a duration as Go does ("720h", "1h30m", "1.5s", "0"), and days as well ("30d").

    The result is cut off to microseconds. Raises ValueError, saying what is allowed.
    """
    try:
        nanoseconds = durations.parse_duration(text, with_days=True)
    except DurationTooLongError:
        raise ValueError("is longer than 292 years") from None
    except ValueError:
        raise ValueError("is not a duration such as 720h, 30d, 1h30m or 0") from None
    length = timedelta(microseconds=abs(nanoseconds) // MICROSECOND)
    return -length if nanoseconds < 0 else length


def format_duration(duration: timedelta) -> str:
    """Write a duration of 0 or more for people, the way `parse_duration` reads it: "30d", "1h30m", "1.5s", "0s"."""
    text, rest = "", duration
    for unit, length in _DURATION_SHOWN:
        count, rest = divmod(rest, length)
        text += f"{count}{unit}" if count else ""
    return text if text and not rest else f"{text}{rest.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"


def parse_rfc1123(text: str) -> datetime:
    """Read an RFC 1123 date with a numeric zone, "Mon, 02 Jan 2006 15:04:05 -0700", as an aware time in UTC.

    As upstream, it does not compare the name of the day with the date. Raises ValueError.
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
        raise ValueError("is not a time that exists") from None
