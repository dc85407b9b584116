"""The real programs for the tests of this folder. `make neighbours` builds them and runs them; `make test` does not."""

import os
import sys
from pathlib import Path

import pytest
from tools.building.gobuilds import NotBuiltError
from tools.building.make_neighbours import find


@pytest.fixture(scope="session")
def programs() -> Path:
    """Return the folder with sops, age-keygen and kustomize."""
    try:
        return find()
    except NotBuiltError as reason:
        if os.environ.get("SEALWRIGHT_REQUIRE_NEIGHBOURS") == "1":
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(str(reason))


@pytest.fixture
def path(programs: Path) -> str:
    """Return a PATH with the programs, and ours, before all others."""
    return os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
