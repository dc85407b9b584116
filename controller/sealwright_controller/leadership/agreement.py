"""By how many shards the processes work: all by the same number, which the leader's Lease says.

A leader that finds another number there writes its own as not settled, waits for LEASE_SECONDS, and then settles it. A
process works only for WRITE_SECONDS after the moment before it read its own number, settled. So all that work by the
old number have stopped before the first works by the new one.
"""

from collections.abc import Callable
from dataclasses import replace

from sealwright_controller.leadership.lease import Lease
from sealwright_controller.leadership.times import LEASE_SECONDS, WRITE_SECONDS


class Agreement:
    """Whether this process's number of shards is in force. `holds` may be called from any thread."""

    def __init__(self, shards: int, monotonic: Callable[[], float]) -> None:
        """`monotonic` gives seconds, as for a Seat."""
        self._shards = shards
        self._monotonic = monotonic
        self._until = 0.0
        self._unsettled_since: float | None = None  # when this process, as the leader, had written its number
        self.other: int | None = None
        """The number in force, if it is not this process's."""

    def holds(self) -> bool:
        """Tell whether this process may work by its number at this moment."""
        return self._monotonic() < self._until

    def saw(self, found: Lease | None, began: float, *, is_mine: bool) -> None:
        """Take note of the leader's Lease; `began` is the moment before it was read, `is_mine` who holds it."""
        is_same = found is not None and found.shards == self._shards
        self._until = began + WRITE_SECONDS if found is not None and is_same and found.is_settled else 0.0
        self.other = None if found is None or is_same else found.shards
        if not is_mine:
            self._unsettled_since = None

    def mark(self, lease: Lease) -> Lease:
        """Return the leader's Lease, which this process is about to write, with its number."""
        if not lease.version:  # several shards are settled later, because the Lease may have been deleted
            self._unsettled_since = None
            return replace(lease, shards=self._shards, is_settled=self._shards == 1)
        if lease.shards != self._shards:
            self._unsettled_since = None
            return replace(lease, shards=self._shards, is_settled=False)
        since = self._unsettled_since
        has_waited = since is not None and self._monotonic() - since >= LEASE_SECONDS
        return replace(lease, is_settled=lease.is_settled or has_waited)

    def wrote(self, lease: Lease, began: float) -> None:
        """Take note of what this process has written into the leader's Lease, which it read after `began`."""
        self.other = None
        if lease.is_settled:
            self._until = began + WRITE_SECONDS
        elif self._unsettled_since is None:
            self._unsettled_since = self._monotonic()
