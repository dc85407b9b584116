"""docs/guides/health.md: its expressions for Flux and its script for Argo CD, over every state of a SealedSecret."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.controller.objects.test_health_rules import (
    FAILED,
    LEFT,
    MESSAGE,
    MISSING,
    NEW,
    STATES,
    Said,
    an_object,
    ill,
    well,
)
from tests.support.healthtools import Judge, argo_cd, running_judge
from tests.support.installation import ROOT

PAGE = (ROOT / "docs/guides/health.md").read_text(encoding="utf-8")
KUSTOMIZATION, CONFIG_MAP = (
    YAML(typ="safe").load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)
EXPRESSIONS = KUSTOMIZATION["spec"]["healthCheckExprs"][0]
SCRIPT = CONFIG_MAP["data"]["resource.customizations.health.bitnami.com_SealedSecret"]
BY_OLD_KINDS: list[Any] = [
    pytest.param(None, 1, NEW, id="no status at all"),
    pytest.param({}, 1, NEW, id="empty status"),
]
HEALTH = {"Current": "Healthy", "Failed": "Degraded", "InProgress": "Progressing"}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with running_judge() as started:
        yield started


def shown(written: dict[str, Any] | None, generation: int) -> dict[str, Any]:
    """Return an object, without a status if there is none."""
    return {
        key: value
        for key, value in an_object(written or {}, generation).items()
        if key != "status" or written is not None
    }


def test_the_expressions_are_for_our_kind() -> None:
    assert (EXPRESSIONS["apiVersion"], EXPRESSIONS["kind"]) == ("bitnami.com/v1alpha1", "SealedSecret")


@pytest.mark.parametrize(("written", "generation", "said"), [*STATES, *BY_OLD_KINDS])
def test_flux(judge: Judge, written: dict[str, Any] | None, generation: int, said: Said) -> None:
    assert judge.flux(EXPRESSIONS, shown(written, generation)) == said.kstatus


@pytest.mark.parametrize(("written", "generation", "said"), [*STATES, *BY_OLD_KINDS])
def test_argo_cd(written: dict[str, Any] | None, generation: int, said: Said) -> None:
    health, message = argo_cd(SCRIPT, shown(written, generation))
    assert health == HEALTH[said.kstatus]
    if said in (FAILED, MISSING):
        assert message == (LEFT if said is MISSING else MESSAGE)


@pytest.mark.parametrize("written", [well(), ill()], ids=["synced", "failed"])
def test_an_object_that_is_being_deleted_is_not_ready(judge: Judge, written: dict[str, Any]) -> None:
    manifest = an_object(written, 2)
    manifest["metadata"]["deletionTimestamp"] = "2026-03-01T12:00:00Z"
    assert argo_cd(SCRIPT, manifest)[0] == "Progressing"
    assert judge.flux(EXPRESSIONS, manifest) == "InProgress"
