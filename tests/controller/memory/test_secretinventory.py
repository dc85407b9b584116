"""Which changes of Secrets are somebody else's while one is written here: the watch may be faster than the answer."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory.secretinventory import SecretInventory, SecretRef

DB = ObjectKey("team-a", "db")


class Seen:
    """An inventory, and what it reported."""

    def __init__(self) -> None:
        self.changes: list[tuple[str | None, str | None]] = []
        self.secrets = SecretInventory(self._changed)

    def _changed(self, key: ObjectKey, old: SecretRef | None, new: SecretRef | None) -> None:
        assert key == DB
        self.changes.append((old and old.version, new and new.version))

    @property
    def version(self) -> str | None:
        found = self.secrets.get(DB)
        return found and found.version


@pytest.fixture
def seen() -> Seen:
    return Seen()


def secret(version: str) -> dict[str, Any]:
    return {"metadata": {"namespace": "team-a", "name": "db", "uid": "s-1", "resourceVersion": version}}


def test_a_write_that_the_watch_shows_before_the_answer_is_no_news(seen: Seen) -> None:
    with seen.secrets.writing(DB):
        seen.secrets.put(secret("8"), live=True)
        seen.secrets.note(secret("8"))
    assert (seen.changes, seen.version) == ([], "8")


def test_an_edit_that_follows_is_told_even_if_it_is_seen_before_the_answer(seen: Seen) -> None:
    with seen.secrets.writing(DB):
        seen.secrets.put(secret("8"), live=True)
        seen.secrets.put(secret("9"), live=True)
        seen.secrets.note(secret("8"))
    assert (seen.changes, seen.version) == ([("8", "9")], "9")


def test_a_deletion_that_follows_is_told_even_if_it_is_seen_before_the_answer(seen: Seen) -> None:
    with seen.secrets.writing(DB):
        seen.secrets.put(secret("8"), live=True)
        seen.secrets.remove(DB)
        seen.secrets.note(secret("8"))
    assert (seen.changes, seen.version) == ([("8", None)], None)


@pytest.mark.parametrize("namespace", [None, "team-a"])
@pytest.mark.parametrize("was_there", [False, True])
def test_a_deletion_that_only_a_list_shows_before_the_answer_is_told(
    seen: Seen, was_there: bool, namespace: str | None
) -> None:
    if was_there:
        seen.secrets.put(secret("7"), live=False)
        seen.changes.clear()
    with seen.secrets.writing(DB):
        seen.secrets.retain(set(), "9", namespace)
        seen.secrets.note(secret("8"))
    assert (seen.changes, seen.version) == ([("8", None)], None)


@pytest.mark.parametrize("version", ["7", "", "junk"])
def test_a_list_from_before_the_write_does_not_show_that_it_is_gone(seen: Seen, version: str) -> None:
    with seen.secrets.writing(DB):
        seen.secrets.retain(set(), version)
        seen.secrets.note(secret("8"))
    assert (seen.changes, seen.version) == ([], "8")


def test_an_edit_that_only_a_list_shows_is_told_as_a_change_of_what_was_written() -> None:
    """The edit took the owner away: it has to be seen that the Secret was the object's own."""
    told: list[tuple[str | None, str | None]] = []
    secrets = SecretInventory(lambda _, old, new: told.append((old and old.controller, new and new.controller)))
    own = secret("8")
    own["metadata"]["ownerReferences"] = [{"kind": "SealedSecret", "uid": "u-1", "controller": True}]
    with secrets.writing(DB):
        secrets.put(secret("9"), live=False)
        secrets.note(own)
    assert told == [("u-1", None)]


def test_an_edit_that_makes_the_write_fail_is_told(seen: Seen) -> None:
    seen.secrets.put(secret("7"), live=False)
    seen.changes.clear()
    with seen.secrets.writing(DB):
        seen.secrets.put(secret("8"), live=True)
    assert (seen.changes, seen.version) == ([("7", "8")], "8")


def test_other_secrets_are_told_of_meanwhile(seen: Seen) -> None:
    with seen.secrets.writing(ObjectKey("team-a", "other")):
        seen.secrets.put(secret("8"), live=True)
        assert seen.changes == [(None, "8")]


@given(st.lists(st.sampled_from(["foreign", "gone"])), st.integers(0, 5), st.integers(0, 5))
def test_whatever_the_order_the_last_change_of_somebody_else_is_told(
    others: list[str], before: int, answer: int
) -> None:
    """The watch shows the write after `before` other changes; the answer comes after `answer` events."""
    seen = Seen()
    events = [*others[:before], "ours", *others[before:]]
    own = str(10 + events.index("ours"))
    with seen.secrets.writing(DB):
        for number, event in enumerate(events[:answer]):
            show(seen, event, str(10 + number))
        seen.secrets.note(secret(own))
    for number, event in enumerate(events[answer:], answer):
        show(seen, event, str(10 + number))
    last = len(events) - 1
    if events[last] == "ours":
        assert seen.version == own
        if answer > last or not others:
            assert all(new != own for _, new in seen.changes), "it was told of its own write"
    else:
        there = str(10 + last) if events[last] == "foreign" else None
        assert seen.version == there
        assert (seen.changes or [(None, None)])[-1][1] == there


def show(seen: Seen, event: str, version: str) -> None:
    if event == "gone":
        seen.secrets.remove(DB)
    else:
        seen.secrets.put(secret(version), live=True)
