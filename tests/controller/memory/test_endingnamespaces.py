"""Namespaces that are being deleted: known for a while, until something new is made there."""

from sealwright_controller.memory.endingnamespaces import QUIET_SECONDS, EndingNamespaces


def test_one_that_is_not_known_to_end_keeps_nobody_waiting() -> None:
    assert EndingNamespaces().wait_seconds("team-a", 5.0) == 0.0


def test_one_that_is_known_to_end_is_left_alone_for_a_while() -> None:
    ending = EndingNamespaces()
    ending.note("team-a", 5.0)
    assert ending.wait_seconds("team-a", 6.0) == QUIET_SECONDS - 1
    assert ending.wait_seconds("team-b", 6.0) == 0.0
    assert ending.wait_seconds("team-a", 5.0 + QUIET_SECONDS) == 0.0


def test_one_that_was_made_anew_is_served_at_once() -> None:
    ending = EndingNamespaces()
    ending.note("team-a", 5.0)
    ending.forget("team-a")
    assert ending.wait_seconds("team-a", 6.0) == 0.0


def test_those_that_are_gone_for_long_take_no_memory() -> None:
    ending = EndingNamespaces()
    for number in range(100):
        ending.note(f"team-{number}", number * QUIET_SECONDS)
    assert len(ending._until) == 1
