"""Sealed-secrets itself for the tests of this folder. `make upstream` builds it and runs them; `make test` does not."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from tests.support.installation import Installation
from tests.support.sealedsecrets import SealedSecrets, can_run
from tools.building.gobuilds import NotBuiltError
from tools.building.make_sealedsecrets import find

MakeTheirs = Callable[[Installation], SealedSecrets]


@pytest.fixture(scope="session")
def theirs_over() -> MakeTheirs:
    """Return a function that puts sealed-secrets over an installation's API server; its keys are short."""
    programs = _programs()
    return lambda installed: SealedSecrets(programs, installed, ["--key-size=2048"])


def _programs() -> Path:
    try:
        programs = find()
    except NotBuiltError as reason:
        _do_without(str(reason))
    if not can_run():
        _do_without("sealed-secrets' controller runs here only as in a Pod: in a user and mount namespace, on Linux")
    return programs


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("SEALWRIGHT_REQUIRE_UPSTREAM") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
