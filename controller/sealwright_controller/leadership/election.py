"""Decides, with a Lease, which replica leads, and until when.

The rule of client-go, which needs no clocks that agree: a leader counts from the moment before it asks for a renewal,
and stops after WRITE_SECONDS; others count from the moment after they saw a renewal, and wait for LEASE_SECONDS. So the
one has stopped before another begins, also if it was paused meanwhile: it asks its clock before each write.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import structlog

from sealwright_controller.gateway import (
    AlreadyExistsError,
    ConflictError,
    GatewayError,
    RefusedError,
    UnavailableError,
)
from sealwright_controller.leadership.identity import Identity, has_ended
from sealwright_controller.leadership.lease import Lease, LeaseStore
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.process.logs import defect

LEASE_SECONDS = 12
"""How long others wait for a renewal. With a look each second, another replica leads within 14 s of a crash."""
MAX_LEASE_SECONDS = 60
"""How long others wait at most, whatever a Lease says."""
WRITE_SECONDS = 8.0
"""How long a leader writes after its last renewal. The difference allows for clocks that run at different speeds."""
RENEW_SECONDS = 2.0
LOOK_SECONDS = 1.0
"""How often others look at the Lease."""

_log = structlog.get_logger()


class Leadership(Protocol):
    """Tells whether this replica leads."""

    def leads(self) -> bool:
        """Return whether it leads at this moment. Cheap, and safe for all threads."""
        ...

    def check(self) -> None:
        """Raise UnavailableError unless it leads; to be called before each write."""
        ...

    def run(self, changed: Callable[[], None], stopping: threading.Event) -> None:
        """Take part until `stopping` is set; `changed` is called when this replica begins or ceases to lead."""
        ...

    def resign(self) -> None:
        """Let another replica lead at once; to be called after the last write."""
        ...


class Alone:
    """Leads always: there is one replica."""

    def leads(self) -> bool:
        """See Leadership."""
        return True

    def check(self) -> None:
        """See Leadership."""

    def run(self, changed: Callable[[], None], stopping: threading.Event) -> None:  # noqa: ARG002 - see Leadership
        """See Leadership."""
        changed()

    def resign(self) -> None:
        """See Leadership."""


class Election:
    """One replica's part in the election. `run` has a thread of its own."""

    def __init__(
        self,
        store: LeaseStore,
        identity: Identity,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = time.monotonic,
        has_ended: Callable[[str, str], bool] = has_ended,
    ) -> None:
        """`monotonic` gives seconds and goes on while the process is stopped."""
        self._store = store
        self._identity = identity
        self._now = now
        self._monotonic = monotonic
        self._has_ended = has_ended
        self._until = 0.0
        self._seen: tuple[Lease, float] | None = None  # another's Lease, and since when it is as it is
        self._is_off = False
        self._has_led = False
        self._told: bool | None = None
        self._trouble = ""

    def leads(self) -> bool:
        """See Leadership."""
        return self._is_off or self._monotonic() < self._until

    def check(self) -> None:
        """See Leadership."""
        if not self.leads():
            raise UnavailableError("this replica does not lead, so it writes nothing")

    def run(self, changed: Callable[[], None], stopping: threading.Event) -> None:
        """See Leadership. Never raises."""
        while not stopping.is_set() and not self._is_off:
            try:
                self.step()
                self._trouble = ""
            except RefusedError as error:
                self._refused(error)
            except GatewayError as error:
                self._in_trouble(str(error))
            except Exception as error:  # noqa: BLE001 - without this thread nobody would lead
                _log.error("defect in the controller", **defect(error))
            self._tell(changed)
            stopping.wait(RENEW_SECONDS if self.leads() else LOOK_SECONDS)

    def step(self) -> None:
        """Look at the Lease once, and renew it or take it over if that is due. Raises GatewayError."""
        began = self._monotonic()
        found = self._store.read()
        if found is None:
            self._take(Lease(self._identity.name, self._identity.process, LEASE_SECONDS, 0, self._now()), began)
        elif found.holder == self._identity.name:
            self._take(found, began)
        elif self._is_free(found):
            _log.info("taking over", leader_before=found.holder or "none")
            mine = replace(found, holder=self._identity.name, process=self._identity.process, seconds=LEASE_SECONDS)
            self._take(replace(mine, transitions=found.transitions + 1, acquired=self._now()), began)

    def resign(self) -> None:
        """See Leadership."""
        if self._is_off or not self.leads():
            return
        self._until = 0.0
        try:
            found = self._store.read()
            if found is not None and found.holder == self._identity.name:
                self._store.write(replace(found, holder="", process="", seconds=1))
        except GatewayError as error:
            _log.warning("another replica has to wait for the lease", error=str(error))

    def _take(self, lease: Lease, began: float) -> None:
        try:
            self._store.write(lease)
        except (AlreadyExistsError, ConflictError):
            return  # somebody else was first
        self._until = began + WRITE_SECONDS
        self._has_led = True
        self._seen = None

    def _is_free(self, found: Lease) -> bool:
        now = self._monotonic()
        if self._seen is None or self._seen[0] != found:
            self._seen = (found, now)
        patience = min(max(found.seconds, LEASE_SECONDS), MAX_LEASE_SECONDS)
        is_over = now - self._seen[1] >= patience
        return not found.holder or is_over or self._has_ended(found.process, self._identity.process)

    def _refused(self, error: RefusedError) -> None:
        """Do without an election if there is no right to Leases, as under the roles of sealed-secrets."""
        if error.reason is Reason.FORBIDDEN and not self._has_led:
            _log.warning("no leader is elected: run one replica only", error=str(error))
            self._is_off = True
        else:
            self._in_trouble(str(error))

    def _in_trouble(self, error: str) -> None:
        if error != self._trouble:
            _log.warning("cannot renew or look at the lease, trying again", error=error)
        self._trouble = error

    def _tell(self, changed: Callable[[], None]) -> None:
        leads = self.leads()
        if leads is self._told:
            return
        _log.info("leading" if leads else "not leading: another replica does", identity=self._identity.name)
        self._told = leads
        changed()
