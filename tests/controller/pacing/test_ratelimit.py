"""What HTTP clients may have the private keys do: the token bucket by table and by law, and what is paid with tokens."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.wait import eventually

from sealwright_controller.pacing.ratelimit import (
    BYTES_PER_TOKEN,
    MAX_AT_ONCE,
    MAX_OPERATIONS,
    MAX_SECONDS,
    OPERATIONS_PER_TOKEN,
    SECONDS_PER_TOKEN,
    KeyWorkLimit,
    TokenBucket,
    TooManyRequestsError,
    TooMuchWorkError,
)
from sealwright_controller.web.server import _ADJUSTMENTS
from sealwright_crypto import OperationCounter


class Clock:
    """Stands until it is told to go on."""

    now = 1000.0

    def __call__(self):
        return self.now


# Of size 3, filling at 2 a second. Steps: seconds that pass, tokens that are charged ("take": one is asked for), wait.
TAKE = "take"
STEPS = [
    ("a full bucket gives all it has at once", [(0, TAKE, 0), (0, TAKE, 0), (0, TAKE, 0), (0, TAKE, 0.5)]),
    ("it fills while nobody asks", [(0, TAKE, 0), (0, TAKE, 0), (0, TAKE, 0), (0.5, TAKE, 0), (0, TAKE, 0.5)]),
    ("it never holds more than its size", [(3600, TAKE, 0), (0, TAKE, 0), (0, TAKE, 0), (0, TAKE, 0.5)]),
    ("a part of a token is not enough", [(0, 2.5, None), (0, TAKE, 0.25), (0.25, TAKE, 0)]),
    ("asking in vain costs nothing", [(0, 3, None), (0.25, TAKE, 0.25), (0, TAKE, 0.25), (0.25, TAKE, 0)]),
    ("a debt has to be paid first", [(0, TAKE, 0), (0, 12, None), (0, TAKE, 5.5), (5, TAKE, 0.5), (0.5, TAKE, 0)]),
    ("time pays debts before it fills", [(0, 5, None), (1, TAKE, 0.5), (1.5, TAKE, 0), (0, TAKE, 0), (0, TAKE, 0)]),
]


@pytest.mark.parametrize("steps", [row[1] for row in STEPS], ids=[row[0] for row in STEPS])
def test_bucket(steps):
    clock = Clock()
    bucket = TokenBucket(size=3, per_second=2, clock=clock)
    for seconds, what, wait in steps:
        clock.now += seconds
        assert (bucket.take() if what is TAKE else bucket.charge(what)) == wait


TINY = 1e-6  # what adding up fractions may be wrong by
seconds = st.floats(0, 5)
steps = st.lists(st.tuples(seconds, st.just(TAKE) | st.floats(0, 4)), max_size=60)
sizes, rates = st.integers(1, 5), st.floats(0.1, 50)


@given(size=sizes, rate=rates, steps=steps)
def test_whoever_is_admitted_finds_all_that_was_spent_before_paid(size, rate, steps):
    clock, spent = Clock(), 0.0
    bucket, started = TokenBucket(size=size, per_second=rate, clock=clock), clock.now
    for passed, what in steps:
        clock.now += passed
        if what is not TAKE:
            bucket.charge(what)
            spent += what
        elif bucket.take() == 0:
            spent += 1
            assert spent <= size + rate * (clock.now - started) + TINY


@given(size=sizes, rate=rates, steps=steps)
def test_after_the_time_that_it_says_there_is_a_token_and_not_before(size, rate, steps):
    clock = Clock()
    bucket = TokenBucket(size=size, per_second=rate, clock=clock)
    for passed, what in steps:
        clock.now += passed
        wait = bucket.take() if what is TAKE else bucket.charge(what)
        if wait:
            clock.now += wait * 0.9
            assert bucket.take() > 0
            clock.now += wait * 0.1 + TINY
            assert bucket.take() == 0


@given(size=sizes, rate=rates, times=st.lists(seconds, max_size=100))
def test_in_no_stretch_of_time_more_are_admitted_than_size_and_rate_allow(size, rate, times):
    clock, admitted = Clock(), []
    bucket = TokenBucket(size=size, per_second=rate, clock=clock)
    for passed in times:
        clock.now += passed
        if bucket.take() == 0:
            admitted.append(clock.now)
    for first, start in enumerate(admitted):
        for last, end in enumerate(admitted[first:], first):
            assert last - first + 1 <= size + rate * (end - start) + TINY


def test_who_reserves_is_told_when_it_is_their_turn_first_come_first():
    clock = Clock()
    bucket = TokenBucket(size=2, per_second=4, clock=clock)
    assert [bucket.reserve() for _ in range(5)] == [0, 0, 0.25, 0.5, 0.75]
    clock.now += 0.5
    assert bucket.reserve() == 0.5
    clock.now += 60
    assert [bucket.reserve() for _ in range(3)] == [0, 0, 0.25]


@given(size=sizes, rate=rates, times=st.lists(seconds, max_size=100))
def test_in_no_stretch_of_time_more_have_their_turn_than_size_and_rate_allow(size, rate, times):
    clock, turns = Clock(), []
    bucket = TokenBucket(size=size, per_second=rate, clock=clock)
    for passed in times:
        clock.now += passed
        turns.append(clock.now + bucket.reserve())
    assert turns == sorted(turns) or max(a - b for a, b in itertools.pairwise(turns)) < TINY
    for first, start in enumerate(turns):
        for last, end in enumerate(turns[first:], first):
            assert last - first <= size + rate * (end - start) + TINY * (1 + rate)


def test_threads_cannot_take_a_token_twice():
    bucket, taken, together = TokenBucket(size=1000, per_second=1e-9, clock=Clock()), [], threading.Barrier(8)

    def take():
        together.wait()
        taken.extend(bucket.take() == 0 for _ in range(500))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 1000


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def total():
    return OperationCounter()


@pytest.fixture
def limit(clock, total):
    """As with default flags: three requests at once, two a second."""
    return KeyWorkLimit(TokenBucket(size=3, per_second=2, clock=clock), total)


def request(limit, operations):
    with limit.admit() as counter:
        for _ in range(operations):
            counter.increment()


def wait_after(limit, *requests):
    """Return the seconds that are to be waited after requests of that many operations."""
    for operations in requests:
        request(limit, operations)
    with pytest.raises(TooManyRequestsError) as caught:
        request(limit, 0)
    return caught.value.seconds


COSTS = [
    ("requests without any work cost a token", (0, 0, 0), 1),
    ("so do requests with as much as a token buys", (OPERATIONS_PER_TOKEN,) * 3, 1),
    ("30 items without hints, 12 keys: 41 operations", (12 + 29,) * 3, 1),
    ("30 items, each of another one of 12 keys, are answered and cost 7 tokens", (30 * 12,), 3),
    ("the most that one request can cost is 20 tokens", (MAX_OPERATIONS,), 9),
    ("what was paid already is not paid again", (OPERATIONS_PER_TOKEN, 2 * OPERATIONS_PER_TOKEN), 1),
]


@pytest.mark.parametrize(("requests", "seconds"), [row[1:] for row in COSTS], ids=[row[0] for row in COSTS])
def test_costs(limit, total, requests, seconds):
    assert wait_after(limit, *requests) == seconds
    assert total.value == sum(requests)


@pytest.mark.parametrize(("size_bytes", "seconds"), [(0, 1), (BYTES_PER_TOKEN, 1), (7 * BYTES_PER_TOKEN, 3)])
def test_a_body_costs_a_token_for_every_part_of_its_size(limit, size_bytes, seconds):
    with limit.admit() as admitted:
        admitted.pay_for_body(size_bytes)
    assert wait_after(limit, *[0] * (2 if size_bytes <= BYTES_PER_TOKEN else 0)) == seconds


def test_a_request_that_was_not_admitted_is_after_the_time_that_it_was_told(limit, clock):
    seconds = wait_after(limit, 30 * 12)
    clock.now += seconds
    request(limit, 1)


def test_one_request_cannot_go_beyond_its_bound(limit, total):
    with pytest.raises(TooMuchWorkError, match=r"^this takes more than 1000 private-key operations; "):
        request(limit, MAX_OPERATIONS + 1)
    assert total.value == MAX_OPERATIONS


def test_a_request_that_fails_has_paid_for_what_was_done(limit):
    def fail():
        with limit.admit() as counter:
            for _ in range(MAX_OPERATIONS):
                counter.increment()
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert wait_after(limit) == 9


def test_only_so_many_are_in_work_at_once_and_the_next_costs_nothing(total):
    limit = KeyWorkLimit(TokenBucket(size=100, per_second=1e-9, clock=Clock()), total)
    inside, leave = threading.Semaphore(0), threading.Event()

    def stay():
        with limit.admit():
            inside.release()
            leave.wait(20)

    threads = [threading.Thread(target=stay) for _ in range(MAX_AT_ONCE)]
    for thread in threads:
        thread.start()
    assert all(inside.acquire(timeout=10) for _ in threads)
    for _ in range(200):
        assert wait_after(limit) == 1
    leave.set()
    for thread in threads:
        thread.join()
    eventually(lambda: request(limit, 1) is None, what="a place")


class TestTime:
    """Operations with longer keys take longer; the clock is that of the thread's own work, and goes with each of them."""

    @staticmethod
    def limited(seconds_each):
        """The clock is asked twice for each operation."""
        busy = itertools.count()
        tokens = TokenBucket(size=3, per_second=2, clock=Clock())
        return KeyWorkLimit(tokens, OperationCounter(), busy_clock=lambda: next(busy) * seconds_each / 2), tokens

    def test_no_request_keeps_a_core_busy_for_long(self):
        limit, _ = self.limited(0.1)
        done = OperationCounter()

        def work():
            with limit.admit() as counter:
                for _ in range(MAX_OPERATIONS):
                    counter.increment()
                    done.increment()

        with pytest.raises(
            TooMuchWorkError, match=r"^this takes more than 3 s of work; split the SealedSecret in two$"
        ):
            work()
        assert MAX_SECONDS / 0.1 - 2 <= done.value <= MAX_SECONDS / 0.1 + 2

    def test_long_work_is_paid_for_by_time(self):
        limit, tokens = self.limited(0.1)
        request(limit, 10)  # a second of work, and fewer operations than a token buys
        debt = 2 * tokens.take() - 1  # in tokens: what there is to wait for, but for the one to be taken
        assert debt == pytest.approx(1 / SECONDS_PER_TOKEN - 3, abs=0.5)

    def test_short_work_is_paid_for_by_number(self):
        limit, tokens = self.limited(0.001)
        request(limit, 2 * OPERATIONS_PER_TOKEN)
        assert tokens.take() == 0
        assert tokens.take() > 0


def test_the_server_has_threads_left_when_all_places_are_taken():
    assert _ADJUSTMENTS["threads"] >= 2 * MAX_AT_ONCE
