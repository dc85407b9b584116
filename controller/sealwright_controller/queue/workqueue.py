"""The work queue: which key is worked on next. Knows keys and time, nothing of Kubernetes.

Rules, each a law in the tests: a key waits here once, however often it is added; no two workers hold one key; a key
added while it is worked on comes again; live work goes before the backlog, which still gets its share; work that may
come later goes behind both for some seconds; only the patient worker does long work; within a lane, groups of keys
take turns by the workers' time that they have used (`shares`); a key that fails is retried for ever, with growing
delays. State is kept only for keys that wait, are worked on, or fail.
"""

import random
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

from sealwright_controller.pacing.backoff import Backoff
from sealwright_controller.queue.alarms import Alarms
from sealwright_controller.queue.backlogshare import BacklogShare
from sealwright_controller.queue.fairlane import FairLane
from sealwright_controller.queue.lanes import OF_BACKLOG, Held, Lane, first_of
from sealwright_controller.queue.shares import Shares

RETRY_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=300.0)
"""A write conflict is over within a request's time, so the first retry is almost immediate. A lasting failure is
retried every few minutes: rarely enough that thousands of broken objects cost little, and often enough that repairing
one does not need a restart of the controller."""

RETRIES_IN_LANE = 3
"""This many retries of a live key are live as well; after them the failure is not temporary, and the key joins the
backlog."""

STAND_ASIDE_SECONDS = 0.25
"""For how long the backlog stands aside for a live key that is worked on: longer than an object of usual size takes."""

LATER_SECONDS = 10.0
"""For how long work that may come later waits for live keys and the backlog; afterwards it counts as backlog."""

K = TypeVar("K", bound=Hashable)


class Depth(NamedTuple):
    """How many keys are ready, are waiting, and are held by workers."""

    ready: int
    waiting: int
    working: int


def _every_key(_: object) -> bool:
    return True


def _one_group(_: object) -> Hashable:
    return ""


