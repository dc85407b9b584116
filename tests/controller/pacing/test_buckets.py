"""Token buckets for many keys: what there is, what is taken, and how much is remembered."""

import pytest

from sealwright_controller.pacing.buckets import Buckets


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets[str]:
    return Buckets(size=3, per_second=0.5, clock=clock, max_keys=2)


def test_so_many_can_be_taken_at_once_and_no_more(buckets):
    assert [buckets.take("a") for _ in range(5)] == [True, True, True, False, False]


def test_keys_have_nothing_to_do_with_each_other(buckets):
    buckets.charge("a", 3)
    assert (buckets.take("a"), buckets.take("b")) == (False, True)


def test_they_fill_steadily_up_to_their_size(buckets, clock):
    buckets.charge("a", 3)
    assert buckets.wait_seconds("a") == 2
    clock.now += 1
    assert buckets.wait_seconds("a") == 1
    clock.now += 1
    assert (buckets.wait_seconds("a"), buckets.take("a")) == (0, True)
    clock.now += 1_000
    assert buckets.tokens("a") == 3


def test_a_debt_has_to_be_filled_first(buckets):
    buckets.charge("a", 5)
    assert (buckets.tokens("a"), buckets.wait_seconds("a")) == (-2, 6)


def test_what_is_not_there_is_not_taken(buckets, clock):
    buckets.charge("a", 2.5)
    assert not buckets.take("a")
    assert buckets.tokens("a") == 0.5


def test_a_key_whose_bucket_is_full_again_is_forgotten(clock):
    buckets = Buckets(size=3, per_second=0.5, clock=clock, max_keys=1_000)
    for number in range(100):
        buckets.charge(str(number))
        clock.now += 1
    assert len(buckets) <= 3  # a token takes two seconds


def test_a_key_whose_bucket_is_not_full_is_remembered_behind_one_that_takes_longer(clock):
    buckets = Buckets(size=3, per_second=0.5, clock=clock, max_keys=1_000)
    buckets.charge("debt", 10)
    buckets.charge("one")
    clock.now += 3
    buckets.charge("other")
    assert buckets.tokens("debt") == -5.5
    clock.now += 20
    buckets.charge("other")
    assert len(buckets) == 1


def test_only_so_many_keys_are_remembered_the_last_charged_ones(buckets):
    for key in ("a", "b", "a", "c"):
        buckets.charge(key, 3)
    assert len(buckets) == 2
    assert [buckets.tokens(key) for key in ("a", "b", "c")] == [-3, 3, 0]
