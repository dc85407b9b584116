"""Decides, with Leases, which replica leads, which works in which namespaces, and until when.

`seat` has the rule for one Lease. With one shard there is one Lease: its holder leads and does all work. With more,
each shard has a Lease, and the holder works in the shard's namespaces; that of shard 0 is the leader's (`agreement`). A
process takes every Lease that is free. One that holds fewer than another asks it for one: it writes its name into that
Lease, and the holder ends its work in the shard before it hands the Lease over.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

import structlog

from sealwright_controller.gateway import GatewayError, RefusedError, UnavailableError
from sealwright_controller.leadership.agreement import Agreement
from sealwright_controller.leadership.identity import Identity, has_ended
from sealwright_controller.leadership.lease import LeaseStore
from sealwright_controller.leadership.seat import Seat
from sealwright_controller.leadership.sharding import is_uneven, shard_of, shard_to_ask_for
from sealwright_controller.leadership.times import (
    LEASE_SECONDS,
    LOOK_SECONDS,
    OFF_LOOK_SECONDS,
    RENEW_SECONDS,
    seconds_passed,
)
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.process.logs import defect

MAX_REFUSALS = 3
"""How often a Lease that was never read is refused before this process leads without one: a right may be given late."""

Places = Callable[[str], bool]
"""Tells of a namespace whether it is meant."""
IsBusy = Callable[[Places], bool]
"""Tells whether work goes on in one of these namespaces."""

_log = structlog.get_logger()


class Leadership(Protocol):
    """Tells whether this replica leads, so that it makes keys, and in which namespaces it works.

    `leads`, `serves` and `check` are cheap, and safe for all threads.
    """

    def leads(self) -> bool:
        """Return whether it leads at this moment."""
        ...

    def serves(self, namespace: str) -> bool:
        """Return whether it works in a namespace at this moment."""
        ...

    def shards(self) -> Sequence[bool]:
        """Return, for each shard, whether it works in its namespaces at this moment."""
        ...

    def check(self, namespace: str | None) -> None:
        """Raise UnavailableError unless it works in the namespace or, with None, leads; to be called before each write.

        A namespace is given for the work on its SealedSecrets, None for the work on keys.
        """
        ...

    def run(self, changed: Callable[[], None], stopping: threading.Event, is_busy: IsBusy) -> None:
        """Take part until `stopping` is set.

        `changed` is called when this replica begins or ceases to lead or work, and when it may do again what it has
        refused meanwhile.
        """
        ...

    def resign(self) -> None:
        """Let other replicas go on at once; to be called after the last write."""
        ...

    def why_not_ready(self) -> str | None:
        """Return why this replica cannot take part, None if it can."""
        ...


class Alone:
    """Leads always, and works everywhere: there is one replica."""

    def leads(self) -> bool:
        """See Leadership."""
        return True

    def serves(self, namespace: str) -> bool:  # noqa: ARG002 - see Leadership
        """See Leadership."""
        return True

    def shards(self) -> Sequence[bool]:
        """See Leadership."""
        return [True]

    def check(self, namespace: str | None) -> None:
        """See Leadership."""

    def run(self, changed: Callable[[], None], stopping: threading.Event, is_busy: IsBusy) -> None:  # noqa: ARG002 - see Leadership
        """See Leadership."""
        changed()

    def resign(self) -> None:
        """See Leadership."""

    def why_not_ready(self) -> str | None:
        """See Leadership."""
        return None


class Election:
    """One replica's part in the election. `run` has a thread of its own."""

    def __init__(
        self,
        stores: Sequence[LeaseStore],
        identity: Identity,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        monotonic: Callable[[], float] = seconds_passed,
        has_ended: Callable[[str, str], bool] = has_ended,
    ) -> None:
        """`stores` has a Lease for each shard, the first that of the leader.

        `monotonic` gives seconds and goes on while the process is stopped, or its machine suspended.
        """
        self._identity = identity
        self._monotonic = monotonic
        self._seats = [Seat(store, identity, now=now, monotonic=monotonic, has_ended=has_ended) for store in stores]
        self._agreement = Agreement(len(stores), monotonic)
        self._giving: tuple[int, str, float] | None = None  # a shard, whose it will be, and until when work may end
        self._is_off = False
        self._refusals = 0
        self._has_resigned = False
        self._lock = threading.Lock()  # so that nothing is taken again while it is being given back
        self._told: tuple[bool, ...] | None = None
        self._refused_work = [False] * len(stores)  # for each shard, whether somebody was told not to work in it
        self._told_other: int | None = None
        self._trouble = ""
        self._refusal: str | None = None

    def leads(self) -> bool:
        """See Leadership."""
        leads = self._is_off or self._seats[0].holds()
        if not leads:
            self._refused_work[0] = True
        return leads

    def serves(self, namespace: str) -> bool:
        """See Leadership."""
        return self._serves(shard_of(namespace, len(self._seats)))

    def shards(self) -> Sequence[bool]:
        """See Leadership."""
        return [self._serves(shard) for shard in range(len(self._seats))]

    def check(self, namespace: str | None) -> None:
        """See Leadership."""
        if namespace is None and not self.leads():
            raise UnavailableError("this replica does not lead, so it writes nothing")
        if namespace is not None and not self.serves(namespace):
            raise UnavailableError(f"another replica works in namespace {namespace}, so this one writes nothing")

    def run(self, changed: Callable[[], None], stopping: threading.Event, is_busy: IsBusy) -> None:
        """See Leadership. Never raises."""
        while not stopping.is_set():
            try:
                with self._lock:
                    if self._has_resigned:
                        return
                    self.step(is_busy)
                self._take_part()
            except RefusedError as error:
                self._refused(error)
            except GatewayError as error:
                self._in_trouble(str(error))
            except Exception as error:  # noqa: BLE001 - without this thread nobody would lead
                _log.error("defect in the controller", **defect(error))
            self._tell(changed)
            stopping.wait(self._pause_seconds())

    def step(self, is_busy: IsBusy) -> None:
        """Look at the Leases once, and renew, take, give or ask for those where that is due. Raises GatewayError."""
        self._contend_for_lead()
        if len(self._seats) == 1:
            return
        if not self._agreement.holds():
            self._leave_shards(is_busy)
            return
        for seat in self._others_last():
            seat.look()
            if seat.is_mine:
                self._renew(seat)
            elif seat.is_free:
                seat.take()
        self._give_what_was_asked_for(is_busy)
        self._ask()

    def resign(self) -> None:
        """See Leadership."""
        with self._lock:
            self._has_resigned = True
            for seat in self._seats:
                if seat.holds():
                    try:
                        seat.give()
                    except GatewayError as error:
                        _log.warning("another replica has to wait for the lease", error=str(error))

    def why_not_ready(self) -> str | None:
        """See Leadership."""
        return self._refusal

    def _serves(self, shard: int) -> bool:
        if self._is_off:
            return True
        is_giving = self._giving is not None and self._giving[0] == shard
        serves = not is_giving and self._seats[shard].holds() and self._agreement.holds()
        if not serves:
            self._refused_work[shard] = True
        return serves

    def _contend_for_lead(self) -> None:
        seat, agreement = self._seats[0], self._agreement
        seat.look()
        agreement.saw(seat.found, seat.began, is_mine=seat.is_mine)
        if not seat.is_mine and not seat.is_free:
            return
        written = seat.take(agreement.mark)
        if written is not None:
            agreement.wrote(written, seat.began)

    def _leave_shards(self, is_busy: IsBusy) -> None:
        """Keep the Leases of shards until work in them has ended, and give them to those who work by another number."""
        for shard, seat in enumerate(self._seats):
            if shard and seat.holds() and self._agreement.other is not None and not self._is_busy_in(shard, is_busy):
                seat.give()
        self._giving = None

    def _others_last(self) -> Sequence[Seat]:
        """Return the seats besides the leader's: first those that have to be renewed."""
        return sorted(self._seats[1:], key=lambda seat: not seat.holds())

    def _renew(self, seat: Seat) -> None:
        asker = seat.found.wanted_by if seat.found is not None else ""
        if asker and self._giving is None and is_uneven(self._count(asker), self._count(self._identity.name)):
            self._giving = (self._seats.index(seat), asker, self._monotonic() + LEASE_SECONDS)
        is_asked = self._giving is not None and self._seats[self._giving[0]] is seat
        seat.take(lambda lease: lease if is_asked else replace(lease, wanted_by=""))

    def _give_what_was_asked_for(self, is_busy: IsBusy) -> None:
        """Hand a Lease over once the work in its shard has ended.

        If that takes long, it is handed over as if it had not been renewed: `serves` was False for as long.
        """
        if self._giving is None:
            return
        shard, asker, latest = self._giving
        if self._is_busy_in(shard, is_busy) and self._monotonic() < latest:
            return
        if self._seats[shard].give(asker):
            _log.info("handed over a shard", shard=shard, to=asker)
            self._giving = None

    def _ask(self) -> None:
        leases = {shard: seat.found for shard, seat in enumerate(self._seats) if seat.found is not None}
        holders = {shard: lease.holder for shard, lease in leases.items() if not self._seats[shard].is_free}
        wanted = {shard: lease.wanted_by for shard, lease in leases.items() if lease.wanted_by}
        shard = shard_to_ask_for(self._identity.name, holders, wanted)
        if shard is not None:
            self._seats[shard].ask()

    def _count(self, name: str) -> int:
        """Return how many shards a process has, as far as this one has seen."""
        found = [seat.found for seat in self._seats if seat.found is not None]
        return [lease.holder for lease in found].count(name)

    def _is_busy_in(self, shard: int, is_busy: IsBusy) -> bool:
        return is_busy(lambda namespace: shard_of(namespace, len(self._seats)) == shard)

    def _pause_seconds(self) -> float:
        if self._is_off:
            return OFF_LOOK_SECONDS
        is_calm = all(self.shards()) and self._giving is None
        return RENEW_SECONDS if is_calm else LOOK_SECONDS

    def _take_part(self) -> None:
        """Note that Leases can be read and written; from now on only a holder leads."""
        if self._is_off:
            _log.info("a leader is elected from now on: Leases can be read and written")
        self._trouble, self._refusal, self._refusals, self._is_off = "", None, 0, False

    def _refused(self, error: RefusedError) -> None:
        """Do without an election if there is no right to Leases, as under the roles of sealed-secrets.

        Only if the Lease could never be read: a quota or a policy refuses writes alone, and a right that is taken away
        for a moment must not make a second leader. Several shards cannot do without.
        """
        if self._is_off:
            return
        self._refusals += 1
        if error.reason is Reason.FORBIDDEN and len(self._seats) > 1:
            self._refusal = str(error)
            self._in_trouble(f"{error}; the Role has to allow a Lease for each shard")
        elif error.reason is Reason.FORBIDDEN and not self._seats[0].was_read:
            if self._refusals >= MAX_REFUSALS:
                _log.warning("no leader is elected: run one replica only", error=str(error))
                self._is_off = True
        else:
            self._in_trouble(str(error))

    def _in_trouble(self, error: str) -> None:
        if error != self._trouble:
            _log.warning("cannot renew or look at the lease, trying again", error=error)
        self._trouble = error

    def _tell(self, changed: Callable[[], None]) -> None:
        leads, shards = self.leads(), self.shards()
        before, self._told = self._told, (leads, *shards)
        if before is None or before[0] is not leads:
            _log.info("leading" if leads else "not leading: another replica does", identity=self._identity.name)
        if len(shards) > 1 and before != self._told:
            mine = [shard for shard, is_mine in enumerate(shards) if is_mine]
            _log.info("working on shards", shards=mine, of=len(shards), identity=self._identity.name)
        if self._agreement.other is not None and self._agreement.other != self._told_other:
            _log.warning("waiting: the leader has another number of shards", its=self._agreement.other, own=len(shards))
        self._told_other = self._agreement.other
        # A Lease can expire and be renewed between two looks: whoever asked meanwhile waits to hear of it.
        regained = [shard for shard, is_mine in enumerate(shards) if is_mine and self._refused_work[shard]]
        for shard in regained:
            self._refused_work[shard] = False
        if before != self._told or regained:
            changed()
