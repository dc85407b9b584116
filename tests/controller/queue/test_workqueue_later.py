"""Work that may come later: when nothing else is ready, or after some seconds; live keys still go first."""

import pytest
from tests.controller.queue.test_workqueue import Clock

from sealwright_controller.queue.backlogshare import SHARE
from sealwright_controller.queue.workqueue import LATER_SECONDS, STAND_ASIDE_SECONDS, WorkQueue


def put_off(queue: WorkQueue[str], key: str) -> None:
    """Let a worker leave the rest of a key's work for later."""
    queue.add(key)
    assert queue.get(timeout=0) == key
    queue.add_later(key)
    queue.done(key)


def next_key(queue: WorkQueue[str]) -> str | None:
    """Take a key and give it back."""
    key = queue.get(timeout=0)
    if key is not None:
        queue.done(key)
    return key


@pytest.mark.parametrize("backlog", [False, True])
def test_other_keys_go_first(queue: WorkQueue[str], backlog: bool) -> None:
    put_off(queue, "later")
    queue.add("other", backlog=backlog)
    assert [next_key(queue) for _ in range(3)] == ["other", "later", None]


def test_it_is_done_at_once_when_there_is_nothing_else(queue: WorkQueue[str]) -> None:
    put_off(queue, "later")
    assert next_key(queue) == "later"


def test_it_goes_before_the_backlog_once_it_has_waited_for_long(queue: WorkQueue[str], clock: Clock) -> None:
    put_off(queue, "later")
    for key in ("a", "b", "c"):
        queue.add(key, backlog=True)
    clock.advance(LATER_SECONDS - 1)
    assert next_key(queue) == "a"
    clock.advance(1)
    assert [next_key(queue) for _ in range(3)] == ["later", "b", "c"]


def test_live_keys_go_first_even_then_but_leave_it_a_share(queue: WorkQueue[str], clock: Clock) -> None:
    put_off(queue, "later")
    clock.advance(LATER_SECONDS)
    for number in range(2 * SHARE):
        queue.add(f"live {number}")
    assert [next_key(queue) for _ in range(SHARE)].index("later") == SHARE - 1


def test_while_it_need_not_come_yet_live_keys_leave_it_no_share(queue: WorkQueue[str]) -> None:
    put_off(queue, "later")
    for number in range(2 * SHARE):
        queue.add(f"live {number}")
    assert "later" not in [next_key(queue) for _ in range(2 * SHARE)]


def test_it_stands_aside_for_live_keys_that_are_worked_on(clock: Clock) -> None:
    queue: WorkQueue[str] = WorkQueue(clock=clock, jitter=lambda: 0.5, workers=4)
    put_off(queue, "later")
    queue.add("live")
    assert queue.get(timeout=0) == "live"
    assert queue.get(timeout=0) is None
    clock.advance(STAND_ASIDE_SECONDS)
    assert queue.get(timeout=0) == "later"


def test_a_change_of_the_object_is_worked_on_at_once(queue: WorkQueue[str]) -> None:
    put_off(queue, "changed")
    queue.add("old", backlog=True)
    queue.add("changed")
    assert [next_key(queue) for _ in range(3)] == ["changed", "old", None]


def test_a_key_of_the_backlog_is_no_longer_put_off(queue: WorkQueue[str]) -> None:
    put_off(queue, "a")
    queue.add("first", backlog=True)
    queue.add("a", backlog=True)
    assert [next_key(queue) for _ in range(3)] == ["first", "a", None]
    assert queue.depth().ready == 0


def test_a_key_that_was_added_while_it_was_worked_on_is_not_put_off(queue: WorkQueue[str]) -> None:
    queue.add("a")
    assert queue.get(timeout=0) == "a"
    queue.add("a")
    queue.add_later("a")
    queue.add("b", backlog=True)
    queue.done("a")
    assert next_key(queue) == "a"


def test_more_work_is_what_may_not_come_later(queue: WorkQueue[str]) -> None:
    assert not queue.has_more("a")
    put_off(queue, "later")
    assert not queue.has_more("a")
    queue.add("old", backlog=True)
    assert queue.has_more("a")
    assert not queue.has_more("old"), "there is no other"
    queue.hand_out(lambda _: False)
    assert not queue.has_more("a"), "it is for another replica"


def test_a_closed_queue_takes_nothing_for_later(queue: WorkQueue[str]) -> None:
    queue.add("a")
    assert queue.get(timeout=0) == "a"
    queue.close()
    queue.add_later("a")
    queue.done("a")
    assert queue.depth() == (0, 0, 0)
