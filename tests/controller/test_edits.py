"""How often changed objects are looked at, by a clock of the test's own."""

import pytest
from tests.support.builders import sealed_secret

from sealwright_controller.forms import Form
from sealwright_controller.gateway import ObjectKey
from sealwright_controller.pacing.edits import EditPace, shares_items
from sealwright_crypto import Scope

DB = ObjectKey("team-a", "db")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> EditPace:
    return EditPace(clock)


def look(pace, generation, key=DB, *, failed=False, took=0.0, shared=False, uid="u"):
    """Change an object and look at it, if it may be looked at; return how long it has to wait."""
    wait = pace.admit(key, Form(uid, generation, Scope.STRICT), shared=shared)
    if not wait:
        pace.count(key, failed=failed, seconds=took, shared=shared)
    return wait


def looks_in(clock, pace, seconds, **how):
    """Change an object ten times a second; return how often it was looked at."""
    seen = 0
    for generation in range(int(seconds * 10)):
        seen += look(pace, generation, **how) == 0
        clock.now += 0.1
    return seen


def test_three_failures_and_what_mends_them_are_looked_at_at_once(pace):
    assert [look(pace, generation, failed=True) for generation in range(3)] == [0, 0, 0]
    assert look(pace, 3) == 0


def test_an_object_that_fails_after_each_change_is_looked_at_every_ten_seconds(pace, clock):
    assert looks_in(clock, pace, 60, failed=True) <= 4 + 6
    assert looks_in(clock, pace, 100, failed=True) <= 10


def test_a_flood_of_changes_that_succeed_is_looked_at_every_two_seconds(pace, clock):
    assert looks_in(clock, pace, 16) <= 16 + 8


def test_a_look_that_takes_long_counts_as_a_failure(pace, clock):
    assert looks_in(clock, pace, 60, took=0.3) == looks_in(clock, EditPace(clock), 60, failed=True)


def test_the_wait_is_the_same_for_whatever_failed(pace):
    for generation in range(4):
        look(pace, generation, failed=True, took=generation / 10)
    assert look(pace, 5) == pytest.approx(10)


def test_making_an_object_anew_gains_nothing(pace):
    for number in range(4):
        look(pace, 1, uid=f"u{number}", failed=True)
    assert look(pace, 1, uid="u9") > 0


def test_another_object_does_not_wait(pace):
    for generation in range(4):
        look(pace, generation, failed=True)
    assert look(pace, 1, ObjectKey("team-a", "other")) == 0


def test_what_was_looked_at_may_be_looked_at_again_and_its_failure_counts_once(pace):
    for _ in range(100):
        assert look(pace, 1, failed=True) == 0
    assert [look(pace, generation, failed=True) for generation in (2, 3)] == [0, 0]


def test_what_changes_while_it_waits_waits_no_longer(pace, clock):
    for generation in range(4):
        look(pace, generation, failed=True)
    waits = []
    for generation in range(5, 10):
        waits.append(look(pace, generation))
        clock.now += 1
    assert waits == pytest.approx([10, 9, 8, 7, 6])


def test_a_change_that_was_just_seen_is_told_when_to_come(pace, clock):
    assert pace.wait_seconds(DB) == 0
    for generation in range(4):
        look(pace, generation, failed=True)
    assert pace.wait_seconds(DB) == pytest.approx(10)
    clock.now += 10.1
    assert pace.wait_seconds(DB) == 0


class TestSharedItems:
    """Items of namespace-wide scope under many names: the names share what one name has."""

    def probe(self, pace, clock, *, seconds, fails, namespace="team-a"):
        """Make a new object ten times a second; return how many were looked at."""
        seen = 0
        for number in range(seconds * 10):
            key = ObjectKey(namespace, f"n{number}-{clock.now}")
            seen += look(pace, 1, key, failed=fails(number), shared=True) == 0
            clock.now += 0.1
        return seen

    def test_a_thousand_honest_ones_do_not_wait(self, pace, clock):
        assert self.probe(pace, clock, seconds=100, fails=lambda number: False) == 1_000

    def test_some_broken_ones_among_them_make_nobody_wait(self, pace, clock):
        assert self.probe(pace, clock, seconds=100, fails=lambda number: number % 200 == 0) == 1_000

    def test_new_names_gain_nothing_for_who_probes(self, pace, clock):
        assert self.probe(pace, clock, seconds=60, fails=lambda number: True) <= 20 + 12
        assert self.probe(pace, clock, seconds=100, fails=lambda number: number % 3 == 0) <= 21

    def test_another_namespace_does_not_wait(self, pace, clock):
        self.probe(pace, clock, seconds=10, fails=lambda number: True)
        assert self.probe(pace, clock, seconds=1, fails=lambda number: False, namespace="team-b") == 10

    def test_objects_of_their_own_items_do_not_wait(self, pace, clock):
        self.probe(pace, clock, seconds=10, fails=lambda number: True)
        assert look(pace, 1, ObjectKey("team-a", "strict")) == 0


def test_it_can_be_switched_off(clock):
    pace = EditPace(clock, enabled=False)
    assert looks_in(clock, pace, 60, failed=True, shared=True) == 600
    assert pace.wait_seconds(DB) == 0


def test_only_so_many_names_are_remembered(clock):
    pace = EditPace(clock, max_names=5)
    for number in range(100):
        look(pace, 1, ObjectKey("team-a", f"n{number}"))
    assert len(pace) == len(pace._looks) == 5


@pytest.mark.parametrize(
    ("manifest", "shared"),
    [
        (sealed_secret(template={"data": {"a": "x"}}), False),
        (sealed_secret(template={"data": {"a": "x"}}, scope=Scope.NAMESPACE_WIDE), True),
        (sealed_secret(template={"data": {"a": "x"}}, scope=Scope.CLUSTER_WIDE), True),
        (sealed_secret(scope=Scope.NAMESPACE_WIDE), False),
        (sealed_secret(scope=Scope.NAMESPACE_WIDE) | {"spec": 7}, False),
        (sealed_secret(scope=Scope.NAMESPACE_WIDE) | {"spec": {"template": [7]}}, False),
    ],
    ids=["strict", "namespace-wide", "cluster-wide", "no template", "a number", "a list"],
)
def test_only_templates_over_items_that_fit_other_names_share(manifest, shared):
    assert shares_items(manifest) is shared
