"""The table of behaviours once more, through a proxy that delays, drops, cuts, lies and forgets, to a real API server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.controller.test_behaviours import (  # noqa: F401 - pytest collects them here
    TestDeletion,
    TestDrift,
    TestKeys,
    TestRefusals,
    TestRestart,
    TestSecretsMade,
    TestSecretsOfOthers,
    controller,
    sealed,
)
from tests.support.unreliable_world import UnreliableWorld
from tests.support.wire_faults import WireFaults

SEED = 0
COUNTS_EVENTS = {
    "test_a_sealed_secret_becomes_a_secret_that_it_owns",
    "test_a_failure_is_said_once_however_often_it_is_tried",
}
"""These rows count Events. One that is lost is not written again, and one whose status was lost is told again."""


@pytest.fixture
def world(control_plane, namespace: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[UnreliableWorld]:
    """A world of its own faults for each row, so that all rows together meet all of them."""
    seed = SEED + sum(request.node.nodeid.encode())
    faults = WireFaults(seed, spares=["write"] if request.node.originalname in COUNTS_EVENTS else [])
    made = UnreliableWorld(control_plane, namespace, tmp_path, faults, tls=seed % 2 == 0)
    yield made
    made.close()
    print(f"seed {seed}, struck: {dict(made.faults.struck)}")  # shown beside a failure


@pytest.fixture
def cluster_world(world: UnreliableWorld) -> UnreliableWorld:
    return world
