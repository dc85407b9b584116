"""When putting a Secret right has become a fight, and for how long it is left alone then."""

import pytest

from sealwright_controller.queue.contention import MAX_REVERTS, PAUSE, WINDOW_SECONDS, Contention


class World:
    """A Secret that a controller writes whenever somebody else has changed it, with a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.contention: Contention[str] = Contention(clock=lambda: self.now, jitter=lambda: 1.0)
        self.made: set[object] = set()

    def write(self, form: object = 1, key: str = "db") -> bool:
        """Write unless it would be a fight; tell whether it was written."""
        made_before = (key, form) in self.made
        if self.contention.objection(key, form, "data", made_before=made_before):
            return False
        self.contention.note(key, form, made_before=made_before)
        self.made.add((key, form))
        return True

    def fight(self) -> None:
        """Write until a pause begins."""
        while self.write():
            self.now += 0.1

    def rest(self) -> None:
        """Let a pause pass."""
        self.now += self.contention.pause_seconds("db")


@pytest.fixture
def world() -> World:
    made = World()
    assert made.write()
    return made


def test_three_repairs_within_a_minute_are_made_and_the_fourth_is_not(world):
    assert [world.write() for _ in range(4)] == [True, True, True, False]
    assert MAX_REVERTS == 3


def test_the_first_write_is_no_repair(world):
    assert world.write()
    assert world.write()
    assert world.write()


def test_a_secret_that_is_known_to_have_been_made_is_repaired_as_often_by_a_controller_that_starts_anew():
    world = World()
    world.made.add(("db", 1))
    assert [world.write() for _ in range(4)] == [True, True, True, False]


def test_where_nothing_is_known_of_earlier_writes_its_own_are(world):
    """As where the status cannot be written."""

    def write() -> bool:
        objection = world.contention.objection("x", 1, "data", made_before=False)
        if not objection:
            world.contention.note("x", 1, made_before=False)
        return not objection

    assert [write() for _ in range(5)] == [True, True, True, True, False]


def test_repairs_that_are_further_apart_go_on_for_ever(world):
    for _ in range(20):
        world.now += WINDOW_SECONDS / MAX_REVERTS
        assert world.write()
    assert len(world.contention) == 0


def test_each_secret_has_its_own_count(world):
    world.fight()
    assert world.write(key="other")
    assert world.write(key="other")


def test_what_was_changed_is_told_as_long_as_the_pause_lasts(world):
    assert not world.contention.told("db", 1)
    world.fight()
    told = world.contention.told("db", 1)
    assert told.startswith("somebody else keeps changing the Secret (data): ")
    world.rest()
    assert not world.contention.told("db", 1)


def test_after_the_pause_there_is_one_try_and_then_a_longer_pause(world):
    world.fight()
    pauses = [world.contention.pause_seconds("db")]
    for _ in range(7):
        world.rest()
        assert world.write()
        assert not world.write()
        pauses.append(world.contention.pause_seconds("db"))
    assert [round(pause) for pause in pauses] == [10, 20, 40, 80, 160, 300, 300, 300]
    assert PAUSE.cap_seconds == 300


def test_within_a_pause_nothing_is_written(world):
    world.fight()
    pause = world.contention.pause_seconds("db")
    world.now += pause / 2
    assert not world.write()
    assert world.contention.pause_seconds("db") == pytest.approx(pause / 2)


def test_who_comes_late_from_a_long_pause_has_still_one_try(world):
    world.fight()
    while world.contention.pause_seconds("db") < PAUSE.cap_seconds:
        world.rest()
        assert world.write()
        assert not world.write()
    world.now += 2 * PAUSE.cap_seconds - 1
    assert [world.write(), world.write()] == [True, False]


def test_a_repair_that_lasts_a_minute_ends_it(world):
    world.fight()
    world.rest()
    assert world.write()
    assert len(world.contention) == 1
    world.now += WINDOW_SECONDS
    assert len(world.contention) == 0
    assert [world.write() for _ in range(4)] == [True, True, True, False]
    assert world.contention.pause_seconds("db") == pytest.approx(10)


def test_a_new_form_is_written_at_once_and_gives_no_more_than_one_try(world):
    world.fight()
    assert not world.contention.told("db", 2)
    assert world.write(2)
    assert not world.contention.pause_seconds("db")
    assert not world.write(2)
    assert world.contention.pause_seconds("db") == pytest.approx(20)


def test_new_forms_do_not_make_the_measure_larger(world):
    assert [world.write() for _ in range(3)] == [True, True, True]
    assert world.write(2)
    assert not world.write(2)


def test_what_is_gone_is_forgotten(world):
    world.fight()
    world.contention.forget("db")
    assert len(world.contention) == 0
    assert world.write()


def test_what_is_calm_takes_no_memory(world):
    for number in range(1_000):
        world.write(key=str(number))
    world.now += WINDOW_SECONDS
    world.write(key="late")
    assert len(world.contention._trails) == 1
