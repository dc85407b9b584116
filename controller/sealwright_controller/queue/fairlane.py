"""The keys that are ready in one lane of the work queue: between groups by what they have had, in a group first come.

Choosing may look at every group that has a key here: with 10,000 namespaces that takes a few milliseconds, and with the
usual hundred some millionths of a second.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from sealwright_controller.queue.shares import Shares

K = TypeVar("K", bound=Hashable)


class FairLane(Generic[K]):
    """Ready keys, and since when each is. Not locked: the queue calls it with its own lock held."""

    def __init__(self, group_of: Callable[[K], Hashable], shares: Shares[Hashable]) -> None:
        self._group_of = group_of
        self._shares = shares
        # Ordered dicts, for what a deque cannot do quickly: take a key out of the middle.
        self._groups: dict[Hashable, OrderedDict[K, float]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: K) -> bool:
        return key in self._groups.get(self._group_of(key), ())

    def add(self, key: K, now: float) -> None:
        """Put a key that is not here behind the others of its group."""
        self._groups.setdefault(self._group_of(key), OrderedDict())[key] = now
        self._count += 1

    def remove(self, key: K) -> None:
        """Take a key out. Raises KeyError when it is not here."""
        group = self._group_of(key)
        keys = self._groups[group]
        del keys[key]
        self._count -= 1
        if not keys:
            del self._groups[group]

    def first(self, now: float) -> K | None:
        """Return the key whose turn is next, None when there is none that may have a worker at this moment.

        Of groups that have had the same, the one comes first that has waited here longest.
        """
        group = self._shares.next_of(self._groups, now)
        return None if group is None else next(iter(self._groups[group]))

    def oldest(self) -> float | None:
        """Return since when the key is ready that has been so longest, None without keys."""
        return min((next(iter(keys.values())) for keys in self._groups.values()), default=None)

    def clear(self) -> None:
        """Drop all keys."""
        self._groups.clear()
        self._count = 0
