"""One key Secret, read and written; and which of several keys is the newest."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from tests.support.builders import NOW, other_sealing_key, sealing_key
from tests.support.spoiling import ANY_JSON
from tests.support.worlds import key_secret

from sealwright_controller.gateway import KEY_LABEL, LEGACY_KEY_NAME
from sealwright_controller.keys.keysecrets import StoredKey, is_active, key_manifest, newest_first, read_key
from sealwright_controller.settings import KeySettings
from sealwright_crypto import KeyMaterialError, generate_sealing_key, load_sealing_key

BY_CERTIFICATE, BY_SECRET = "CertNotBefore", "SecretCreationTimestamp"
DAY = timedelta(days=1)


def in_base64(pem: bytes) -> str:
    return base64.b64encode(pem).decode()


def with_data(**data):
    return key_secret(sealing_key(), name="key") | {"data": data}


def pems(manifest):
    return [base64.b64decode(manifest["data"][name]) for name in ("tls.crt", "tls.key")]


class TestWriting:
    SETTINGS = KeySettings(name_prefix="our-key")

    def test_it_is_a_tls_secret_in_use_named_by_the_server_after_the_prefix(self):
        manifest = key_manifest(sealing_key(), self.SETTINGS)
        assert manifest["metadata"] == {"generateName": "our-key", "labels": {KEY_LABEL: "active"}}
        assert (manifest["apiVersion"], manifest["kind"], manifest["type"]) == ("v1", "Secret", "kubernetes.io/tls")

    def test_its_private_key_is_pkcs1_as_upstream_writes_it(self):
        _, key = pems(key_manifest(sealing_key(), self.SETTINGS))
        assert key.startswith(b"-----BEGIN RSA PRIVATE KEY-----")

    def test_what_was_written_is_read(self):
        manifest = key_manifest(sealing_key(), self.SETTINGS)
        assert load_sealing_key(*pems(manifest)) == read_key(manifest).key == sealing_key()

    def test_labels_and_annotations_are_added_and_the_key_label_stays(self):
        settings = KeySettings(labels={"team": "a", KEY_LABEL: "off"}, annotations={"note": "hi", "other": ""})
        metadata = key_manifest(sealing_key(), settings)["metadata"]
        assert metadata["labels"] == {"team": "a", KEY_LABEL: "active"}
        assert metadata["annotations"] == {"note": "hi", "other": ""}


@pytest.mark.parametrize(
    ("name", "labels", "active"),
    [
        pytest.param("any", {KEY_LABEL: "active"}, True, id="labelled active"),
        pytest.param("any", {KEY_LABEL: "compromised"}, False, id="labelled anything else"),
        pytest.param("any", {KEY_LABEL: "Active"}, False, id="labelled in capitals"),
        pytest.param("any", {}, False, id="without label"),
        pytest.param(LEGACY_KEY_NAME, {}, True, id="of the legacy name, without label"),
        pytest.param(LEGACY_KEY_NAME, {KEY_LABEL: "old"}, False, id="of the legacy name, labelled away"),
    ],
)
def test_which_key_secrets_are_used(name, labels, active):
    assert is_active(key_secret(sealing_key(), name=name, labels=labels)) is active


class TestReading:
    @pytest.mark.parametrize(
        "form", [serialization.PrivateFormat.TraditionalOpenSSL, serialization.PrivateFormat.PKCS8]
    )
    def test_the_private_key_may_be_pkcs1_or_pkcs8(self, form):
        key = sealing_key()
        raw = key.private_key.raw.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        manifest = with_data(**{"tls.crt": in_base64(key.certificate.pem.encode()), "tls.key": in_base64(raw)})
        assert read_key(manifest).key == key

    EC_KEY = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    GOOD = key_secret(sealing_key())["data"]
    JUNK = in_base64(b"junk")

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            pytest.param({"tls.crt": JUNK, "tls.key": JUNK}, "no PEM CERTIFICATE block", id="junk"),
            pytest.param({}, "tls.crt is missing", id="nothing"),
            pytest.param({"tls.key": GOOD["tls.key"]}, "tls.crt is missing", id="no certificate"),
            pytest.param(GOOD | {"tls.crt": ""}, "no PEM CERTIFICATE block", id="an empty certificate"),
            pytest.param({"tls.crt": GOOD["tls.crt"]}, "tls.key is missing", id="no private key"),
            pytest.param(GOOD | {"tls.key": 7}, "tls.key is missing or not base64", id="a number"),
            pytest.param(GOOD | {"tls.key": in_base64(EC_KEY)}, "the private key is not RSA", id="an EC key"),
            pytest.param(
                GOOD | {"tls.key": key_secret(other_sealing_key())["data"]["tls.key"]},
                "does not belong to the certificate",
                id="the certificate of another key",
            ),
        ],
    )
    def test_what_cannot_be_used_is_refused_with_a_reason_that_quotes_nothing(self, data, told):
        with pytest.raises(KeyMaterialError, match=told) as caught:
            read_key(with_data(**data))
        assert "BEGIN" not in str(caught.value).replace("BEGIN CERTIFICATE", "")

    @given(ANY_JSON)
    def test_data_may_be_anything(self, data):
        with pytest.raises(KeyMaterialError):
            read_key(key_secret(sealing_key(), name="key") | {"data": data})

    @given(st.dictionaries(st.sampled_from(["tls.crt", "tls.key"]), ANY_JSON))
    def test_its_entries_may_be_anything(self, data):
        with pytest.raises(KeyMaterialError):
            read_key(with_data(**data))

    @pytest.mark.parametrize(
        ("written", "created"),
        [
            pytest.param("2027-01-02T03:04:05Z", datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC), id="a time"),
            pytest.param("yesterday", NOW, id="no time"),
            pytest.param("2027-01-02T03:04:05", NOW, id="a time of no zone"),
            pytest.param(7, NOW, id="a number"),
            pytest.param(None, NOW, id="nothing"),
        ],
    )
    def test_its_creation_is_the_secret_s_or_else_the_certificate_s(self, written, created):
        manifest = key_secret(other_sealing_key(1, NOW), name="key", creationTimestamp=written)
        assert read_key(json.loads(json.dumps(manifest))).created == created


def stored(number: int, *, certificate: timedelta, secret: timedelta) -> StoredKey:
    """A key whose certificate and Secret were made so long ago."""
    return StoredKey(other_sealing_key(number, NOW - certificate), NOW - secret)


class TestOrder:
    OLD_STORED_LATE = stored(1, certificate=20 * DAY, secret=1 * DAY)
    NEW_STORED_EARLY = stored(2, certificate=2 * DAY, secret=2 * DAY)
    BOTH = (OLD_STORED_LATE, NEW_STORED_EARLY)

    @pytest.mark.parametrize("given", [BOTH, BOTH[::-1]])
    def test_by_certificate_the_one_that_begins_last_is_the_newest(self, given):
        assert newest_first(given, BY_CERTIFICATE) == (self.NEW_STORED_EARLY, self.OLD_STORED_LATE)

    @pytest.mark.parametrize("given", [BOTH, BOTH[::-1]])
    def test_by_secret_the_one_that_was_stored_last_is_the_newest(self, given):
        assert newest_first(given, BY_SECRET) == (self.OLD_STORED_LATE, self.NEW_STORED_EARLY)

    def test_of_secrets_of_one_second_the_certificates_decide(self):
        first, second = stored(1, certificate=2 * DAY, secret=DAY), stored(2, certificate=DAY, secret=DAY)
        assert newest_first((first, second), BY_SECRET) == newest_first((second, first), BY_SECRET) == (second, first)

    def test_a_key_that_is_stored_twice_counts_once_as_what_was_stored_last(self):
        key = other_sealing_key(1, NOW - 20 * DAY)
        first, again = StoredKey(key, NOW - 3 * DAY), StoredKey(key, NOW - DAY)
        between = stored(2, certificate=2 * DAY, secret=2 * DAY)
        assert newest_first((first, between, again), BY_SECRET) == (again, between)

    # Few keys and days, so that all kinds of ties come up.
    @given(
        drawn=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=6),
        order=st.sampled_from([BY_CERTIFICATE, BY_SECRET]),
        chance=st.randoms(),
    )
    def test_the_order_in_which_they_come_does_not_matter(self, drawn, order, chance):
        keys = [stored(number, certificate=(number // 2) * DAY, secret=days * DAY) for number, days in drawn]
        assert newest_first(keys, order) == newest_first(chance.sample(keys, len(keys)), order)


class TestAge:
    """Since when a key counts, which is what makes the next one due."""

    def test_by_certificate_it_counts_since_the_certificate_begins_whenever_it_was_stored(self):
        assert stored(1, certificate=20 * DAY, secret=DAY).made(BY_CERTIFICATE) == NOW - 20 * DAY

    def test_by_secret_it_counts_since_it_was_stored(self):
        assert stored(1, certificate=20 * DAY, secret=DAY).made(BY_SECRET) == NOW - DAY

    def test_a_server_whose_clock_is_behind_makes_no_key_older_than_its_certificate(self):
        assert stored(1, certificate=0 * DAY, secret=40 * DAY).made(BY_SECRET) == NOW


def test_a_certificate_of_the_last_moment_there_is_can_be_ordered():
    last = generate_sealing_key(now=datetime(9999, 12, 30, tzinfo=UTC), bits=1024, lifetime=timedelta(hours=1))
    late = StoredKey(last, NOW)
    assert newest_first((stored(1, certificate=DAY, secret=DAY), late), BY_CERTIFICATE)[0] is late
