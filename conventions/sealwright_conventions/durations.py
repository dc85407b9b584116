"""Durations as Go reads and prints them: "1h30m0.5s", counted in nanoseconds in 64 bits."""

import re

LONGEST = (1 << 63) - 1
"""Nanoseconds, about 292 years: the longest duration that Go can hold."""
MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_TWO_TO_63 = 1 << 63
_UNITS = {
    "ns": 1,
    "us": MICROSECOND,
    "\N{MICRO SIGN}s": MICROSECOND,
    "\N{GREEK SMALL LETTER MU}s": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_UNITS_AND_DAYS = {**_UNITS, "d": DAY}
_TERM = re.compile(r"([0-9]*)(?:\.([0-9]*))?([^.0-9]*)")
_LONGEST_NUMBER = len(str(_TWO_TO_63))


class DurationTooLongError(ValueError):
    """A duration of more than 292 years."""


def parse_duration(text: str, *, with_days: bool = False) -> int:
    """Return the nanoseconds of a text like "-1.5h10m", like Go's time.ParseDuration; `with_days` takes "30d" too.

    Raises ValueError, and DurationTooLongError for a duration that Go cannot hold.
    """
    units = _UNITS_AND_DAYS if with_days else _UNITS
    negative = text.startswith("-")
    rest = text[1:] if text[:1] in {"-", "+"} else text
    if rest == "0":
        return 0
    if not rest:
        raise ValueError("a number with a unit is missing")
    total, position = 0, 0
    while position < len(rest):
        term = _TERM.match(rest, position)
        assert term is not None  # noqa: S101 - the pattern matches anything
        whole, fraction, unit = term[1], term[2] or "", term[3]
        if not whole and not fraction:
            raise ValueError("a number is missing before a unit")
        if unit not in units:
            raise ValueError("a number has no unit, or an unknown one")
        # Two terms of 2^63 make 0 in Go.
        total = _in_range((total + _nanoseconds(whole, fraction, units[unit])) % (2 * _TWO_TO_63))
        position = term.end()
    if negative:
        return -total
    if total > LONGEST:
        raise DurationTooLongError("it is too long")
    return total


def _nanoseconds(whole: str, fraction: str, unit: int) -> int:
    digits = whole.lstrip("0")
    if len(digits) > _LONGEST_NUMBER:
        raise DurationTooLongError("it is too long")
    exact = _in_range(_in_range(int(digits or "0")) * unit)
    numerator, scale = _fraction(fraction)
    return _in_range(exact + int(float(numerator) * (float(unit) / scale)))


def _fraction(digits: str) -> tuple[int, float]:
    """Return digits as a number and its divisor; digits that do not fit in 63 bits are dropped."""
    number, scale = 0, 1.0
    for digit in digits:
        longer = number * 10 + int(digit)
        if number > LONGEST // 10 or longer > _TWO_TO_63:
            break
        number, scale = longer, scale * 10
    return number, scale


def _in_range(number: int) -> int:
    if number > _TWO_TO_63:
        raise DurationTooLongError("it is too long")
    return number


def print_duration(nanoseconds: int) -> str:
    """Return a duration as Go prints it: "36h0m1.5s", or in a smaller unit when it is shorter than a second."""
    length, sign = abs(nanoseconds), "-" if nanoseconds < 0 else ""
    if length < SECOND:
        return sign + _below_a_second(length)
    minutes, rest = divmod(length, MINUTE)
    hours, minutes_left = divmod(minutes, 60)
    shown = f"{hours}h" if hours else ""
    if minutes:
        shown += f"{minutes_left}m"
    return f"{sign}{shown}{_decimal(rest, 9)}s"


def _below_a_second(length: int) -> str:
    if not length:
        return "0s"
    if length < MICROSECOND:
        return f"{length}ns"
    if length < MILLISECOND:
        return _decimal(length, 3) + "\N{MICRO SIGN}s"
    return _decimal(length, 6) + "ms"


def _decimal(number: int, places: int) -> str:
    whole, fraction = divmod(number, 10**places)
    return f"{whole}.{fraction:0{places}}".rstrip("0").rstrip(".") if fraction else str(whole)
