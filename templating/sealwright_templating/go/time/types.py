"""The types of Go's time package, and those of their values that are not just integers: instants and locations.

An instant from the clock also has a monotonic reading, as in Go: `now` prints with `m=+0.001` at its end, and the time
between two such instants comes from a clock that is never set.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from sealwright_templating.go.time.calendar import UNIX_EPOCH
from sealwright_templating.values.objects import (
    Pointer,
    Slice,
    Struct,
    TypedInt,
    Value,
    int64,
    pointer_to,
    typed_int,
    uint64,
)
from sealwright_templating.values.types import (
    BOOL,
    INT,
    INT64,
    STRING,
    UINT8,
    UINT64,
    GoType,
    Kind,
    define_type,
    go_type,
)

_ZONE = define_type("time.zone", Kind.STRUCT, fields=(("name", STRING), ("offset", INT), ("isDST", BOOL)))
_TRANSITION = define_type(
    "time.zoneTrans",
    Kind.STRUCT,
    fields=(("when", INT64), ("index", UINT8), ("isstd", BOOL), ("isutc", BOOL)),
)
LOCATION: Final = define_type(
    "time.Location",
    Kind.STRUCT,
    fields=(
        ("name", STRING),
        ("zone", go_type("[]time.zone")),
        ("tx", go_type("[]time.zoneTrans")),
        ("extend", STRING),
        ("cacheStart", INT64),
        ("cacheEnd", INT64),
        ("cacheZone", go_type("*time.zone")),
    ),
)
TIME: Final = define_type(
    "time.Time",
    Kind.STRUCT,
    fields=(("wall", UINT64), ("ext", INT64), ("loc", go_type("*time.Location"))),
)
DURATION: Final = define_type("time.Duration", Kind.INT64)
MONTH: Final = define_type("time.Month", Kind.INT)
WEEKDAY: Final = define_type("time.Weekday", Kind.INT)

MONTHS: Final = (
    b"January",
    b"February",
    b"March",
    b"April",
    b"May",
    b"June",
    b"July",
    b"August",
    b"September",
    b"October",
    b"November",
    b"December",
)
WEEKDAYS: Final = (b"Sunday", b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday")

NANOSECONDS: Final = 1_000_000_000
"""Nanoseconds in a second."""

_FIRST_SECOND, _LAST_SECOND = -(1 << 63), (1 << 63) - 1
_MONOTONIC_BIT = 1 << 63
_NANOSECOND_BITS = 30
_MONOTONIC_FIRST = (1884 * 365 + 1884 // 4 - 1884 // 100 + 1884 // 400) * 86_400
_MONOTONIC_SECONDS = 1 << 33


@dataclass(frozen=True, slots=True)
class _Zone(Struct):
    go_type: ClassVar[GoType] = _ZONE
    name: bytes
    offset: int

    def field_values(self) -> tuple[Value, ...]:
        return (self.name, self.offset, False)


@dataclass(frozen=True, slots=True)
class _Transition(Struct):
    go_type: ClassVar[GoType] = _TRANSITION

    def field_values(self) -> tuple[Value, ...]:
        return (int64(_FIRST_SECOND), typed_int(UINT8, 0), False, False)


@dataclass(frozen=True, slots=True)
class Location(Struct):
    """A location with one offset from UTC for all times, in seconds; `fixed` means that it comes from a parsed text."""

    go_type: ClassVar[GoType] = LOCATION
    name: bytes
    offset: int = 0
    fixed: bool = False

    def field_values(self) -> tuple[Value, ...]:
        """Return the fields of Go's time.Location."""
        zone = _Zone(self.name, self.offset)
        zones = Slice(go_type("[]time.zone"), [zone] * self.fixed, nil=not self.fixed)
        transitions = Slice(go_type("[]time.zoneTrans"), [_Transition()] * self.fixed, nil=not self.fixed)
        start, end = (_FIRST_SECOND, _LAST_SECOND) if self.fixed else (0, 0)
        cached = Pointer(go_type("*time.zone"), zone if self.fixed else None)
        return (self.name, zones, transitions, b"", int64(start), int64(end), cached)

    def deep_copy(self) -> "Location":
        """Return an unnamed location: all fields are private in Go."""
        return Location(b"")


UTC: Final = pointer_to(Location(b"UTC"))
LOCAL: Final = pointer_to(Location(b"UTC"))
"""Go's time.Local; it has the rules of UTC, but is a different location."""

_NO_LOCATION = Pointer(go_type("*time.Location"))
_unnamed = {hour: pointer_to(Location(b"", hour * 3600, fixed=True)) for hour in range(-12, 15)}


def fixed_zone(name: bytes, offset: int) -> Pointer:
    """Return a *time.Location with that offset from UTC in seconds; unnamed ones of whole hours are shared."""
    hours, rest = divmod(offset, 3600)
    if not name and not rest and hours in _unnamed:
        return _unnamed[hours]
    return pointer_to(Location(name, offset, fixed=True))


@dataclass(frozen=True, slots=True)
class Time(Struct):
    """An instant: `seconds` since 0001-01-01T00:00:00Z in 64 bits, `nanoseconds` below 1e9, and a location.

    `monotonic` is the second reading, in nanoseconds since the rendering began, if the instant is from the clock.
    """

    go_type: ClassVar[GoType] = TIME
    seconds: int
    nanoseconds: int
    location: Pointer
    monotonic: int | None = None

    @property
    def place(self) -> Location:
        """The target of `location`, which is never nil."""
        target = self.location.target
        assert isinstance(target, Location)  # noqa: S101 - for the type checker
        return target

    def field_values(self) -> tuple[Value, ...]:
        """Return the fields of Go's time.Time, whose bits are packed as Go packs them."""
        wall, ext = self.nanoseconds, self.seconds
        if self.monotonic is not None:
            wall |= _MONOTONIC_BIT | (self.seconds - _MONOTONIC_FIRST) << _NANOSECOND_BITS
            ext = self.monotonic
        return (uint64(wall), int64(ext), _NO_LOCATION if self.location is UTC else self.location)


ZERO: Final = Time(0, 0, UTC)
"""The zero time.Time, which functions return with an error."""


def can_be_monotonic(seconds: int) -> bool:
    """Tell whether an instant is within 1885 to 2157, for which Go keeps two readings."""
    return 0 <= seconds - _MONOTONIC_FIRST < _MONOTONIC_SECONDS


def of_unix(seconds: int, nanoseconds: int = 0) -> Time:
    """Return the instant this many seconds after 1970-01-01T00:00:00Z, in LOCAL."""
    return Time(int64(seconds + UNIX_EPOCH).value, nanoseconds, LOCAL)


def of_clock(now: int, started: int) -> Time:
    """Return the instant of a clock reading in nanoseconds since 1970; `started` is the reading at the beginning."""
    seconds, nanoseconds = divmod(now, NANOSECONDS)
    seconds += UNIX_EPOCH
    return Time(seconds, nanoseconds, LOCAL, now - started if can_be_monotonic(seconds) else None)


def duration(nanoseconds: int) -> TypedInt:
    """Return a number of nanoseconds as a time.Duration, wrapped to 64 bits."""
    return typed_int(DURATION, nanoseconds)
