"""What GitOps tools make of the statuses that are written here: their rules, written out, applied to each of them.

Argo CD has a rule of its own for SealedSecrets; Flux judges every kind by the conventions of kstatus. As both would
pass over a condition that they do not look for, the rules stand here in full, and not only what they make of ours.
"""

from datetime import timedelta
from typing import Any

import pytest
from tests.support.builders import NOW, sealed_secret, stored

from sealwright_controller.objects import status
from sealwright_controller.objects.reasons import Reason

FOREIGN = {"type": "Storm", "status": "True", "message": "theirs"}
FAILURES = [reason for reason in Reason if reason is not Reason.UNSEALED]
MESSAGES = {
    Reason.MALFORMED: "spec: expected a map, found a number",
    Reason.NO_KEY: "no key could decrypt secret (a, b)",
    Reason.TEMPLATE_FAILED: 'template "url", line 1, column 4: function "nonsense" does not exist',
    Reason.TEMPLATE_LIMIT: 'template "url": it needs more time than is allowed',
    Reason.NOT_MANAGED: 'failed update: Resource "db" already exists and is not managed by SealedSecret',
    Reason.POLICY_DENIED: "Secret team-a/db: ValidatingAdmissionPolicy p (binding b) denied it (HTTP 422)",
    Reason.WEBHOOK_DENIED: 'Secret team-a/db: admission webhook "a.example.com" denied it (HTTP 403)',
    Reason.WEBHOOK_UNAVAILABLE: 'Secret team-a/db: admission webhook "a.example.com" cannot be called (HTTP 500)',
    Reason.QUOTA_EXCEEDED: "Secret team-a/db: quota few of its namespace is used up (HTTP 403)",
    Reason.FORBIDDEN: 'Secret team-a/db: User "x" cannot create resource "secrets" in API group "" (HTTP 403)',
    Reason.ITEM_NAME_INVALID: 'Secret team-a/db: item "my key" has a name that Secrets cannot have (HTTP 422)',
    Reason.IMMUTABLE: "Secret team-a/db: the target Secret is immutable (HTTP 422)",
    Reason.TOO_LARGE: "Secret team-a/db: it is larger than the cluster stores (HTTP 500)",
    Reason.REFUSED: "Secret team-a/db: metadata.labels is invalid (HTTP 422)",
    Reason.SEALING_KEY: 'the Secret would be a sealing key (name "sealed-secrets-key"), which no SealedSecret may make',
    Reason.TYPE_REFUSED: 'type "bootstrap.kubernetes.io/token": Kubernetes acts on Secrets of this type',
    Reason.FINALIZERS_REFUSED: "the template has finalizers, which would keep the Secret from being deleted",
    Reason.CONTENDED: "somebody else keeps changing the Secret (data): it is left alone for a while",
}


