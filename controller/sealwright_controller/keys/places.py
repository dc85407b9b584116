"""Which key Secrets are kept if there are more than the limit: those that count, and of these the oldest. Pure.

Otherwise users who may create Secrets could displace the real keys with thousands of Secrets that come first in a list.
The API server sets the creation time, so a user cannot make a Secret that is older than existing ones.
"""

from collections.abc import Collection, Hashable
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Places(Generic[K]):
    """`limit` places for those that count, and separately as many for others."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counting: dict[K, datetime] = {}
        self._others: set[K] = set()
        self._passed_over: set[K] = set()

    @property
    def are_short(self) -> bool:
        """Whether some that count do not have a place."""
        return bool(self._passed_over)

    def take(self, key: K, created: datetime | None, *, is_own: bool = False) -> K | None:
        """Give a Secret a place; return the one left without: this one, another one, or None.

        `created` is None for one that does not count; with `is_own` it comes before all others and is never displaced.
        """
        if created is None:
            if len(self._others) >= self._limit and key not in self._others | self._counting.keys():
                return key
            self.leave(key)
            self._others.add(key)
            return None
        self.leave(key)
        self._counting[key] = datetime.min.replace(tzinfo=created.tzinfo) if is_own else created
        if len(self._counting) <= self._limit:
            return None
        last = max(self._counting, key=lambda each: self._counting[each])
        del self._counting[last]
        self._passed_over.add(last)
        return last

    def leave(self, key: K) -> None:
        """Remove a Secret that is gone."""
        self._counting.pop(key, None)
        self._others.discard(key)
        self._passed_over.discard(key)

    def retain(self, keys: Collection[K]) -> None:
        """Forget Secrets without a place that are not among `keys`."""
        self._passed_over &= set(keys)
