"""Which request gets a renderer next: one at a time, that of the namespace which used it least recently.

An unknown namespace counts as one that used it a little, so that namespaces whose templates take little time are not
delayed by new ones.
"""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

HALF_LIFE_SECONDS = 10.0
"""After this time, the time that a namespace used counts half."""
PRESUMED_SECONDS = 0.1
"""How much time an unknown namespace counts as having used."""
_REMEMBERED = 1_000


@dataclass
class Turn:
    """A turn; it counts as `cost_seconds`, or as its duration while that is None."""

    cost_seconds: float | None = None


class Turns:
    """Gives a resource to one thread at a time, fairly among namespaces; may be used from any thread.

    `clock` returns monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: list[_Ticket] = []
        self._taken = False
        self._had: dict[str, tuple[float, float]] = {}

    @contextmanager
    def turn(self, namespace: str) -> Iterator[Turn]:
        """Wait for a turn of a namespace, and keep it until the block ends."""
        ticket = _Ticket(namespace)
        with self._changed:
            self._waiting.append(ticket)
            self._changed.wait_for(lambda: not self._taken and self._next() is ticket)
            self._waiting.remove(ticket)
            self._taken = True
        started, turn = self._clock(), Turn()
        try:
            yield turn
        finally:
            with self._changed:
                self._taken = False
                passed = self._clock() - started
                self._charge(namespace, passed if turn.cost_seconds is None else turn.cost_seconds)
                self._changed.notify_all()

    def waiting(self) -> int:
        """Return how many requests wait."""
        with self._changed:
            return len(self._waiting)

    def remembered(self) -> int:
        """Return for how many namespaces the used time is remembered."""
        with self._changed:
            return len(self._had)

    def _next(self) -> "_Ticket":
        now = self._clock()
        return min(self._waiting, key=lambda ticket: self._seconds_of(ticket.namespace, now, PRESUMED_SECONDS))

    def _seconds_of(self, namespace: str, now: float, presumed_seconds: float = 0.0) -> float:
        had = self._had.get(namespace)
        return presumed_seconds if had is None else had[0] * math.exp2((had[1] - now) / HALF_LIFE_SECONDS)

    def _charge(self, namespace: str, seconds: float) -> None:
        now = self._clock()
        self._had[namespace] = (self._seconds_of(namespace, now) + seconds, now)
        if len(self._had) > _REMEMBERED:
            current = {name: self._seconds_of(name, now) for name in self._had}
            # Forget those whose time is nearest to that of an unknown namespace: forgetting them changes least.
            kept = sorted(current, key=lambda name: abs(current[name] - PRESUMED_SECONDS))[_REMEMBERED // 2 :]
            self._had = {name: (current[name], now) for name in kept}


class _Ticket:
    """A waiting request, compared by identity; of several with the same used time, the first gets the turn."""

    def __init__(self, namespace: str) -> None:
        self.namespace = namespace
