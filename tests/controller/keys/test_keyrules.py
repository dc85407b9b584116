"""Which key Secrets count: where they come from, how long their keys are, whose they are; and what new ones are called."""

import re
import threading
from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import testkeys
from tests.support.builders import NOW, other_sealing_key, sealing_key
from tests.support.spoiling import ANY_JSON
from tests.support.worlds import SimulatedWorld, key_secret

from sealwright_controller.gateway import KEY_LABEL, KEY_MANAGER, KEY_TRUST_NAME, UNSEALER_MANAGER, ObjectKey
from sealwright_controller.keys import pairs
from sealwright_controller.keys.admission import Admission, Verdict, admission_of
from sealwright_controller.keys.names import MAX_NAMES, successor_names
from sealwright_controller.keys.news import MOST_A_MINUTE, KeyNews
from sealwright_controller.keys.provenance import made_from_sealed_secret
from sealwright_controller.keys.trust import OwnKeys
from sealwright_controller.metrics.keys import KeyMetrics, KeyState
from sealwright_controller.settings import KeySettings, parse_settings

OWNER = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "name": "evil", "uid": "u"}


def labelled(key=None, **metadata: Any) -> dict[str, Any]:
    """Return a key Secret in use."""
    name, labels = metadata.pop("name", "key"), {KEY_LABEL: "active"}
    return key_secret(key or sealing_key(), name=name, namespace="kube-system", labels=labels, **metadata)


def written_by(*managers: object) -> list[Any]:
    return [{"manager": name, "operation": "Update", "fieldsV1": {}} for name in managers]


class TestProvenance:
    @pytest.mark.parametrize(
        "metadata",
        [
            pytest.param({"ownerReferences": [OWNER | {"controller": True}]}, id="a SealedSecret controls it"),
            pytest.param({"ownerReferences": [OWNER]}, id="a SealedSecret owns it"),
            pytest.param({"ownerReferences": [{"kind": "Node"}, OWNER]}, id="a SealedSecret owns it beside others"),
            pytest.param({"ownerReferences": [{"kind": "SealedSecret"}]}, id="an owner of that kind without a name"),
            pytest.param({"managedFields": written_by(UNSEALER_MANAGER)}, id="it was written in their name"),
            pytest.param({"managedFields": written_by("kubectl", UNSEALER_MANAGER)}, id="and by others too"),
            pytest.param({"managedFields": [None, *written_by(UNSEALER_MANAGER)]}, id="beside what is no entry"),
        ],
    )
    def test_a_key_that_was_made_from_a_sealed_secret_is_passed_over(self, metadata):
        verdict = Admission().judge(labelled(**metadata))
        assert (verdict.state, verdict.key) == (KeyState.UNTRUSTED, None)
        assert "made from a SealedSecret" in verdict.reason

    @pytest.mark.parametrize(
        "metadata",
        [
            pytest.param({}, id="nothing is said"),
            pytest.param({"managedFields": written_by(KEY_MANAGER)}, id="the controller made it as a key"),
            pytest.param(
                {"managedFields": written_by("controller", "kubectl-client-side-apply")}, id="upstream made it"
            ),
            pytest.param({"ownerReferences": [{"kind": "Application"}]}, id="something else owns it"),
        ],
    )
    def test_others_count(self, metadata):
        assert Admission().judge(labelled(**metadata)).state is KeyState.ACTIVE

    @given(ANY_JSON, ANY_JSON)
    def test_metadata_may_hold_anything(self, owners, entries):
        manifest = labelled(ownerReferences=owners, managedFields=entries)
        assert made_from_sealed_secret(manifest) in (True, False)


class TestSizes:
    @pytest.mark.parametrize(
        ("flags", "used"),
        [
            ([], {2048, 3072, 4096, 8192}),
            (["--key-size=1024"], {1024, 2048, 3072, 4096, 8192}),
            (["--accept-key-sizes=1024-4096"], {1024, 2048, 3072, 4096}),
            (["--accept-key-sizes=3072-3072", "--key-size=2048"], {2048, 3072}),
        ],
        ids=["by default", "short new ones", "wider", "narrower"],
    )
    def test_keys_within_the_bounds_are_used_and_those_as_long_as_new_ones(self, flags, used):
        admission = admission_of(parse_settings(flags, {}).keys)
        names = (*testkeys.ONE_OF_EACH_SIZE, "huge-8192")
        verdicts = {
            testkeys.key(name).certificate.bits: admission.judge(labelled(testkeys.key(name))) for name in names
        }
        assert {bits for bits, verdict in verdicts.items() if verdict.state is KeyState.ACTIVE} == used
        for bits in verdicts.keys() - used:
            assert verdicts[bits].state is KeyState.UNREADABLE
            assert verdicts[bits].reason == f"its modulus has {bits} bits, which --accept-key-sizes leaves out"

    @pytest.mark.parametrize("text", ["2048", "8192-2048", "512-2048", "2048-16385", "-", "2048-", "a-b"])
    def test_bounds_that_are_none_are_refused(self, text, capsys):
        with pytest.raises(SystemExit):
            parse_settings([f"--accept-key-sizes={text}"], {})
        assert "--accept-key-sizes" in capsys.readouterr().err


