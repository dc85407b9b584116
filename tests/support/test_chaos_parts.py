"""What judges a run of chaos can fail: every plaintext is found in every form, and every difference is said."""

import base64
import copy
import json
import random
from urllib.parse import quote

import pytest
from tests.support import forgeries
from tests.support.chaos.leaks import LeakSearch, forms, plaintext
from tests.support.chaos.truth import HAND_VALUE, Found, Truth, Wish, complaints

from sealwright_controller.directory.validation import merge_patch

KEY = ("team-1", "db")
CHANGES = {
    "its SealedSecret is lost": lambda truth, found: found.sealed.clear(),
    "a SealedSecret that was deleted is there": lambda truth, found: truth.wishes.clear(),
    "a Secret is left over": lambda truth, found: found.secrets.update({("team-1", "old"): found.secrets[KEY]}),
    "its Secret is lost": lambda truth, found: found.secrets.clear(),
    "its Secret is wrong": lambda truth, found: found.secrets[KEY]["data"].update(more="eA=="),
    "its Secret is stale": lambda truth, found: found.secrets[KEY].update(data={"a": "b2xk"}),
    "its Secret has the labels": lambda truth, found: found.secrets[KEY]["metadata"].update(labels={"app": "x"}),
    "its Secret belongs to somebody else": lambda truth, found: found.secrets[KEY]["metadata"].pop("ownerReferences"),
    "its Secret is being deleted": lambda truth, found: found.secrets[KEY]["metadata"].update(deletionTimestamp="now"),
    "its status is stale": lambda truth, found: found.sealed[KEY]["metadata"].update(generation=3),
    "it is not synced": lambda truth, found: said(found, "False", "NoKey"),
    "it is synced and stalled": lambda truth, found: said(found, "True", "Unsealed", stalled=True),
    "not refused for TemplateFailed": lambda truth, found: setattr(truth.wishes[KEY], "refusal", "TemplateFailed"),
    "somebody else's Secret was touched": lambda truth, found: setattr(
        truth.wishes[KEY], "foreign", {"metadata": {"uid": "theirs"}}
    ),
    "key Secret usual is lost": lambda truth, found: found.key_names.clear(),
    "key print is stored twice": lambda truth, found: found.keys.update(other="print"),
}


def said(found: Found, status: str, reason: str, *, stalled: bool = False) -> None:
    conditions = [{"type": "Synced", "status": status, "reason": reason}]
    conditions += [{"type": "Stalled", "status": "True", "reason": reason}] if stalled else []
    found.sealed[KEY]["status"]["conditions"] = conditions


@pytest.fixture
def world() -> tuple[Truth, Found]:
    wish = Wish({"a": b"new"}, "print", past=[{"a": b"old"}])
    sealed = {"metadata": {"uid": "u", "generation": 2}, "status": {"observedGeneration": 2}}
    secret = {"metadata": {"uid": "s", "ownerReferences": [{"uid": "u"}]}, "data": {"a": "bmV3"}}
    found = Found({KEY: sealed}, {KEY: secret}, {"usual": "print"}, {"usual"})
    said(found, "True", "Unsealed")
    return Truth({KEY: wish}, {"usual"}), found


def test_a_world_as_wished_is_no_cause_for_complaint(world):
    assert complaints(*world) == []


@pytest.mark.parametrize("complaint", CHANGES)
def test_each_difference_is_said(world, complaint):
    CHANGES[complaint](*world)
    assert any(complaint in each for each in complaints(*world))


@pytest.mark.parametrize("how", forgeries.ALL)
def test_a_forged_status_is_seen(world, how):
    truth, found = world
    sealed = found.sealed[KEY]
    if how in (forgeries.well, forgeries.not_stalled):  # which would be true
        found.keys.clear()
        said(found, "False", "NoKey", stalled=True)
        found.secrets.clear()
    assert complaints(truth, found) == []
    sealed["status"] = merge_patch(sealed["status"], how(sealed))
    assert complaints(truth, found) != []


def test_what_no_key_opens_keeps_an_earlier_secret_and_never_another(world):
    truth, found = world
    found.keys.clear()
    said(found, "False", "NoKey", stalled=True)
    for allowed in ({"a": "b2xk"}, {"a": "bmV3"}):
        found.secrets[KEY]["data"] = allowed
        assert complaints(truth, found) == []
    found.secrets[KEY]["data"] = {"a": "b3RoZXI="}
    assert complaints(truth, found) == ["team-1/db: its Secret holds what it never should have held"]
    del found.secrets[KEY]
    assert complaints(truth, found) == []


def test_what_no_key_opens_keeps_what_people_changed_in_it(world):
    truth, found = world
    found.keys.clear()
    said(found, "False", "NoKey", stalled=True)
    found.secrets[KEY]["data"] = {"a": "b2xk", "more": base64.b64encode(HAND_VALUE).decode()}
    assert complaints(truth, found) == ["team-1/db: its Secret holds what it never should have held"]
    truth.wishes[KEY].touched = 1
    assert complaints(truth, found) == []


def test_a_copy_of_the_wishes_stays_as_it_was(world):
    truth, _ = world
    kept = truth.copy()
    truth.wishes[KEY].items["a"] = b"later"
    assert kept.wishes[KEY].items == {"a": b"new"}
    assert copy.deepcopy(kept) == kept


@pytest.fixture
def search() -> tuple[LeakSearch, bytes]:
    choices, search = random.Random(1), LeakSearch()
    values = [plaintext(choices) for _ in range(50)]
    for value in values:
        search.add(value)
    return search, values[25]


@pytest.mark.parametrize(
    "leak",
    [
        lambda value: value,
        base64.b64encode,
        lambda value: base64.b64encode(b"x" + value),
        lambda value: base64.b64encode(b"xy" + value),
        base64.urlsafe_b64encode,
        lambda value: value.hex().encode(),
        lambda value: value.hex().upper().encode(),
        lambda value: quote(value.decode()).encode(),
        lambda value: json.dumps(value.decode()).encode(),
        lambda value: repr(value).encode(),
        lambda value: value[:20],
        lambda value: value[-20:],
    ],
    ids=["plain", "base64", "base64+1", "base64+2", "urlsafe", "hex", "HEX", "url", "json", "repr", "beginning", "end"],
)
def test_a_leak_is_found_in_every_form(search, leak):
    search, value = search
    text = b'level=info message="it is ' + leak(value) + b'" object=team-1/db\n'
    assert len(search.found_in(b"a quiet line\n" * 50 + text)) >= 1


def test_other_texts_are_no_leaks(search):
    search, _ = search
    other = plaintext(random.Random(2))
    assert [search.found_in(each) for each in (*forms(other), b"x" * 1000, random.Random(3).randbytes(10_000))] == [
        [] for _ in range(len(list(forms(other))) + 2)
    ]
