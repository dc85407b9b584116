"""The hierarchy of errors and what they tell."""

from datetime import UTC, datetime

import pytest

import sealwright_crypto as crypto

PARENTS = [
    (crypto.ScopeError, crypto.SealwrightCryptoError),
    (crypto.ManifestError, crypto.SealwrightCryptoError),
    (crypto.FormatError, crypto.SealwrightCryptoError),
    (crypto.KeyMaterialError, crypto.SealwrightCryptoError),
    (crypto.CertificateExpiredError, crypto.KeyMaterialError),
    (crypto.DecryptionError, crypto.SealwrightCryptoError),
    (crypto.UnsealError, crypto.DecryptionError),
]


@pytest.mark.parametrize(("child", "parent"), PARENTS, ids=[child.__name__ for child, _ in PARENTS])
def test_hierarchy(child, parent):
    assert child.__base__ is parent


def test_a_manifest_error_names_the_field_and_what_is_wrong():
    error = crypto.ManifestError("spec.encryptedData.password", "expected text, found a list")
    assert (error.path, error.reason) == ("spec.encryptedData.password", "expected text, found a list")
    assert str(error) == "spec.encryptedData.password: expected text, found a list"


def test_a_decryption_error_says_no_more_than_that():
    assert str(crypto.DecryptionError()) == "could not be decrypted"


def test_an_unseal_error_names_every_item_in_order_and_why_it_is_damaged():
    error = crypto.UnsealError(["token", "password", "cut"], {"cut": "the ciphertext is cut off"})
    assert error.items == ("cut", "password", "token")
    assert error.damaged == {"cut": "the ciphertext is cut off"}
    assert str(error) == "no key could decrypt secret (cut, password, token); cut: the ciphertext is cut off"


def test_an_unseal_error_begins_with_upstream_s_words():
    assert str(crypto.UnsealError(["password"])) == "no key could decrypt secret (password)"


def test_an_expired_certificate_says_since_when():
    error = crypto.CertificateExpiredError(datetime(2025, 1, 2, 3, 4, tzinfo=UTC))
    assert error.not_after == datetime(2025, 1, 2, 3, 4, tzinfo=UTC)
    assert str(error) == "the certificate expired on 2025-01-02 03:04 UTC"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("tls.crt", "tls.crt", id="a usual name is shown as it is"),
        pytest.param("пароль", "пароль", id="letters of any alphabet too"),
        pytest.param("a\nb\x1b[2J", "a\\nb\\x1b[2J", id="line breaks and terminal escapes are spelled out"),
        pytest.param("x" * 1000, "x" * 253 + "…", id="an endless name is cut"),
    ],
)
def test_names_chosen_by_anybody_are_harmless_in_messages(name, shown):
    assert str(crypto.UnsealError([name])) == f"no key could decrypt secret ({shown})"
    assert str(crypto.UnsealError([name], {name: "cut off"})).endswith(f"; {shown}: cut off")
    assert str(crypto.ManifestError(name, "wrong")) == f"{shown}: wrong"
