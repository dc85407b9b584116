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


@pytest.fixture
def world(control_plane, namespace: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[UnreliableWorld]:
    """A world of its own faults for each row, so that all rows together meet all of them."""
    seed = sum(request.node.nodeid.encode())
    made = UnreliableWorld(control_plane, namespace, tmp_path, WireFaults(seed), tls=seed % 2 == 0)
    yield made
    made.close()
    print(f"seed {seed}, struck: {dict(made.faults.struck)}")  # shown beside a failure


@pytest.fixture
def cluster_world(world: UnreliableWorld) -> UnreliableWorld:
    return world
