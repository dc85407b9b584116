"""The lanes of the work queue, and keys that workers hold. It does not decide which lane is next."""

from dataclasses import dataclass
from enum import Enum


class Lane(Enum):
    """Where a ready key waits for a worker."""

    LIVE = "live"
    BACKLOG = "backlog"
    LONG = "long"
    LATER = "later"


OF_BACKLOG = (Lane.BACKLOG, Lane.LATER)
"""The lanes whose keys make room for live ones."""


@dataclass
class Held:
    """A key held by a worker: which lane it came from, and what has happened to it since."""

    lane: Lane
    since: float
    again: Lane | None = None
    woken: bool = False


def first_of(lane: Lane, other: Lane | None) -> Lane:
    """Return the lane for a key that was added to both: live before long, long before the backlog, and later last."""
    return next(one for one in (Lane.LIVE, Lane.LONG, Lane.BACKLOG, Lane.LATER) if one in (lane, other))
