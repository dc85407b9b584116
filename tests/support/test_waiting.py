"""Waiting with a deadline."""

from collections.abc import Callable

import pytest
from tests.support.wait import eventually, stays_true


def counting(answer: Callable[[int], object]) -> Callable[[], object]:
    """Return a function that answers by how often it has been called."""
    calls = iter(range(1, 1000))
    return lambda: answer(next(calls))


def not_before(third: int) -> str:
    assert third >= 3, f"only the {third}. call"
    return "there"


def test_eventually_returns_what_came_true() -> None:
    assert eventually(counting(lambda call: call > 2 and call), interval=0) == 3


def test_a_failed_assertion_is_not_yet() -> None:
    assert eventually(counting(not_before), interval=0) == "there"


def test_the_deadline_names_what_was_waited_for_and_the_last_failure() -> None:
    with pytest.raises(AssertionError, match=r"the Secret: not within 0 s \(last failure: only the 1. call"):
        eventually(counting(not_before), timeout=0, what="the Secret")
    with pytest.raises(AssertionError, match=r"the Secret: not within 0 s \(last seen: None\)"):
        eventually(lambda: None, timeout=0, what="the Secret")


def test_any_other_exception_passes_at_once() -> None:
    with pytest.raises(ZeroDivisionError):
        eventually(lambda: 1 / 0)


def test_stays_true_ends_at_the_first_false() -> None:
    stays_true(lambda: True, seconds=0)
    with pytest.raises(AssertionError, match="two Secrets: no longer so after"):
        stays_true(counting(lambda call: call < 3), seconds=60, interval=0, what="two Secrets")
