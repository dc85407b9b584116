"""Fixtures and hooks of the tests over the real API server; a pytest plugin that tests/conftest.py loads.

Every test that uses one of the fixtures, however indirectly, gets the marker `apiserver`. A test that asks for them by
`request.getfixturevalue` has to carry it itself.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from tests.support.kubeapi import ApiError, KubeApi
from tests.support.shared_controlplane import SharedControlPlane, SharedFolder, SharedSession, join_session
from tools.building.make_apiserver import find_assets, why_not_found

if TYPE_CHECKING:
    from tests.support.controlplane import ControlPlane

SESSION = pytest.StashKey[SharedSession]()
WORKER_INPUT = "sealwright_session_folder"
ROOT_FIXTURES = {"apiserver_assets", "control_plane", "own_control_plane"}  # every other one is made of these


@pytest.fixture(scope="session")
def apiserver_assets() -> Path:
    """The folder of the API server's binaries, for tests that start their own in their own way."""
    return _assets()


@pytest.fixture(scope="session")
def control_plane(request: pytest.FixtureRequest, apiserver_assets: Path) -> SharedControlPlane:
    """The API server that all tests of this session share, our CustomResourceDefinition installed."""
    return join_session(_shared_folder(request.config), apiserver_assets)


@pytest.fixture
def kube(control_plane: SharedControlPlane) -> KubeApi:
    """The administrator's client for the shared API server."""
    control_plane.check_running()
    return control_plane.kube()


@pytest.fixture
def namespace(kube: KubeApi, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new namespace of the test's own, named after it; its deletion is not waited for."""
    prefix = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[:40].strip("-")
    metadata = {"generateName": f"{prefix}-"}
    name: str = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})["metadata"]["name"]
    yield name
    with contextlib.suppress(ApiError):  # the test may have deleted it
        kube.delete("v1/Namespace", name)


@pytest.fixture(scope="module")
def own_control_plane(apiserver_assets: Path) -> Iterator["ControlPlane"]:
    """A control plane that only one file's tests use, for tests that restart it or install what it has one of."""
    from tests.support.controlplane import (  # noqa: PLC0415 - Windows, which loads this plugin too, cannot import it
        PROJECT_CRD,
        ControlPlane,
    )

    with (
        tempfile.TemporaryDirectory(prefix="sealwright-") as folder,
        ControlPlane(apiserver_assets, Path(folder), crds=[PROJECT_CRD]) as plane,
    ):
        yield plane


def _assets() -> Path:
    """Return the binaries' folder; without it, skip the test, or fail it where the API server is required."""
    assets = find_assets()
    if assets is None:
        _do_without(why_not_found())
    return assets


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("SEALWRIGHT_REQUIRE_APISERVER") == "1":
        pytest.fail(f"SEALWRIGHT_REQUIRE_APISERVER=1, but {reason}", pytrace=False)
    pytest.skip(reason)


def _shared_folder(config: pytest.Config) -> SharedFolder:
    if hasattr(config, "workerinput"):  # a process of pytest-xdist
        return SharedFolder(Path(config.workerinput[WORKER_INPUT]))
    return config.stash[SESSION].shared


def pytest_configure(config: pytest.Config) -> None:
    """Begin the session in its main process; nothing is started yet."""
    if not hasattr(config, "workerinput"):
        config.stash[SESSION] = SharedSession()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of pytest-xdist where the session's folder is."""
    node.workerinput[WORKER_INPUT] = str(node.config.stash[SESSION].shared.folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the session; by now the processes of pytest-xdist have ended."""
    if SESSION in config.stash:
        config.stash[SESSION].close()


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need the API server."""
    for item in items:
        if isinstance(item, pytest.Function) and ROOT_FIXTURES.intersection(item.fixturenames):
            item.add_marker("apiserver")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests ran, to their end, over the real API server: a green run that skipped them proves little."""
    reports = [
        report
        for group in terminalreporter.stats.values()
        for report in group
        if isinstance(report, pytest.TestReport) and "apiserver" in report.keywords
    ]
    if reports:
        ran = {report.nodeid for report in reports if report.when == "call" and not report.skipped}
        others = {report.nodeid for report in reports} - ran
        more = f"; {len(others)} did not" if others else ""
        terminalreporter.write_line(f"{len(ran)} tests ran over the real API server{more}")
