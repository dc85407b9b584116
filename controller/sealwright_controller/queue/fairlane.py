"""The keys that are ready in one lane of the work queue: groups take turns by time used, keys of a group by arrival.

Choosing may look at every group that has a key here. That takes a few milliseconds with 10,000 namespaces, and some
microseconds with the usual hundred.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from sealwright_controller.queue.shares import Shares

K = TypeVar("K", bound=Hashable)


class FairLane(Generic[K]):
    """Ready keys, and since when each is ready. Not locked: the queue calls it with its own lock held."""

    def __init__(self, group_of: Callable[[K], Hashable], shares: Shares[Hashable]) -> None:
        self._group_of = group_of
        self._shares = shares
        # Ordered dicts, because a deque cannot quickly remove a key from the middle.
        self._groups: dict[Hashable, OrderedDict[K, float]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: K) -> bool:
        return key in self._groups.get(self._group_of(key), ())

    def add(self, key: K, now: float) -> None:
        """Add a new key behind the others of its group."""
        self._groups.setdefault(self._group_of(key), OrderedDict())[key] = now
        self._count += 1

    def remove(self, key: K) -> None:
        """Remove a key. Raises KeyError if it is not in this lane."""
        group = self._group_of(key)
        keys = self._groups[group]
        del keys[key]
        self._count -= 1
        if not keys:
            del self._groups[group]

    def first(self, now: float, of: Callable[[Hashable], bool]) -> K | None:
        """Return the key whose turn is next, None if no key may have a worker now; only of the groups that `of` picks.

        Among groups that have used the same time, the one that has waited longest comes first.
        """
        group = self.next_group(now, of)
        return None if group is None else next(iter(self._groups[group]))

    def next_group(self, now: float, of: Callable[[Hashable], bool]) -> Hashable | None:
        """Return the group of the key that `first` returns."""
        return self._shares.next_of(filter(of, self._groups), now)

    def has_any(self, of: Callable[[Hashable], bool]) -> bool:
        """Tell whether there is a key of the groups that `of` picks."""
        return any(map(of, self._groups))

    def oldest(self, of: Callable[[Hashable], bool]) -> float | None:
        """Return since when the oldest key of the groups that `of` picks has been ready, None without keys."""
        return min((next(iter(self._groups[group].values())) for group in filter(of, self._groups)), default=None)

    def clear(self) -> None:
        """Drop all keys."""
        self._groups.clear()
        self._count = 0
