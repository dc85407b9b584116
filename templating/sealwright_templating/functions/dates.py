"""Sprig's functions for dates: the time now, printing and reading by Go's layouts, and durations.

A date is an instant or a number of seconds since 1970; for any other value, Sprig uses the present time. Only the
functions whose names begin with `must` give errors.
"""

import re

from sealwright_conventions.durations import LONGEST
from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.time import methods
from sealwright_templating.go.time.arithmetic import add, subtract
from sealwright_templating.go.time.durations import SHORTEST, parse_duration, print_duration, round_duration
from sealwright_templating.go.time.formatting import format_view
from sealwright_templating.go.time.parsing import parse_time
from sealwright_templating.go.time.types import NANOSECONDS, ZERO, Time, of_clock, of_unix
from sealwright_templating.go.time.types import duration as go_duration
from sealwright_templating.go.time.zones import view_in
from sealwright_templating.values.objects import TypedInt, Value
from sealwright_templating.values.registry import function
from sealwright_templating.values.types import INT32, INT64

_HTML_LAYOUT = b"2006-01-02"
_DECIMAL = re.compile(rb"[+-]?[0-9]+")
_LONGEST_DECIMAL = len("-9223372036854775808")
_HOUR = 3600 * NANOSECONDS
_UNITS = (
    (365 * 24 * _HOUR, "y"),
    (30 * 24 * _HOUR, "mo"),
    (24 * _HOUR, "d"),
    (_HOUR, "h"),
    (60 * NANOSECONDS, "m"),
    (NANOSECONDS, "s"),
)


@function("now", signature="func() time.Time")
def now(context: Context) -> Time:
    """Return the present time."""
    return of_clock(context.clock(), context.started)


@function("date", signature="func(string, interface {}) string")
def date(context: Context, layout: bytes, when: Value) -> bytes:
    """Print a date by a layout, in UTC."""
    return date_in_zone(context, layout, when, b"Local")


@function("dateInZone", "date_in_zone", signature="func(string, interface {}, string) string")
def date_in_zone(context: Context, layout: bytes, when: Value, zone: bytes) -> bytes:
    """Print a date by a layout in a time zone such as `Europe/Berlin`; in UTC if the zone is unknown."""
    return format_view(context.budget, view_in(_instant(context, when), zone, context.zones), layout)


@function("htmlDate", signature="func(interface {}) string")
def html_date(context: Context, when: Value) -> bytes:
    """Print a date for HTML's date fields, in UTC."""
    return date_in_zone(context, _HTML_LAYOUT, when, b"Local")


@function("htmlDateInZone", signature="func(interface {}, string) string")
def html_date_in_zone(context: Context, when: Value, zone: bytes) -> bytes:
    """Print a date for HTML's date fields, in a time zone."""
    return date_in_zone(context, _HTML_LAYOUT, when, zone)


@function("toDate", signature="func(string, string) time.Time")
def to_date(context: Context, layout: bytes, text: bytes) -> Time:
    """Read a date by a layout; the zero time if the text does not fit."""
    try:
        return parse_time(context.budget, layout, text)
    except ValueError:
        return ZERO


@function("mustToDate", signature="func(string, string) (time.Time, error)")
def must_to_date(context: Context, layout: bytes, text: bytes) -> Time:
    """Read a date by a layout."""
    try:
        return parse_time(context.budget, layout, text)
    except ValueError as error:
        raise FunctionError("the text is not a date of this layout", str(error)) from None


@function("dateModify", "date_modify", signature="func(string, time.Time) time.Time")
def date_modify(context: Context, length: bytes, when: Time) -> Time:
    """Return a date plus a duration such as `-1h30m`; the date itself if the duration is invalid."""
    context.budget.steps(len(length))
    try:
        return add(when, parse_duration(length))
    except ValueError:
        return when


@function("mustDateModify", "must_date_modify", signature="func(string, time.Time) (time.Time, error)")
def must_date_modify(context: Context, length: bytes, when: Time) -> Time:
    """Return a date plus a duration such as `-1h30m`."""
    context.budget.steps(len(length))
    try:
        return add(when, parse_duration(length))
    except ValueError as error:
        raise FunctionError("the text is not a duration", str(error)) from None


@function("unixEpoch", signature="func(time.Time) string")
def unix_epoch(when: Time) -> bytes:
    """Return the seconds since 1970."""
    return str(methods.time_unix(when)).encode()


@function("ago", signature="func(interface {}) string")
def ago(context: Context, when: Value) -> bytes:
    """Return the time since a date, in hours, minutes and seconds."""
    is_int32 = isinstance(when, TypedInt) and when.go_type is INT32
    then = now(context) if is_int32 else _instant(context, when)
    return print_duration(round_duration(_since(context, then), NANOSECONDS))


@function("duration", signature="func(interface {}) string")
def duration(seconds: Value) -> bytes:
    """Return a number of seconds (a text or an int64) in hours, minutes and seconds; `0s` for other types."""
    number = 0
    if isinstance(seconds, bytes):
        number = _int64(seconds)
    elif isinstance(seconds, TypedInt) and seconds.go_type is INT64:
        number = seconds.value
    return print_duration(go_duration(number * NANOSECONDS).value)


@function("durationRound", signature="func(interface {}) string")
def duration_round(context: Context, length: Value) -> bytes:
    """Return a duration, or the time since a date, in its largest unit from years to seconds: `16d`."""
    nanoseconds = abs(_length(context, length))
    unit, name = next(((unit, name) for unit, name in _UNITS if nanoseconds > unit), (0, "s"))
    return f"{nanoseconds // unit if unit else 0}{name}".encode()


def _length(context: Context, length: Value) -> int:
    if isinstance(length, Time):
        return _since(context, length)
    if isinstance(length, TypedInt) and length.go_type is INT64:
        return length.value
    if not isinstance(length, bytes):
        return 0
    context.budget.steps(len(length))
    try:
        return parse_duration(length)
    except ValueError:
        return 0


def _instant(context: Context, when: Value) -> Time:
    if isinstance(when, Time):
        return when
    if type(when) is int:
        return of_unix(when)
    if isinstance(when, TypedInt) and when.go_type in {INT32, INT64}:
        return of_unix(when.value)
    return now(context)


def _since(context: Context, then: Time) -> int:
    return subtract(now(context), then)


def _int64(text: bytes) -> int:
    """Return a decimal number, or the nearest one of 64 bits, as Go's strconv.ParseInt does together with an error."""
    if _DECIMAL.fullmatch(text) is None:
        return 0
    digits = text.lstrip(b"+-").lstrip(b"0") or b"0"
    if len(digits) > _LONGEST_DECIMAL:
        return SHORTEST if text.startswith(b"-") else LONGEST
    number = int(digits)
    return max(SHORTEST, -number) if text.startswith(b"-") else min(LONGEST, number)
