"""The controller does what upstream's does, seen from outside: each scenario of the suite beside this file is a test."""

import pytest
from tests.support.blackbox import Outcome, outcomes, scenarios

COMPATIBLE = scenarios("compat")


@pytest.fixture(scope="module")
def found(apiserver_assets) -> dict[str, Outcome]:
    """How every scenario of class compat ended: the suite runs once, for all of them together."""
    return outcomes(apiserver_assets, "--class=compat")


def test_the_suite_is_whole() -> None:
    assert (len(COMPATIBLE), len(scenarios("beyond"))) == (78, 25)


@pytest.mark.parametrize("name", COMPATIBLE)
def test_does_what_upstream_does(found: dict[str, Outcome], name: str) -> None:
    assert found[name].passed, found[name].reason
