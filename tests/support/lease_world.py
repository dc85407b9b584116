"""Several replicas' elections over Leases in memory, with a clock that only the test moves.

Each replica's step runs in a thread of its own, and stops before and after each request, so that a test decides in which
order requests of several replicas arrive, how long each takes, and which are lost. One thread runs at a time.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sealwright_controller.gateway import AlreadyExistsError, ConflictError, GatewayError, UnavailableError
from sealwright_controller.leadership.election import Election, Places
from sealwright_controller.leadership.identity import Identity
from sealwright_controller.leadership.lease import Lease
from sealwright_controller.options.table import MAX_SHARDS

NOW = datetime(2026, 11, 29, tzinfo=UTC)
_PATIENCE_SECONDS = 20.0
"""How long the test waits for a thread, which only computes."""


class StoredLease:
    """A Lease in memory, with an API server's rules about versions.

    `fault` is raised by each call while it is set, `write_fault` by each write.
    """

    def __init__(self) -> None:
        self.lease: Lease | None = None
        self.fault: Exception | None = None
        self.write_fault: Exception | None = None
        self.writes = 0

    def read(self) -> Lease | None:
        self._fail()
        return self.lease

    def write(self, lease: Lease, *, renew: bool = True) -> None:
        self._fail()
        if self.write_fault is not None:
            raise self.write_fault
        there = self.lease.version if self.lease else ""
        if lease.version != there:
            raise ConflictError("changed") if lease.version else AlreadyExistsError("there")
        self.writes += 1
        renewed = str(self.writes) if renew else lease.renewed
        self.lease = replace(lease, version=str(self.writes), renewed=renewed)

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault


class SlowLease:
    """A Lease behind a slow network: each request stops before it arrives and before its answer does."""

    def __init__(self, stored: StoredLease, stop: Callable[[], None]) -> None:
        self._stored = stored
        self._stop = stop

    def read(self) -> Lease | None:
        self._stop()
        found = self._stored.read()
        self._stop()
        return found

    def write(self, lease: Lease, *, renew: bool = True) -> None:
        self._stop()
        try:
            self._stored.write(lease, renew=renew)
        finally:
            self._stop()


class Killed(BaseException):
    """Ends a replica's thread."""


@dataclass
class Replica:
    """One process: an election with a clock of its own, which runs at another speed, and the writes on their way."""

    name: str
    election: Election = field(init=False)
    writing: dict[str, float] = field(default_factory=dict)
    """Namespaces to which a write is on its way, and when it arrives."""
    is_lost: bool = False
    """The next request or answer of this replica is lost."""
    is_resigning: bool = False
    """It sends no more writes, and resigns once those on their way have arrived and its step is over."""
    is_killed: bool = False
    _is_stepping: bool = False
    _is_prompt: bool = False
    _go: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def advance(self) -> None:
        """Let its step go on to the next request or answer, or begin another step."""
        if self.is_killed:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        self._stopped.clear()
        self._go.set()
        assert self._stopped.wait(_PATIENCE_SECONDS)

    def step(self) -> None:
        """Let it finish the step that it makes, if any, and make another with prompt answers."""
        while self._is_stepping and not self.is_killed:
            self.advance()
        if not self.is_killed:
            self._is_prompt = True
            self._step_once()
            self._is_prompt = False

    def finish(self) -> None:
        """End its thread."""
        self.is_killed = True
        if self._thread is not None:
            self._go.set()
            self._thread.join(_PATIENCE_SECONDS)

    def stop(self) -> None:
        """Wait, in its thread, until the test lets it go on; raises what then happens to the request."""
        if self._is_prompt:
            return
        self._stopped.set()
        assert self._go.wait(_PATIENCE_SECONDS)
        self._go.clear()
        if self.is_killed:
            raise Killed
        if self.is_lost:
            self.is_lost = False
            raise UnavailableError("lost")

    def is_busy(self, where: Places) -> bool:
        return any(where(namespace) for namespace in self.writing)

    def _run(self) -> None:
        with contextlib.suppress(Killed):
            while not self.is_killed:
                with contextlib.suppress(GatewayError):
                    self.stop()
                self._is_stepping = True
                self._step_once()
                self._is_stepping = False
        self._stopped.set()

    def _step_once(self) -> None:
        with contextlib.suppress(GatewayError):
            if self.is_resigning and not self.writing:
                self.is_killed = True
                self.election.resign()
            else:
                self.election.step(self.is_busy)


class LeaseWorld:
    """Replicas over the same Leases."""

    def __init__(self) -> None:
        self.time = 100.0
        self.ended: set[str] = set()
        self.replicas: list[Replica] = []
        self.stored = [StoredLease() for _ in range(MAX_SHARDS)]

    def join(self, shards: int, speed: float = 1.0) -> Replica:
        """Start a replica that divides the namespaces into so many shards; its clock runs at `speed`."""
        name = f"r{len(self.replicas)}"
        replica = Replica(name)
        stores = [SlowLease(stored, replica.stop) for stored in self.stored[:shards]]
        replica.election = self._election(name, stores, lambda: 1000.0 + speed * self.time)
        self.replicas.append(replica)
        return replica

    def _election(self, name: str, stores: Sequence[SlowLease], monotonic: Callable[[], float]) -> Election:
        return Election(
            stores,
            Identity(name, name),
            now=lambda: NOW,
            monotonic=monotonic,
            has_ended=lambda process, _: process in self.ended,
        )

    def kill(self, replica: Replica) -> None:
        """End a process; the writes on their way arrive."""
        replica.finish()

    def close(self) -> None:
        for replica in self.replicas:
            replica.finish()

    def pass_time(self, seconds: float) -> None:
        """Let time pass; writes arrive."""
        self.time += seconds
        for replica in self.replicas:
            replica.writing = {place: at for place, at in replica.writing.items() if at > self.time}

    def write(self, replica: Replica, namespace: str, seconds: float) -> bool:
        """Send a write that arrives after some seconds, if the replica may; return whether it was sent."""
        if replica.is_resigning:
            return False
        try:
            replica.election.check(namespace)
        except UnavailableError:
            return False
        replica.writing[namespace] = self.time + seconds
        return True

    def alive(self) -> list[Replica]:
        return [replica for replica in self.replicas if not replica.is_killed]

    def who(self, namespace: str) -> list[str]:
        """Return the replicas that may write in a namespace at this moment."""
        return [replica.name for replica in self.alive() if replica.election.serves(namespace)]

    def leaders(self) -> list[str]:
        return [replica.name for replica in self.alive() if replica.election.leads()]

    def writers(self, namespace: str) -> list[str]:
        """Return the replicas of which a write is on its way to a namespace."""
        return [replica.name for replica in self.replicas if namespace in replica.writing]
