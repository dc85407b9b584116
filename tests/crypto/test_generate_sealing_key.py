"""The keys that Sealwright makes: what is in the certificate, and what cannot be made."""

import inspect
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography import x509

from sealwright_crypto import KeyMaterialError, generate_sealing_key, load_sealing_key

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)


@pytest.fixture(scope="module")
def made():
    return generate_sealing_key(now=NOW, bits=1024, lifetime=timedelta(days=10), common_name="cluster one")


@pytest.fixture(scope="module")
def certificate(made):
    return x509.load_pem_x509_certificate(made.certificate.pem.encode())


def test_the_defaults_are_upstream_s():
    """RSA 4096, ten years, an empty subject: upstream's documented behaviour."""
    defaults = {name: p.default for name, p in inspect.signature(generate_sealing_key).parameters.items()}
    assert defaults | {"now": None} == {
        "now": None,
        "bits": 4096,
        "lifetime": timedelta(days=3650),
        "common_name": "",
    }


def test_it_is_a_pair(made):
    assert load_sealing_key(made.certificate.pem.encode(), made.private_key.pem()) == made


def test_it_is_valid_from_now_for_its_lifetime(made):
    assert made.certificate.not_before == NOW
    assert made.certificate.not_after == NOW + timedelta(days=10)


def test_it_is_signed_by_itself(certificate):
    certificate.verify_directly_issued_by(certificate)
    assert certificate.issuer == certificate.subject


def test_it_carries_its_common_name(made):
    assert made.certificate.subject == "CN=cluster one"


def test_it_may_have_an_empty_subject():
    assert generate_sealing_key(now=NOW, bits=1024).certificate.subject == ""


def test_it_wraps_keys_and_is_no_authority(certificate):
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.key_encipherment
    assert not usage.key_cert_sign
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_two_keys_are_never_the_same(made):
    again = generate_sealing_key(now=NOW, bits=1024, lifetime=timedelta(days=10), common_name="cluster one")
    assert again.fingerprint != made.fingerprint


def test_a_clock_of_another_zone_means_the_same_moment():
    elsewhere = NOW.astimezone(timezone(timedelta(hours=-7)))
    assert generate_sealing_key(now=elsewhere, bits=1024).certificate.not_before == NOW


IMPOSSIBLE = [
    ("too short a key", {"bits": 1023}, "a key has 1024 to 16384 bits, not 1023"),
    ("too long a key", {"bits": 16385}, "a key has 1024 to 16384 bits, not 16385"),
    ("a lifetime that ends before it starts", {"lifetime": timedelta(days=-1)}, "no certificate can be made"),
    ("a lifetime past the year 9999", {"lifetime": timedelta(days=3_000_000)}, "no certificate can be made"),
    ("a clock before 1950", {"now": datetime(1900, 1, 1, tzinfo=UTC)}, "no certificate can be made"),
    ("a name that is too long", {"common_name": "x" * 65}, "no certificate can be made"),
    ("a name that is no text", {"common_name": "\ud800"}, "no certificate can be made"),
]


@pytest.mark.parametrize(("options", "words"), [row[1:] for row in IMPOSSIBLE], ids=[row[0] for row in IMPOSSIBLE])
def test_what_cannot_be_made_is_refused(options, words):
    with pytest.raises(KeyMaterialError, match=words):
        generate_sealing_key(**({"now": NOW, "bits": 1024} | options))
