"""One limit for a whole piece of work, on whatever it waits."""

import threading

import pytest

from sealwright_cli.deadline import DeadlineError, within


def test_what_is_done_in_time_is_returned() -> None:
    assert within(60, lambda: 7) == 7


def test_what_goes_wrong_in_time_is_raised_as_it_is() -> None:
    with pytest.raises(KeyError, match="x"):
        within(60, lambda: {}["x"])


def test_even_what_ends_programs_is_raised_where_the_work_was_asked_for() -> None:
    def end() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit) as caught:
        within(60, end)
    assert caught.value.code == 3


def test_nobody_waits_for_what_takes_longer() -> None:
    over = threading.Event()
    try:
        with pytest.raises(DeadlineError):
            within(0.05, lambda: over.wait(60))
        (left,) = [thread for thread in threading.enumerate() if thread.name == "within a deadline"]
        assert left.daemon
    finally:
        over.set()
    left.join(60)
    assert not left.is_alive()