def test_a_secret_of_the_name_that_tells_keys_apart_is_no_key():
    assert Admission().judge(labelled(name=KEY_TRUST_NAME)).state is KeyState.INACTIVE


def test_a_key_that_is_too_long_for_one_is_told_so():
    manifest = labelled()
    manifest["data"]["tls.key"] = "A" * 1_000_000
    verdict = Admission().judge(manifest)
    assert (verdict.state, verdict.reason) == (KeyState.UNREADABLE, "tls.key is longer than 98304 characters of base64")


class TestNames:
    FINGERPRINT = other_sealing_key().fingerprint

    @staticmethod
    def names(prefix="sealed-secrets-key", cluster="a", newest=None, now=NOW):
        return list(successor_names(prefix, cluster, newest, now))

    def test_they_look_as_those_that_an_api_server_chooses(self):
        names = self.names()
        assert len(set(names)) == len(names) == MAX_NAMES
        for name in names:
            assert re.fullmatch("sealed-secrets-key[bcdfghjklmnpqrstvwxz2456789]{5}", name)

    def test_controllers_that_know_the_same_choose_the_same(self):
        elsewhere = NOW.astimezone() + timedelta(hours=3)
        assert self.names(newest=self.FINGERPRINT) == self.names(newest=self.FINGERPRINT, now=elsewhere)

    @pytest.mark.parametrize(
        "other",
        [
            {"cluster": "b"},
            {"newest": FINGERPRINT},
            {"now": NOW + timedelta(days=1)},
            {"prefix": "our-key"},
        ],
        ids=lambda other: next(iter(other)),
    )
    def test_nothing_else_chooses_the_same(self, other):
        """So that a backup of another cluster's keys, applied here, replaces none."""
        assert not set(self.names()) & set(self.names(**other))

    @given(st.datetimes(timezones=st.just(UTC)), st.text(max_size=20), st.sampled_from(["", "a" * 240]))
    def test_any_time_and_cluster_will_do(self, now, cluster, prefix):
        assert all(len(name) == len(prefix) + 5 for name in successor_names(prefix, cluster, None, now))


def test_the_default_is_to_use_what_is_labelled_and_the_span_is_shown_as_it_is_given():
    assert KeySettings().trust == "labelled"
    assert str(parse_settings([], {}).keys.accepted_bits) == "2048-8192"


class TestWhatLargeKeysCost:
    """100 copies of one 8192-bit key kept a start waiting for five seconds, whatever --key-trust said."""

    @pytest.fixture
    def read(self, monkeypatch):
        pairs_read = []
        load = pairs.load_sealing_key
        monkeypatch.setattr(pairs, "load_sealing_key", lambda *pems: pairs_read.append(1) or load(*pems))
        return pairs_read

    def test_the_copies_of_a_pair_are_read_once(self, read):
        admission = Admission()
        verdicts = [admission.judge(labelled(name=f"copy-{number}")) for number in range(100)]
        assert {verdict.state for verdict in verdicts} == {KeyState.ACTIVE}
        assert len(read) == 1

    def test_a_pair_that_cannot_be_read_is_tried_once(self, read):
        admission, manifest = Admission(), labelled()
        manifest["data"]["tls.key"] = labelled(other_sealing_key())["data"]["tls.key"]
        verdicts = [admission.judge(manifest) for _ in range(9)]
        assert {verdict.reason for verdict in verdicts} == {"the private key does not belong to the certificate"}
        assert len(read) == 1

    def test_no_private_key_is_read_of_a_key_that_is_not_trusted(self, read):
        trust = OwnKeys()
        assert trust.prepare(SimulatedWorld().gateway(), threading.Event())
        assert Admission(trust=trust).judge(labelled()).state is KeyState.UNTRUSTED
        assert read == []

    def test_a_few_of_those_passed_over_are_told_each_minute(self, capsys):
        told, clock = [], [0.0]
        gateway = SimulatedWorld().gateway()
        gateway.record_event = told.append
        news = KeyNews(gateway, KeyMetrics(), monotonic=lambda: clock[0])
        verdict = Verdict(KeyState.UNTRUSTED, reason="no")
        for number in range(2000):
            news.passed_over(ObjectKey("kube-system", f"a{number}"), "u", verdict)
        assert len(told) == MOST_A_MINUTE
        assert capsys.readouterr().out.count("\n") == MOST_A_MINUTE + 1
        clock[0] = 61.0
        news.passed_over(ObjectKey("kube-system", "later"), "u", verdict)
        assert len(told) == MOST_A_MINUTE + 1
