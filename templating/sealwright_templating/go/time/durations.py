"""Durations in templates: their texts as bytes, arithmetic within 64 bits, and their methods."""

from sealwright_conventions import durations
from sealwright_conventions.durations import HOUR, LONGEST, MICROSECOND, MILLISECOND, MINUTE
from sealwright_templating.go.time.types import DURATION, NANOSECONDS
from sealwright_templating.values.objects import TypedInt
from sealwright_templating.values.registry import method

SHORTEST = -(1 << 63)


def parse_duration(text: bytes) -> int:
    """Return the nanoseconds of a text like "-1.5h10m". Raises ValueError if invalid, or longer than 292 years."""
    return durations.parse_duration(text.decode(errors="replace"))


def print_duration(nanoseconds: int) -> bytes:
    """Return a duration as Go prints it: "36h0m1.5s", or in a smaller unit if it is shorter than a second."""
    return durations.print_duration(nanoseconds).encode()


def round_duration(nanoseconds: int, unit: int) -> int:
    """Return a duration rounded to a multiple of a unit, halves away from zero, within 64 bits."""
    if unit <= 0:
        return nanoseconds
    length = abs(nanoseconds)
    rest = length % unit
    length += -rest if 2 * rest < unit else unit - rest
    return saturated(-length if nanoseconds < 0 else length)


def truncate_duration(nanoseconds: int, unit: int) -> int:
    """Return a duration truncated to a multiple of a unit."""
    if unit <= 0:
        return nanoseconds
    cut = abs(nanoseconds) // unit * unit
    return -cut if nanoseconds < 0 else cut


def saturated(nanoseconds: int) -> int:
    """Return a number of nanoseconds, or the longest or shortest duration if it does not fit in 64 bits."""
    return max(SHORTEST, min(LONGEST, nanoseconds))


def _quotient(nanoseconds: int, unit: int) -> int:
    """Divide as Go does: rounding towards zero."""
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
    return _quotient(receiver.value, MICROSECOND)


@method(DURATION, "Milliseconds", signature="func() int64")
def duration_milliseconds(receiver: TypedInt) -> int:
    """Return the number of whole milliseconds."""
    return _quotient(receiver.value, MILLISECOND)


@method(DURATION, "Seconds", signature="func() float64")
def duration_seconds(receiver: TypedInt) -> float:
    """Return the number of seconds, with a fraction."""
    return _exact_quotient(receiver.value, NANOSECONDS)


@method(DURATION, "Minutes", signature="func() float64")
def duration_minutes(receiver: TypedInt) -> float:
    """Return the number of minutes, with a fraction."""
    return _exact_quotient(receiver.value, MINUTE)


@method(DURATION, "Hours", signature="func() float64")
def duration_hours(receiver: TypedInt) -> float:
    """Return the number of hours, with a fraction."""
    return _exact_quotient(receiver.value, HOUR)


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
