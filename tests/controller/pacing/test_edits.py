"""How often changed objects are looked at, by a clock of the test's own."""

import heapq

import pytest
from tests.support.builders import sealed_secret

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.objects.forms import Form
from sealwright_controller.pacing.edits import (
    FAILED_LOOK,
    LOOKS_AT_ONCE,
    MAX_WAIT_SECONDS,
    SECONDS_PER_LOOK,
    SECONDS_PER_SHARED_LOOK,
    SHARED_LOOKS_AT_ONCE,
    EditPace,
    shares_items,
)
from sealwright_controller.pacing.waitinglines import GRACE_SECONDS
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


def look(pace, generation, key=DB, *, failed=False, took=0.0, shared=False, uid="u", may_differ=False):
    """Change an object and look at it, if it may be looked at; return how long it has to wait."""
    wait = pace.admit(key, Form(uid, generation, Scope.STRICT), shared=shared)
    if not wait:
        pace.count(key, failed=failed, seconds=took, shared=shared, may_differ=may_differ)
    return wait


def looks_in(clock, pace, seconds, **how):
    """Change an object ten times a second; return how often it was looked at."""
    seen = 0
    for generation in range(int(seconds * 10)):
        seen += look(pace, generation, **how) == 0
        clock.now += 0.1
    return seen


def test_a_wait_that_people_notice_is_told_once_between_two_looks(clock, pace):
    assert not pace.is_to_be_told(DB)  # nobody has looked at it
    assert [look(pace, generation, failed=True) for generation in range(3)] == [0, 0, 0]
    assert not pace.is_to_be_told(DB)  # and nobody would wait
    for generation in (3, 4):
        assert look(pace, generation, failed=True) == 0
        assert [pace.is_to_be_told(DB) for _ in range(3)] == [True, False, False]
        clock.now += pace.wait_seconds(DB)


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


def test_a_retry_of_what_may_end_otherwise_is_one_more_look(pace, clock):
    assert [look(pace, 1, failed=True, may_differ=True) for _ in range(4)] == [0] * 4
    assert look(pace, 1, failed=True, may_differ=True) == pytest.approx(10)
    assert pace.was_looked_at(DB, Form("u", 1, Scope.STRICT))
    clock.now += 10.1
    assert look(pace, 1, failed=True, may_differ=True) == 0
    assert look(pace, 2) > 0
    assert not pace.was_looked_at(DB, Form("u", 2, Scope.STRICT))


def test_a_retry_of_what_succeeded_costs_nothing(pace):
    assert [look(pace, 1, took=0.3) for _ in range(100)] == [0] * 100


def test_unless_it_may_end_otherwise(pace, clock):
    assert [look(pace, 1, may_differ=True) for _ in range(LOOKS_AT_ONCE)] == [0] * LOOKS_AT_ONCE
    assert look(pace, 1, may_differ=True) == pytest.approx(SECONDS_PER_LOOK)
    clock.now += 10 * SECONDS_PER_LOOK
    assert [look(pace, 1, took=0.3, may_differ=True) for _ in range(3)] == [0, 0, pytest.approx(SECONDS_PER_LOOK)]


def test_a_long_look_and_the_failure_that_comes_of_it_count_once_and_the_retry_is_one_more(pace):
    for _ in range(3):
        assert look(pace, 1, took=0.3) == 0
        assert look(pace, 1, failed=True, may_differ=True) == 0
    assert look(pace, 1) == 0
    assert look(pace, 2) == pytest.approx(2)


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

    def test_a_roll_out_of_thirty_does_not_wait(self, pace):
        names = [ObjectKey("team-a", f"n{number}") for number in range(SHARED_LOOKS_AT_ONCE)]
        assert [look(pace, 1, key, shared=True) for key in names] == [0] * SHARED_LOOKS_AT_ONCE
        assert look(pace, 1, DB, shared=True) == pytest.approx(SECONDS_PER_SHARED_LOOK)

    def test_new_names_gain_nothing_for_who_probes(self, pace, clock):
        assert self.probe(pace, clock, seconds=60, fails=lambda number: True) <= (30 + 20) / FAILED_LOOK + 1
        assert self.probe(pace, clock, seconds=90, fails=lambda number: number % 3 == 0) <= 30

    @pytest.mark.parametrize("letters", [36, 2**30], ids=["one name for each letter", "none fails"])
    def test_names_of_which_few_fail_are_looked_at_as_seldom(self, pace, clock, letters):
        """A name for each letter that a character may be, of which only the right one fails, is one character."""
        assert self.probe(pace, clock, seconds=90, fails=lambda number: number % letters == 20) <= 30 + 30 + 1

    def test_changes_of_one_name_cost_its_namespace_as_much(self, pace):
        for number in range(SHARED_LOOKS_AT_ONCE):
            look(pace, number, ObjectKey("team-a", f"n{number % 3}"), shared=True)
        assert look(pace, 1, DB, shared=True) > 0

    def test_another_namespace_does_not_wait(self, pace, clock):
        self.probe(pace, clock, seconds=10, fails=lambda number: True)
        assert self.probe(pace, clock, seconds=1, fails=lambda number: False, namespace="team-b") == 10

    def test_objects_of_their_own_items_do_not_wait(self, pace, clock):
        self.probe(pace, clock, seconds=10, fails=lambda number: True)
        assert look(pace, 1, ObjectKey("team-a", "strict")) == 0


