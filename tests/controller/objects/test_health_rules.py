"""What GitOps tools make of each state of a SealedSecret: kstatus (Flux, Helm), and Argo CD's rules in three versions.

Both pass over conditions that they do not look for. So the tools themselves judge what is written here.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from tests.support.builders import NOW, sealed_secret, stored
from tests.support.healthtools import ARGO_CD, Judge, argo_cd, running_judge

from sealwright_controller.objects import status
from sealwright_controller.objects.reasons import Reason

FOREIGN = {"type": "Storm", "status": "True", "message": "theirs"}
FAILURES = [reason for reason in Reason if reason is not Reason.UNSEALED]
MESSAGE = 'no key could decrypt secret ("a", b)'
LEFT = "somebody else changed the Secret (it is gone); --drift=report leaves it so"
BORN = {"observedGeneration": -1}
"""The status that our kind gives to new objects."""


def well(previous: dict[str, Any] = BORN, generation: int = 1) -> dict[str, Any]:
    made = status.success(
        previous, generation=generation, secret_uid="s", secret_version="7", scope="strict", fingerprints=["f"], now=NOW
    )  # fmt: skip
    return {**previous, **made}


def ill(reason: Reason = Reason.NO_KEY, previous: dict[str, Any] = BORN, generation: int = 1) -> dict[str, Any]:
    later = NOW + timedelta(minutes=1)
    made = status.failure(previous, generation=generation, reason=reason, message=MESSAGE, now=later)
    return {**previous, **made}


def waiting(previous: dict[str, Any], generation: int = 2) -> dict[str, Any]:
    manifest = {"metadata": {"generation": generation}, "status": previous}
    return {**previous, **(status.told_to_wait(manifest, "a change waits") or {})}


def suspended(previous: dict[str, Any]) -> dict[str, Any]:
    return {**previous, **status.suspended(previous, NOW)}


def drifted(previous: dict[str, Any]) -> dict[str, Any]:
    return {**previous, **status.drifted(previous, ["data"], NOW)}


def missing(previous: dict[str, Any]) -> dict[str, Any]:
    return {**previous, **status.drifted(previous, ["it is gone"], NOW, missing=True)}


def left_by_others(written: dict[str, Any]) -> dict[str, Any]:
    """Return a status after sealed-secrets, which keeps conditions that it does not know, has synced the object."""
    synced = {**written["conditions"][0], "status": "True", "message": ""}
    return {**written, "conditions": [synced, *written["conditions"][1:]]}


class Said(NamedTuple):
    """What kstatus and the three rules of Argo CD make of an object."""

    kstatus: str
    released: str
    terminating: str
    observed: str


SYNCED = Said("Current", "Healthy", "Healthy", "Healthy")
FAILED = Said("Failed", "Degraded", "Degraded", "Degraded")
MISSING = Said(*FAILED)
"""The same with another message."""
NEW = Said("InProgress", "Progressing", "Progressing", "Progressing")
# Argo CD's earlier rules take the last outcome for that of the change, until the controller has processed it.
AFTER_SUCCESS = Said("InProgress", "Healthy", "Healthy", "Progressing")
AFTER_FAILURE = Said("InProgress", "Degraded", "Degraded", "Progressing")

STATES = [
    pytest.param(BORN, 1, NEW, id="new"),
    pytest.param(well(), 1, SYNCED, id="synced"),
    *(pytest.param(ill(reason), 1, FAILED, id=f"fails from the start: {reason}") for reason in FAILURES),
    *(pytest.param(ill(reason, well(), 2), 2, FAILED, id=f"was synced, fails: {reason}") for reason in FAILURES),
    *(pytest.param(well(ill(reason), 2), 2, SYNCED, id=f"corrected: {reason}") for reason in FAILURES),
    pytest.param(ill(previous=ill(Reason.NOT_MANAGED)), 1, FAILED, id="fails for another reason"),
    pytest.param(well(), 2, AFTER_SUCCESS, id="changed, and not processed yet"),
    pytest.param(ill(), 2, AFTER_FAILURE, id="failed and was changed, and not processed yet"),
    pytest.param(waiting(well()), 2, AFTER_SUCCESS, id="changed, and told to wait"),
    pytest.param(waiting(ill()), 2, AFTER_FAILURE, id="failed and was changed, and told to wait"),
    pytest.param(well({"conditions": [FOREIGN]}), 1, SYNCED, id="synced, with a condition of others"),
    pytest.param(ill(previous={"conditions": [FOREIGN]}), 1, FAILED, id="failed, with a condition of others"),
    pytest.param(well(left_by_others(ill())), 1, SYNCED, id="swept after another controller"),
    pytest.param({**well(), **status.with_missing_keys(well(), ["f"], NOW)}, 1, SYNCED, id="its key is gone"),
    pytest.param(drifted(well()), 1, SYNCED, id="its Secret was changed and left so"),
    pytest.param(missing(well()), 1, MISSING, id="its Secret was deleted and left so"),
    pytest.param(missing(drifted(well())), 1, MISSING, id="its Secret was changed, deleted, and left so"),
    pytest.param(drifted(missing(well())), 1, SYNCED, id="its Secret was deleted, and another one is there"),
    pytest.param(well(missing(well())), 1, SYNCED, id="its Secret was deleted, and is as it should be again"),
    pytest.param(missing(well()), 2, AFTER_FAILURE, id="its Secret was deleted, and the object was changed"),
    pytest.param(suspended(missing(well())), 1, MISSING, id="its Secret was deleted, then suspended"),
    pytest.param(suspended(BORN), 1, NEW, id="suspended before it was processed"),
    pytest.param(suspended(well()), 1, SYNCED, id="synced, then suspended"),
    pytest.param(suspended(well()), 2, AFTER_SUCCESS, id="synced, suspended, then changed"),
    pytest.param(suspended(ill()), 1, FAILED, id="failed, then suspended"),
    pytest.param(suspended(ill()), 2, AFTER_FAILURE, id="failed, suspended, then changed"),
    pytest.param(well(suspended(ill())), 1, SYNCED, id="resumed, and synced"),
    pytest.param(ill(previous=suspended(well())), 1, FAILED, id="resumed, and failed"),
]


def an_object(written: dict[str, Any], generation: int) -> dict[str, Any]:
    return {**stored(sealed_secret(), generation=generation), "status": written}


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with running_judge() as started:
        yield started


@pytest.mark.parametrize(("written", "generation", "said"), STATES)
def test_kstatus(judge: Judge, written: dict[str, Any], generation: int, said: Said) -> None:
    found, message = judge.kstatus(an_object(written, generation))
    assert found == said.kstatus
    if said is FAILED:
        assert message == MESSAGE
    elif said is MISSING:
        assert message == LEFT


@pytest.mark.parametrize("rule", ARGO_CD)
@pytest.mark.parametrize(("written", "generation", "said"), STATES)
def test_argo_cd(rule: str, written: dict[str, Any], generation: int, said: Said) -> None:
    health, message = argo_cd(ARGO_CD[rule], an_object(written, generation))
    assert health == getattr(said, rule)
    if said in (FAILED, MISSING):
        assert message == (LEFT if said is MISSING else MESSAGE)


@pytest.mark.parametrize("written", [well(), ill(), BORN], ids=["synced", "failed", "new"])
def test_an_object_that_is_being_deleted(judge: Judge, written: dict[str, Any]) -> None:
    manifest = an_object(written, 2)
    manifest["metadata"]["deletionTimestamp"] = "2026-03-01T12:00:00Z"
    assert judge.kstatus(manifest)[0] == "Terminating"
    assert argo_cd(ARGO_CD["terminating"], manifest)[0] == "Progressing"
    assert argo_cd(ARGO_CD["observed"], manifest)[0] == "Progressing"


def test_what_another_controller_left_would_be_failed_for_ever_and_is_therefore_swept(judge: Judge) -> None:
    manifest = an_object(left_by_others(ill()), 1)
    assert judge.kstatus(manifest)[0] == "Failed"
    assert status.needs_sweep(manifest)


def test_where_no_status_is_written_every_object_stays_in_progress(judge: Judge) -> None:
    manifest = an_object(BORN, 1)
    assert judge.kstatus(manifest)[0] == "InProgress"
    assert {argo_cd(script, manifest)[0] for script in ARGO_CD.values()} == {"Progressing"}


@pytest.mark.parametrize(
    "written",
    [
        well(),
        ill(),
        well({"conditions": [FOREIGN]}),
        ill(previous=well()),
        suspended(BORN),
        suspended(ill()),
        missing(well()),
    ],
)
def test_synced_is_the_first_condition(written: dict[str, Any]) -> None:
    assert written["conditions"][0]["type"] == "Synced"
