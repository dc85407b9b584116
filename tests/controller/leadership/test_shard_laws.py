"""No two replicas work in a namespace, whatever happens; and if nothing happens, the work is soon shared evenly.

Requests arrive in any order and are lost, replicas are paused and killed and join with other numbers of shards, and
their clocks differ. `tests/support/lease_world.py` is the world.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.lease_world import LeaseWorld, Replica

from sealwright_controller.leadership.sharding import shard_of

NAMESPACES = [f"team-{number}" for number in range(12)]
SLOWEST, FASTEST = 0.9, 1.1
WRITE_TAKES = 1.5
"""How long a write may be on its way, in seconds, beside differences of clocks."""

ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(0, 5), st.integers(1, 12)),
        st.tuples(st.just("round"), st.just(0), st.integers(1, 8)),
        st.tuples(st.just("alone"), st.integers(0, 5), st.sampled_from([2, 5, 9, 13, 14, 20])),
        st.tuples(st.just("without"), st.integers(0, 5), st.sampled_from([9, 13, 14, 28])),
        st.tuples(st.just("pass"), st.just(0), st.sampled_from([0.3, 1, 2, 5, 8, 13])),
        st.tuples(st.just("lose"), st.integers(0, 5), st.just(1)),
        st.tuples(st.just("write"), st.integers(0, 5), st.integers(0, len(NAMESPACES) - 1)),
        st.tuples(st.just("kill"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("join"), st.sampled_from([1, 2, 2, 3]), st.sampled_from([SLOWEST, 1.0, FASTEST])),
        st.tuples(st.just("resign"), st.integers(0, 5), st.just(0)),
    ),
    min_size=5,
    max_size=50,
)


@contextmanager
def world_of(*shards: int) -> Iterator[LeaseWorld]:
    world = LeaseWorld()
    try:
        for each in shards:
            world.join(each)
        yield world
    finally:
        world.close()


def check(world: LeaseWorld) -> None:
    """The law."""
    assert len(world.leaders()) <= 1
    for namespace in NAMESPACES:
        assert len(world.who(namespace)) <= 1, namespace
        assert len(world.writers(namespace)) <= 1, namespace


def go_on(world: LeaseWorld, seconds: float, replicas: list[Replica] | None = None) -> None:
    """Let time pass in which replicas look once a second, all or these, with prompt answers."""
    for _ in range(round(seconds)):
        world.pass_time(1.0)
        check(world)
        for replica in replicas or world.alive():
            replica.step()
            check(world)


def act(world: LeaseWorld, what: str, which: int, how: float) -> None:
    alive = world.alive()
    replica = alive[which % len(alive)] if alive else None
    if what == "join" and len(alive) < 4:
        world.join(which, speed=how)
    elif what == "pass":
        for _ in range(round(how / 0.25)):
            world.pass_time(0.25)
            check(world)
    elif what == "round":
        go_on(world, how)
    elif what == "alone" and replica is not None:
        go_on(world, how, [replica])  # all others are paused
    elif what == "without" and replica is not None:
        go_on(world, how, [each for each in alive if each is not replica] or alive)
    elif replica is not None:
        act_on(world, replica, what, int(how))


def act_on(world: LeaseWorld, replica: Replica, what: str, how: int) -> None:
    if what == "advance":
        for _ in range(how):
            replica.advance()
            check(world)
    elif what == "lose":
        replica.is_lost = True
    elif what == "write":
        world.write(replica, NAMESPACES[how], WRITE_TAKES)
    elif what == "kill":
        world.kill(replica)
    elif what == "resign":
        replica.is_resigning = True


@settings(max_examples=100)
@given(st.sampled_from([(2, 2), (2, 2, 2), (2, 2, 1), (1, 1, 2), (2, 3, 2), (3, 3, 2)]), st.sampled_from([0, 30]), ACTS)
def test_no_two_work_in_a_namespace_whatever_happens(
    shards: tuple[int, ...], calm: int, acts: list[tuple[str, int, float]]
) -> None:
    with world_of(*shards) as world:
        go_on(world, calm)
        for what, which, how in acts:
            act(world, what, which, how)
            check(world)


@settings(max_examples=20)
@given(st.lists(st.integers(2, 2), min_size=2, max_size=4), ACTS)
def test_every_namespace_is_worked_in_soon_after_the_trouble_ends(
    shards: list[int], acts: list[tuple[str, int, float]]
) -> None:
    with world_of(*shards) as world:
        for what, which, how in acts:
            if what != "join":
                act(world, what, which, how)
        for replica in world.alive():
            replica.is_lost = False
        if all(replica.is_resigning for replica in world.alive()):
            world.join(2)
        go_on(world, 60)
        assert all(len(world.who(namespace)) == 1 for namespace in NAMESPACES)


@pytest.mark.parametrize(
    ("shards", "replicas", "shares"),
    [(2, 2, [1, 1]), (2, 3, [0, 1, 1]), (3, 2, [1, 2]), (4, 2, [2, 2]), (8, 3, [2, 3, 3]), (2, 1, [2])],
)
def test_shards_are_soon_shared_evenly(shards: int, replicas: int, shares: list[int]) -> None:
    with world_of(shards) as world:
        go_on(world, 20)
        assert sum(world.replicas[0].election.shards()) == shards, "one replica does everything"
        for _ in range(replicas - 1):
            world.join(shards)
        go_on(world, 40)
        assert sorted(sum(replica.election.shards()) for replica in world.replicas) == shares


def test_a_share_goes_to_the_others_within_15_seconds() -> None:
    with world_of(2, 2) as world:
        go_on(world, 40)
        first, second = world.replicas
        assert [sum(each.election.shards()) for each in world.replicas] == [1, 1]
        world.kill(first)
        go_on(world, 14)
        assert all(world.who(namespace) == [second.name] for namespace in NAMESPACES)


def test_one_that_resigns_leaves_its_share_at_once() -> None:
    with world_of(2, 2) as world:
        go_on(world, 40)
        world.replicas[0].is_resigning = True
        go_on(world, 3)
        assert all(world.who(namespace) == [world.replicas[1].name] for namespace in NAMESPACES)


def test_a_shard_is_handed_over_only_when_the_work_in_it_has_ended() -> None:
    with world_of(2) as world:
        go_on(world, 20)
        first = world.replicas[0]
        for namespace in NAMESPACES:
            assert world.write(first, namespace, 6.0)
        second = world.join(2)
        go_on(world, 5)
        assert not any(second.election.shards())
        go_on(world, 5)
        assert sum(second.election.shards()) == 1


def test_one_that_never_ends_its_work_hands_over_nevertheless() -> None:
    with world_of(2) as world:
        go_on(world, 20)
        first = world.replicas[0]
        first.is_busy = lambda where: True  # type: ignore[method-assign] # a worker that hangs
        second = world.join(2)
        go_on(world, 10)
        assert not any(second.election.shards())
        go_on(world, 10)
        assert sum(second.election.shards()) == 1


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (2, 3), (3, 2)])
def test_another_number_of_shards_begins_when_all_work_by_the_old_one_has_stopped(before: int, after: int) -> None:
    with world_of(before, before) as world:
        go_on(world, 40)
        for _ in range(2):
            world.join(after)
        go_on(world, 10)
        old, new = world.replicas[:2], world.replicas[2:]
        assert not any(any(replica.election.shards()) for replica in new), "they wait"
        for replica in old:
            world.kill(replica)
        go_on(world, 60)
        assert all(len(world.who(namespace)) == 1 for namespace in NAMESPACES)


@pytest.mark.parametrize(("before", "after"), [(2, 1), (2, 3), (3, 2)])
def test_one_of_the_old_number_that_looked_a_moment_ago_has_stopped_when_the_new_one_begins(
    before: int, after: int
) -> None:
    with world_of(before, before, after) as world:
        go_on(world, 40)
        leader, paused, joined = world.replicas
        assert leader.election.leads()
        assert any(paused.election.shards())
        world.kill(leader)
        for _ in range(20):
            go_on(world, 1, [joined])
            if joined.election.leads():
                break
            paused.step()
        assert any(paused.election.shards()), "it does not know yet"
        assert joined.election.leads()
        assert not any(joined.election.shards())
        go_on(world, 30, [joined])  # and it checks the law all the time
        assert all(world.who(namespace) == [joined.name] for namespace in NAMESPACES)


def test_one_of_the_old_number_that_is_paused_meanwhile_writes_nothing_when_it_wakes() -> None:
    with world_of(2, 2) as world:
        go_on(world, 40)
        leader = next(each for each in world.replicas if each.election.leads())
        paused = next(each for each in world.replicas if each is not leader)
        world.join(1)
        world.kill(leader)
        go_on(world, 60, [world.replicas[2]])
        assert all(world.who(namespace) == ["r2"] for namespace in NAMESPACES)
        assert not any(world.write(paused, namespace, 1) for namespace in NAMESPACES)
        go_on(world, 10)
        assert all(world.who(namespace) == ["r2"] for namespace in NAMESPACES)


def test_namespaces_are_spread_over_shards_and_few_move_when_one_is_added() -> None:
    many = [f"ns-{number}" for number in range(3000)]
    shares = [sum(shard_of(namespace, 3) == shard for namespace in many) for shard in range(3)]
    assert all(900 < share < 1100 for share in shares)
    moved = [namespace for namespace in many if shard_of(namespace, 3) != shard_of(namespace, 4)]
    assert all(shard_of(namespace, 4) == 3 for namespace in moved)
    assert {shard_of(namespace, 1) for namespace in many} == {0}
