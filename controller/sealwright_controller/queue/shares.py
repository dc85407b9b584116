"""How much of the workers' time each group has used, and so which group is next. Knows groups and seconds only.

The order is that of start-time fair queuing (Goyal, Vin, Cheng, 1996): the group that has used the least time comes
first, and time used while no other group had work does not count later. Groups with expensive work, and groups not seen
before, leave one worker free for groups known for quick work, because a worker cannot be taken back when other work
arrives. Slow work may follow quick work, so a group that has a worker never gets the last free one, unless it is the
only group.
"""

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

QUANTUM_SECONDS = 0.001
"""What taking a key costs at once, so that groups take turns before the real cost is known."""
DEAR_SECONDS = 0.5
"""Work on one key that takes this long is expensive; 0.1 s is already much for an object with hints."""
DEAR_FOR = 100
"""A group counts as expensive for this multiple of the time of its expensive work, so it can hold all workers for 1 %
of the time."""
MAX_PROVEN = 10_000
"""How many groups are remembered for quick work; then all are forgotten and have to show it again."""
MAX_DEAR_SECONDS = 3600.0
"""A group counts as expensive for at most this time after its last expensive work."""

_SEVERAL = 2

G = TypeVar("G", bound=Hashable)


class Shares(Generic[G]):
    """The account of all groups. Not locked: the queue calls it with its own lock held.

    State is kept for groups that hold workers, were recently expensive, or have used more than others since the workers
    were last idle. For other groups at most the name is kept.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._used: dict[G, float] = {}  # virtual seconds; a group that is not here has `_turn`
        self._turn = 0.0  # the virtual second at which the last taken key began
        self._held: Counter[G] = Counter()
        self._proven: set[G] = set()  # have given back a key quickly at least once
        self._dear_until: dict[G, float] = {}
        self._known: set[G] = set()  # the first two groups: enough to tell whether there are several

    def know(self, group: G) -> None:
        """Note that a group exists, whether it has work or not."""
        if len(self._known) < _SEVERAL:
            self._known.add(group)

    def next_of(self, groups: Iterable[G], now: float) -> G | None:
        """Return the group with the least time used among those that may have a worker; None without one.

        Among equals the first is taken. A group at or below the present turn has the least possible, so it is usually
        the first group.
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
        """Return the groups that may have one more worker; of several, none that has a worker gets the last one.

        Groups not known for quick work leave one worker free. A new group may also use it for one key, while all other
        workers work for expensive groups.
        """
        if 1 < self._workers == self._held.total() + 1 and len(self._known) == _SEVERAL:
            groups = (group for group in groups if not self._held.get(group))
        slow = {group: count for group, count in self._held.items() if not self._is_quick(group, now)}
        if self._workers == 1 or sum(slow.values()) < self._workers - 1:
            return groups
        all_dear = all(self._is_dear(group, now) for group in slow)
        return [group for group in groups if self._is_quick(group, now) or (all_dear and not self._is_dear(group, now))]

    def take(self, group: G) -> None:
        """Note that a worker has started work for a group."""
        self._turn = max(self._used.get(group, 0.0), self._turn)
        self._used[group] = self._turn + QUANTUM_SECONDS
        self._held[group] += 1
        self.know(group)

    def give_back(self, group: G, seconds: float, now: float) -> None:
        """Note that a worker has worked for a group for so long."""
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
        """Forget the time used, because no group has work. Which groups are expensive or quick is kept."""
        self._used.clear()
        self._turn = 0.0

    def remembered(self) -> int:
        """Return for how many groups more than the name is kept."""
        return len({*self._used, *self._held, *self._dear_until})

    def _is_quick(self, group: G, now: float) -> bool:
        return group in self._proven and not self._is_dear(group, now)

    def _is_dear(self, group: G, now: float) -> bool:
        return self._dear_until.get(group, now) > now
