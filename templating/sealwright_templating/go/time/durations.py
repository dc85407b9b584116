"""Durations: read and printed as Go does ("1h30m0.5s"), counted in nanoseconds in 64 bits, and their methods."""

import re

from sealwright_templating.go.time.types import DURATION, NANOSECONDS
from sealwright_templating.values.objects import TypedInt
from sealwright_templating.values.registry import method

LONGEST = (1 << 63) - 1
SHORTEST = -(1 << 63)

_TWO_TO_63 = 1 << 63
_MICROSECOND, _MILLISECOND = 1_000, 1_000_000
_MINUTE = 60 * NANOSECONDS
_HOUR = 60 * _MINUTE
_UNITS = {
    b"ns": 1,
    b"us": _MICROSECOND,
    "\N{MICRO SIGN}s".encode(): _MICROSECOND,
    "\N{GREEK SMALL LETTER MU}s".encode(): _MICROSECOND,
    b"ms": _MILLISECOND,
    b"s": NANOSECONDS,
    b"m": _MINUTE,
    b"h": _HOUR,
}
_TERM = re.compile(rb"([0-9]*)(?:\.([0-9]*))?([^.0-9]*)")
_LONGEST_NUMBER = len(str(_TWO_TO_63))


def parse_duration(text: bytes) -> int:
    """Return the nanoseconds of a text like "-1.5h10m". Raises ValueError if it is none, or longer than 292 years."""
    negative = text.startswith(b"-")
    rest = text[1:] if text[:1] in {b"-", b"+"} else text
    if rest == b"0":
        return 0
    if not rest:
        raise ValueError("a number with a unit is missing")
    total, position = 0, 0
    while position < len(rest):
        term = _TERM.match(rest, position)
        assert term is not None  # noqa: S101 - the pattern matches anything
        whole, fraction, unit = term[1], term[2] or b"", term[3]
        if not whole and not fraction:
            raise ValueError("a number is missing before a unit")
        if unit not in _UNITS:
            raise ValueError("a number has no unit, or none that is known")
        # Two terms of 2^63 make 0 in Go.
        total = _in_range((total + _nanoseconds(whole, fraction, _UNITS[unit])) % (2 * _TWO_TO_63))
        position = term.end()
    if negative:
        return -total
    if total > LONGEST:
        raise ValueError("it is too long")
    return total


def _nanoseconds(whole: bytes, fraction: bytes, unit: int) -> int:
    digits = whole.lstrip(b"0")
    if len(digits) > _LONGEST_NUMBER:
        raise ValueError("it is too long")
    exact = _in_range(_in_range(int(digits or b"0")) * unit)
    numerator, scale = _fraction(fraction)
    return _in_range(exact + int(float(numerator) * (float(unit) / scale)))


def _fraction(digits: bytes) -> tuple[int, float]:
    """Return digits as a number and what to divide it by; digits that do not fit in 63 bits are left out."""
    number, scale = 0, 1.0
    for digit in digits:
        longer = number * 10 + digit - ord("0")
        if number > LONGEST // 10 or longer > _TWO_TO_63:
            break
        number, scale = longer, scale * 10
    return number, scale


def _in_range(number: int) -> int:
    if number > _TWO_TO_63:
        raise ValueError("it is too long")
    return number


def print_duration(nanoseconds: int) -> bytes:
    """Return a duration as Go prints it: "36h0m1.5s", or below a second in a smaller unit."""
    length, sign = abs(nanoseconds), "-" if nanoseconds < 0 else ""
    if length < NANOSECONDS:
        return (sign + _below_a_second(length)).encode()
    minutes, rest = divmod(length, _MINUTE)
    hours, minutes_left = divmod(minutes, 60)
    shown = f"{hours}h" if hours else ""
    if minutes:
        shown += f"{minutes_left}m"
    return f"{sign}{shown}{_decimal(rest, 9)}s".encode()


