"""The methods that templates can call on instants, their locations, months and weekdays.

Methods that Go's templates find but refuse to call, because of the number of their results, are registered too.
"""

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go.time.arithmetic import add, add_date, compare, round_time, subtract, truncate_time
from sealwright_templating.go.time.calendar import UNIX_EPOCH
from sealwright_templating.go.time.formatting import format_view, padded, view
from sealwright_templating.go.time.layouts import RFC3339_NANO
from sealwright_templating.go.time.types import (
    LOCAL,
    LOCATION,
    MONTH,
    MONTHS,
    NANOSECONDS,
    TIME,
    UTC,
    WEEKDAY,
    WEEKDAYS,
    Location,
    Time,
)
from sealwright_templating.values.objects import Pointer, Slice, TypedInt, byte_string
from sealwright_templating.values.registry import method

_STRING_LAYOUT = b"2006-01-02 15:04:05.999999999 -0700 MST"

for _name, _signature in (
    ("Clock", "func() (int, int, int)"),
    ("Date", "func() (int, time.Month, int)"),
    ("ISOWeek", "func() (int, int)"),
    ("Zone", "func() (string, int)"),
    ("ZoneBounds", "func() (time.Time, time.Time)"),
):
    method(TIME, _name, signature=_signature)(lambda _receiver: None)


@method(LOCATION, "String", signature="func() string")
def location_string(receiver: Location) -> bytes:
    """Return the place's name."""
    return receiver.name


@method(MONTH, "String", signature="func() string")
def month_string(receiver: TypedInt) -> bytes:
    """Return the month's English name."""
    return MONTHS[receiver.value - 1]


@method(WEEKDAY, "String", signature="func() string")
def weekday_string(receiver: TypedInt) -> bytes:
    """Return the weekday's English name."""
    return WEEKDAYS[receiver.value]


@method(TIME, "Year", signature="func() int")
def time_year(receiver: Time) -> int:
    """Return the year."""
    return view(receiver).civil.year


@method(TIME, "Month", signature="func() time.Month")
def time_month(receiver: Time) -> int:
    """Return the month, which prints as its name."""
    return view(receiver).civil.month


@method(TIME, "Day", signature="func() int")
def time_day(receiver: Time) -> int:
    """Return the day of the month."""
    return view(receiver).civil.day


@method(TIME, "YearDay", signature="func() int")
def time_year_day(receiver: Time) -> int:
    """Return the day of the year."""
    return view(receiver).civil.year_day


@method(TIME, "Weekday", signature="func() time.Weekday")
def time_weekday(receiver: Time) -> int:
    """Return the weekday, which prints as its name."""
    return view(receiver).civil.weekday


@method(TIME, "Hour", signature="func() int")
def time_hour(receiver: Time) -> int:
    """Return the hour, 0 to 23."""
    return view(receiver).civil.hour


@method(TIME, "Minute", signature="func() int")
def time_minute(receiver: Time) -> int:
    """Return the minute of the hour."""
    return view(receiver).civil.minute


@method(TIME, "Second", signature="func() int")
def time_second(receiver: Time) -> int:
    """Return the second of the minute."""
    return view(receiver).civil.second


@method(TIME, "Nanosecond", signature="func() int")
def time_nanosecond(receiver: Time) -> int:
    """Return the nanoseconds since the last second."""
    return receiver.nanoseconds


@method(TIME, "Unix", signature="func() int64")
def time_unix(receiver: Time) -> int:
    """Return the seconds since 1970."""
    return receiver.seconds - UNIX_EPOCH


@method(TIME, "UnixMilli", signature="func() int64")
def time_unix_milli(receiver: Time) -> int:
    """Return the milliseconds since 1970."""
    return time_unix_nano(receiver) // 1_000_000


@method(TIME, "UnixMicro", signature="func() int64")
def time_unix_micro(receiver: Time) -> int:
    """Return the microseconds since 1970."""
    return time_unix_nano(receiver) // 1_000


@method(TIME, "UnixNano", signature="func() int64")
def time_unix_nano(receiver: Time) -> int:
    """Return the nanoseconds since 1970."""
    return (receiver.seconds - UNIX_EPOCH) * NANOSECONDS + receiver.nanoseconds


@method(TIME, "IsZero", signature="func() bool")
def time_is_zero(receiver: Time) -> bool:
    """Tell whether this is the zero time, the beginning of the year 1 in UTC."""
    return receiver.seconds == 0 and receiver.nanoseconds == 0


@method(TIME, "IsDST", signature="func() bool")
def time_is_dst(receiver: Time) -> bool:  # noqa: ARG001 - no location in a template has summer time
    """Tell whether it is summer time there."""
    return False


@method(TIME, "After", signature="func(time.Time) bool")
def time_after(receiver: Time, other: Time) -> bool:
    """Tell whether this is after another instant."""
    return compare(receiver, other) > 0


@method(TIME, "Before", signature="func(time.Time) bool")
def time_before(receiver: Time, other: Time) -> bool:
    """Tell whether this is before another instant."""
    return compare(receiver, other) < 0


@method(TIME, "Compare", signature="func(time.Time) int")
def time_compare(receiver: Time, other: Time) -> int:
    """Return -1, 0 or 1 if this is before, at or after another instant."""
    return compare(receiver, other)


