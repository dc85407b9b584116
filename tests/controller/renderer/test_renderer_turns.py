"""Who gets a renderer next: fairly over namespaces, and one at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.wait import eventually

from sealwright_controller.renderer.turns import HALF_LIFE_SECONDS, PRESUMED_SECONDS, Turns


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def use(turns: Turns, clock: Clock, namespace: str, seconds: float) -> None:
    with turns.turn(namespace):
        clock.now += seconds


def order_of(turns: Turns, *namespaces: str) -> list[str]:
    """Return in which order those who begin to wait in this order get their turns."""
    served: list[str] = []

    def wait(namespace: str) -> None:
        with turns.turn(namespace):
            served.append(namespace)

    with ThreadPoolExecutor(len(namespaces)) as pool, turns.turn("somebody"):
        for number, namespace in enumerate(namespaces, start=1):
            pool.submit(wait, namespace)
            eventually(lambda number=number: turns.waiting() == number, what="it waits")
    return served


def test_of_those_who_had_nothing_the_first_comes_first() -> None:
    assert order_of(Turns(Clock()), "a", "b", "c") == ["a", "b", "c"]


def test_who_had_least_comes_first_however_many_wait_before() -> None:
    clock = Clock()
    turns = Turns(clock)
    use(turns, clock, "greedy", 5.0)
    use(turns, clock, "modest", PRESUMED_SECONDS / 2)
    assert order_of(turns, "greedy", "greedy", "modest", "new") == ["modest", "new", "greedy", "greedy"]


def test_who_is_known_for_little_comes_before_those_of_whom_nothing_is_known() -> None:
    clock = Clock()
    turns = Turns(clock)
    use(turns, clock, "calm", 0.005)
    assert order_of(turns, *"abcdefgh", "calm") == ["calm", *"abcdefgh"]


def test_what_was_had_long_ago_counts_little() -> None:
    clock = Clock()
    turns = Turns(clock)
    use(turns, clock, "once", 5.0)
    clock.now += 10 * HALF_LIFE_SECONDS
    use(turns, clock, "now", 0.5)
    assert order_of(turns, "now", "once") == ["once", "now"]


def test_a_turn_may_cost_more_or_less_than_the_time_that_it_lasts() -> None:
    clock = Clock()
    turns = Turns(clock)
    for namespace, lasts, costs in (("guilty", 0.1, 3.0), ("waited", 2.0, 0.1)):
        with turns.turn(namespace) as turn:
            clock.now += lasts
            turn.cost_seconds = costs
    assert order_of(turns, "guilty", "waited") == ["waited", "guilty"]


def test_it_is_handed_to_one_at_a_time() -> None:
    turns, holders, most = Turns(Clock()), [0], [0]
    lock = threading.Lock()

    def use_it(number: int) -> None:
        for _ in range(100):
            with turns.turn(str(number % 3)):
                with lock:
                    holders[0] += 1
                    most[0] = max(most[0], holders[0])
                with lock:
                    holders[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use_it, range(8)))
    assert most == [1]
    assert turns.waiting() == 0


def test_a_turn_ends_with_an_exception_too() -> None:
    turns = Turns(Clock())
    with pytest.raises(ZeroDivisionError), turns.turn("a"):
        print(1 / 0)
    assert order_of(turns, "b") == ["b"]


def test_namespaces_without_end_are_not_remembered_without_end() -> None:
    clock = Clock()
    turns = Turns(clock)
    use(turns, clock, "greedy", 50.0)
    for number in range(3_000):
        use(turns, clock, f"n{number}", 0.01)
    assert turns.remembered() <= 1_000
    assert order_of(turns, "greedy", "calm") == ["calm", "greedy"]