def _below_a_second(length: int) -> str:
    if not length:
        return "0s"
    if length < _MICROSECOND:
        return f"{length}ns"
    if length < _MILLISECOND:
        return _decimal(length, 3) + "\N{MICRO SIGN}s"
    return _decimal(length, 6) + "ms"


def _decimal(number: int, places: int) -> str:
    whole, fraction = divmod(number, 10**places)
    return f"{whole}.{fraction:0{places}}".rstrip("0").rstrip(".") if fraction else str(whole)


def round_duration(nanoseconds: int, unit: int) -> int:
    """Return a duration rounded to a multiple of a unit, halves away from zero, within 64 bits."""
    if unit <= 0:
        return nanoseconds
    length = abs(nanoseconds)
    rest = length % unit
    length += -rest if 2 * rest < unit else unit - rest
    return saturated(-length if nanoseconds < 0 else length)


def truncate_duration(nanoseconds: int, unit: int) -> int:
    """Return a duration cut to a multiple of a unit, towards zero."""
    if unit <= 0:
        return nanoseconds
    cut = abs(nanoseconds) // unit * unit
    return -cut if nanoseconds < 0 else cut


def saturated(nanoseconds: int) -> int:
    """Return a number of nanoseconds, or the longest or shortest duration if 64 bits do not hold it."""
    return max(SHORTEST, min(LONGEST, nanoseconds))


def _quotient(nanoseconds: int, unit: int) -> int:
    """Divide as Go does: towards zero."""
    return truncate_duration(nanoseconds, unit) // unit


def _exact_quotient(nanoseconds: int, unit: int) -> float:
    whole = _quotient(nanoseconds, unit)
    return float(whole) + float(nanoseconds - whole * unit) / float(unit)


@method(DURATION, "String", signature="func() string")
def duration_string(receiver: TypedInt) -> bytes:
    """Return the duration as Go prints it."""
    return print_duration(receiver.value)


@method(DURATION, "Nanoseconds", signature="func() int64")
def duration_nanoseconds(receiver: TypedInt) -> int:
    """Return the number of nanoseconds."""
    return receiver.value


@method(DURATION, "Microseconds", signature="func() int64")
def duration_microseconds(receiver: TypedInt) -> int:
    """Return the number of whole microseconds."""
    return _quotient(receiver.value, _MICROSECOND)


@method(DURATION, "Milliseconds", signature="func() int64")
def duration_milliseconds(receiver: TypedInt) -> int:
    """Return the number of whole milliseconds."""
    return _quotient(receiver.value, _MILLISECOND)


@method(DURATION, "Seconds", signature="func() float64")
def duration_seconds(receiver: TypedInt) -> float:
    """Return the number of seconds, with a fraction."""
    return _exact_quotient(receiver.value, NANOSECONDS)


@method(DURATION, "Minutes", signature="func() float64")
def duration_minutes(receiver: TypedInt) -> float:
    """Return the number of minutes, with a fraction."""
    return _exact_quotient(receiver.value, _MINUTE)


@method(DURATION, "Hours", signature="func() float64")
def duration_hours(receiver: TypedInt) -> float:
    """Return the number of hours, with a fraction."""
    return _exact_quotient(receiver.value, _HOUR)


@method(DURATION, "Round", signature="func(time.Duration) time.Duration")
def duration_round(receiver: TypedInt, unit: int) -> int:
    """Return the duration rounded to a multiple of a unit."""
    return round_duration(receiver.value, unit)


@method(DURATION, "Truncate", signature="func(time.Duration) time.Duration")
def duration_truncate(receiver: TypedInt, unit: int) -> int:
    """Return the duration cut to a multiple of a unit."""
    return truncate_duration(receiver.value, unit)


@method(DURATION, "Abs", signature="func() time.Duration")
def duration_abs(receiver: TypedInt) -> int:
    """Return the duration without its sign."""
    return saturated(abs(receiver.value))
