"""The work queue: which key is to be worked on next. Knows keys and time, nothing of Kubernetes.

Rules, each a law in the tests: a key waits here once, however often it is added; no two workers hold one key; a key
added while it is worked on comes again; live work goes before the backlog, which still gets its share; a key that
fails comes back, later and later, for ever. State is kept only for keys that wait, are worked on, or fail.
"""

import heapq
import itertools
import random
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, NamedTuple, TypeVar

from sealwright_controller.backoff import Backoff

RETRY_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=300.0)
"""A write conflict is over within a request's time, so the first retry comes almost at once. A cause that lasts is
looked at every few minutes: rarely enough that thousands of broken objects cost little, and soon enough that nobody
who has repaired one restarts the controller."""

RETRIES_IN_LANE = 3
"""So many retries of a live key are live as well; after them it is no passing trouble, and it joins the backlog."""

BACKLOG_SHARE = 8
"""While both wait, one key in so many is taken from the backlog: it comes to an end under any load."""

_HEAP_SLACK = 64
"""Outdated alarms allowed beyond the number of keys that wait, before the heap is built anew."""

K = TypeVar("K", bound=Hashable)


class _Lane(Enum):
    LIVE = "live"
    BACKLOG = "backlog"


class _Alarm(NamedTuple):
    """When a waiting key becomes ready, and where it then goes; `number` tells it from the key's earlier alarms."""

    due: float
    number: int
    lane: _Lane


class Depth(NamedTuple):
    """How many keys are ready to be taken, wait for their time, and are in workers' hands."""

    ready: int
    waiting: int
    working: int


@dataclass
class _Held:
    """A key in a worker's hands: where it came from, and what has happened to it since."""

    lane: _Lane
    again: _Lane | None = None
    woken: bool = False


def _every_key(_: object) -> bool:
    return True


