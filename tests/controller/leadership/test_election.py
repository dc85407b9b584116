"""Who leads: at every moment one replica at most, and soon another when the leader is gone."""

import contextlib
import sys
import threading
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.lease_world import NOW, StoredLease

from sealwright_controller.gateway import RefusedError, UnavailableError
from sealwright_controller.leadership import times
from sealwright_controller.leadership.election import Election
from sealwright_controller.leadership.identity import Identity
from sealwright_controller.leadership.lease import Lease
from sealwright_controller.leadership.seat import GIVEN_BACK_SECONDS, MAX_TRANSITIONS
from sealwright_controller.leadership.times import LEASE_SECONDS, LOOK_SECONDS, RENEW_SECONDS, WRITE_SECONDS
from sealwright_controller.objects.reasons import Reason


def never_busy(_: object) -> bool:
    return False


class World:
    """Some replicas over one store, and one clock."""

    def __init__(self, replicas: int = 2) -> None:
        self.store, self.time, self.ended = StoredLease(), 100.0, set[str]()
        self.replicas = [self.replica(f"r{number}") for number in range(replicas)]

    def replica(self, name: str, process: str = "") -> Election:
        return Election(
            [self.store],
            Identity(name, process or name),
            now=lambda: NOW,
            monotonic=lambda: self.time,
            has_ended=lambda process, _: process in self.ended,
        )

    def leaders(self) -> list[int]:
        return [number for number, one in enumerate(self.replicas) if one.leads()]

    def pass_time(self, seconds: float, *awake: int) -> None:
        """Let time pass, in which these replicas look every second."""
        for _ in range(round(seconds / LOOK_SECONDS)):
            self.time += LOOK_SECONDS
            for number in awake:
                self.replicas[number].step(never_busy)


@pytest.fixture
def world() -> World:
    made = World()
    made.pass_time(1, 0, 1)
    assert made.leaders() == [0]
    return made


def test_a_leader_goes_on_leading_while_it_renews(world: World) -> None:
    world.pass_time(10 * LEASE_SECONDS, 0, 1)
    assert world.leaders() == [0]
    assert world.store.lease is not None
    assert world.store.lease.transitions == 0


def test_another_leads_within_15_seconds_of_a_crash(world: World) -> None:
    world.pass_time(15, 1)
    assert world.leaders() == [1]
    assert world.store.lease is not None
    assert (world.store.lease.holder, world.store.lease.transitions) == ("r1", 1)


def test_a_leader_that_was_paused_knows_at_once_that_it_does_not_lead(world: World) -> None:
    world.time += WRITE_SECONDS
    assert world.leaders() == []
    with pytest.raises(UnavailableError, match="does not lead"):
        world.replicas[0].check(None)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a clock that goes on while it is suspended")
def test_a_leader_whose_machine_was_suspended_knows_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    since_boot = 100.0
    clocks = SimpleNamespace(
        monotonic=lambda: 100.0, clock_gettime=lambda _: since_boot, CLOCK_BOOTTIME=time.CLOCK_BOOTTIME
    )
    monkeypatch.setattr(times, "time", clocks)
    leader = Election([StoredLease()], Identity("r0", "r0"))
    leader.step(never_busy)
    assert leader.leads()
    since_boot += WRITE_SECONDS
    assert not leader.leads()


def test_a_leader_writes_no_longer_before_another_may(world: World) -> None:
    assert WRITE_SECONDS + 2 * RENEW_SECONDS <= LEASE_SECONDS
    world.pass_time(LEASE_SECONDS - 1, 1)
    assert world.leaders() == []


def test_one_that_resigns_lets_another_lead_at_once(world: World) -> None:
    world.replicas[0].resign()
    assert world.leaders() == []
    world.pass_time(1, 1)
    assert world.leaders() == [1]


def test_one_that_lost_the_lease_does_not_resign_for_the_other(world: World) -> None:
    world.pass_time(15, 1)
    world.replicas[0].resign()
    world.pass_time(1, 0, 1)
    assert world.leaders() == [1]


def test_nobody_waits_for_a_process_that_has_ended(world: World) -> None:
    world.ended.add("r0")
    world.pass_time(1, 1)
    assert world.replicas[1].leads()


def test_a_leader_goes_on_while_the_api_server_is_away_for_a_moment(world: World) -> None:
    world.store.fault = UnavailableError("away")
    with pytest.raises(UnavailableError):
        world.replicas[0].step(never_busy)
    assert world.leaders() == [0]
    world.store.fault = None
    world.pass_time(5, 0, 1)
    assert world.leaders() == [0]


def test_a_leader_leads_again_when_the_api_server_is_back(world: World) -> None:
    world.time += 600
    assert world.leaders() == []
    world.pass_time(1, 0, 1)
    assert world.leaders() == [0]


def test_a_lease_of_unknown_origin_is_waited_for_like_any_other() -> None:
    world = World()
    world.store.lease = Lease("somebody", "", 10**9, 3, NOW, "x")
    world.pass_time(LEASE_SECONDS, 0, 1)
    assert world.leaders() == []
    world.pass_time(61, 0, 1)
    assert len(world.leaders()) == 1


def test_who_touches_the_lease_keeps_nobody_from_taking_it(world: World) -> None:
    for second in range(15):
        assert world.store.lease is not None
        world.store.lease = replace(world.store.lease, version=f"touched-{second}")
        world.pass_time(1, 1)
    assert world.leaders() == [1]


def test_a_lease_that_is_deleted_stays_with_its_holder(world: World) -> None:
    world.pass_time(1, 1)
    world.store.lease = None
    world.pass_time(1, 1)
    assert world.leaders() == [0], "the other has to wait: the holder does not know yet"
    world.pass_time(1, 0, 1)
    assert world.leaders() == [0]


