"""That each change which is brought about writes the Secret, and nothing else does."""

import pytest
from tests.support.builders import NOW, keyring, sealed_secret, stored

from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, decide
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.objects.writemark import mark_due
from sealwright_controller.renderer.templates import TemplateRendering


def existing(**metadata):
    """Return the Secret as an object of `sealed` makes it."""
    made = decide(sealed({}), None, keyring(), TemplateRendering()).secret
    return {**made, "type": "Opaque", "metadata": {**made["metadata"], "uid": "s", "resourceVersion": "7", **metadata}}


def sealed(written, *, generation=2, uid="uid-1"):
    return {**stored(sealed_secret(), uid=uid, generation=generation), "status": written}


def well(generation):
    return status.success(
        {}, generation=generation, secret_uid="s", secret_version="7", scope="strict", fingerprints=[], now=NOW
    )


def ill(generation):
    return status.failure({}, generation=generation, reason=Reason.NO_KEY, message="no", now=NOW)


def missing(generation):
    """Return a status as a kind like sealed-secrets' keeps it, without a record."""
    made = well(generation)
    told = status.drifted(made, ["it is gone"], NOW, missing=True)
    return {"observedGeneration": generation, "conditions": told["conditions"]}


OURS = "sealwright-uid-1-2-"


@pytest.mark.parametrize(
    ("written", "generate_name", "mark"),
    [
        pytest.param(well(1), None, OURS, id="a change after a success"),
        pytest.param(ill(1), None, OURS, id="a change after a failure"),
        pytest.param(ill(2), None, OURS, id="what failed succeeds at last"),
        pytest.param(well(1), "sealwright-uid-1-1-", OURS, id="a further change"),
        pytest.param(well(2) | ill(2), None, None, id="nothing was changed, and it failed in between"),
        pytest.param({}, "sealwright-uid-0-2-", OURS, id="the object was made anew"),
        pytest.param(well(2), None, None, id="nothing was changed"),
        pytest.param(well(2), "sealwright-uid-1-1-", None, id="nothing was changed, though somebody changed the mark"),
        pytest.param(well(1), OURS, None, id="the Secret is written, and its status could not be"),
        pytest.param({}, None, None, id="a first look, as where no status is written"),
        pytest.param({}, OURS, None, id="a look after a restart where no status is written"),
        pytest.param(well(1), "theirs-", None, id="somebody else gave it a generateName"),
        pytest.param(well(1), 7, None, id="a number, which only a folder can hold"),
        pytest.param({"conditions": well(1)["conditions"]}, None, None, id="a success of an old sealed-secrets"),
        pytest.param(missing(2), None, None, id="it was deleted, and somebody put it back"),
        pytest.param(missing(1), None, OURS, id="it was deleted, and the object changed before it was back"),
    ],
)
def test_a_secret_is_marked_with_the_change_that_it_is_written_for(written, generate_name, mark):
    secret = existing() if generate_name is None else existing(generateName=generate_name)
    assert mark_due(sealed(written), secret, controlled=True) == mark
    decision = decide(sealed(written), secret, keyring(), TemplateRendering())
    if mark is None:
        assert (decision.action, decision.secret) == (Action.KEEP, secret)
    else:
        assert decision.action is Action.REPLACE
        assert decision.secret == {**secret, "metadata": {**secret["metadata"], "generateName": mark}}


@pytest.mark.parametrize("uid", ["u" * 65, 7, None])
def test_what_is_no_uid_makes_no_mark(uid):
    assert mark_due(sealed(well(1), uid=uid), existing(), controlled=True) is None


def test_a_secret_that_another_object_may_have_made_is_marked_at_the_first_look():
    """Else whether it is written would tell whether a template makes what the forerunner's made."""
    assert mark_due(sealed({}), existing(), controlled=False) == OURS
    assert mark_due(sealed({}), existing(generateName=OURS), controlled=False) is None
    assert mark_due(sealed(well(2)), existing(), controlled=False) is None
