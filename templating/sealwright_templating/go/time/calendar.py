"""The calendar of Go's time package: seconds since the year 1 to and from dates, over the whole range of an int64.

Go counts an instant's seconds in an int64, but the days of its dates in unsigned 64 bits, from the first of March of
the year -292277022400: earlier dates, and those beyond 64 bits, wrap around. They wrap around here too.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sealwright_templating.values.objects import wrap

SECONDS_PER_DAY: Final = 86_400
UNIX_EPOCH: Final = 719_162 * SECONDS_PER_DAY
"""Seconds from 0001-01-01T00:00:00Z, Go's origin, to 1970-01-01T00:00:00Z."""

DAYS_PER_400_YEARS: Final = 146_097
SECONDS_PER_400_YEARS: Final = DAYS_PER_400_YEARS * SECONDS_PER_DAY

_FIRST_YEAR = -292_277_022_400
_DAYS_FROM_FIRST_YEAR = -_FIRST_YEAR // 400 * DAYS_PER_400_YEARS + 306  # 306 days: March to December
_TWO_TO_64 = 1 << 64


@dataclass(frozen=True, slots=True)
class Civil:
    """A date and a time of day. `year_day` counts from 1, `weekday` from 0 for Sunday."""

    year: int
    month: int
    day: int
    year_day: int
    weekday: int
    hour: int
    minute: int
    second: int


def civil(seconds: int) -> Civil:
    """Return the date and time this many seconds after 0001-01-01T00:00:00."""
    days, rest = divmod((seconds + _DAYS_FROM_FIRST_YEAR * SECONDS_PER_DAY) % _TWO_TO_64, SECONDS_PER_DAY)
    days -= _DAYS_FROM_FIRST_YEAR
    era, day_of_era = divmod(days, DAYS_PER_400_YEARS)
    day = date.fromordinal(day_of_era + 1)
    return Civil(
        year=400 * era + day.year,
        month=day.month,
        day=day.day,
        year_day=day.timetuple().tm_yday,
        weekday=(days + 1) % 7,
        hour=rest // 3600,
        minute=rest // 60 % 60,
        second=rest % 60,
    )


def seconds_of(year: int, month: int, day: int, second_of_day: int) -> int:
    """Return the seconds since 0001-01-01T00:00:00 of a date whose month, day and seconds may exceed their ranges."""
    more_years, months = divmod(wrap(month - 1), 12)
    march_year = wrap(year + more_years) - (months < 2)
    era, year_of_era = divmod((march_year - _FIRST_YEAR) % _TWO_TO_64, 400)
    march_day = (date(2001, months + 1, 1) - date(2001, 3, 1)).days % 365
    days = era * DAYS_PER_400_YEARS + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + march_day + day - 1
    return wrap((days - _DAYS_FROM_FIRST_YEAR) * SECONDS_PER_DAY + second_of_day)


def days_in(month: int, year: int) -> int:
    """Return the number of days in a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def is_leap(year: int) -> bool:
    """Tell whether a year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