def test_a_lease_whose_holder_somebody_removed_is_waited_for(world: World) -> None:
    assert world.store.lease is not None
    world.store.lease = replace(world.store.lease, holder="", version="edited")
    world.pass_time(2, 1)
    assert 1 not in world.leaders()
    world.pass_time(LEASE_SECONDS, 0, 1)
    assert len(world.leaders()) == 1


def test_one_that_reads_that_another_holds_the_lease_ceases_at_once(world: World) -> None:
    assert world.store.lease is not None
    world.store.lease = replace(world.store.lease, holder="somebody", version="edited")
    world.replicas[0].step(never_busy)
    assert world.leaders() == []


def test_the_count_of_leaders_stays_within_the_api_s_limit(world: World) -> None:
    world.store.lease = Lease("", "", GIVEN_BACK_SECONDS, MAX_TRANSITIONS, NOW, "x")
    world.pass_time(1, 1)
    assert world.store.lease.transitions == MAX_TRANSITIONS
    assert world.store.lease.holder == "r1"


def test_after_it_resigned_it_takes_no_lease(world: World) -> None:
    world.replicas[0].resign()
    stopping = threading.Event()
    world.replicas[0].run(stopping.set, stopping, never_busy)
    assert world.leaders() == []


ACTS = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["look", "look", "look", "resign", "restart", "away"]), st.floats(0, 20)
    ),
    max_size=60,
)


@given(ACTS)
def test_no_two_lead_whatever_happens(acts: list[tuple[int, str, float]]) -> None:
    world = World(replicas=3)
    for number, act, seconds in acts:
        world.time += seconds
        world.store.fault = UnavailableError("away") if act == "away" else None
        if act == "resign":
            world.replicas[number].resign()
        elif act == "restart":
            world.replicas[number] = world.replica(f"r{number}-{world.time}")
        else:
            with contextlib.suppress(UnavailableError):
                world.replicas[number].step(never_busy)
        assert len(world.leaders()) <= 1


class Rounds(threading.Event):
    """Ends a run after many rounds, so that a test which waits in vain fails."""

    left = 100

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        if not self.left:
            self.set()
        return super().wait(timeout)


class TestRunning:
    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take no pauses: the clock is the test's."""
        monkeypatch.setattr(Election, "_pause_seconds", lambda _: 0.0)

    @pytest.fixture
    def told(self) -> list[bool]:
        return []

    def run(self, one: Election, told: list[bool], until: int) -> None:
        """Run until it was told so many changes."""
        stopping = Rounds()

        def changed() -> None:
            told.append(one.leads())
            if len(told) == until:
                stopping.set()

        one.run(changed, stopping, never_busy)

    def test_it_tells_that_it_leads(self, told: list[bool]) -> None:
        self.run(World().replicas[0], told, 1)
        assert told == [True]

    def test_it_tells_that_another_leads(self, world: World, told: list[bool]) -> None:
        self.run(world.replicas[1], told, 1)
        assert told == [False]

    def test_work_that_was_refused_during_a_pause_is_told_that_it_may_go_on(
        self, world: World, told: list[bool]
    ) -> None:
        """The pause ends with a renewal, between two looks: what it leads has not changed from one to the other."""
        leader = world.replicas[0]
        self.run(leader, told, 1)
        world.time += WRITE_SECONDS
        assert not leader.serves("team-a")
        self.run(leader, told, 2)
        assert told == [True, True]
        self.run(leader, told, 3)
        assert told == [True, True]

    def test_without_the_right_there_is_no_election(self, told: list[bool]) -> None:
        world = World()
        world.store.fault = RefusedError("leases are forbidden", Reason.FORBIDDEN)
        self.run(world.replicas[0], told, 2)
        assert told == [False, True]
        world.time += 10**6
        world.replicas[0].check(None)
        world.replicas[0].resign()
        assert world.replicas[0].leads()

    def test_one_without_the_right_gives_way_when_it_can_read_that_another_leads(self, told: list[bool]) -> None:
        world = World()
        world.store.fault = RefusedError("leases are forbidden", Reason.FORBIDDEN)
        self.run(world.replicas[0], told, 2)
        assert world.replicas[0].leads()
        world.store.fault = None
        world.pass_time(1, 1)
        self.run(world.replicas[0], told, 3)
        assert told == [False, True, False]
        assert world.leaders() == [1]

    def test_what_refuses_only_writes_is_no_missing_right(self, world: World, told: list[bool]) -> None:
        world.store.write_fault = RefusedError("exceeded quota", Reason.FORBIDDEN)
        world.time += 60
        for _ in range(10):
            with pytest.raises(RefusedError):
                world.replicas[1].step(never_busy)
        stopping = threading.Event()
        world.replicas[1].run(stopping.set, stopping, never_busy)
        assert world.leaders() == []

    def test_one_that_loses_the_right_does_not_lead(self, world: World, told: list[bool]) -> None:
        world.time += WRITE_SECONDS
        world.store.fault = RefusedError("leases are forbidden", Reason.FORBIDDEN)
        self.run(world.replicas[0], told, 1)
        assert told == [False]

    def test_several_shards_cannot_do_without_the_right(self, told: list[bool]) -> None:
        refused = StoredLease()
        refused.fault = RefusedError("leases are forbidden", Reason.FORBIDDEN)
        one = Election([StoredLease(), refused], Identity("r0", "r0"))
        self.run(one, told, 1)
        assert one.why_not_ready() is None, "nothing is known yet: the other shards begin later"
        one = Election([refused, StoredLease()], Identity("r0", "r0"))
        self.run(one, told, 2)
        assert one.why_not_ready() == "leases are forbidden"
        assert not one.leads()
        assert not any(one.shards())
