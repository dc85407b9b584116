"""When the next sealing key is due: a pure rule over the ages of the keys. It neither makes keys nor waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sealwright_controller.options.durations import format_duration
from sealwright_controller.pacing.backoff import Backoff

RETRY_BACKOFF = Backoff(first_seconds=1.0, cap_seconds=60.0)
"""Sealing needs a key, so a failed attempt is repeated within a minute (upstream: within a period)."""

MAX_WAIT = timedelta(hours=1)
"""The clock is checked this often, even if the next key is far off, because it may be set and a machine may sleep."""

CLOCK_TOLERANCE = timedelta(hours=1)
"""A certificate may begin this far in the future before a clock counts as wrong."""


@dataclass(frozen=True)
class KeyDue:
    """Whether a key is due now, a reason for people, and after how long to ask again (zero if it is due)."""

    due: bool
    reason: str
    next_check: timedelta


def next_key(made: Iterable[datetime], *, now: datetime, period: timedelta, cutoff: datetime | None) -> KeyDue:
    """Decide from the times at which the active keys' ages begin (see keysecrets.StoredKey.made); all times are aware.

    A key is due if there is none, if the newest is `period` old (zero: keys do not age), or if the newest was made
    before `cutoff` and the cutoff has passed: these are upstream's documented rules.

    A key from the future does not count, because clients may not seal to it yet. It is served while there is no other,
    so another one is due then. Whichever clock was wrong, items sealed to either key open.
    """
    times = list(made)
    newest = max((time for time in times if time <= now + CLOCK_TOLERANCE), default=None)
    if newest is None:
        return KeyDue(due=True, reason=_why_none(times, now), next_check=timedelta(0))
    if cutoff is not None and newest < cutoff <= now:
        reason = f"the newest key, of {_shown(newest)}, was made before the cutoff time {_shown(cutoff)}"
        return KeyDue(due=True, reason=reason, next_check=timedelta(0))
    if period and now - newest >= period:
        reason = f"the newest key, of {_shown(newest)}, is older than the renew period of {format_duration(period)}"
        return KeyDue(due=True, reason=reason, next_check=timedelta(0))
    reason = f"the newest key, of {_shown(newest)}, is new enough"
    return KeyDue(due=False, reason=reason, next_check=_wait(newest, now, period, cutoff))


def retry_delay(failures: int) -> timedelta:
    """Return how long to wait after the `failures`th failed attempt in a row (from 1).

    It is not random, because there is only one key to make.
    """
    return timedelta(seconds=RETRY_BACKOFF.seconds(failures, jitter=1.0))


def _why_none(times: list[datetime], now: datetime) -> str:
    if not times:
        return "there is no sealing key"
    return (
        f"every key is from the future, the first of {_shown(min(times))}; check the clock, which shows {_shown(now)}"
    )


def _wait(newest: datetime, now: datetime, period: timedelta, cutoff: datetime | None) -> timedelta:
    waits = [MAX_WAIT]
    if period:
        waits.append(period - (now - newest))
    if cutoff is not None and cutoff > now:
        waits.append(cutoff - now)
    return min(waits)


def _shown(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S %Z}"
