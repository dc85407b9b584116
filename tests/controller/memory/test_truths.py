"""What is remembered of statuses, so that conditions that others wrote are recognised."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from tests.support.builders import NOW, sealed_secret, stored
from tests.support.spoiling import ANY_JSON

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory.truths import Truths, may_be_ours
from sealwright_controller.objects import status
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.queue.contention import MAX_REVERTS, PAUSE

DB = ObjectKey("team-a", "db")
FAILED = status.failure({}, generation=1, reason=Reason.NO_KEY, message="no", now=NOW)
FORGED = {**FAILED, "conditions": [{**FAILED["conditions"][0], "status": "True"}]}
FOREIGN = {"type": "Storm", "status": "True"}


def shown(written: Any, **special: Any) -> dict[str, Any]:
    return {**stored(sealed_secret(), **special), "status": written}


def asking(what: str, written: Any) -> dict[str, Any]:
    """Return the object with an annotation that makes it another form of the same content."""
    manifest = shown(written)
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": {f"sealwright.dev/{what}": "true"}}}


def condition(kind: str, **said: Any) -> dict[str, Any]:
    return {"type": kind, "status": "True", "reason": kind, **said}


WELL = condition("Synced", reason="Unsealed", message="")
LONG = "x" * status.MAX_MESSAGE_CHARACTERS


@pytest.mark.parametrize(
    ("conditions", "is_kept"),
    [
        pytest.param([WELL], True, id="well"),
        pytest.param(
            [condition("Synced", message=LONG), condition("Stalled", message=LONG)], True, id="a long failure"
        ),
        pytest.param([WELL, condition("KeyMissing", message=LONG), condition("Drifted")], True, id="several"),
        pytest.param([WELL, {**FOREIGN, "message": 9 * LONG}], True, id="much of others"),
        pytest.param([WELL, condition("Drifted", message=9 * LONG)], False, id="a long text"),
        pytest.param([WELL, condition("Drifted", reason=9 * LONG)], False, id="a long reason"),
        pytest.param([WELL, *[condition("Drifted", message=str(n)) for n in range(9)]], False, id="one kind twice"),
        pytest.param([WELL, condition("Drifted", message=[LONG] * 9)], False, id="no text"),
    ],
)
def test_what_cannot_be_ours_is_not_remembered_and_is_looked_at(conditions: Any, is_kept: bool) -> None:
    truths, manifest = Truths(), shown({"conditions": conditions})
    truths.note(DB, Form.of(manifest), manifest["status"])
    assert (len(truths), may_be_ours(manifest)) == (int(is_kept), is_kept)
    truths.note(DB, Form.of(manifest), FAILED)
    truths.note(DB, Form.of(manifest), manifest["status"])
    assert len(truths) == int(is_kept)


@pytest.fixture
def truths() -> Truths:
    made = Truths()
    made.note(DB, Form.of(shown(FAILED)), FAILED)
    return made


@pytest.mark.parametrize(
    ("manifest", "forged"),
    [
        pytest.param(shown(FAILED), False, id="as written"),
        pytest.param(shown(FORGED), True, id="another status"),
        pytest.param(shown({**FAILED, "conditions": FAILED["conditions"][:1]}), True, id="without Stalled"),
        pytest.param(shown({}), True, id="wiped"),
        pytest.param(shown("junk"), True, id="no status"),
        pytest.param(shown({**FAILED, "conditions": [*FAILED["conditions"], FOREIGN]}), False, id="one of others"),
        pytest.param(shown({**FORGED, "observedGeneration": 2}), False, id="about another generation"),
        pytest.param(shown({**FORGED, "observedGeneration": -1}), True, id="about none"),
        pytest.param(shown(FORGED, generation=2), False, id="a new generation"),
        pytest.param(shown(FORGED, uid="uid-2"), False, id="a namesake"),
        pytest.param(asking("retry", FORGED), True, id="with the request to try again"),
        pytest.param(asking("retry", FAILED), False, id="that request alone"),
        pytest.param(asking("suspend", FORGED), True, id="with the request to suspend it"),
    ],
)
def test_what_counts_as_forged(truths: Truths, manifest: dict[str, Any], forged: bool) -> None:
    assert truths.is_forged(DB, manifest) is forged


def test_nothing_is_forged_where_nothing_is_known(truths: Truths) -> None:
    assert truths.restored(DB, shown(FAILED), NOW) is None
    assert not truths.is_forged(ObjectKey("team-a", "other"), shown(FORGED))
    truths.forget(DB)
    assert not truths.is_forged(DB, shown(FORGED))


def test_what_is_restored_keeps_the_conditions_of_others_and_tells_when(truths: Truths) -> None:
    later = NOW + timedelta(minutes=1)
    restored = truths.restored(DB, shown({"conditions": [FOREIGN, *FORGED["conditions"]]}), later)
    assert restored is not None
    assert restored["observedGeneration"] == 1
    assert restored["conditions"][2] == FOREIGN
    assert status.said(restored) == status.said(FAILED)
    assert {entry["lastTransitionTime"] for entry in restored["conditions"][:2]} == {"2026-03-01T12:01:00Z"}


@given(ANY_JSON)
def test_any_status_can_be_compared_and_restored(anything: Any) -> None:
    truths = Truths()
    manifest = shown(anything)
    truths.note(DB, Form.of(manifest), FAILED)
    assert truths.is_forged(DB, manifest)
    assert status.said(truths.restored(DB, manifest, NOW) or {}) == status.said(FAILED)


def test_two_writers_do_not_fight_for_ever() -> None:
    now, form = [0.0], Form.of(shown(FAILED))
    truths = Truths(lambda: now[0], lambda: 0.0)
    for _ in range(MAX_REVERTS):
        assert truths.may_restore(DB, form)
        truths.was_restored(DB, form)
    assert not truths.may_restore(DB, form)
    assert truths.is_withheld(DB)
    pause = truths.pause_seconds(DB)
    assert 0 < pause <= PAUSE.first_seconds
    now[0] += pause
    assert truths.may_restore(DB, form)
    truths.was_restored(DB, form)
    assert not truths.is_withheld(DB)
    assert not truths.may_restore(DB, form)
    assert truths.pause_seconds(DB) > pause


def test_an_object_that_is_gone_is_forgotten(truths: Truths) -> None:
    for _ in range(MAX_REVERTS):
        truths.was_restored(DB, Form.of(shown(FAILED)))
    assert not truths.may_restore(DB, Form.of(shown(FAILED)))
    truths.gone(DB)
    assert (len(truths), truths.is_withheld(DB), truths.pause_seconds(DB)) == (0, False, 0.0)
