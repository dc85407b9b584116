from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_controller.keys.renewal import MAX_WAIT, next_key, retry_delay

NOW = datetime(2030, 6, 15, 12, tzinfo=UTC)
PERIOD = timedelta(days=30)
OFF = timedelta(0)
SECOND, MINUTE, HOUR, DAY = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))


def decide(*ages, period=PERIOD, cutoff=None):
    """Decide over keys of these ages; a negative age is in the future."""
    return next_key([NOW - age for age in ages], now=NOW, period=period, cutoff=cutoff)


class TestDue:
    @pytest.mark.parametrize("period", [PERIOD, OFF])
    def test_without_any_key_one_is_due_now(self, period):
        due = decide(period=period)
        assert due.due
        assert due.next_check == timedelta(0)
        assert due.reason == "there is no sealing key"

    def test_a_newest_key_as_old_as_the_period_makes_one_due(self):
        due = decide(PERIOD, 90 * DAY)
        assert due.due
        assert due.reason == "the newest key, of 2030-05-16 12:00:00 UTC, is older than the renew period of 30d"

    def test_a_newest_key_younger_than_the_period_does_not_however_old_the_others(self):
        assert not decide(90 * DAY, PERIOD - SECOND, 400 * DAY).due

    def test_keys_do_not_age_when_the_period_is_off(self):
        assert not decide(4000 * DAY, period=OFF).due

    def test_a_newest_key_from_before_the_cutoff_makes_one_due(self):
        due = decide(2 * DAY, period=OFF, cutoff=NOW - DAY)
        assert due.due
        assert "was made before the cutoff time 2030-06-14 12:00:00 UTC" in due.reason

    def test_a_newest_key_made_at_the_cutoff_does_not(self):
        assert not decide(DAY, cutoff=NOW - DAY).due

    def test_a_cutoff_that_is_still_to_come_does_not_yet(self):
        assert not decide(DAY, cutoff=NOW + SECOND).due

    def test_a_cutoff_that_comes_now_does(self):
        assert decide(DAY, cutoff=NOW).due

    def test_a_key_made_for_a_cutoff_settles_it(self):
        assert decide(2 * DAY, cutoff=NOW).due
        assert not decide(2 * DAY, OFF, cutoff=NOW).due

    def test_a_key_from_the_future_does_not_count(self):
        assert decide(90 * DAY, -400 * DAY).due
        assert not decide(DAY, -400 * DAY).due
        assert decide(-2 * HOUR).due

    def test_where_every_key_is_from_the_future_the_clock_is_asked_about(self):
        due = decide(-800 * DAY, -400 * DAY)
        assert due.due
        assert due.reason == (
            "every key is from the future, the first of 2031-07-20 12:00:00 UTC; "
            "check the clock, which shows 2030-06-15 12:00:00 UTC"
        )

    @pytest.mark.parametrize("ahead", [5 * MINUTE, HOUR])
    def test_a_key_some_minutes_from_the_future_is_nothing_special(self, ahead):
        due = decide(-ahead)
        assert not due.due
        assert due.reason.endswith("is new enough")


class TestNextCheck:
    @pytest.mark.parametrize(
        ("ages", "options", "wait"),
        [
            pytest.param([PERIOD - MINUTE], {}, MINUTE, id="the period ends soon"),
            pytest.param([DAY], {"cutoff": NOW + MINUTE}, MINUTE, id="the cutoff comes soon"),
            pytest.param([PERIOD - SECOND], {"cutoff": NOW + MINUTE}, SECOND, id="the period ends before the cutoff"),
            pytest.param([DAY], {}, MAX_WAIT, id="the period ends long from now"),
            pytest.param([DAY], {"cutoff": NOW - 2 * DAY}, MAX_WAIT, id="the cutoff has passed"),
            pytest.param([DAY], {"period": OFF}, MAX_WAIT, id="nothing can become due"),
            pytest.param([-HOUR], {}, MAX_WAIT, id="the newest key is from the future"),
            pytest.param([PERIOD - SECOND, -400 * DAY], {}, SECOND, id="one beside it is from the far future"),
        ],
    )
    def test_it_is_looked_again_when_something_may_be_due_and_within_the_hour(self, ages, options, wait):
        assert decide(*ages, **options).next_check == wait


ages = st.lists(st.timedeltas(-1000 * DAY, 1000 * DAY), max_size=5)
periods = st.just(OFF) | st.timedeltas(SECOND, 500 * DAY)
cutoffs = st.none() | st.timedeltas(-1000 * DAY, 1000 * DAY).map(lambda ahead: NOW + ahead)


@given(ages, periods, cutoffs)
def test_a_key_made_when_one_is_due_makes_none_due(ages, period, cutoff):
    if decide(*ages, period=period, cutoff=cutoff).due:
        assert not decide(*ages, OFF, period=period, cutoff=cutoff).due


@given(ages, periods, cutoffs)
def test_a_pause_is_asked_for_exactly_when_no_key_is_due(ages, period, cutoff):
    due = decide(*ages, period=period, cutoff=cutoff)
    assert due.next_check <= MAX_WAIT
    assert due.due == (due.next_check == timedelta(0))


def test_failed_attempts_are_repeated_quickly_at_first_and_always_within_a_minute():
    delays = [retry_delay(failures) for failures in range(1, 2000)]
    assert delays[0] <= 2 * SECOND
    assert delays == sorted(delays)
    assert delays[-1] == MINUTE
