"""What each group has had of the workers' time, and so which group's turn is next. Knows groups and seconds alone.

The order is that of start-time fair queuing (Goyal, Vin, Cheng, 1996): whoever has had the least comes first, and what
was used while nobody else wanted anything is held against nobody later. Groups whose work has been dear, and those of
which nothing is known, leave one worker to those that are known for quick work: what they have in hands when somebody
else's work arrives cannot be taken back from them. As quick work may be followed by slow, no group that has a worker
gets the last one, unless it is the only group there is.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

QUANTUM_SECONDS = 0.001
"""What taking a key costs at once, so that groups take turns although nothing is known yet of what it will cost."""
DEAR_SECONDS = 0.5
"""Work on one key that takes this long is dear: one tenth of a second is much for an object with keys and hints."""
DEAR_FOR = 100
"""So many times as long as the dear work took, its group counts as dear: all workers are its for 1 % of the time."""
MAX_PROVEN = 10_000
"""So many groups are known for quick work; then they are forgotten, and their next keys tell it again."""
MAX_DEAR_SECONDS = 3600.0
"""A group counts as dear for no longer than this after its last dear work."""

_SEVERAL = 2

G = TypeVar("G", bound=Hashable)


class Shares(Generic[G]):
    """The account of all groups. Not locked: the queue calls it with its own lock held.

    State is kept for groups that have keys in hands, have been dear lately, or have had more than others since the
    workers were last idle; and the names of those that are known.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._used: dict[G, float] = {}  # virtual seconds; of a group that is not here: `_turn`
        self._turn = 0.0  # the virtual second at which the key that was taken last began
        self._held: Counter[G] = Counter()
        self._proven: set[G] = set()  # gave back a key that was not dear, and none that was
        self._dear_until: dict[G, float] = {}
        self._known: set[G] = set()  # the first two that there were: enough to tell whether there are several

    def know(self, group: G) -> None:
        """Note that there is such a group, whether it wants anything or not."""
        if len(self._known) < _SEVERAL:
            self._known.add(group)

    def next_of(self, groups: Iterable[G], now: float) -> G | None:
        """Return the group that has had least of those that may have a worker, the first of several; None without one.

        What is not above the present turn is as little as can be, so most often the first group is it.
        """
        found, least = None, math.inf
        for group in self._allowed(groups, now):
            used = self._used.get(group, 0.0)
            if used <= self._turn:
                return group
            if used < least:
                found, least = group, used
        return found

    def _allowed(self, groups: Iterable[G], now: float) -> Iterable[G]:
        """Return which may have one more worker: of several groups none gets the last one beside another.

        All that are not known for quick work leave one free. That one is for one key, too, of a group of which nothing
        is known, while the others work for the dear alone.
        """
        if 1 < self._workers == self._held.total() + 1 and len(self._known) == _SEVERAL:
            groups = (group for group in groups if not self._held.get(group))
        slow = {group: count for group, count in self._held.items() if not self._is_quick(group, now)}
        if self._workers == 1 or sum(slow.values()) < self._workers - 1:
            return groups
        all_dear = all(self._is_dear(group, now) for group in slow)
        return [group for group in groups if self._is_quick(group, now) or (all_dear and not self._is_dear(group, now))]

    def take(self, group: G) -> None:
        """Note that a worker works for a group."""
        self._turn = max(self._used.get(group, 0.0), self._turn)
        self._used[group] = self._turn + QUANTUM_SECONDS
        self._held[group] += 1
        self.know(group)

    def give_back(self, group: G, seconds: float, now: float) -> None:
        """Note that a worker has worked so long for a group."""
        self._used[group] = max(self._used.get(group, 0.0), self._turn) + max(0.0, seconds - QUANTUM_SECONDS)
        self._held[group] -= 1
        if self._held[group] == 0:
            del self._held[group]
        if seconds < DEAR_SECONDS:
            if len(self._proven) >= MAX_PROVEN:
                self._proven.clear()
            self._proven.add(group)
            return
        self._dear_until = {dear: until for dear, until in self._dear_until.items() if until > now}
        until = max(now, self._dear_until.get(group, now)) + DEAR_FOR * seconds
        self._dear_until[group] = min(until, now + MAX_DEAR_SECONDS)

    def start_anew(self) -> None:
        """Forget who has had what: nobody wants anything. What is known of whose work is dear or quick stays."""
        self._used.clear()
        self._turn = 0.0

    def remembered(self) -> int:
        """Return of how many groups more is kept than that they are known."""
        return len({*self._used, *self._held, *self._dear_until})

    def _is_quick(self, group: G, now: float) -> bool:
        return group in self._proven and not self._is_dear(group, now)

    def _is_dear(self, group: G, now: float) -> bool:
        return self._dear_until.get(group, now) > now
