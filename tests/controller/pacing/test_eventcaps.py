"""How many Events are written about an object and in a namespace, whatever is said."""

import pytest

from sealwright_controller.gateway import Event, ObjectKey
from sealwright_controller.pacing import eventcaps
from sealwright_controller.pacing.eventcaps import COMBINED_PREFIX, EventCaps


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def caps(clock: Clock) -> EventCaps:
    return EventCaps(clock)


def event(message="no", *, name="db", namespace="team-a", uid="u", reason="ErrUnsealFailed"):
    return Event(ObjectKey(namespace, name), uid, "Warning", reason, message)


def written(caps, events):
    """Return those events that may be written."""
    return [one for one in events if caps.may_write(one)]


def combined(caps, events):
    return [caps.combined(one) for one in events]


def test_an_event_is_written_as_it_is(caps):
    assert caps.combined(event()).event == event()


def test_equal_events_have_one_key_and_different_ones_have_not(caps):
    keys = [one.key for one in combined(caps, [event("a"), event("b"), event("a")])]
    assert keys[0] == keys[2] != keys[1]


class TestSimilar:
    def test_more_than_ten_messages_become_one(self, caps):
        seen = combined(caps, [event(f"no {number}") for number in range(14)])
        assert [one.event.message for one in seen[9:12]] == [
            "no 9",
            f"{COMBINED_PREFIX}no 10",
            f"{COMBINED_PREFIX}no 11",
        ]
        assert len({one.key for one in seen}) == 11

    def test_messages_that_were_said_before_stay_what_they_are(self, caps):
        seen = combined(caps, [*(event(f"no {number}") for number in range(12)), event("no 3")])
        assert seen[-1].event.message == "no 3"

    def test_another_reason_or_object_is_none_of_them(self, caps):
        combined(caps, [event(f"no {number}") for number in range(12)])
        for other in (event("new", reason="Unsealed"), event("new", name="other"), event("new", namespace="b")):
            assert caps.combined(other).event == other

    def test_after_ten_minutes_without_one_they_begin_anew(self, caps, clock):
        combined(caps, [event(f"no {number}") for number in range(12)])
        clock.now += eventcaps.SIMILAR_SECONDS
        assert caps.combined(event("new")).event.message == f"{COMBINED_PREFIX}new"
        clock.now += eventcaps.SIMILAR_SECONDS + 1
        assert caps.combined(event("new")).event.message == "new"


class TestShares:
    def test_an_object_has_25_at_once_and_then_one_in_five_minutes(self, caps, clock):
        assert len(written(caps, [event()] * 300)) == 25
        clock.now += 299
        assert not caps.may_write(event())
        clock.now += 1
        assert [caps.may_write(event()) for _ in range(2)] == [True, False]

    def test_an_object_that_is_made_anew_has_no_new_share(self, caps):
        assert len(written(caps, [event(uid=f"u{number}") for number in range(300)])) == 25

    def test_a_namespace_has_a_thousand_at_once_and_then_one_a_second(self, caps, clock):
        assert len(written(caps, [event(name=f"n{number}") for number in range(1_200)])) == 1_000
        clock.now += 1
        assert len(written(caps, [event(name=f"n{number}") for number in range(1_200, 1_300)])) == 1

    def test_an_object_s_flood_takes_nothing_from_its_neighbours(self, caps):
        written(caps, [event()] * 10_000)
        assert caps.may_write(event(name="other"))

    def test_a_namespace_s_flood_takes_nothing_from_another(self, caps):
        written(caps, [event(name=f"n{number}") for number in range(1_200)])
        assert caps.may_write(event(namespace="team-b"))


def test_only_so_much_is_remembered(clock):
    caps = EventCaps(clock, max_remembered=5)
    events = [event(name=f"n{number}", namespace=f"ns{number}") for number in range(100)]
    combined(caps, events)
    written(caps, events)
    assert (len(caps._similar), len(caps._objects), len(caps._namespaces)) == (5, 5, 5)


def test_kinds_of_messages_are_forgotten_when_their_count_would_start_again(caps, clock):
    for number in range(100):
        clock.now += eventcaps.SIMILAR_SECONDS / 10
        caps.combined(event(name=f"db-{number}"))
    assert len(caps) == 11
