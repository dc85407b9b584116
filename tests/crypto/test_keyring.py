"""Which key is tried when, and what that costs in private-key operations."""

import threading

import pytest
from tests.support.testkeys import key, ring

from sealwright_crypto import DecryptionError, FormatError, Keyring, OperationCounter, seal_item

LABEL = b"team-a/db"
THREE = ("new-2048", "old-2048", "other-2048")
SIZES = ("small-1024", "medium-3072", "large-4096", "new-2048")


def sealed_to(name):
    return seal_item(b"hunter2", key(name).certificate, LABEL)


def fingerprints(*names):
    return [key(name).fingerprint for name in names]


COSTS = [
    ("the newest key is tried first", THREE, "new-2048", [], 1),
    ("then the older ones in their order", THREE, "other-2048", [], 3),
    ("a preferred key is tried before the newest", THREE, "other-2048", ["other-2048"], 1),
    ("a wrong preference costs one operation more", THREE, "new-2048", ["other-2048"], 2),
    ("a key is tried once however often it is preferred", THREE, "new-2048", ["old-2048"] * 5, 2),
    ("preferences are tried in their order", THREE, "old-2048", ["other-2048", "old-2048"], 2),
    ("a preference for a key of another size costs nothing", SIZES, "new-2048", ["large-4096"], 1),
    ("keys of another size cost nothing", SIZES, "new-2048", [], 1),
    ("a key that is not here cannot be preferred", ("old-2048",), "old-2048", ["new-2048"], 1),
]


@pytest.mark.parametrize(("names", "sealed", "prefer", "cost"), [r[1:] for r in COSTS], ids=[r[0] for r in COSTS])
def test_cost_of_opening(names, sealed, prefer, cost):
    keys = ring(*names)
    opened = keys.open(sealed_to(sealed), LABEL, fingerprints(*prefer))
    assert opened.plaintext == b"hunter2"
    assert opened.fingerprint == key(sealed).fingerprint
    assert keys.meter.value == cost


REFUSED = [
    ("an empty keyring", (), "new-2048", 0),
    ("no key fits in size", ("small-1024", "large-4096"), "new-2048", 0),
    ("every key of the size is tried", ("new-2048", "old-2048", "small-1024"), "other-2048", 2),
]


@pytest.mark.parametrize(("names", "sealed", "cost"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_cost_of_not_opening(names, sealed, cost):
    keys = ring(*names)
    with pytest.raises(DecryptionError):
        keys.open(sealed_to(sealed), LABEL)
    assert keys.meter.value == cost


def test_a_damaged_item_costs_nothing():
    keys = ring(*THREE)
    with pytest.raises(FormatError):
        keys.open(sealed_to("new-2048")[:-5], LABEL)
    assert keys.meter.value == 0


def test_keys_keep_their_order():
    keys = ring(*THREE)
    assert keys.fingerprints == tuple(fingerprints(*THREE))
    assert [private_key.fingerprint for private_key in keys] == fingerprints(*THREE)
    assert len(keys) == 3


def test_a_key_given_twice_is_there_once():
    assert ring("new-2048", "old-2048", "new-2048").fingerprints == tuple(fingerprints("new-2048", "old-2048"))


def test_the_representation_names_fingerprints_alone():
    assert repr(ring("new-2048")) == f"Keyring({key('new-2048').fingerprint})"
    assert repr(Keyring()) == "Keyring(empty)"


def test_keyrings_can_share_a_counter():
    counter = OperationCounter()
    for name in THREE:
        ring(name, counter=counter).open(sealed_to(name), LABEL)
    assert counter.value == 3


def test_a_counter_that_has_counted_nothing_is_kept():
    counter = OperationCounter()
    assert ring(counter=counter).meter is counter


def test_the_counter_loses_nothing_between_threads():
    counter, together = OperationCounter(), threading.Barrier(8)

    def count():
        together.wait()
        for _ in range(5000):
            counter.increment()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counter.value == 8 * 5000


def test_one_keyring_serves_many_threads():
    keys, items = ring(*THREE), [sealed_to(name) for name in THREE]
    opened = []

    def open_all():
        opened.extend(keys.open(item, LABEL).plaintext for item in items)

    threads = [threading.Thread(target=open_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [b"hunter2"] * 12
    assert keys.meter.value == 4 * (1 + 2 + 3)