class WorkQueue(Generic[K]):
    """Hands keys to workers. All methods may be called from any thread; `clock` gives seconds that never go back.

    A worker calls `get`, works, calls `retry` (it failed) or `forget` (it did not), and in any case `done`.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, jitter: Callable[[], float] = random.random
    ) -> None:
        """`jitter` gives random numbers 0 ≤ x < 1; both are parameters so that tests decide them."""
        self._clock = clock
        self._jitter = jitter
        self._changed = threading.Condition()
        self._closed = False
        # A key is in one lane, or waiting, or neither. One that is held is in no lane: `again` stands for it there.
        # Ordered dicts, for what a deque cannot do quickly: take a key out of the middle.
        self._ready: dict[_Lane, OrderedDict[K, float]] = {lane: OrderedDict() for lane in _Lane}
        self._waiting: dict[K, _Alarm] = {}
        self._alarms: list[tuple[float, int, K]] = []  # heap; an entry counts only while it is in `_waiting` as well
        self._numbers = itertools.count()
        self._held: dict[K, _Held] = {}
        self._failures: dict[K, int] = {}
        self._retries = 0
        self._live_in_a_row = 0

    def __len__(self) -> int:
        """Return how many keys are ready to be taken."""
        return self.depth().ready

    def add(self, key: K, *, backlog: bool = False) -> None:
        """Make a key ready now, even if it waits for a retry; its count of failures stays.

        A live addition moves a key out of the backlog; a backlog addition of a live key changes nothing. A key that
        is being worked on is ready again as soon as it is done. After `close` nothing happens.
        """
        with self._changed:
            if not self._closed:
                self._make_ready(key, _Lane.BACKLOG if backlog else _Lane.LIVE)

    def add_after(self, key: K, seconds: float) -> None:
        """Make a key ready, live, in so many seconds, unless it is ready or due sooner anyway."""
        with self._changed:
            self._wait(key, seconds, _Lane.LIVE)

    def get(self, timeout: float | None = None) -> K | None:
        """Return the next key, waiting for one up to `timeout` seconds (None: as long as it takes).

        Returns None when there was none in time, and at once when the queue is closed. The key is the caller's
        until it calls `done`.
        """
        deadline = None if timeout is None else self._clock() + timeout
        with self._changed:
            while not self._closed:
                self._ring_alarms()
                lane = self._next_lane()
                if lane is not None:
                    return self._take(lane)
                now = self._clock()
                if deadline is not None and now >= deadline:
                    return None
                ends = [end for end in (deadline, self._next_alarm()) if end is not None]
                self._changed.wait(min(ends) - now if ends else None)
            return None

    def done(self, key: K) -> None:
        """Give a key back. Raises KeyError when nobody holds it."""
        with self._changed:
            held = self._held.pop(key)
            if held.again is not None and not self._closed:
                self._make_ready(key, held.again)

    def retry(self, key: K, after_seconds: float | None = None) -> float:
        """Count a failure of a key and schedule it again; return in how many seconds at the latest.

        That is `after_seconds`, or, without it, later and later. It comes at once when it was added, or woken by
        `wake_failed`, while it was worked on.
        """
        with self._changed:
            failures = self._failures.get(key, 0) + 1
            backoff = RETRY_BACKOFF.seconds(failures, self._jitter())
            seconds = backoff if after_seconds is None else after_seconds
            if self._closed:
                return seconds
            self._failures[key] = failures
            self._retries += 1
            held = self._held.get(key)
            if held is not None and held.woken:
                self._make_ready(key, _Lane.BACKLOG)
            in_lane = held is not None and failures <= RETRIES_IN_LANE
            return self._wait(key, seconds, held.lane if held is not None and in_lane else _Lane.BACKLOG)

    def forget(self, key: K) -> None:
        """Reset a key's count of failures: it succeeded, or is of no more concern."""
        with self._changed:
            self._failures.pop(key, None)

    def wake_failed(self, where: Callable[[K], bool] = _every_key) -> None:
        """Make the keys that wait for a retry ready, in the backlog: the cause of their failing may be gone.

        Keys in work that fail after this call count too: they may have looked at the world before it changed.
        `where` picks the keys; it is called with the queue locked, so it must be quick and leave the queue alone.
        """
        with self._changed:
            for key in [key for key in self._waiting if key in self._failures and where(key)]:
                self._make_ready(key, _Lane.BACKLOG)
            for key, held in self._held.items():
                held.woken = held.woken or where(key)

    def close(self) -> None:
        """Let every `get` return None at once, and drop what waits; keys being worked on are still given back.

        Nothing is lost by that: whoever starts next lists the world anew.
        """
        with self._changed:
            self._closed = True
            for keys in self._ready.values():
                keys.clear()
            self._waiting.clear()
            self._alarms.clear()
            self._failures.clear()
            self._changed.notify_all()

    def oldest_age_seconds(self) -> float:
        """Return how long the key at the head of a lane has been ready, the longer of both lanes; 0 without keys."""
        with self._changed:
            self._ring_alarms()
            since = [next(iter(keys.values())) for keys in self._ready.values() if keys]
            return self._clock() - min(since) if since else 0.0

    def failing(self) -> int:
        """Return how many keys have failed and not been forgotten since."""
        with self._changed:
            return len(self._failures)

    def depth(self) -> Depth:
        """Return where how many keys are at this moment."""
        with self._changed:
            self._ring_alarms()
            return Depth(sum(len(keys) for keys in self._ready.values()), len(self._waiting), len(self._held))

    def retries(self) -> int:
        """Return how often a key has been scheduled again after a failure, all keys together; it never goes down."""
        with self._changed:
            return self._retries

    # What follows is called with the lock held.

    def _make_ready(self, key: K, lane: _Lane) -> None:
        self._waiting.pop(key, None)
        held = self._held.get(key)
        if held is not None:
            held.again = _Lane.LIVE if _Lane.LIVE in (lane, held.again) else _Lane.BACKLOG
            return
        if key in self._ready[_Lane.LIVE]:
            return
        if lane is _Lane.LIVE:
            self._ready[_Lane.BACKLOG].pop(key, None)
        self._ready[lane].setdefault(key, self._clock())
        self._changed.notify()

    def _wait(self, key: K, seconds: float, lane: _Lane) -> float:
        """Set a key's alarm unless it comes sooner anyway; return in how many seconds it comes."""
        held = self._held.get(key)
        if self._closed or (held is not None and held.again) or any(key in keys for keys in self._ready.values()):
            return 0.0
        now = self._clock()
        known = self._waiting.get(key)
        if known is not None and known.due <= now + seconds:
            return max(0.0, known.due - now)
        self._waiting.pop(key, None)  # so that `wake_failed` wakes in the order in which keys have failed
        alarm = _Alarm(now + seconds, next(self._numbers), lane)
        self._waiting[key] = alarm
        heapq.heappush(self._alarms, (alarm.due, alarm.number, key))
        if len(self._alarms) > 2 * len(self._waiting) + _HEAP_SLACK:
            self._alarms = [(alarm.due, alarm.number, key) for key, alarm in self._waiting.items()]
            heapq.heapify(self._alarms)
        self._changed.notify_all()  # whoever waits in `get` may have to wait less long
        return seconds

    def _next_alarm(self) -> float | None:
        """Return when the next waiting key is due; drops outdated alarms on the way."""
        while self._alarms:
            due, number, key = self._alarms[0]
            alarm = self._waiting.get(key)
            if alarm is not None and alarm.number == number:
                return due
            heapq.heappop(self._alarms)
        return None

    def _ring_alarms(self) -> None:
        """Make ready what is due by now."""
        now = self._clock()
        while (due := self._next_alarm()) is not None and due <= now:
            _, _, key = heapq.heappop(self._alarms)
            self._make_ready(key, self._waiting[key].lane)

    def _next_lane(self) -> _Lane | None:
        live, backlog = self._ready[_Lane.LIVE], self._ready[_Lane.BACKLOG]
        if backlog and (not live or self._live_in_a_row >= BACKLOG_SHARE - 1):
            return _Lane.BACKLOG
        return _Lane.LIVE if live else None

    def _take(self, lane: _Lane) -> K:
        passed_over = lane is _Lane.LIVE and bool(self._ready[_Lane.BACKLOG])
        self._live_in_a_row = self._live_in_a_row + 1 if passed_over else 0
        key, _ = self._ready[lane].popitem(last=False)
        self._held[key] = _Held(lane)
        return key
