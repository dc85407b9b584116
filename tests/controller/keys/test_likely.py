"""Without a hint, the key that an object was probably sealed to is tried first."""

import random
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import keyring, other_sealing_key, sealed_secret
from tests.support.spoiling import ANY_JSON

from sealwright_controller.keys.likely import likely_keys
from sealwright_controller.objects.metadata import last_applied
from sealwright_crypto import Fingerprint, OperationCounter, SealedSecret, SealingKey
from sealwright_crypto.sealedsecret import open_all

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MONTH = timedelta(days=30)


def fingerprint(number: int) -> Fingerprint:
    return Fingerprint(f"{number:064x}")


def keys(count: int) -> list[SealingKey]:
    """Return so many keys made a month apart, newest first, of which only what counts here is there."""
    made = [
        SimpleNamespace(fingerprint=fingerprint(number), certificate=SimpleNamespace(not_before=FIRST + number * MONTH))
        for number in range(count)
    ]
    return cast(list[SealingKey], made[::-1])


def applied(moment: datetime, *opened_with: str) -> dict[str, Any]:
    """Return an object that was last applied at a moment, and whose status names the keys that opened it."""
    text = moment.isoformat().replace("+00:00", "Z")
    condition = {"type": "Synced", "status": "True"}
    return {
        "metadata": {
            "creationTimestamp": "2020-01-01T00:00:00Z",
            "managedFields": [
                {"manager": "kubectl", "time": text},
                {"manager": "controller", "subresource": "status", "time": "2030-01-01T00:00:00Z"},
            ],
        },
        "status": {"conditions": [condition], "keyFingerprints": list(opened_with)},
    }


@pytest.mark.parametrize("count", [1, 4, 16, 64])
def test_an_item_takes_few_operations_where_sealing_followed_time(count: int) -> None:
    chance, active, tried = random.Random(count), keys(count), []
    for _ in range(2000):
        sealed = FIRST + chance.random() * count * MONTH
        right = max(number for number in range(count) if FIRST + number * MONTH <= sealed)
        order = likely_keys(applied(sealed + chance.random() * timedelta(days=3)), active)
        tried.append(order.index(fingerprint(right)) + 1)
    assert sum(tried) / len(tried) <= 1.1


def test_the_keys_that_opened_it_before_come_first_then_those_before_it_was_applied_and_no_others() -> None:
    order = likely_keys(applied(FIRST + 3.5 * MONTH, fingerprint(1), fingerprint(99)), keys(6))
    assert order == tuple(map(fingerprint, [1, 3, 2, 0]))


@given(ANY_JSON, st.integers(0, 3))
def test_only_keys_that_there_are_are_named_and_each_once_whatever_an_object_says(anything: Any, count: int) -> None:
    manifest = {"metadata": {"managedFields": anything, "creationTimestamp": anything}, "status": anything}
    named = likely_keys(manifest, keys(count))
    assert len(set(named)) == len(named)
    assert {key.fingerprint for key in keys(count)}.issuperset(named)


def test_every_key_is_tried_whether_it_is_likely_or_not() -> None:
    made = [other_sealing_key(number, FIRST + number * MONTH) for number in range(3)][::-1]
    manifest = applied(FIRST + 0.5 * MONTH)
    assert likely_keys(manifest, made) == (made[2].fingerprint,)
    for key in made:
        sealed = SealedSecret.from_dict(sealed_secret(items={"a": b"1"}, certificate=key.certificate, hints=False))
        ring = keyring(*made).in_order(likely_keys(manifest, made), OperationCounter())
        assert open_all(sealed, ring)["a"].plaintext == b"1"


@pytest.mark.parametrize(
    ("metadata", "moment"),
    [
        ({}, None),
        ({"creationTimestamp": "2024-01-01T00:00:00Z"}, FIRST),
        ({"creationTimestamp": "2024-01-01T00:00:00"}, FIRST),
        ({"creationTimestamp": "yesterday"}, None),
        ({"creationTimestamp": 7, "managedFields": "x"}, None),
        ({"managedFields": [{"time": "2023-01-01T00:00:00Z"}, {"time": "2024-01-01T00:00:00Z"}, {}, None]}, FIRST),
        ({"managedFields": [{"time": "2024-01-01T00:00:00Z", "subresource": "status"}]}, None),
    ],
)
def test_when_an_object_was_last_applied(metadata: Any, moment: datetime | None) -> None:
    assert last_applied({"metadata": metadata}) == moment


def test_an_object_of_an_old_key_costs_one_operation_for_each_item() -> None:
    made = [other_sealing_key(number, FIRST + number * MONTH) for number in range(3)]
    sealed = sealed_secret(items={"a": b"1", "b": b"2"}, certificate=made[1].certificate, hints=False)
    manifest = sealed | {"metadata": sealed["metadata"] | applied(FIRST + 1.5 * MONTH)["metadata"]}
    counter = OperationCounter()
    ring = keyring(*made[::-1]).in_order(likely_keys(manifest, made[::-1]), counter)
    opened = open_all(SealedSecret.from_dict(manifest), ring)
    assert {name: item.plaintext for name, item in opened.items()} == {"a": b"1", "b": b"2"}
    assert counter.value == 2
