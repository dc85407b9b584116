"""Asking about many objects: no faster than the controller answers, and until it answers."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from sealwright_cli.cluster.batches import AT_ONCE, MAX_PAUSES, ask_all
from sealwright_cli.messages.errors import BusyError, ClusterError, UnsealingError


class Controller:
    """Answers so many requests, then turns everything away until somebody has waited."""

    def __init__(self, between: int, pause: int | None = 2) -> None:
        self.between = between
        self.pause = pause
        self.left = between
        self.lock = threading.Lock()
        self.asked: Counter[int] = Counter()
        self.waits: list[float] = []

    def ask(self, number: int) -> None:
        with self.lock:
            self.asked[number] += 1
            if self.left == 0:
                raise BusyError("429", pause_seconds=self.pause)
            self.left -= 1

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.left = self.between


@pytest.mark.parametrize("between", [1, 3, 10, 1000])
def test_everything_is_asked_about_and_answered_once(between: int) -> None:
    controller = Controller(between)
    answers = list(ask_all(range(100), controller.ask, controller.wait))
    assert sorted(number for number, _ in answers) == list(range(100))
    assert all(error is None for _, error in answers)
    assert set(controller.waits) <= {2}
    assert max(controller.asked.values()) <= 100 // between + 2


def test_several_are_asked_about_at_one_time() -> None:
    together = threading.Barrier(AT_ONCE)
    seen: list[int] = []

    def ask(number: int) -> None:
        if number >= 1 + 2 + 4:
            together.wait(20)
        seen.append(number)

    list(ask_all(range(1 + 2 + 4 + AT_ONCE), ask, lambda _: None))
    assert len(seen) == 7 + AT_ONCE


def test_without_a_word_on_how_long_the_pauses_grow() -> None:
    controller = Controller(0, pause=None)
    with pytest.raises(BusyError):
        list(ask_all([1], controller.ask, controller.wait))
    assert controller.waits == [2, 4, 8, 16, 30, 30, 30, 30, 30, 30]
    assert len(controller.waits) == MAX_PAUSES


def test_a_long_pause_is_not_waited_for() -> None:
    controller = Controller(0, pause=86400)
    with pytest.raises(BusyError):
        list(ask_all([1], controller.ask, controller.wait))
    assert controller.waits == []


def raising(error: Callable[[], Exception]) -> Callable[[int], None]:
    def ask(number: int) -> None:
        if number == 3:
            raise error()

    return ask


def test_every_failure_is_told_and_ends_nothing() -> None:
    for error in (UnsealingError("x"), ClusterError("x", about_object=True)):
        answers = list(ask_all(range(9), raising(lambda error=error: error), lambda _: None))
        assert [number for number, found in answers if found is error] == [3]
        assert len(answers) == 9


def test_a_cluster_that_answers_nobody_ends_it() -> None:
    answers = ask_all(range(9), raising(lambda: ClusterError("gone", final=True)), lambda _: None)
    told = []
    with pytest.raises(ClusterError, match="gone"):
        told += list(iter(lambda: next(answers), None))


def test_a_defect_is_not_swallowed() -> None:
    with pytest.raises(ZeroDivisionError):
        list(ask_all(range(9), raising(ZeroDivisionError), lambda _: None))