class WorkQueue(Generic[K]):
    """Hands keys to workers. All methods may be called from any thread; `clock` gives seconds that never go back.

    A worker calls `get`, works, calls `retry` (it failed) or `forget` (it did not), and in any case `done`. A worker
    that finds that a key would take long calls `add_long` and leaves it to the patient worker.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
        *,
        group_of: Callable[[K], Hashable] = _one_group,
        workers: int = 1,
    ) -> None:
        """`jitter` gives random numbers 0 ≤ x < 1; clock and jitter are parameters so that tests decide them.

        `group_of` returns the group of a key; it must be quick, always give the same, and never None. `workers` is the
        number of workers besides the patient one.
        """
        self._clock = clock
        self._jitter = jitter
        self._changed = threading.Condition()
        self._closed = False
        self._is_ours: Callable[[Hashable], bool] = _every_key
        self._group_of = group_of
        self._workers = workers
        shares: Shares[Hashable] = Shares(workers)
        self._shares = {**dict.fromkeys(Lane, shares), Lane.LONG: Shares[Hashable](1)}
        # A key is in one lane, or waiting, or neither. A held key is in no lane: `again` says where it goes next.
        self._ready: dict[Lane, FairLane[K]] = {lane: FairLane(group_of, self._shares[lane]) for lane in Lane}
        self._waiting: Alarms[K, Lane] = Alarms()
        self._held: dict[K, Held] = {}
        self._failures: dict[K, int] = {}
        self._retries = 0
        self._backlog_share = BacklogShare()
        self._late_is_next = True

    def __len__(self) -> int:
        """Return how many keys are ready."""
        return self.depth().ready

    def add(self, key: K, *, backlog: bool = False) -> None:
        """Make a key ready now, even if it waits for a retry; its count of failures stays.

        A live addition moves a key out of the other lanes; a backlog addition of a live or long key changes nothing.
        A key that is being worked on is ready again as soon as it is done. After `close` nothing happens.
        """
        with self._changed:
            if not self._closed:
                self._make_ready(key, Lane.BACKLOG if backlog else Lane.LIVE)

    def add_long(self, key: K) -> None:
        """Make a key ready for the patient worker, unless it is ready or was added live while it is worked on."""
        with self._changed:
            if not self._closed:
                self._make_ready(key, Lane.LONG)

    def add_again(self, key: K) -> None:
        """Make a key that is worked on and unfinished ready again: in the long lane or the backlog."""
        with self._changed:
            if not self._closed:
                self._make_ready(key, Lane.LONG if self._held[key].lane is Lane.LONG else Lane.BACKLOG)

    def add_later(self, key: K) -> None:
        """Make a key that is worked on ready again when nothing else is, or after LATER_SECONDS."""
        with self._changed:
            if not self._closed:
                self._make_ready(key, Lane.LATER)

    def has_more(self, besides: K) -> bool:
        """Tell whether other keys than this one are ready to be handed out, not counting those that may come later."""
        with self._changed:
            lanes = [self._ready[lane] for lane in (Lane.LIVE, Lane.BACKLOG)]
            return any(len(keys) > (besides in keys) and keys.has_any(self._is_ours) for keys in lanes)

    def add_after(self, key: K, seconds: float) -> None:
        """Make a key ready in the live lane after some seconds, unless it is ready or due sooner anyway."""
        with self._changed:
            self._wait(key, seconds, Lane.LIVE)

    def know(self, key: K) -> None:
        """Note that a key exists, even without work: if there are several groups, none gets all workers."""
        with self._changed:
            self._shares[Lane.LIVE].know(self._group_of(key))

    def hand_out(self, of: Callable[[Hashable], bool]) -> None:
        """Hand out only keys of the groups that `of` picks from now on; the others are collected.

        `of` is called often, with the queue locked: it must be quick and leave the queue alone. Call this again when it
        picks more groups.
        """
        with self._changed:
            self._is_ours = of
            self._changed.notify_all()

    def hands_out(self, key: K) -> bool:
        """Tell whether a key's group is handed out."""
        return self._is_ours(self._group_of(key))

    def is_working(self, where: Callable[[K], bool]) -> bool:
        """Tell whether a worker holds a key that `where` picks, with the queue locked."""
        with self._changed:
            return any(map(where, self._held))

    def settled(self, key: K) -> None:
        """Note that there is no work for a key: while keys of its group are not handed out, it need not be kept."""
        with self._changed:
            if not self._is_ours(self._group_of(key)):
                self._waiting.drop(key)
                self._failures.pop(key, None)
                for keys in self._ready.values():
                    if key in keys:
                        keys.remove(key)

    def get(self, timeout: float | None = None, *, long: bool = False) -> K | None:
        """Return the next key, waiting for one up to `timeout` seconds (None: without limit).

        Only the patient worker asks for `long` work. Returns None if no key became ready in time, and at once when the
        queue is closed. The caller holds the key until it calls `done`.
        """
        deadline = None if timeout is None else self._clock() + timeout
        with self._changed:
            while not self._closed:
                self._ring_alarms()
                now = self._clock()
                for lane in self._lanes(now, long=long):
                    if (key := self._ready[lane].first(now, self._is_ours)) is not None:
                        return self._take(key, lane, now)
                if deadline is not None and now >= deadline:
                    return None
                ends = (deadline, self._waiting.next_due(), self._standing_aside_until(now))
                self._wait_until(min((end for end in ends if end is not None), default=None), now)
            return None

    def done(self, key: K, cost_seconds: float | None = None) -> None:
        """Give a key back. Raises KeyError if it is not held.

        Its cost counts for its group: `cost_seconds` or, without it, the time since the key was taken.
        """
        with self._changed:
            held = self._held.pop(key)
            now = self._clock()
            seconds = now - held.since if cost_seconds is None else cost_seconds
            self._shares[held.lane].give_back(self._group_of(key), seconds, now)
            if held.lane is Lane.LIVE:
                self._backlog_share.live_worked(seconds, backlog_waits=self._backlog_waits(now))
            elif held.lane in OF_BACKLOG:
                self._backlog_share.backlog_worked(seconds)
            if held.again is not None and not self._closed:
                self._make_ready(key, held.again)
            if any(keys.has_any(self._is_ours) for keys in self._ready.values()):
                self._changed.notify_all()  # ready keys may have waited for this worker
            elif not self._held:
                for shares in self._shares.values():
                    shares.start_anew()

    def retry(self, key: K, backoff: Backoff = RETRY_BACKOFF) -> float:
        """Count a failure of a key and schedule it again; return the greatest delay in seconds.

        It comes at once if it was added, or woken by `wake_failed`, while it was worked on.
        """
        with self._changed:
            failures = self._failures.get(key, 0) + 1
            seconds = backoff.seconds(failures, self._jitter())
            if self._closed:
                return seconds
            self._failures[key] = failures
            self._retries += 1
            held = self._held.get(key)
            if held is not None and held.woken:
                self._make_ready(key, Lane.BACKLOG)
            lane = Lane.BACKLOG
            if held is not None and (failures <= RETRIES_IN_LANE or held.lane is Lane.LONG):
                lane = held.lane
            return self._wait(key, seconds, lane)

    def forget(self, key: K) -> None:
        """Reset a key's count of failures, because it succeeded or no longer matters."""
        with self._changed:
            self._failures.pop(key, None)

    def wake_failed(self, where: Callable[[K], bool] = _every_key) -> None:
        """Move the keys that wait for a retry to the backlog, because the cause of their failure may be gone.

        Held keys that fail after this call count too: they may have read an earlier state. `where` picks the keys; it
        is called with the queue locked, so it must be quick and leave the queue alone.
        """
        with self._changed:
            for key in [key for key in self._waiting if key in self._failures and where(key)]:
                self._make_ready(key, Lane.BACKLOG)
            for key, held in self._held.items():
                held.woken = held.woken or where(key)

    def close(self) -> None:
        """Make every `get` return None at once, and drop waiting keys; held keys are still given back.

        Nothing is lost: the next controller to start lists everything again.
        """
        with self._changed:
            self._closed = True
            for keys in self._ready.values():
                keys.clear()
            self._waiting.clear()
            self._failures.clear()
            self._changed.notify_all()

    def oldest_age_seconds(self) -> float:
        """Return for how long the oldest ready key has been ready; 0 without keys."""
        with self._changed:
            self._ring_alarms()
            since = [oldest for keys in self._ready.values() if (oldest := keys.oldest(_every_key)) is not None]
            return self._clock() - min(since) if since else 0.0

    def failing(self) -> int:
        """Return how many keys have failed and were not forgotten since."""
        with self._changed:
            return len(self._failures)

    def depth(self) -> Depth:
        """Return how many keys are ready, waiting and held."""
        with self._changed:
            self._ring_alarms()
            return Depth(sum(len(keys) for keys in self._ready.values()), len(self._waiting), len(self._held))

    def retries(self) -> int:
        """Return how often keys were rescheduled after a failure, over all keys; it never decreases."""
        with self._changed:
            return self._retries

    # The methods below are called with the lock held.

    def _make_ready(self, key: K, lane: Lane) -> None:
        self._waiting.drop(key)
        held = self._held.get(key)
        if held is not None:
            held.again = first_of(lane, held.again)
            return
        is_in = next((one for one in Lane if key in self._ready[one]), None)
        if is_in is lane or (is_in not in (None, Lane.LATER) and lane is not Lane.LIVE):
            return
        if is_in is not None:
            self._ready[is_in].remove(key)
        self._ready[lane].add(key, self._clock())
        self._changed.notify_all()  # a worker does not take keys from every lane

    def _wait(self, key: K, seconds: float, lane: Lane) -> float:
        """Set a key's alarm unless it is due sooner anyway; return after how many seconds it is due."""
        held = self._held.get(key)
        if self._closed or (held is not None and held.again) or any(key in keys for keys in self._ready.values()):
            return 0.0
        now = self._clock()
        due = self._waiting.due(key)
        if due is not None and due <= now + seconds:
            return max(0.0, due - now)
        self._waiting.set(key, now + seconds, lane)  # the latest failure is woken last by `wake_failed`
        self._changed.notify_all()  # a waiting `get` may have to wake sooner
        return seconds

    def _ring_alarms(self) -> None:
        """Make keys ready that are due."""
        for key, lane in self._waiting.ring(self._clock()):
            self._make_ready(key, lane)

    def _lanes(self, now: float, *, long: bool) -> tuple[Lane, ...]:
        """Return the lanes from which a worker takes a key, in the order of preference."""
        if long:
            return (Lane.LONG,)
        backlog = self._lanes_of_backlog(now)
        if self._backlog_share.is_due(has_worker=self._held_of_backlog() > 0):
            return (*backlog, Lane.LIVE)
        return (Lane.LIVE, *backlog) if self._has_room_for_backlog(now) else (Lane.LIVE,)

    def _lanes_of_backlog(self, now: float) -> tuple[Lane, Lane]:
        """Return the lanes of the backlog in the order of preference.

        Late work counts as backlog: the group that has used the least time is next, whichever of them it waits in. So
        late work of one group does not take the place of another's backlog, nor all the time of its own.
        """
        if not self._is_late(now):
            return (Lane.BACKLOG, Lane.LATER)
        lanes = (Lane.LATER, Lane.BACKLOG) if self._late_is_next else (Lane.BACKLOG, Lane.LATER)
        first, other = (self._ready[lane].next_group(now, self._is_ours) for lane in lanes)
        if first is None or other is None or self._shares[Lane.BACKLOG].next_of((first, other), now) == first:
            return lanes
        return (lanes[1], lanes[0])

    def _backlog_waits(self, now: float) -> bool:
        """Tell whether there is work for the backlog's share."""
        return bool(self._ready[Lane.BACKLOG]) or self._is_late(now)

    def _is_late(self, now: float) -> bool:
        """Tell whether work that may come later has waited for long enough."""
        oldest = self._ready[Lane.LATER].oldest(self._is_ours)
        return oldest is not None and oldest <= now - LATER_SECONDS

    def _wait_until(self, end: float | None, now: float) -> None:
        self._changed.wait(None if end is None else end - now)

    def _has_room_for_backlog(self, now: float) -> bool:
        """Tell whether a worker may take a key from the backlog.

        The last worker of several is left to live keys, and while one of these is worked on, the backlog stands aside,
        so that it does not take the processor and the API server.
        """
        if self._standing_aside_until(now) is not None:
            return False
        return self._held_of_backlog() < max(1, self._workers - 1)

    def _held_of_backlog(self) -> int:
        return sum(held.lane in OF_BACKLOG for held in self._held.values())

    def _standing_aside_until(self, now: float) -> float | None:
        """Return until when the backlog stands aside, if no live key is given back before; None if it does not."""
        since = [held.since for held in self._held.values() if held.lane is Lane.LIVE]
        until = max(since) + STAND_ASIDE_SECONDS if since else now
        return until if until > now else None

    def _take(self, key: K, lane: Lane, now: float) -> K:
        if lane is not Lane.LONG:
            self._backlog_share.took(passed_over=lane is Lane.LIVE and self._backlog_waits(now))
        if lane in OF_BACKLOG:
            self._late_is_next = lane is Lane.BACKLOG
        self._ready[lane].remove(key)
        self._shares[lane].take(self._group_of(key))
        self._held[key] = Held(lane, now)
        return key
