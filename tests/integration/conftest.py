"""Installations for the tests of this folder: one for a whole file, with an API server that is theirs alone."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from tests.support.installation import Installation

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def own_installed(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Sealwright, running in an API server that the test may stop and restart."""
    yield from running(Installation(own_control_plane, tmp_path_factory.mktemp("installation")))


@pytest.fixture(scope="module")
def installed(own_installed: Installation) -> Installation:
    """Sealwright, running with the rights that the manifests give it; one for all tests of a file."""
    return own_installed


@pytest.fixture(scope="module")
def namespace_of(fresh_namespace: Callable[[Installation], str]) -> Callable[[Installation], str]:
    """Return a function that gives a namespace of an installation to work in."""
    return fresh_namespace


@pytest.fixture(scope="module")
def fresh_namespace() -> Callable[[Installation], str]:
    """Return a function that makes a fresh namespace in an installation."""

    def make(installation: Installation) -> str:
        name = f"team-{next(_numbers)}"
        installation.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        return name

    return make


@pytest.fixture
def namespace(installed: Installation, namespace_of: Callable[[Installation], str]) -> str:
    """Return a fresh namespace of the file's installation."""
    return namespace_of(installed)


def running(installation: Installation) -> Iterator[Installation]:
    """Install, start, and stop at the end: the body of a fixture."""
    try:
        installation.install()
        installation.controller.start()
        installation.fetch_certificate()
        yield installation
    finally:
        installation.controller.stop()
        print(f"the controller's log: {installation.controller.log}")  # shown beside a failure
