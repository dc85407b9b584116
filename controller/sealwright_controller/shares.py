"""What each group has had of the workers' time, and so which group's turn is next. Knows groups and seconds alone.

The order is that of start-time fair queuing (Goyal, Vin, Cheng, 1996): whoever has had the least comes first, and what
was used while nobody else wanted anything is held against nobody later. A group whose work has been dear has to leave
one worker to the others: what it has in hands when somebody else's work arrives cannot be taken back from it.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Generic, TypeVar

QUANTUM_SECONDS = 0.001
"""What taking a key costs at once, so that groups take turns although nothing is known yet of what it will cost."""
DEAR_SECONDS = 0.5
"""Work on one key that takes this long is dear: one tenth of a second is much for an object with keys and hints."""
DEAR_FOR = 100
"""So many times as long as the dear work took, its group counts as dear: all workers are its for 1 % of the time."""
MAX_DEAR_SECONDS = 3600.0
"""A group counts as dear for no longer than this after its last dear work."""

G = TypeVar("G", bound=Hashable)


class Shares(Generic[G]):
    """The account of all groups. Not locked: the queue calls it with its own lock held.

    State is kept only for groups that have keys in hands, have been dear lately, or have had more than others since
    the workers were last idle.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._used: dict[G, float] = {}  # virtual seconds; of a group that is not here: `_turn`
        self._turn = 0.0  # the virtual second at which the key that was taken last began
        self._held: Counter[G] = Counter()
        self._proven: set[G] = set()  # have given back a key that was not dear, since all workers were idle
        self._dear_until: dict[G, float] = {}

    def used(self, group: G) -> float:
        """Return what a group has had, in virtual seconds: the group with the least comes first."""
        return max(self._used.get(group, 0.0), self._turn)

    def may_take(self, group: G, now: float) -> bool:
        """Tell whether a group may have one more worker.

        All dear groups together leave one worker free, and so does each group of which nothing is known yet.
        """
        if self._workers == 1:
            return True
        if self._is_dear(group, now):
            return sum(count for held, count in self._held.items() if self._is_dear(held, now)) < self._workers - 1
        return group in self._proven or self._held[group] < self._workers - 1

    def take(self, group: G) -> None:
        """Note that a worker works for a group."""
        self._turn = self.used(group)
        self._used[group] = self._turn + QUANTUM_SECONDS
        self._held[group] += 1

    def give_back(self, group: G, seconds: float, now: float) -> None:
        """Note that a worker has worked so long for a group."""
        self._used[group] = self.used(group) + max(0.0, seconds - QUANTUM_SECONDS)
        self._held[group] -= 1
        if self._held[group] == 0:
            del self._held[group]
        if seconds < DEAR_SECONDS:
            self._proven.add(group)
            return
        self._dear_until = {dear: until for dear, until in self._dear_until.items() if until > now}
        until = max(now, self._dear_until.get(group, now)) + DEAR_FOR * seconds
        self._dear_until[group] = min(until, now + MAX_DEAR_SECONDS)

    def start_anew(self) -> None:
        """Forget who has had what, and who is known: nobody wants anything. Who has been dear stays so."""
        self._used.clear()
        self._turn = 0.0
        self._proven.clear()

    def remembered(self) -> int:
        """Return of how many groups anything is kept."""
        return len({*self._used, *self._held, *self._proven, *self._dear_until})

    def _is_dear(self, group: G, now: float) -> bool:
        return self._dear_until.get(group, now) > now
