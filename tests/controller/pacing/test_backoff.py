import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_controller.pacing.backoff import Backoff

BACKOFF = Backoff(first_seconds=0.5, cap_seconds=30)
LONGEST = 1 - 2**-53  # the largest jitter below 1


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(1, 0.25), (2, 0.5), (3, 1), (6, 8), (7, 15), (8, 15), (10**9, 15)],
)
def test_the_shortest_delay_doubles_from_half_the_first_to_half_the_cap(failures, seconds):
    assert BACKOFF.seconds(failures, jitter=0.0) == seconds


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.5), (2, 1), (6, 16), (7, 30), (10**9, 30)])
def test_the_longest_delay_doubles_from_the_first_to_the_cap(failures, seconds):
    assert BACKOFF.seconds(failures, jitter=LONGEST) == pytest.approx(seconds)


jitters = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 5), jitters, jitters)
def test_before_the_cap_no_delay_is_shorter_than_the_one_before_it(failures, jitter, next_jitter):
    assert BACKOFF.seconds(failures, jitter) <= BACKOFF.seconds(failures + 1, next_jitter)


@given(st.integers(1), jitters)
def test_no_delay_leaves_the_bounds(failures, jitter):
    assert 0.25 <= BACKOFF.seconds(failures, jitter) <= 30


@pytest.mark.parametrize(
    ("seconds", "first", "cap"),
    [(0.1, 0.5, 30), (20, 20, 30), (100, 100, 100), (10_000, 3600, 3600)],
    ids=["shorter than it is anyway", "longer", "longer than its cap", "longer than an hour"],
)
def test_delays_of_at_least_so_long(seconds, first, cap):
    backoff = BACKOFF.at_least(seconds)
    assert (backoff.seconds(1, LONGEST), backoff.seconds(100, LONGEST)) == pytest.approx((first, cap))


@pytest.mark.parametrize(("failures", "seconds"), [(1, 0.1), (2, 0.4), (3, 1.6), (8, 1638.4), (9, 3600), (10**9, 3600)])
def test_delays_may_grow_faster(failures, seconds):
    assert Backoff(first_seconds=0.1, cap_seconds=3600, factor=4).seconds(failures, LONGEST) == pytest.approx(seconds)
