"""Which key Secrets are kept where there are more than are kept: those that count, and of these the oldest. Pure.

Whoever may create Secrets could else push the real keys out, with thousands of Secrets that come first in a list. When
a Secret was created is the API server's word; nobody makes one that is older than those that are there.
"""

from collections.abc import Collection, Hashable
from datetime import datetime
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Places(Generic[K]):
    """`limit` places for those that count, and as many for others, which take none of the first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counting: dict[K, datetime] = {}
        self._others: set[K] = set()
        self._passed_over: set[K] = set()

    @property
    def are_short(self) -> bool:
        """Whether some that count have no place."""
        return bool(self._passed_over)

    def take(self, key: K, created: datetime | None, *, is_own: bool = False) -> K | None:
        """Give a Secret a place; return who has none now: it, another one, or nobody (None).

        `created` is None for one that does not count; one of one's `own` comes before all others, and is never moved.
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
        """Take a Secret out that is gone."""
        self._counting.pop(key, None)
        self._others.discard(key)
        self._passed_over.discard(key)

    def retain(self, keys: Collection[K]) -> None:
        """Forget those without a place that are not among `keys`."""
        self._passed_over &= set(keys)
