"""Long work in the queue: it is for the patient worker alone, and nobody else waits for it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.controller.queue.test_workqueue import Clock
from tests.support.wait import eventually

from sealwright_controller.queue.workqueue import RETRIES_IN_LANE, WorkQueue


def find_long(queue: WorkQueue[str], key: str) -> None:
    """Let an ordinary worker find that a key takes long."""
    queue.add(key)
    assert queue.get(timeout=0) == key
    queue.add_long(key)
    queue.done(key)


def test_what_was_found_to_be_long_is_for_the_patient_worker_alone(queue: WorkQueue[str]) -> None:
    find_long(queue, "long")
    assert queue.depth().ready == 1
    assert queue.get(timeout=0) is None
    assert queue.get(timeout=0, long=True) == "long"


def test_the_patient_worker_gets_nothing_else(queue: WorkQueue[str]) -> None:
    queue.add("live")
    queue.add("old", backlog=True)
    assert queue.get(timeout=0, long=True) is None


def test_a_change_is_looked_at_by_those_who_are_quick(queue: WorkQueue[str]) -> None:
    queue.add_long("changed")
    queue.add("changed")
    assert queue.get(timeout=0, long=True) is None
    assert queue.get(timeout=0) == "changed"


def test_a_change_during_long_work_is_too(queue: WorkQueue[str]) -> None:
    queue.add_long("changed")
    assert queue.get(timeout=0, long=True) == "changed"
    queue.add("changed")
    queue.add_again("changed")
    queue.done("changed")
    assert queue.get(timeout=0) == "changed"


@pytest.mark.parametrize("held", [False, True])
def test_an_addition_to_the_backlog_leaves_long_work_long(queue: WorkQueue[str], *, held: bool) -> None:
    queue.add_long("long")
    if held:
        assert queue.get(timeout=0, long=True) == "long"
        queue.add_again("long")
    queue.add("long", backlog=True)
    if held:
        queue.done("long")
    assert queue.get(timeout=0) is None
    assert queue.get(timeout=0, long=True) == "long"


def test_what_is_not_finished_comes_again_to_who_has_worked_on_it(queue: WorkQueue[str]) -> None:
    for long in (False, True):
        (queue.add_long if long else queue.add)("unfinished")
        assert queue.get(timeout=0, long=long) == "unfinished"
        queue.add_again("unfinished")
        queue.done("unfinished")
        assert queue.get(timeout=0, long=not long) is None
        assert queue.get(timeout=0, long=long) == "unfinished"
        queue.done("unfinished")


def test_long_work_that_fails_stays_long_however_often(queue: WorkQueue[str], clock: Clock) -> None:
    queue.add_long("failing")
    for _ in range(RETRIES_IN_LANE + 2):
        assert queue.get(timeout=0, long=True) == "failing"
        seconds = queue.retry("failing")
        queue.done("failing")
        clock.advance(seconds)
        assert queue.get(timeout=0) is None


def test_nothing_is_added_to_a_closed_queue(queue: WorkQueue[str]) -> None:
    queue.add("held")
    queue.get(timeout=0)
    queue.close()
    queue.add_again("held")
    queue.add_long("other")
    queue.done("held")
    assert queue.depth().ready == 0


def test_groups_take_turns_in_long_work(clock: Clock) -> None:
    queue: WorkQueue[str] = WorkQueue(clock=clock, group_of=lambda key: key[0], workers=4)
    for key in ("a1", "a2", "a3", "b1"):
        queue.add_long(key)
    taken = []
    while (key := queue.get(timeout=0, long=True)) is not None:
        taken.append(key)
        queue.done(key, 5.0)
    assert taken == ["a1", "b1", "a2", "a3"]


def test_long_work_counts_for_nothing_in_the_turns_of_the_others(clock: Clock) -> None:
    queue: WorkQueue[str] = WorkQueue(clock=clock, group_of=lambda key: key[0], workers=2)
    for key in ("a1", "b1"):
        queue.add(key)
        assert queue.get(timeout=0) == key
        queue.done(key, 0.01)
    queue.add_long("a2")
    assert queue.get(timeout=0, long=True) == "a2"
    for key in ("a3", "a4", "b2"):
        queue.add(key)
    assert [queue.get(timeout=0) for _ in range(2)] == ["a3", "b2"], "the patient worker is none of the two"


def test_each_worker_is_woken_for_its_own_work() -> None:
    queue: WorkQueue[str] = WorkQueue()
    with ThreadPoolExecutor(2) as pool:
        for _ in range(50):
            quick, patient = pool.submit(queue.get, 30), pool.submit(queue.get, 30, long=True)
            queue.add_long("long")
            queue.add("live")
            assert (quick.result(), patient.result()) == ("live", "long")
            queue.done("live")
            queue.done("long")
        eventually(lambda: queue.depth() == (0, 0, 0), what="nothing is left")
