"""Token buckets for many keys at once, in bounded memory: they limit how often something happens for each key."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class _Level(NamedTuple):
    tokens: float
    at: float


class Buckets(Generic[K]):
    """A bucket for each key: full at first, filled steadily, may be in debt. Methods may be called from any thread.

    A key that is not remembered has a full bucket, so one whose bucket is full again is forgotten. When there are too
    many keys, the one charged longest ago is.
    """

    def __init__(self, *, size: float, per_second: float, clock: Callable[[], float], max_keys: int) -> None:
        """Each holds up to `size` tokens; `clock` gives seconds that never go back."""
        self._size = size
        self._per_second = per_second
        self._clock = clock
        self._max_keys = max_keys
        self._levels: OrderedDict[K, _Level] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._levels)

    def tokens(self, key: K) -> float:
        """Return how many tokens a key has; below zero is a debt."""
        with self._lock:
            return self._tokens(key)

    def wait_seconds(self, key: K, tokens: float = 1.0) -> float:
        """Return 0 if a key has this many tokens, else the seconds until it would."""
        return max(0.0, (tokens - self.tokens(key)) / self._per_second)

    def charge(self, key: K, tokens: float = 1.0) -> None:
        """Take tokens, going into debt if needed."""
        with self._lock:
            self._charge(key, tokens)

    def take(self, key: K) -> bool:
        """Take one token if there is one; return whether there was."""
        with self._lock:
            there = self._tokens(key) >= 1
            if there:
                self._charge(key, 1.0)
            return there

    def _tokens(self, key: K) -> float:
        level = self._levels.get(key)
        if level is None:
            return self._size
        return min(self._size, level.tokens + (self._clock() - level.at) * self._per_second)

    def _charge(self, key: K, tokens: float) -> None:
        left = self._tokens(key) - tokens
        self._levels[key] = _Level(left, self._clock())
        self._levels.move_to_end(key)
        while len(self._levels) > self._max_keys or self._is_first_full():
            self._levels.popitem(last=False)

    def _is_first_full(self) -> bool:
        """Tell whether the bucket of the key that was charged longest ago is full again."""
        return bool(self._levels) and self._tokens(next(iter(self._levels))) >= self._size
