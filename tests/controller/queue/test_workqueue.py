from concurrent.futures import ThreadPoolExecutor

import pytest

from sealwright_controller.queue.backlogshare import SHARE
from sealwright_controller.queue.workqueue import RETRIES_IN_LANE, RETRY_BACKOFF, WorkQueue

CAP = RETRY_BACKOFF.cap_seconds


class Clock:
    """Time that moves only when it is told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += seconds


def take_all(queue):
    """Take and give back every ready key."""
    taken = []
    while (key := queue.get(timeout=0)) is not None:
        taken.append(key)
        queue.done(key)
    return taken


def fail(queue, key, times=1):
    """Add a key and let it fail so many times; it then waits. Returns the last delay."""
    for _ in range(times):
        queue.add(key)
        assert queue.get(timeout=0) == key
        seconds = queue.retry(key)
        queue.done(key)
    return seconds


class TestResting:
    @pytest.fixture
    def resting(self, queue):
        queue.hand_out(lambda _: False)
        return queue

    def test_it_hands_out_nothing_until_it_goes_on(self, resting, clock):
        resting.add("live")
        resting.add_long("long")
        resting.add_after("later", 5)
        clock.advance(10)
        assert resting.get(timeout=0) is None
        assert resting.get(timeout=0, long=True) is None
        resting.hand_out(lambda _: True)
        assert take_all(resting) == ["live", "later"]
        assert resting.get(timeout=0, long=True) == "long"

    def test_it_tells_whether_it_hands_out_a_key(self, resting):
        assert not resting.hands_out("live")
        resting.hand_out(lambda _: True)
        assert resting.hands_out("live")

    def test_a_worker_that_waits_is_woken_when_it_goes_on(self):
        queue = WorkQueue()
        queue.hand_out(lambda _: False)
        queue.add("a")
        with ThreadPoolExecutor() as pool:
            taken = pool.submit(queue.get, 60)
            queue.hand_out(lambda _: True)
            assert taken.result(60) == "a"

    def test_it_keeps_nothing_that_is_settled(self, resting):
        for key in "abcd":
            resting.add(key)
        resting.add_long("b")
        resting.add_after("e", 5)
        for key in "abex":
            resting.settled(key)
        assert resting.depth() == (2, 0, 0)
        resting.hand_out(lambda _: True)
        assert take_all(resting) == ["c", "d"]

    def test_while_keys_are_handed_out_what_is_settled_still_comes(self, queue):
        queue.add("a")
        queue.settled("a")
        assert take_all(queue) == ["a"]

    def test_a_key_that_failed_before_is_kept(self, queue, clock):
        fail(queue, "a")
        queue.hand_out(lambda _: False)
        clock.advance(CAP)
        queue.hand_out(lambda _: True)
        assert take_all(queue) == ["a"]


class TestOrder:
    def test_an_empty_queue_gives_nothing(self, queue):
        assert queue.get(timeout=0) is None

    def test_keys_come_in_the_order_of_their_first_addition(self, queue):
        for key in "bacab":
            queue.add(key)
        assert take_all(queue) == ["b", "a", "c"]

    def test_live_keys_come_before_the_backlog(self, queue):
        queue.add("old", backlog=True)
        queue.add("new")
        assert take_all(queue) == ["new", "old"]

    def test_a_live_addition_lifts_a_key_out_of_the_backlog(self, queue):
        for key in "abc":
            queue.add(key, backlog=True)
        queue.add("c")
        assert take_all(queue) == ["c", "a", "b"]

    def test_a_backlog_addition_leaves_a_live_key_live(self, queue):
        queue.add("a", backlog=True)
        queue.add("b")
        queue.add("b", backlog=True)
        assert take_all(queue) == ["b", "a"]

    def test_the_backlog_gets_its_share_under_live_work_without_end(self, queue):
        for number in range(3):
            queue.add(f"old {number}", backlog=True)
        taken = []
        for number in range(3 * SHARE):
            queue.add(f"new {number}")
            taken.append(queue.get(timeout=0))
            queue.done(taken[-1])
        assert [key for key in taken if key.startswith("old")] == ["old 0", "old 1", "old 2"]
        assert taken.index("old 0") == SHARE - 1

    def test_live_work_done_before_there_was_a_backlog_gives_it_no_claim(self, queue):
        for number in range(SHARE):
            queue.add(number)
        take_all(queue)
        queue.add("old", backlog=True)
        queue.add("new")
        assert take_all(queue) == ["new", "old"]


class TestHeldKeys:
    def test_it_is_known_whether_some_of_them_are_worked_on(self, queue):
        queue.add("a/1")
        queue.add("b/1")
        held = queue.get(timeout=0)
        assert queue.is_working(held.__eq__)
        assert not queue.is_working(lambda key: key != held)
        queue.done(held)
        assert not queue.is_working(lambda _: True)

    def test_a_held_key_is_not_given_to_a_second_worker(self, queue):
        queue.add("a")
        assert queue.get(timeout=0) == "a"
        queue.add("a")
        assert queue.get(timeout=0) is None

    def test_a_key_added_while_it_is_held_comes_again_when_it_is_done(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.add("a")
        queue.done("a")
        assert take_all(queue) == ["a"]

    @pytest.mark.parametrize("first_backlog", [True, False])
    def test_of_two_additions_while_it_is_held_the_live_one_decides(self, queue, first_backlog):
        queue.add("a")
        queue.get(timeout=0)
        queue.add("a", backlog=first_backlog)
        queue.add("a", backlog=not first_backlog)
        queue.add("b", backlog=True)
        queue.done("a")
        assert take_all(queue) == ["a", "b"]

    def test_a_backlog_addition_while_it_is_held_puts_it_into_the_backlog(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.add("a", backlog=True)
        queue.add("b", backlog=True)
        queue.done("a")
        assert take_all(queue) == ["b", "a"]

    def test_giving_back_what_nobody_holds_is_an_error(self, queue):
        with pytest.raises(KeyError):
            queue.done("a")


class TestRetry:
    def test_a_failed_key_comes_again_when_its_delay_is_over_and_not_before(self, queue, clock):
        seconds = fail(queue, "a")
        clock.advance(seconds * 0.99)
        assert queue.get(timeout=0) is None
        clock.advance(seconds * 0.02)
        assert take_all(queue) == ["a"]

    def test_the_first_retries_are_quick_and_later_ones_some_minutes_apart(self, queue):
        delays = [fail(queue, "a") for _ in range(40)]
        assert delays[0] < 0.2
        assert delays == sorted(delays)
        assert delays[-1] == CAP * 0.75  # the jitter is 0.5 here

    def test_a_key_never_stops_being_retried(self, queue, clock):
        fail(queue, "a", times=3000)
        clock.advance(CAP)
        assert take_all(queue) == ["a"]

    def test_a_success_starts_the_delays_anew(self, queue):
        first = fail(queue, "a")
        fail(queue, "a", times=5)
        queue.forget("a")
        assert fail(queue, "a") == first

    def test_a_live_addition_ends_the_wait_but_not_the_count_of_failures(self, queue):
        first = fail(queue, "a")
        queue.add("a")
        assert queue.get(timeout=0) == "a"
        assert queue.retry("a") == 2 * first

    def test_a_key_whose_wait_was_ended_does_not_come_a_second_time_for_it(self, queue, clock):
        fail(queue, "a")
        queue.add("a")
        assert take_all(queue) == ["a"]
        clock.advance(CAP)
        assert take_all(queue) == []

    def test_a_wait_that_was_ended_does_not_shorten_the_next(self, queue, clock):
        first = fail(queue, "a")
        second = fail(queue, "a")
        clock.advance(first)
        assert take_all(queue) == []
        clock.advance(second - first)
        assert take_all(queue) == ["a"]

    def test_a_key_that_was_added_while_it_failed_comes_at_once(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.add("a")
        assert queue.retry("a") == 0
        queue.done("a")
        assert take_all(queue) == ["a"]

    def test_a_delay_that_ends_while_the_key_is_still_held_brings_it_again_when_done(self, queue, clock):
        queue.add("a")
        queue.get(timeout=0)
        queue.retry("a")
        clock.advance(CAP)
        assert queue.get(timeout=0) is None
        queue.done("a")
        assert take_all(queue) == ["a"]

    def test_a_failure_may_say_how_it_comes_back(self, queue, clock):
        queue.add("a")
        assert queue.get(timeout=0) == "a"
        assert queue.retry("a", RETRY_BACKOFF.at_least(140.0)) >= 70.0
        queue.done("a")
        assert queue.failing() == 1
        clock.advance(69.9)
        assert take_all(queue) == []
        clock.advance(CAP)
        assert take_all(queue) == ["a"]

    def test_failing_twice_without_being_worked_on_keeps_the_sooner_retry(self, queue, clock):
        seconds = fail(queue, "a")
        assert queue.retry("a") == pytest.approx(seconds)
        clock.advance(seconds)
        assert take_all(queue) == ["a"]

    def test_the_first_retries_of_a_live_key_come_before_the_backlog(self, queue, clock):
        fail(queue, "a", times=RETRIES_IN_LANE)
        queue.add("b", backlog=True)
        clock.advance(CAP)
        assert take_all(queue) == ["a", "b"]

    def test_later_retries_of_a_live_key_come_from_the_backlog(self, queue, clock):
        fail(queue, "a", times=RETRIES_IN_LANE + 1)
        clock.advance(CAP)
        assert len(queue) == 1  # it is ready now
        queue.add("b")
        assert take_all(queue) == ["b", "a"]

    def test_retries_of_a_backlog_key_come_from_the_backlog(self, queue, clock):
        queue.add("a", backlog=True)
        queue.get(timeout=0)
        queue.retry("a")
        queue.done("a")
        clock.advance(CAP)
        assert len(queue) == 1
        queue.add("b")
        assert take_all(queue) == ["b", "a"]

    def test_keys_whose_delays_are_over_come_in_the_order_of_their_ends(self, queue, clock):
        fail(queue, "slow", times=3)
        fail(queue, "quick")
        clock.advance(CAP)
        assert take_all(queue) == ["quick", "slow"]


class TestAddAfter:
    def test_a_key_added_for_later_comes_then(self, queue, clock):
        queue.add_after("a", 60)
        assert take_all(queue) == []
        clock.advance(60)
        assert take_all(queue) == ["a"]

    def test_the_sooner_of_two_times_counts(self, queue, clock):
        for seconds in (60, 30, 90):
            queue.add_after("a", seconds)
        clock.advance(30)
        assert take_all(queue) == ["a"]
        clock.advance(100)
        assert take_all(queue) == []

    @pytest.mark.parametrize("backlog", [True, False])
    def test_a_ready_key_is_not_put_off(self, queue, clock, backlog):
        queue.add("a", backlog=backlog)
        queue.add_after("a", 60)
        assert take_all(queue) == ["a"]
        clock.advance(60)
        assert take_all(queue) == []

    def test_a_key_that_waits_without_having_failed_is_not_woken(self, queue):
        queue.add_after("a", 60)
        queue.wake_failed()
        assert take_all(queue) == []


class TestWakeFailed:
    def test_waiting_keys_are_ready_at_once_when_the_cause_may_be_gone(self, queue):
        fail(queue, "a", times=9)
        fail(queue, "b", times=9)
        queue.wake_failed()
        assert sorted(take_all(queue)) == ["a", "b"]

    def test_only_the_keys_asked_for_are_woken(self, queue):
        fail(queue, "a")
        fail(queue, "b")
        queue.wake_failed(lambda key: key == "b")
        assert take_all(queue) == ["b"]

    def test_woken_keys_leave_live_work_its_precedence(self, queue):
        fail(queue, "a")
        queue.wake_failed()
        queue.add("b")
        assert take_all(queue) == ["b", "a"]

    def test_waking_keeps_the_count_of_failures(self, queue):
        first = fail(queue, "a")
        queue.wake_failed()
        queue.get(timeout=0)
        assert queue.retry("a") == 2 * first

    def test_a_key_that_fails_on_what_it_saw_before_the_change_comes_at_once(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.wake_failed()
        assert queue.retry("a") == 0
        queue.done("a")
        assert take_all(queue) == ["a"]

    def test_a_later_call_for_other_keys_does_not_undo_that(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.wake_failed()
        queue.wake_failed(lambda key: key == "b")
        assert queue.retry("a") == 0

    def test_a_key_that_succeeds_meanwhile_is_not_worked_on_again(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.wake_failed()
        queue.forget("a")
        queue.done("a")
        assert take_all(queue) == []


class TestNumbers:
    def test_the_length_counts_ready_keys_only(self, queue, clock):
        queue.add("held")
        queue.get(timeout=0)
        fail(queue, "waiting")
        queue.add("live")
        queue.add("backlog", backlog=True)
        assert len(queue) == 2
        clock.advance(CAP)
        assert len(queue) == 3

    def test_the_oldest_age_is_that_of_the_key_which_has_been_ready_longest(self, queue, clock):
        assert queue.oldest_age_seconds() == 0
        queue.add("a", backlog=True)
        clock.advance(5)
        queue.add("b")
        queue.add("a", backlog=True)
        clock.advance(2)
        assert queue.oldest_age_seconds() == 7
        take_all(queue)
        assert queue.oldest_age_seconds() == 0

    def test_failing_counts_keys_until_they_succeed(self, queue):
        fail(queue, "a", times=2)
        fail(queue, "b")
        assert queue.failing() == 2
        queue.forget("a")
        assert queue.failing() == 1

    def test_the_depth_tells_ready_keys_from_those_that_wait_and_those_in_work(self, queue, clock):
        assert queue.depth() == (0, 0, 0)
        queue.add("held")
        queue.get(timeout=0)
        queue.add("held")  # comes again when it is done, and until then is in work
        fail(queue, "failed")
        queue.add_after("later", CAP)
        queue.add("live")
        queue.add("backlog", backlog=True)
        assert queue.depth()._asdict() == {"ready": 2, "waiting": 2, "working": 1}
        clock.advance(CAP)
        assert queue.depth() == (4, 0, 1)

    def test_retries_are_counted_for_all_keys_and_for_ever(self, queue):
        assert queue.retries() == 0
        fail(queue, "a", times=3)
        fail(queue, "b")
        queue.forget("a")
        assert queue.retries() == 4

    def test_nothing_is_remembered_of_keys_that_have_succeeded(self, queue, clock):
        for number in range(1000):
            fail(queue, number, times=2)
            queue.add(number)
            queue.get(timeout=0)
            queue.forget(number)
            queue.done(number)
        clock.advance(CAP)
        assert take_all(queue) == []
        kept = (queue._waiting, queue._waiting._heap, queue._held, queue._failures, *queue._ready.values())
        assert [len(state) for state in kept] == [0] * 8

    def test_waking_without_end_piles_up_no_outdated_alarms(self, queue):
        queue.add_after("due first", 1)  # as long as it waits, no outdated alarm behind it comes to the top
        for key in range(10):
            fail(queue, key, times=12)
        for _ in range(1000):
            queue.wake_failed()
            while (key := queue.get(timeout=0)) is not None:
                queue.retry(key)
                queue.done(key)
        assert len(queue._waiting._heap) < 100


class TestClose:
    def test_a_closed_queue_gives_nothing_and_takes_nothing(self, queue, clock):
        fail(queue, "failed")
        queue.add("ready")
        queue.close()
        queue.add("late")
        queue.add_after("later", 1)
        clock.advance(CAP)
        assert queue.get() is None
        assert (len(queue), queue.failing(), queue.oldest_age_seconds()) == (0, 0, 0)

    def test_a_key_that_is_held_can_be_given_back_to_a_closed_queue(self, queue):
        queue.add("a")
        queue.get(timeout=0)
        queue.add("a")
        queue.close()
        assert queue.retry("a") > 0
        queue.forget("a")
        queue.done("a")
        assert queue.get() is None
        assert (len(queue), queue.failing(), queue.retries()) == (0, 0, 0)
