"""What no key opened is not tried again with the same keys, and costs little to remember."""

import tracemalloc

import pytest
from tests.support.builders import keyring, other_sealing_key, sealing_key

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory.hopeless import CHECK_SECONDS, MAX_MESSAGE_BYTES, HopelessObjects
from sealwright_controller.objects.decide import Action, Decision
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_crypto import Scope

KEY = ObjectKey("team-a", "db")
CONTENT = Form("uid", 1, Scope.STRICT)
KEYS = keyring(sealing_key(), other_sealing_key())
MESSAGE = "no key could decrypt secret (password)"


def refused(message=MESSAGE, reason=Reason.NO_KEY):
    return Decision(Action.REFUSE, reason, message)


@pytest.fixture
def hopeless():
    made = HopelessObjects()
    made.note(KEY, CONTENT, KEYS, refused())
    return made


def test_the_same_is_said_of_the_same_content_and_keys(hopeless):
    assert hopeless.recall(KEY, CONTENT, KEYS) == refused()


def test_with_fewer_keys_too(hopeless):
    assert hopeless.recall(KEY, CONTENT, keyring(other_sealing_key())) == refused()


def test_a_new_key_may_open_it(hopeless):
    assert hopeless.recall(KEY, CONTENT, keyring(sealing_key(), other_sealing_key(2))) is None


@pytest.mark.parametrize(
    "content",
    [Form("another", 1, Scope.STRICT), Form("uid", 2, Scope.STRICT), Form("uid", 1, Scope.CLUSTER_WIDE)],
)
def test_a_changed_object_may_open(hopeless, content):
    assert hopeless.recall(KEY, content, KEYS) is None


def test_nothing_is_said_of_others_and_of_those_that_are_gone(hopeless):
    assert hopeless.recall(ObjectKey("team-b", "db"), CONTENT, KEYS) is None
    hopeless.forget(KEY)
    assert hopeless.recall(KEY, CONTENT, KEYS) is None
    assert len(hopeless) == 0


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NO_KEY])
def test_what_fails_for_another_reason_is_looked_at_again(hopeless, reason):
    assert hopeless.note(KEY, CONTENT, KEYS, refused(reason=reason)).reason is reason
    assert hopeless.recall(KEY, CONTENT, KEYS) is None


def test_what_is_recalled_is_what_was_told_however_long(hopeless):
    told = hopeless.note(KEY, CONTENT, KEYS, refused("no key could decrypt secret (" + "😀" * 5000))
    assert hopeless.recall(KEY, CONTENT, KEYS) == told
    assert len(told.message.encode()) <= MAX_MESSAGE_BYTES + len("…".encode())
    assert told.message.endswith("😀…")


def test_a_message_of_lone_surrogates_is_kept_as_the_api_server_takes_it(hopeless):
    told = hopeless.note(KEY, CONTENT, KEYS, refused("no key could decrypt secret (\ud83d)"))
    assert hopeless.recall(KEY, CONTENT, KEYS) == told


@pytest.mark.parametrize("letter", ["a", "😀"])
def test_each_costs_less_than_two_kib(letter):
    hopeless, ring = HopelessObjects(), keyring(*(other_sealing_key(number) for number in range(1, 7)))
    keys = [ObjectKey("team-a", f"object-{number}") for number in range(1000)]
    tracemalloc.start()
    try:
        for number, key in enumerate(keys):
            hopeless.note(key, Form(f"uid-{number}", 1, Scope.STRICT), ring, refused(letter * 5000))
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used / len(keys) <= 2048


class TestLooksThatAreOfNoUse:
    def test_what_was_told_needs_no_look_for_a_while(self, hopeless):
        assert not hopeless.needs_no_look(KEY, CONTENT, KEYS, 100.0)
        hopeless.told(KEY, 100.0)
        assert hopeless.needs_no_look(KEY, CONTENT, KEYS, 100.0)
        assert hopeless.needs_no_look(KEY, CONTENT, KEYS, 99.0 + CHECK_SECONDS)
        assert not hopeless.needs_no_look(KEY, CONTENT, KEYS, 100.0 + CHECK_SECONDS)

    def test_a_change_or_a_new_key_does(self, hopeless):
        hopeless.told(KEY, 100.0)
        assert not hopeless.needs_no_look(KEY, Form("uid", 2, Scope.STRICT), KEYS, 100.0)
        assert not hopeless.needs_no_look(KEY, CONTENT, keyring(other_sealing_key(2)), 100.0)

    def test_another_status_does(self, hopeless):
        hopeless.told(KEY, 100.0)
        hopeless.doubt(KEY)
        assert not hopeless.needs_no_look(KEY, CONTENT, KEYS, 100.0)

    def test_what_was_decided_anew_is_told_anew(self, hopeless):
        hopeless.told(KEY, 100.0)
        hopeless.note(KEY, CONTENT, KEYS, refused())
        assert not hopeless.needs_no_look(KEY, CONTENT, KEYS, 100.0)

    def test_nothing_is_kept_of_others(self, hopeless):
        hopeless.told(ObjectKey("team-b", "db"), 100.0)
        hopeless.told(KEY, 100.0)
        hopeless.forget(KEY)
        assert hopeless._told == {}
