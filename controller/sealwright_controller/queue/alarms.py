"""When waiting keys of the work queue become ready. Not locked: the queue calls it with its own lock held."""

import heapq
import itertools
from collections.abc import Iterator
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

_HEAP_SLACK = 64
"""How many outdated alarms there may be beyond the number of waiting keys before the heap is rebuilt."""

K = TypeVar("K")
L = TypeVar("L", bound=Enum)


class Alarm(NamedTuple, Generic[L]):
    """When a waiting key becomes ready, and which lane it enters; `number` tells it from earlier alarms."""

    due: float
    number: int
    lane: L


class Alarms(Generic[K, L]):
    """The keys that wait, in the order in which they began to; a key has one alarm."""

    def __init__(self) -> None:
        self._waiting: dict[K, Alarm[L]] = {}
        self._heap: list[tuple[float, int, K]] = []  # an entry counts only while it is also in `_waiting`
        self._numbers = itertools.count()

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[K]:
        return iter(self._waiting)

    def due(self, key: K) -> float | None:
        """Return when a key is due, None if it does not wait."""
        alarm = self._waiting.get(key)
        return None if alarm is None else alarm.due

    def set(self, key: K, due: float, lane: L) -> None:
        """Make a key wait until `due`, as the one that began to wait last."""
        self._waiting.pop(key, None)
        alarm = Alarm(due, next(self._numbers), lane)
        self._waiting[key] = alarm
        heapq.heappush(self._heap, (alarm.due, alarm.number, key))
        if len(self._heap) > 2 * len(self._waiting) + _HEAP_SLACK:
            self._heap = [(alarm.due, alarm.number, key) for key, alarm in self._waiting.items()]
            heapq.heapify(self._heap)

    def drop(self, key: K) -> None:
        """Make a key wait no longer."""
        self._waiting.pop(key, None)

    def clear(self) -> None:
        """Drop all keys."""
        self._waiting.clear()
        self._heap.clear()

    def next_due(self) -> float | None:
        """Return when the next waiting key is due; drops outdated alarms on the way."""
        while self._heap:
            due, number, key = self._heap[0]
            alarm = self._waiting.get(key)
            if alarm is not None and alarm.number == number:
                return due
            heapq.heappop(self._heap)
        return None

    def ring(self, now: float) -> Iterator[tuple[K, L]]:
        """Yield the keys that are due, each with its lane, and drop them."""
        while (due := self.next_due()) is not None and due <= now:
            _, _, key = heapq.heappop(self._heap)
            yield key, self._waiting.pop(key).lane
