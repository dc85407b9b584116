"""Waiting for the world to be in a state, with a deadline: what tests use in the place of sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(fn: Callable[[], T], *, timeout: float = 10.0, what: str = "the condition", interval: float = 0.05) -> T:
    """Call `fn` until it returns something true, and return that.

    An AssertionError of `fn` counts as not yet; every other exception passes through at once. When `timeout` seconds
    are over, AssertionError says `what` was waited for and what was last seen. `fn` is called at least once.
    """
    deadline = time.monotonic() + timeout
    while True:
        failure: AssertionError | None = None
        try:
            seen = fn()
        except AssertionError as not_yet:
            failure, last = not_yet, f"last failure: {not_yet}"
        else:
            if seen:
                return seen
            last = f"last seen: {seen!r}"
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not within {timeout:g} s ({last})") from failure
        time.sleep(interval)


def stays_true(
    fn: Callable[[], object], *, seconds: float, what: str = "the condition", interval: float = 0.05
) -> None:
    """Call `fn` again and again for `seconds`; AssertionError as soon as it returns something false or raises one."""
    start = time.monotonic()
    while True:
        passed = time.monotonic() - start
        try:
            assert fn(), "it returned something false"
        except AssertionError as failure:
            raise AssertionError(f"{what}: no longer so after {passed:.2f} s ({failure})") from failure
        if passed >= seconds:
            return
        time.sleep(interval)
