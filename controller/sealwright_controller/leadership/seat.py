"""One process's part in the contest for one Lease.

The rule of client-go, which needs no clocks that agree: a holder counts from the moment before it asks for a renewal,
and stops after WRITE_SECONDS; others count from the moment after they saw a renewal, and wait for LEASE_SECONDS. So the
one has stopped before another begins, also if it was paused meanwhile: it asks its clock before each write.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog

from sealwright_controller.gateway import AlreadyExistsError, ConflictError
from sealwright_controller.leadership.identity import Identity
from sealwright_controller.leadership.lease import Lease, LeaseStore
from sealwright_controller.leadership.times import LEASE_SECONDS, MAX_LEASE_SECONDS, WRITE_SECONDS

GIVEN_BACK_SECONDS = 1
"""The duration that a Lease without a holder says if its holder gave it back; client-go writes this as well."""
MAX_TRANSITIONS = 2**31 - 1
"""The API's limit."""
MAX_SHOWN_CHARACTERS = 80

_log = structlog.get_logger()


class Seat:
    """A Lease and whether this process holds it. `holds` may be called from any thread, the rest from one."""

    def __init__(
        self,
        store: LeaseStore,
        identity: Identity,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        has_ended: Callable[[str, str], bool],
    ) -> None:
        """`monotonic` gives seconds and goes on while the process is stopped."""
        self._store = store
        self._identity = identity
        self._now = now
        self._monotonic = monotonic
        self._has_ended = has_ended
        self._until = 0.0
        self._seen: tuple[Lease, float] | None = None  # another's Lease, and since when it was not renewed
        self.found: Lease | None = None
        """The Lease as last read."""
        self.began = 0.0
        """The moment before it was last read, by `monotonic`."""
        self.was_read = False
        """Whether it could be read at all."""

    def holds(self) -> bool:
        """Tell whether this process may act as the holder at this moment."""
        return self._monotonic() < self._until

    @property
    def is_mine(self) -> bool:
        """Whether the Lease named this process when it was last read."""
        return self.found is not None and self.found.holder == self._identity.name

    @property
    def is_free(self) -> bool:
        """Whether the Lease could be taken when it was last read.

        One that was deleted, or whose holder somebody else removed, is waited for: its holder goes on until it looks.
        """
        last = self.found or (self._seen[0] if self._seen else None)
        if last is None or (not last.holder and last.seconds <= GIVEN_BACK_SECONDS):
            return True
        if self.found is None and last.holder == self._identity.name:
            return True
        since = self._seen[1] if self._seen else self._monotonic()
        patience = min(max(last.seconds, LEASE_SECONDS), MAX_LEASE_SECONDS)
        is_over = self._monotonic() - since >= patience
        return not self.is_mine and (is_over or self._has_ended(last.process, self._identity.process))

    def look(self) -> None:
        """Read the Lease. Raises GatewayError."""
        began = self._monotonic()
        found = self._store.read()
        self.found, self.began, self.was_read = found, began, True
        if found is None or found.holder != self._identity.name:
            self._until = 0.0
        if found is not None:
            same = replace(found, version="", wanted_by="")
            if self._seen is None or self._seen[0] != same:
                self._seen = (same, self._monotonic())

    def take(self, change: Callable[[Lease], Lease] = lambda lease: lease) -> Lease | None:
        """Renew the Lease, or take it over; to be called right after `look`.

        `change` is applied to what is written. Returns that, or None if somebody else was first. Raises GatewayError.
        """
        lease = change(self._renewed())
        if not self._write(lease):
            return None
        self._until = self.began + WRITE_SECONDS
        self.found = lease
        return lease

    def give(self, to: str = "") -> bool:
        """Cease to hold the Lease, and let a process have it, or the first that takes it; return whether that is done.

        Raises GatewayError.
        """
        self._until = 0.0
        self.look()
        if not self.is_mine or self.found is None:
            return True
        seconds = LEASE_SECONDS if to else GIVEN_BACK_SECONDS
        return self._write(replace(self.found, holder=to, process="", seconds=seconds, wanted_by=""))

    def ask(self) -> None:
        """Ask the holder for the Lease; to be called right after `look`. Raises GatewayError."""
        if self.found is not None:
            self._write(replace(self.found, wanted_by=self._identity.name), renew=False)

    def _write(self, lease: Lease, *, renew: bool = True) -> bool:
        """Return whether it was written: False if somebody else was first."""
        try:
            self._store.write(lease, renew=renew)
        except (AlreadyExistsError, ConflictError):
            return False
        return True

    def _renewed(self) -> Lease:
        name, process = self._identity
        if self.found is None:
            return Lease(name, process, LEASE_SECONDS, 0, self._now())
        mine = replace(self.found, holder=name, process=process, seconds=LEASE_SECONDS)
        if self.is_mine:
            return mine
        _log.info("taking over", leader_before=self.found.holder[:MAX_SHOWN_CHARACTERS] or "none")
        transitions = min(self.found.transitions + 1, MAX_TRANSITIONS)
        return replace(mine, transitions=transitions, acquired=self._now(), wanted_by="")
