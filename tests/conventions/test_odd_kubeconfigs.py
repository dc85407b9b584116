"""Whatever stands at any one place of a kubeconfig, both programs use it or say what is wrong with it."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tools.fuzz.mutating import ODD
from tools.fuzz.targets.kubeconfigs import kubeconfig, plugin_answer
from tools.fuzz.targets.target import Target

ANSWER = {
    "token": "x",
    "expirationTimestamp": "2026-03-01T12:00:00Z",
    "clientKeyData": "a",
    "clientCertificateData": "b",
}


def places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of every value in plain data."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*place, key)
        yield from places(value, (*place, key))


@pytest.mark.parametrize("target", [kubeconfig(), plugin_answer()], ids=lambda made: made.name)
def test_any_value_at_any_place_is_used_or_refused(target: Target) -> None:
    example = json.loads(target.examples[0])
    example |= {"status": ANSWER} if "status" in example else {}
    found = list(places(example))
    for *above, last in found:
        for odd in ODD:
            made = copy.deepcopy(example)
            parent = made
            for key in above:
                parent = parent[key]
            parent[last] = odd
            target.check(json.dumps(made).encode())
    assert len(found) > 6
