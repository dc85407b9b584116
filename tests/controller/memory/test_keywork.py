"""One object's turn at the private keys, on a clock that moves with each operation."""

import pytest
from tests.support.builders import keyring, other_sealing_key, sealed_secret, sealing_key

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory.keywork import (
    HOPELESS_ITEMS,
    HOPELESS_OPERATIONS,
    HOPELESS_SECONDS,
    MAX_UNFINISHED,
    SLICE_SECONDS,
    Slice,
    UnfinishedObjects,
)
from sealwright_controller.objects.forms import Form
from sealwright_crypto import Keyring, Opened, OperationCounter, PausedError, Scope, SealedSecret, UnsealError, unseal

CONTENT = Form("uid", 1, Scope.STRICT)
KEYS = (sealing_key(), *(other_sealing_key(number) for number in range(20, 25)))
OPERATION_SECONDS = 0.0061


class Ticking(OperationCounter):
    """Counts operations, each of which takes its time on a clock of its own."""

    def __init__(self, seconds=OPERATION_SECONDS):
        super().__init__()
        self.seconds = seconds

    def clock(self):
        return self.value * self.seconds


def garbage(count):
    """Return an object of items that no key opens, all of a key's length."""
    item = sealed_secret("elsewhere", items={"a": b"x"})["spec"]["encryptedData"]["a"]
    return SealedSecret("db", "team-a", {f"k{number:04}": item for number in range(count)})


def turn(sealed, total, opened, keys=KEYS):
    """Let an object have one turn under so many keys; returns the slice's counter and what came of it."""
    counter = OperationCounter(total)
    try:
        result = unseal(sealed, Keyring(keyring(*keys), counter), None, Slice(opened, counter, total.clock))
    except (PausedError, UnsealError) as error:
        result = error
    return counter.value, result


class TestASlice:
    def test_1800_garbage_items_under_six_keys_cost_a_second(self):
        total = Ticking()
        operations, error = turn(garbage(1800), total, {})
        assert operations <= len(KEYS) + HOPELESS_OPERATIONS + len(KEYS)
        assert total.value == operations
        assert error.untried == 1800 - len(error.items)
        assert f"; {error.untried} more were not tried" in str(error)

    def test_ordinary_objects_are_told_all_their_items_that_fail(self):
        _, error = turn(garbage(20), Ticking(), {})
        assert (len(error.items), error.untried) == (20, 0)

    def test_80000_damaged_items_are_told_of_a_thousand_though_they_cost_no_operation(self):
        sealed = SealedSecret("db", "team-a", {f"k{number:05}": "AAAA" for number in range(80_000)})
        operations, error = turn(sealed, Ticking(), {})
        assert (operations, len(error.items), error.untried) == (0, 1 + HOPELESS_ITEMS, 79_999 - HOPELESS_ITEMS)

    def test_slow_keys_end_it_by_time(self):
        total = Ticking(seconds=0.3)
        turn(garbage(1800), total, {})
        assert total.clock() <= 0.3 * len(KEYS) + HOPELESS_SECONDS + 0.3 * len(KEYS)

    def test_an_object_of_many_items_gets_a_second_at_a_time_and_opens(self):
        """Sealed by turns with the oldest and the newest of six keys, no hints: each item costs up to six operations."""
        halves = [
            sealed_secret(items=named(part), certificate=certificate, hints=False) for part, certificate in SEALED
        ]
        sealed = SealedSecret.from_dict(halves[0])
        items = sealed.items | SealedSecret.from_dict(halves[1]).items
        sealed = SealedSecret(sealed.name, sealed.namespace, dict(sorted(items.items())))
        total, opened, turns = Ticking(seconds=0.05), {}, 0
        while isinstance((done := turn(sealed, total, opened))[1], PausedError):
            turns += 1
            assert done[0] * total.seconds <= SLICE_SECONDS + len(KEYS) * total.seconds
        assert done[1].secret.items.keys() == items.keys()
        assert turns > 3
        assert total.value <= len(KEYS) * len(items)

    def test_an_item_gets_its_time_however_slow_the_keys(self):
        total, opened = Ticking(seconds=60), {}
        made = SealedSecret.from_dict(sealed_secret(items={"a": b"1", "b": b"2"}))
        assert isinstance(turn(made, total, opened)[1], PausedError)
        assert turn(made, total, opened)[1].secret.items == {"a": b"1", "b": b"2"}


def named(part):
    return {f"{number:03}": b"x" for number in range(60) if number % 2 == part}


SEALED = [(0, KEYS[0].certificate), (1, KEYS[-1].certificate)]


class TestUnfinishedObjects:
    @staticmethod
    def opened(text=b"secret"):
        return {"a": Opened(text, "f" * 64)}

    def test_what_is_open_is_kept_for_the_same_content(self):
        unfinished, key = UnfinishedObjects(), ObjectKey("team-a", "db")
        unfinished.keep(key, CONTENT, self.opened())
        assert unfinished.opened(key, CONTENT) == self.opened()

    @pytest.mark.parametrize(
        "content",
        [Form("another", 1, Scope.STRICT), Form("uid", 2, Scope.STRICT), Form("uid", 1, Scope.CLUSTER_WIDE)],
    )
    def test_nothing_of_it_is_good_for_another(self, content):
        unfinished, key = UnfinishedObjects(), ObjectKey("team-a", "db")
        unfinished.keep(key, CONTENT, self.opened())
        assert unfinished.opened(key, content) == {}

    def test_one_is_kept_in_a_namespace_and_eight_in_all(self):
        unfinished = UnfinishedObjects()
        for number in range(2 * MAX_UNFINISHED):
            for name in ("first", "second"):
                unfinished.keep(ObjectKey(f"team-{number}", name), CONTENT, self.opened())
        assert len(unfinished) == MAX_UNFINISHED
        assert unfinished.opened(ObjectKey("team-0", "first"), CONTENT)
        assert not unfinished.opened(ObjectKey("team-0", "second"), CONTENT)

    def test_when_one_came_to_its_end_there_is_room(self):
        unfinished = UnfinishedObjects()
        unfinished.keep(ObjectKey("team-a", "first"), CONTENT, self.opened())
        unfinished.forget(ObjectKey("team-a", "first"))
        unfinished.keep(ObjectKey("team-a", "second"), CONTENT, self.opened())
        assert unfinished.opened(ObjectKey("team-a", "second"), CONTENT)

    def test_values_are_not_shown(self):
        pace = Slice(self.opened(b"hunter2"), OperationCounter(), lambda: 0.0)
        unfinished = UnfinishedObjects()
        unfinished.keep(ObjectKey("team-a", "db"), CONTENT, pace.opened)
        assert "hunter2" not in f"{pace!r} {unfinished!r} {pace.opened!r}"
