"""Groups of keys take turns by the workers' time that they have had, and none of them keeps all workers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_controller.queue.lanes import Lane
from sealwright_controller.queue.shares import DEAR_FOR, DEAR_SECONDS, MAX_DEAR_SECONDS, MAX_PROVEN, Shares
from sealwright_controller.queue.workqueue import LATER_SECONDS, STAND_ASIDE_SECONDS, WorkQueue

WORKERS = 4
DEAR, CHEAP = 2 * DEAR_SECONDS, DEAR_SECONDS / 10


class Workers:
    """A queue on a clock of its own, and the workers that take keys like "tenant/7" from it."""

    def __init__(self, workers=WORKERS):
        self.now = 0.0
        self.count = workers
        self.queue = WorkQueue(clock=lambda: self.now, jitter=lambda: 0.0, group_of=tenant, workers=workers)

    def add(self, tenant, count, *, backlog=False):
        for number in range(count):
            self.queue.add(f"{tenant}/{number}", backlog=backlog)

    def take(self):
        """Return the keys that the free workers get, as far as they get any."""
        free = self.count - self.queue.depth().working
        taken = [self.queue.get(timeout=0) for _ in range(free)]
        return [key for key in taken if key is not None]

    def work(self, seconds, cost=None):
        """Take one key, work on it and give it back; returns whose it was."""
        key = self.queue.get(timeout=0)
        self.now += seconds
        self.queue.done(key, cost)
        return tenant(key)

    def spend(self, tenant, seconds, cost=None):
        """Let a tenant have one key worked on that takes so long."""
        self.add(tenant, 1)
        assert self.work(seconds, cost) == tenant


def tenant(key):
    return key.split("/")[0]


def shares_of_a_dear_group(seconds):
    """Return the shares at second 0, after dear work that took so long, with all workers but one in its hands."""
    shares = Shares(WORKERS)
    shares.take("dear")
    shares.give_back("dear", seconds, now=0.0)
    for _ in range(WORKERS - 1):
        shares.take("dear")
    shares._proven.add("dear")
    return shares


@pytest.fixture
def workers():
    return Workers()


class TestTurns:
    def test_groups_whose_keys_cost_the_same_take_turns(self, workers):
        workers.add("many", 100)
        workers.add("few", 3)
        workers.add("one", 1)
        assert [workers.work(CHEAP) for _ in range(7)] == ["many", "few", "one", "many", "few", "many", "few"]

    def test_keys_of_one_group_come_in_the_order_of_their_addition(self):
        workers = Workers(workers=1)
        workers.add("a", 3)
        workers.add("b", 3)
        assert [workers.queue.get(timeout=0) for _ in range(6)] == ["a/0", "b/0", "a/1", "b/1", "a/2", "b/2"]

    def test_a_new_key_comes_before_thousands_that_wait(self, workers):
        workers.add("many", 5000)
        for _ in range(50):
            workers.work(CHEAP)
        workers.add("calm", 1)
        assert workers.work(CHEAP) == "calm"

    def test_groups_get_the_same_time_however_dear_their_keys_are(self, workers):
        workers.add("slow", 100)
        workers.add("quick", 100)
        spent = {"slow": 0.0, "quick": 0.0}
        for _ in range(60):
            before = workers.now
            key = workers.queue.get(timeout=0)
            workers.now += 0.4 if tenant(key) == "slow" else 0.02
            workers.queue.done(key)
            spent[tenant(key)] += workers.now - before
        assert abs(spent["slow"] - spent["quick"]) <= 0.4 + 0.02

    def test_what_was_used_while_nobody_else_wanted_anything_is_held_against_nobody(self, workers):
        for _ in range(50):
            workers.spend("early", CHEAP)
        workers.add("early", 10)
        workers.add("late", 10)
        assert {workers.work(CHEAP) for _ in range(2)} == {"early", "late"}

    def test_a_newcomer_has_no_claim_to_what_others_have_had_before(self, workers):
        workers.add("old", 100)
        for _ in range(50):
            workers.work(CHEAP)
        workers.add("new", 50)
        assert [workers.work(CHEAP) for _ in range(10)].count("old") >= 4

    def test_live_keys_come_before_the_backlog_of_a_group_that_has_had_less(self, workers):
        workers.add("calm", 1, backlog=True)
        workers.spend("busy", CHEAP)
        workers.add("busy", 1)
        assert [workers.work(CHEAP) for _ in range(2)] == ["busy", "calm"]

    def test_what_a_worker_says_of_the_cost_counts(self, workers):
        workers.add("other", 1)
        workers.add("calm", 2)
        assert workers.work(CHEAP) == "other"
        assert workers.work(60, CHEAP) == "calm"
        assert workers.queue._shares[Lane.LIVE].remembered() == 2  # what both have had, and nothing of dear work
        workers.add("other", 1)
        assert workers.work(CHEAP) == "calm"


class TestAWorkerIsLeft:
    def test_a_group_that_has_been_dear_leaves_one_worker_to_the_others(self, workers):
        workers.spend("dear", DEAR)
        workers.add("dear", 100)
        assert len(workers.take()) == WORKERS - 1
        workers.add("calm", 1)
        assert workers.take() == ["calm/0"]

    def test_all_dear_groups_together_leave_one_worker(self, workers):
        for number in range(3):
            workers.spend(f"dear {number}", DEAR)
        for number in range(3):
            workers.add(f"dear {number}", 100)
        assert len(workers.take()) == WORKERS - 1

    def test_what_waits_for_a_worker_of_the_dear_is_taken_when_one_is_given_back(self, workers):
        workers.spend("dear", DEAR)
        workers.add("dear", 100)
        first, *_ = workers.take()
        assert workers.take() == []
        workers.queue.done(first)
        assert len(workers.take()) == 1

    def test_the_backlog_is_worked_on_while_live_keys_of_the_dear_may_not_be(self, workers):
        workers.spend("dear", DEAR)
        workers.add("dear", 100)
        workers.add("calm", 1, backlog=True)
        workers.take()
        workers.now += STAND_ASIDE_SECONDS
        assert workers.take() == ["calm/0"]

    def test_a_group_of_which_nothing_is_known_leaves_one_worker_until_its_first_key_is_back(self, workers):
        workers.add("unknown", 100)
        first, *_ = workers.take()
        assert workers.take() == []
        workers.now += CHEAP
        workers.queue.done(first)
        assert len(workers.take()) == 2  # one for the key that came back, and the one that was left

    def test_a_single_group_of_cheap_keys_uses_all_workers(self, workers):
        workers.add("only", 1000)
        held = workers.take()
        for _ in range(100):
            workers.now += CHEAP
            workers.queue.done(held.pop(0))
            held += workers.take()
            assert len(held) == WORKERS

    def test_all_groups_of_which_nothing_is_known_together_leave_one_worker(self, workers):
        workers.spend("calm", CHEAP)
        for number in range(1000):
            workers.add(f"tenant {number}", 1)
        assert len(workers.take()) == WORKERS - 1
        workers.add("calm", 1)
        assert workers.take() == ["calm/0"]

    def test_a_group_that_is_known_stays_so_when_the_workers_were_idle(self, workers):
        workers.spend("calm", CHEAP)
        workers.add("calm", 10)
        assert len(workers.take()) == WORKERS

    def test_so_many_groups_are_known_and_then_they_tell_it_again(self, workers):
        for number in range(MAX_PROVEN + 1):
            workers.spend(f"tenant {number}", CHEAP)
        assert len(workers.queue._shares[Lane.LIVE]._proven) == 1

    def test_one_worker_works_for_everybody(self):
        workers = Workers(workers=1)
        workers.spend("dear", DEAR)
        workers.add("dear", 1)
        assert workers.take() == ["dear/0"]

    def test_a_group_is_dear_for_a_hundred_times_as_long_as_it_took(self):
        shares = shares_of_a_dear_group(DEAR)
        assert shares.next_of(["dear"], DEAR_FOR * DEAR - 1) is None
        assert shares.next_of(["dear"], DEAR_FOR * DEAR + 1) == "dear"

    def test_it_is_so_for_an_hour_at_most(self):
        shares = shares_of_a_dear_group(1_000_000.0)
        assert shares.next_of(["dear"], MAX_DEAR_SECONDS - 1) is None
        assert shares.next_of(["dear"], MAX_DEAR_SECONDS + 1) == "dear"


class TestTheLastWorker:
    """It is for a group that has none, however quick the others were: what they bring next may be slow."""

    def test_a_quick_group_leaves_it_while_another_is_known(self, workers):
        workers.spend("calm", CHEAP)
        workers.spend("quick once", CHEAP)
        workers.add("quick once", 100)
        assert len(workers.take()) == WORKERS - 1
        workers.add("calm", 1)
        assert workers.take() == ["calm/0"]

    def test_several_quick_groups_leave_it_together(self, workers):
        for group in ("calm", "one", "two"):
            workers.spend(group, CHEAP)
        workers.add("one", 100)
        workers.add("two", 100)
        assert len(workers.take()) == WORKERS - 1
        workers.add("calm", 1)
        assert workers.take() == ["calm/0"]

    def test_as_many_groups_as_there_are_workers_use_all(self, workers):
        for number in range(WORKERS):
            workers.spend(f"tenant {number}", CHEAP)
        for number in range(WORKERS):
            workers.add(f"tenant {number}", 100)
        held = workers.take()
        for _ in range(100):
            assert len(held) == WORKERS
            workers.now += CHEAP
            workers.queue.done(held.pop(0))
            held += workers.take()

    def test_a_group_counts_as_known_that_has_never_wanted_anything(self, workers):
        workers.queue.know("calm/0")
        workers.spend("quick once", CHEAP)
        workers.add("quick once", 100)
        assert len(workers.take()) == WORKERS - 1

    def test_a_group_alone_uses_all_workers_however_often_it_is_named(self, workers):
        for number in range(10):
            workers.queue.know(f"only/{number}")
        workers.spend("only", CHEAP)
        workers.add("only", 100)
        assert len(workers.take()) == WORKERS

    def test_one_worker_works_for_whoever_comes(self):
        workers = Workers(workers=1)
        workers.queue.know("calm/0")
        workers.add("busy", 1)
        assert workers.take() == ["busy/0"]


class TestWhatIsRemembered:
    def test_nothing_of_groups_that_want_nothing_and_were_not_dear(self, workers):
        for number in range(1000):
            workers.add(f"tenant {number}", 2)
        while workers.queue.depth().ready:
            workers.work(CHEAP)
        assert workers.queue._shares[Lane.LIVE].remembered() == 0

    def test_the_dear_are_forgotten_in_time(self, workers):
        for number in range(10):
            workers.spend(f"tenant {number}", DEAR)
        assert workers.queue._shares[Lane.LIVE].remembered() == 10
        workers.now += MAX_DEAR_SECONDS
        workers.spend("another", DEAR)
        assert workers.queue._shares[Lane.LIVE].remembered() == 1


COSTS = st.lists(st.floats(0.001, 5), min_size=1, max_size=20)


@given(first=COSTS, second=COSTS)
def test_two_groups_that_always_want_something_differ_by_two_keys_at_most(first, second):
    workers = Workers(workers=1)
    costs, spent = {"a": first, "b": second}, {"a": 0.0, "b": 0.0}
    workers.add("a", 100)
    workers.add("b", 100)
    for turn in range(100):
        (key,) = workers.take()
        seconds = costs[tenant(key)][turn % len(costs[tenant(key)])]
        workers.now += seconds
        spent[tenant(key)] += seconds
        workers.queue.done(key)
        assert abs(spent["a"] - spent["b"]) <= max(first) + max(second) + 0.1


@given(st.lists(st.floats(0, 3), min_size=WORKERS, max_size=40), st.integers(1, 5))
def test_whoever_has_been_dear_never_fills_the_workers(costs, tenants):
    workers = Workers()
    for number in range(tenants):
        workers.spend(f"dear {number}", DEAR)
    for number in range(tenants):
        workers.add(f"dear {number}", 50)
    held = []
    for seconds in costs:
        held += workers.take()
        assert len(held) == WORKERS - 1
        workers.now += seconds / len(costs)  # all within the time for which they are dear
        workers.queue.done(held.pop(0))


class TestTheBacklogStandsAside:
    """A new object is not kept waiting by the many that a restart brings."""

    def test_the_last_of_several_workers_takes_nothing_from_it(self, workers):
        workers.add("only", 1)
        assert workers.work(CHEAP) == "only"  # so that its keys are known to be cheap
        workers.add("only", 100, backlog=True)
        assert len(workers.take()) == WORKERS - 1
        workers.queue.add("only/new")
        assert workers.take() == ["only/new"]

    def test_while_a_live_key_is_worked_on_no_worker_takes_more_of_it(self, workers):
        workers.add("only", 1)
        assert workers.work(CHEAP) == "only"
        workers.add("only", 100, backlog=True)
        held = workers.take()
        workers.queue.add("only/new")
        workers.take()
        workers.queue.done(held[0])
        assert workers.take() == []
        workers.queue.done("only/new")
        assert len(workers.take()) == 1

    def test_it_does_so_for_a_while_only(self, workers):
        workers.add("only", 2)
        workers.queue.add("only/late", backlog=True)
        workers.queue.get(timeout=0)
        assert workers.queue.get(timeout=0) == "only/1"
        assert workers.queue.get(timeout=0) is None
        workers.now += STAND_ASIDE_SECONDS
        assert workers.queue.get(timeout=0) == "only/late"

    def test_a_worker_that_waits_for_its_turn_is_woken(self):
        queue = WorkQueue(workers=4)
        queue.add("live")
        queue.add("late", backlog=True)
        assert queue.get(timeout=0) == "live"
        assert queue.get(timeout=20) == "late"


class TestTheBacklogGetsItsShare:
    """However many new objects one tenant makes, what a restart brought of others is finished."""

    OLD = 50

    @pytest.fixture
    def busy(self, workers):
        """Workers, of whom all but the calm tenant's backlog want the most."""
        workers.add("calm", self.OLD, backlog=True)
        workers.add("noisy", 1000)
        return workers

    def test_long_work_in_between_does_not_take_it_away(self, busy):
        for number in range(9 * self.OLD):
            busy.queue.add_long(f"noisy/long {number}")
            busy.work(CHEAP)
            busy.queue.done(busy.queue.get(timeout=0, long=True))
        assert not busy.queue._ready[Lane.BACKLOG]

    @pytest.mark.parametrize("slow", [5 * CHEAP, 9 * CHEAP])
    def test_it_is_a_share_of_the_time_and_not_of_the_keys_alone(self, busy, slow):
        spent = {"calm": 0.0, "noisy": 0.0}
        while busy.queue._ready[Lane.BACKLOG]:
            key = busy.queue.get(timeout=0)
            seconds = CHEAP if tenant(key) == "calm" else slow
            busy.now += seconds
            spent[tenant(key)] += seconds
            busy.queue.done(key)
        assert spent["noisy"] <= 8 * spent["calm"]

    def test_the_reports_of_the_noisy_tenant_do_not_take_it_away(self, busy):
        reported, calm = set(), 0
        for number in range(20 * self.OLD):
            key = busy.queue.get(timeout=0)
            busy.now += CHEAP
            calm += tenant(key) == "calm"
            if tenant(key) == "noisy" and key not in reported:
                reported.add(key)
                busy.queue.add_later(key)
            busy.queue.done(key)
            busy.queue.add(f"noisy/new {number}")
        assert busy.now > 2 * LATER_SECONDS
        assert calm == self.OLD

    def test_late_reports_of_a_tenant_take_turns_with_its_own_backlog(self, workers):
        for number in range(4):
            workers.queue.add(f"noisy/report {number}")
            assert workers.take() == [f"noisy/report {number}"]
            workers.queue.add_later(f"noisy/report {number}")
            workers.queue.done(f"noisy/report {number}")
        workers.add("noisy", 100, backlog=True)
        workers.now += LATER_SECONDS
        taken = []
        for _ in range(4):
            taken.append(workers.queue.get(timeout=0))
            workers.queue.done(taken[-1])
        assert sorted(taken) == ["noisy/0", "noisy/1", "noisy/report 0", "noisy/report 1"], "neither goes first"

    def test_what_is_owed_takes_one_worker_at_a_time(self, busy):
        busy.spend("noisy", 9 * CHEAP)
        held = busy.take()
        assert [tenant(key) for key in held].count("calm") == 1

    def test_nothing_is_owed_for_work_before_it_waited(self, workers):
        workers.spend("noisy", 9 * CHEAP)
        workers.add("calm", 1, backlog=True)
        workers.add("noisy", 1)
        assert workers.work(CHEAP) == "noisy"