@method(TIME, "Equal", signature="func(time.Time) bool")
def time_equal(receiver: Time, other: Time) -> bool:
    """Tell whether this is the same instant as another, wherever each is seen from."""
    return compare(receiver, other) == 0


@method(TIME, "Add", signature="func(time.Duration) time.Time")
def time_add(receiver: Time, nanoseconds: int) -> Time:
    """Return the instant a duration later."""
    return add(receiver, nanoseconds)


@method(TIME, "AddDate", signature="func(int, int, int) time.Time")
def time_add_date(receiver: Time, years: int, months: int, days: int) -> Time:
    """Return the instant this many years, months and days later."""
    return add_date(receiver, years, months, days)


@method(TIME, "Sub", signature="func(time.Time) time.Duration")
def time_sub(receiver: Time, other: Time) -> int:
    """Return the duration since another instant."""
    return subtract(receiver, other)


@method(TIME, "Round", signature="func(time.Duration) time.Time")
def time_round(receiver: Time, unit: int) -> Time:
    """Return the instant rounded to a multiple of a duration since the year 1."""
    return round_time(receiver, unit)


@method(TIME, "Truncate", signature="func(time.Duration) time.Time")
def time_truncate(receiver: Time, unit: int) -> Time:
    """Return the instant cut to a multiple of a duration since the year 1."""
    return truncate_time(receiver, unit)


@method(TIME, "Location", signature="func() *time.Location")
def time_location(receiver: Time) -> Pointer:
    """Return where the instant is seen from."""
    return receiver.location


@method(TIME, "UTC", signature="func() time.Time")
def time_utc(receiver: Time) -> Time:
    """Return the instant as it is seen from UTC."""
    return Time(receiver.seconds, receiver.nanoseconds, UTC)


@method(TIME, "Local", signature="func() time.Time")
def time_local(receiver: Time) -> Time:
    """Return the instant as it is seen from the zone of the process, which is UTC by another name."""
    return Time(receiver.seconds, receiver.nanoseconds, LOCAL)


@method(TIME, "In", signature="func(*time.Location) time.Time")
def time_in(receiver: Time, location: Pointer) -> Time:
    """Return the instant as it is seen from another place."""
    if location.target is None:
        raise FunctionError("the location is nil")
    return Time(receiver.seconds, receiver.nanoseconds, location)


@method(TIME, "Format", signature="func(string) string")
def time_format(context: Context, receiver: Time, layout: bytes) -> bytes:
    """Return the instant as a layout shows it."""
    return format_view(context.budget, view(receiver), layout)


@method(TIME, "AppendFormat", signature="func([]uint8, string) []uint8")
def time_append_format(context: Context, receiver: Time, before: Slice, layout: bytes) -> bytes:
    """Return bytes with the instant, as a layout shows it, behind them."""
    return _appended(context, before, format_view(context.budget, view(receiver), layout))


@method(TIME, "String", signature="func() string")
def time_string(context: Context, receiver: Time) -> bytes:
    """Return the instant with all that is known of it, a second reading of the clock too."""
    shown = format_view(context.budget, view(receiver), _STRING_LAYOUT)
    if receiver.monotonic is None:
        return shown
    seconds, nanoseconds = divmod(abs(receiver.monotonic), NANOSECONDS)
    return shown + b" m=%c%d.%09d" % (b"-" if receiver.monotonic < 0 else b"+", seconds, nanoseconds)


@method(TIME, "GoString", signature="func() string")
def time_go_string(context: Context, receiver: Time) -> bytes:
    """Return the instant as Go code."""
    seen = view(receiver).civil
    numbers = (seen.day, seen.hour, seen.minute, seen.second, receiver.nanoseconds)
    shown = b"time.Date(" + padded(seen.year, 0) + b", time." + MONTHS[seen.month - 1]
    shown += b"".join(b", %d" % number for number in numbers)
    return shown + b", " + _go_location(context, receiver.location) + b")"


def _go_location(context: Context, location: Pointer) -> bytes:
    if location is UTC:
        return b"time.UTC"
    if location is LOCAL:
        return b"time.Local"
    target = location.target
    assert isinstance(target, Location)  # noqa: S101 - for the type checker
    context.budget.memory(len(target.name))
    return b'time.Location("' + target.name + b'")'  # letters, figures and signs only: no escaping needed


@method(TIME, "MarshalJSON", signature="func() ([]uint8, error)")
def time_marshal_json(context: Context, receiver: Time) -> bytes:
    """Return the instant by RFC 3339 in quotation marks."""
    return b'"' + _rfc3339(context, receiver) + b'"'


@method(TIME, "MarshalText", signature="func() ([]uint8, error)")
def time_marshal_text(context: Context, receiver: Time) -> bytes:
    """Return the instant by RFC 3339."""
    return _rfc3339(context, receiver)


def _rfc3339(context: Context, time: Time) -> bytes:
    seen = view(time)
    if not 0 <= seen.civil.year <= 9999:
        raise FunctionError("the year is outside of 0 to 9999")
    if abs(seen.offset) // 3600 >= 24:
        raise FunctionError("the offset from UTC is a day or more")
    return format_view(context.budget, seen, RFC3339_NANO)


def _appended(context: Context, before: Slice, shown: bytes) -> bytes:
    context.budget.items(len(before.items) + len(shown))
    return byte_string(before) + shown