class TestLine:
    """What waits for its namespace comes in its turn."""

    @pytest.fixture
    def pace(self, clock):
        """Return one whose first looks are used up."""
        made = EditPace(clock)
        for number in range(SHARED_LOOKS_AT_ONCE):
            look(made, 1, ObjectKey("team-a", f"early-{number}"), shared=True)
        return made

    def names(self, count):
        return [ObjectKey("team-a", f"n{number}") for number in range(count)]

    def test_the_wait_is_that_of_the_place(self, pace):
        waits = [look(pace, 1, key, shared=True) for key in self.names(5)]
        assert waits == pytest.approx([SECONDS_PER_SHARED_LOOK * place for place in range(1, 6)])

    def test_nobody_waits_longer_than_some_minutes_to_ask_again(self, pace):
        assert max(look(pace, 1, key, shared=True) for key in self.names(1000)) == MAX_WAIT_SECONDS

    @pytest.mark.parametrize("failed", [False, True])
    def test_thousands_ask_seldom_and_come_in_their_order(self, pace, clock, failed):
        """Each asks when it was told to; so few are asked about for each that is looked at."""
        waiting = [(clock.now, number, key) for number, key in enumerate(self.names(1500))]
        looked, asked, end = [], 0, clock.now + 600
        while waiting[0][0] < end:
            due, number, key = heapq.heappop(waiting)
            clock.now = max(clock.now, due)
            asked += 1
            if wait := look(pace, 1, key, failed=failed, shared=True):
                heapq.heappush(waiting, (clock.now + wait + 1e-6, number, key))
            else:
                looked.append(number)
        assert looked == list(range(len(looked)))
        cost = FAILED_LOOK if failed else 1
        assert len(looked) == pytest.approx(600 / SECONDS_PER_SHARED_LOOK / cost, abs=2)
        assert asked <= 1500 + 3 * 1500 + 40 * len(looked)

    def test_a_newcomer_stands_behind_them(self, pace, clock):
        first, second, third = self.names(3)
        assert look(pace, 1, first, shared=True) < look(pace, 1, second, shared=True)
        clock.now += SECONDS_PER_SHARED_LOOK + 0.1
        assert look(pace, 1, third, shared=True) > SECONDS_PER_SHARED_LOOK
        assert look(pace, 1, first, shared=True) == 0

    def test_a_change_meanwhile_keeps_the_place(self, pace):
        first, second = self.names(2)
        waits = [look(pace, generation, key, shared=True) for generation in (1, 2) for key in (first, second)]
        assert waits[:2] == waits[2:]

    def test_who_is_gone_makes_nobody_wait(self, pace):
        first, second = self.names(2)
        alone = look(pace, 1, first, shared=True)
        look(pace, 1, second, shared=True)
        pace.leave(first)
        assert look(pace, 1, second, shared=True) == pytest.approx(alone)
        pace.leave(second)
        pace.leave(second)
        assert len(pace._lines) == 0

    def test_who_does_not_come_has_lost_its_place(self, pace, clock):
        for key in self.names(200):
            look(pace, 1, key, shared=True)
        clock.now += MAX_WAIT_SECONDS + GRACE_SECONDS + 1
        assert look(pace, 1, DB, shared=True) == 0
        assert len(pace._lines) == 0

    def test_who_was_told_to_wait_needs_not_be_read_before_its_turn(self, pace, clock):
        form, other = Form("u", 1, Scope.STRICT), Form("u", 2, Scope.STRICT)
        assert pace.wait_in_line(DB, form) == 0
        wait = look(pace, 1, shared=True)
        assert pace.wait_in_line(DB, form) == pytest.approx(wait)
        assert pace.wait_in_line(DB, other) == 0  # its author is to be told
        clock.now += wait + 0.1
        assert pace.wait_in_line(DB, form) == 0
        assert look(pace, 1, shared=True) == 0
        assert pace.wait_in_line(DB, form) == 0

    def test_who_waits_too_shortly_to_be_told_is_read(self, pace, clock):
        clock.now += SECONDS_PER_SHARED_LOOK - 1
        assert 0 < look(pace, 1, shared=True) < SECONDS_PER_LOOK
        assert pace.wait_in_line(DB, Form("u", 1, Scope.STRICT)) == 0

    def test_what_was_looked_at_before_is_in_no_line(self, pace):
        look(pace, 1)
        look(pace, 2, shared=True)
        assert len(pace._lines) == 1
        assert look(pace, 1, shared=True) == 0
        assert len(pace._lines) == 0


def test_it_can_be_switched_off(clock):
    pace = EditPace(clock, enabled=False)
    assert looks_in(clock, pace, 60, failed=True, shared=True) == 600
    assert pace.wait_seconds(DB) == 0


def test_the_name_of_an_object_that_is_gone_is_forgotten_with_its_full_allowance(pace, clock):
    for number in range(100):
        key = ObjectKey("team-a", f"db-{number}")
        look(pace, 1, key)
        pace.leave(key)
        clock.now += 1
    assert len(pace) <= 3  # a look is regained in two seconds


def test_the_name_of_an_object_that_is_gone_is_remembered_until_then(pace, clock):
    for generation in range(3):
        look(pace, generation, failed=True)
    pace.leave(DB)
    look(pace, 1, ObjectKey("team-a", "other"))
    assert pace.wait_seconds(DB) == 0
    look(pace, 4, failed=True)
    assert pace.wait_seconds(DB) > 0


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