def conditions_of(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (manifest.get("status") or {}).get("conditions") or []
    return found


def argo_cd(manifest: dict[str, Any], *, without_status: str = "Progressing") -> tuple[str, str]:
    """Return health and message: of Synced whichever comes first; releases differ in what they make of no status."""
    for entry in conditions_of(manifest):
        if entry["type"] == "Synced" and entry["status"] in ("True", "False"):
            return ("Healthy" if entry["status"] == "True" else "Degraded"), entry["message"]
    return without_status, "Waiting for Sealed Secret to be decrypted"


def argo_cd_of_old(manifest: dict[str, Any]) -> str:
    """Return the health by the rule of earlier releases: whatever is not Synced=False is well once there is a status."""
    if manifest.get("status") is None:
        return "Progressing"
    failed = any((entry["type"], entry["status"]) == ("Synced", "False") for entry in conditions_of(manifest))
    return "Degraded" if failed else "Healthy"


def kstatus(manifest: dict[str, Any]) -> str:
    """Return what Flux waits for to be Current: the generation observed, and the standard conditions, if there are any."""
    if manifest["metadata"].get("deletionTimestamp"):
        return "Terminating"
    observed = (manifest.get("status") or {}).get("observedGeneration")
    if observed is not None and observed != manifest["metadata"]["generation"]:
        return "InProgress"
    standard = {entry["type"]: entry["status"] for entry in conditions_of(manifest)}
    if standard.get("Reconciling") == "True":
        return "InProgress"
    if standard.get("Stalled") == "True":
        return "Failed"
    return "InProgress" if standard.get("Ready", "True") != "True" else "Current"


def an_object(written: dict[str, Any] | None = None, *, generation: int = 1) -> dict[str, Any]:
    manifest = stored(sealed_secret(), generation=generation)
    return manifest if written is None else {**manifest, "status": written}


def well(previous: dict[str, Any] | None = None, generation: int = 1) -> dict[str, Any]:
    made = status.success(
        previous or {}, generation=generation, secret_uid="s", secret_version="7", scope="strict", fingerprints=["f"], now=NOW
    )  # fmt: skip
    return {**(previous or {}), **made}


def ill(reason: Reason, previous: dict[str, Any] | None = None, generation: int = 1) -> dict[str, Any]:
    made = status.failure(
        previous or {}, generation=generation, reason=reason, message=MESSAGES[reason], now=NOW + timedelta(minutes=1)
    )
    return {**(previous or {}), **made}


def test_what_is_well_is_healthy_current_and_without_a_message():
    manifest = an_object(well())
    assert argo_cd(manifest) == ("Healthy", "")
    assert argo_cd_of_old(manifest) == "Healthy"
    assert kstatus(manifest) == "Current"


@pytest.mark.parametrize("reason", FAILURES)
@pytest.mark.parametrize("previous", [None, well()], ids=["from the start", "after it was well"])
def test_each_failure_is_degraded_with_its_message(reason: Reason, previous: dict[str, Any] | None):
    manifest = an_object(ill(reason, previous))
    assert argo_cd(manifest) == ("Degraded", MESSAGES[reason])
    assert argo_cd_of_old(manifest) == "Degraded"
    assert manifest["status"]["conditions"][0]["reason"] == reason.value


@pytest.mark.parametrize("reason", FAILURES)
def test_what_is_mended_is_healthy_again(reason: Reason):
    assert argo_cd(an_object(well(ill(reason)))) == ("Healthy", "")


def test_one_failure_after_another_is_told_as_it_is_now():
    manifest = an_object(ill(Reason.NO_KEY, ill(Reason.NOT_MANAGED)))
    assert argo_cd(manifest) == ("Degraded", MESSAGES[Reason.NO_KEY])
    assert len(conditions_of(manifest)) == 1


@pytest.mark.parametrize("before", [well(), ill(Reason.NO_KEY)], ids=["well", "ill"])
def test_a_new_generation_that_nobody_looked_at_yet_is_in_progress_for_flux(before: dict[str, Any]):
    assert kstatus(an_object(before, generation=2)) == "InProgress"
    assert kstatus(an_object(well(before, generation=2), generation=2)) == "Current"


@pytest.mark.parametrize("reason", FAILURES)
def test_a_failed_new_generation_was_observed_all_the_same(reason: Reason):
    assert kstatus(an_object(ill(reason, well(), generation=2), generation=2)) == "Current"


@pytest.mark.parametrize(
    "previous",
    [{"conditions": [FOREIGN]}, {"conditions": [FOREIGN, *well()["conditions"]]}],
    ids=["alone", "before ours"],
)
def test_conditions_of_others_change_nothing_and_stay_behind_ours(previous: dict[str, Any]):
    for written, health in ((well(previous), "Healthy"), (ill(Reason.NO_KEY, previous), "Degraded")):
        manifest = an_object(written)
        assert argo_cd(manifest)[0] == health
        assert [entry["type"] for entry in conditions_of(manifest)] == ["Synced", "Storm"]


def test_where_no_status_is_written_flux_counts_it_as_current_and_argo_cd_by_its_release():
    manifest = an_object()
    assert kstatus(manifest) == "Current"
    assert argo_cd(manifest)[0] == argo_cd_of_old(manifest) == "Progressing"
    assert argo_cd(manifest, without_status="Healthy")[0] == "Healthy"
