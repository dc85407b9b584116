"""The worlds that the controller's tests run in (tests/support/worlds.py and directory_world.py)."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.directories import Make
from tests.support.directory_world import DirectoryWorld
from tests.support.worlds import ClusterWorld, SimulatedWorld, World

from sealwright_controller.directory.gateway import DirGateway

SIMULATOR = pytest.param("simulator")
DIRECTORY = pytest.param("directory")
DIRECTORY_OF_FILES = pytest.param("directory-of-files")
API_SERVER = pytest.param("api-server", marks=pytest.mark.apiserver)


@pytest.fixture(params=[SIMULATOR, DIRECTORY, DIRECTORY_OF_FILES, API_SERVER])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Every world in turn, empty and of the test's own."""
    made = _make(request, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=[SIMULATOR, DIRECTORY, DIRECTORY_OF_FILES])
def schemaless_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Those worlds that take objects of any shape; an API server with the definition refuses many."""
    made = _make(request, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=[SIMULATOR, API_SERVER])
def cluster_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SimulatedWorld | ClusterWorld]:
    """Those worlds that have namespaces to delete."""
    made = _make(request, tmp_path)
    assert isinstance(made, SimulatedWorld | ClusterWorld)
    yield made
    made.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the directory will be; it is not there yet."""
    return tmp_path / "root"


@pytest.fixture
def make(root: Path) -> Iterator[Make]:
    """Gateways over `root`; a thing that is away is gone at once, unless a test says otherwise."""
    with contextlib.ExitStack() as cleanup:

        def made(**options: Any) -> DirGateway:
            gateway = DirGateway(root, clock=lambda: datetime.now(UTC), **({"leaving_seconds": 0.0} | options))
            cleanup.callback(gateway.close)
            return gateway

        yield made


def _make(request: pytest.FixtureRequest, folder: Path) -> World:
    if request.param == "simulator":
        return SimulatedWorld()
    if request.param == "api-server":
        namespace = request.getfixturevalue("namespace")
        return ClusterWorld(request.getfixturevalue("control_plane"), namespace, folder)
    return DirectoryWorld(folder / "root", "manifests" if request.param == "directory" else "files")
