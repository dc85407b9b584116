"""Arithmetic with instants, as in Go's time package: compare, add, subtract, round."""

from dataclasses import replace

from sealwright_conventions.durations import LONGEST
from sealwright_templating.go.time.calendar import SECONDS_PER_DAY, seconds_of
from sealwright_templating.go.time.durations import SHORTEST, saturated
from sealwright_templating.go.time.formatting import view
from sealwright_templating.go.time.types import NANOSECONDS, Time, can_be_monotonic
from sealwright_templating.values.objects import wrap


def compare(one: Time, other: Time) -> int:
    """Return -1, 0 or 1 if one instant is before, at or after another, by the monotonic reading if both have one."""
    if one.monotonic is not None and other.monotonic is not None:
        return (one.monotonic > other.monotonic) - (one.monotonic < other.monotonic)
    ours, theirs = _nanoseconds(one), _nanoseconds(other)
    return (ours > theirs) - (ours < theirs)


def add(time: Time, nanoseconds: int) -> Time:
    """Return the instant this many nanoseconds later, or the first or last one that 64 bits can hold."""
    seconds, rest = divmod(_nanoseconds(time) + nanoseconds, NANOSECONDS)
    monotonic = time.monotonic
    if monotonic is not None:
        later = monotonic + nanoseconds
        monotonic = later if can_be_monotonic(seconds) and SHORTEST <= later <= LONGEST else None
    seconds = max(SHORTEST + 1, min(LONGEST, seconds)) if seconds != time.seconds else seconds
    return replace(time, seconds=seconds, nanoseconds=rest, monotonic=monotonic)


def subtract(one: Time, other: Time) -> int:
    """Return the nanoseconds from the other instant to the first, or the longest or shortest duration."""
    if one.monotonic is not None and other.monotonic is not None:
        return saturated(one.monotonic - other.monotonic)
    return saturated(_nanoseconds(one) - _nanoseconds(other))


def add_date(time: Time, years: int, months: int, days: int) -> Time:
    """Return the instant this many years, months and days later at the same time; invalid dates are normalised."""
    seen = view(time).civil
    second_of_day = (time.seconds + time.place.offset) % SECONDS_PER_DAY
    year, month, day = wrap(seen.year + years), wrap(seen.month + months), wrap(seen.day + days)
    seconds = seconds_of(year, month, day, second_of_day)
    return Time(wrap(seconds - time.place.offset), time.nanoseconds, time.location)


def truncate_time(time: Time, unit: int) -> Time:
    """Return the instant truncated to a multiple of a duration since the year 1, without the monotonic reading."""
    time = replace(time, monotonic=None)
    return time if unit <= 0 else add(time, -(_nanoseconds(time) % unit))


def round_time(time: Time, unit: int) -> Time:
    """Return the instant rounded half up to a multiple of a duration since year 1, without the monotonic reading."""
    time = replace(time, monotonic=None)
    if unit <= 0:
        return time
    rest = _nanoseconds(time) % unit
    return add(time, -rest if 2 * rest < unit else unit - rest)


def _nanoseconds(time: Time) -> int:
    return time.seconds * NANOSECONDS + time.nanoseconds
