"""The work queue against a naive model of it: lists that are searched, one thread, no locks."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sealwright_controller.queue.backlogshare import MAX_OWED_SECONDS, OWED_SECONDS, SHARE
from sealwright_controller.queue.workqueue import (
    RETRIES_IN_LANE,
    RETRY_BACKOFF,
    STAND_ASIDE_SECONDS,
    WorkQueue,
)

KEYS = "abc"
FOR_EVER = 10 * RETRY_BACKOFF.cap_seconds

keys = st.sampled_from(KEYS)


LIVE, BACKLOG, LONG = "live", "backlog", "long"


class WorkQueueLaws(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.jitter = 0.0
        self.queue = WorkQueue(clock=lambda: self.now, jitter=lambda: self.jitter)
        self.ready = {LIVE: [], BACKLOG: [], LONG: []}
        self.waiting = {}  # key → (due, lane), in the order of scheduling
        self.held = {}  # key → lane
        self.since = {}  # held key → when it was taken
        self.again = {}  # held key → lane
        self.woken = set()
        self.failures = {}
        self.live_in_a_row = 0
        self.owed = 0.0  # seconds, to the backlog

    # What can happen.

    @rule(key=keys, backlog=st.booleans())
    def add(self, key, backlog):
        self.queue.add(key, backlog=backlog)
        self.enter(key, BACKLOG if backlog else LIVE)

    @rule(key=keys)
    def add_long(self, key):
        self.queue.add_long(key)
        self.enter(key, LONG)

    @rule(key=keys, seconds=st.integers(0, 20))
    def add_after(self, key, seconds):
        self.queue.add_after(key, seconds)
        self.wait(key, seconds, LIVE)

    @rule(seconds=st.sampled_from([0.05, 0.1, 0.2, 1, 10]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def get(self):
        self.ring()
        is_owed = self.owed >= OWED_SECONDS and BACKLOG not in self.held.values()
        backlog_first = self.ready[BACKLOG] and (self.live_in_a_row >= SHARE - 1 or is_owed)
        lane = LIVE if self.ready[LIVE] and not backlog_first else BACKLOG
        if lane == BACKLOG and not backlog_first and self.stands_aside():
            assert self.queue.get(timeout=0) is None
            return
        key = self.take_from(lane, self.queue.get(timeout=0))
        if key is not None:
            self.live_in_a_row = self.live_in_a_row + 1 if lane == LIVE and self.ready[BACKLOG] else 0

    @rule()
    def get_long(self):
        self.ring()
        self.take_from(LONG, self.queue.get(timeout=0, long=True))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def succeed(self, data):
        key = data.draw(st.sampled_from(sorted(self.held)))
        self.queue.forget(key)
        self.failures.pop(key, None)
        self.give_back(key)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def stay_unfinished(self, data):
        key = data.draw(st.sampled_from(sorted(self.held)))
        self.queue.add_again(key)
        self.enter(key, LONG if self.held[key] == LONG else BACKLOG)
        self.give_back(key)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), jitter=st.floats(0, 1, exclude_max=True))
    def fail(self, data, jitter):
        key = data.draw(st.sampled_from(sorted(self.held)))
        self.jitter = jitter
        failures = self.failures[key] = self.failures.get(key, 0) + 1
        comes_at_once = key in self.woken or key in self.again
        known = self.waiting.get(key)
        seconds = self.queue.retry(key)
        longest = min(RETRY_BACKOFF.cap_seconds, RETRY_BACKOFF.first_seconds * 2 ** (failures - 1))
        if comes_at_once:
            assert seconds == 0
        elif known is None:
            assert longest / 2 <= seconds <= longest, "the delay does not grow to the cap"
        if key in self.woken:
            self.enter(key, BACKLOG)
        stays = self.held[key] == LONG or failures <= RETRIES_IN_LANE
        self.wait(key, RETRY_BACKOFF.seconds(failures, jitter), self.held[key] if stays else BACKLOG)
        self.give_back(key)

    @rule(which=st.sets(keys))
    def wake(self, which):
        self.queue.wake_failed(lambda key: key in which)
        for key in [key for key in self.waiting if key in which and key in self.failures]:
            self.enter(key, BACKLOG)
        self.woken |= {key for key in self.held if key in which}

    # What holds after everything.

    @invariant()
    def numbers_are_true(self):
        self.ring()
        assert len(self.queue) == sum(map(len, self.ready.values()))
        assert self.queue.failing() == len(self.failures)

    def teardown(self):
        """No key is lost: given workers and time, every key that was added or has failed is handed out."""
        owed = {*self.waiting, *self.again}.union(*self.ready.values())
        for key in list(self.held):
            self.queue.done(key)
        self.now += FOR_EVER
        handed_out = set()
        for long in (False, True):
            while (key := self.queue.get(timeout=0, long=long)) is not None:
                handed_out.add(key)
                self.queue.done(key)
        assert handed_out == owed

    # The model.

    def stands_aside(self):
        live = [key for key, lane in self.held.items() if lane == LIVE]
        is_new = any(self.now < self.since[key] + STAND_ASIDE_SECONDS for key in live)
        return is_new or BACKLOG in self.held.values()

    def take_from(self, lane, key):
        assert key not in self.held, "a key is in two hands"
        assert key == next(iter(self.ready[lane]), None), "not the first of its lane"
        if key is not None:
            self.ready[lane].remove(key)
            self.held[key], self.since[key] = lane, self.now
        return key

    def enter(self, key, lane):
        self.waiting.pop(key, None)
        if key in self.held:
            self.again[key] = min(lane, self.again.get(key, lane), key=[LIVE, LONG, BACKLOG].index)
            return
        now_in = self.lane_of(key)
        if now_in is None or (lane == LIVE and now_in != LIVE):
            for keys_of_lane in self.ready.values():
                keys_of_lane[:] = [one for one in keys_of_lane if one != key]
            self.ready[lane].append(key)

    def lane_of(self, key):
        return next((lane for lane, keys_of_lane in self.ready.items() if key in keys_of_lane), None)

    def wait(self, key, seconds, lane):
        comes_anyway = self.lane_of(key) or key in self.again
        sooner = key in self.waiting and self.waiting[key][0] <= self.now + seconds
        if not comes_anyway and not sooner:
            self.waiting.pop(key, None)
            self.waiting[key] = (self.now + seconds, lane)

    def ring(self):
        for key, (due, lane) in sorted(self.waiting.items(), key=lambda entry: entry[1][0]):
            if due <= self.now:
                self.enter(key, lane)

    def give_back(self, key):
        self.queue.done(key)
        seconds = self.now - self.since[key]
        if self.held[key] == LIVE:
            owed = min(self.owed + seconds / (SHARE - 1), MAX_OWED_SECONDS)
            self.owed = owed if self.ready[BACKLOG] else 0.0
        elif self.held[key] == BACKLOG:
            self.owed = max(0.0, self.owed - seconds)
        del self.held[key]
        self.woken.discard(key)
        if key in self.again:
            self.enter(key, self.again.pop(key))


WorkQueueLaws.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestWorkQueueLaws = WorkQueueLaws.TestCase
