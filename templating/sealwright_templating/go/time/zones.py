"""Instants seen in a zone of the IANA database, at any time that Go knows."""

from datetime import UTC as PYTHON_UTC
from datetime import datetime, timedelta, tzinfo

from sealwright_templating.context import Zones
from sealwright_templating.go.time.calendar import SECONDS_PER_400_YEARS, UNIX_EPOCH, civil, seconds_of
from sealwright_templating.go.time.formatting import View
from sealwright_templating.go.time.types import Time
from sealwright_templating.values.objects import wrap
from sealwright_templating.values.types import Kind

# Python's dates cover the years 1 to 9999. Before year 1, no zone has changed yet; after 9999, each continues as it is
# now, and the calendar repeats every 400 years.
_FIRST = seconds_of(2, 1, 1, 0)
_LAST = seconds_of(9998, 1, 1, 0)
_YEAR_1 = datetime(1, 1, 1, tzinfo=PYTHON_UTC)
_FORBIDDEN_STARTS = (b"/", b"\\")


def view_in(time: Time, zone: bytes, zones: Zones) -> View:
    """Return an instant seen in the zone of a name; in UTC if the database has no such zone."""
    place = _zone(zone, zones)
    name, offset = (b"UTC", 0) if place is None else _name_and_offset(time.seconds, place)
    return View(civil(time.seconds + offset), time.nanoseconds, name, offset)


def _zone(name: bytes, zones: Zones) -> tzinfo | None:
    if name in {b"", b"UTC", b"Local"} or b".." in name or name.startswith(_FORBIDDEN_STARTS) or not name.isascii():
        return None
    return zones(name.decode())


def _name_and_offset(seconds: int, place: tzinfo) -> tuple[bytes, int]:
    seconds = wrap(seconds - UNIX_EPOCH, Kind.INT64) + UNIX_EPOCH  # the seconds since 1970 have 64 bits too
    if seconds >= _LAST:
        seconds = _LAST - SECONDS_PER_400_YEARS + (seconds - _LAST) % SECONDS_PER_400_YEARS
    local = (_YEAR_1 + timedelta(seconds=max(seconds, _FIRST))).astimezone(place)
    offset = local.utcoffset() or timedelta()
    return (local.tzname() or "").encode(), int(offset.total_seconds())
