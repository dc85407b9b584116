"""What a key Secret is made of: labels and name, certificate and private key."""

import base64
from typing import Any

import pytest

from sealwright_crypto import KeyMaterialError
from sealwright_manifests.kinds.keysecrets import (
    LABEL,
    LEGACY_NAME,
    MAX_TEXT_CHARACTERS,
    certificate_in,
    is_active,
    is_key_secret,
    private_key_in,
)


@pytest.mark.parametrize(
    ("name", "labels", "is_one", "is_used"),
    [
        ("key", {LABEL: "active"}, True, True),
        ("key", {LABEL: "compromised"}, True, False),
        ("key", {LABEL: ""}, True, False),
        ("key", {"other": "active"}, False, False),
        (LEGACY_NAME, {}, True, True),
        (LEGACY_NAME, {LABEL: "active"}, True, True),
        (LEGACY_NAME, {LABEL: "old"}, True, False),
        (None, {}, False, False),
    ],
)
def test_which_secrets_are_keys_and_which_are_used(
    name: object, labels: dict[str, Any], is_one: bool, is_used: bool
) -> None:
    assert is_key_secret(name, labels) is is_one
    assert is_active(name, labels) is is_used


def test_the_certificate_and_the_private_key_are_items_in_base64() -> None:
    data = {"tls.crt": base64.encodebytes(b"certificate" * 20).decode(), "tls.key": base64.b64encode(b"key").decode()}
    assert certificate_in({"data": data}) == b"certificate" * 20
    assert private_key_in({"data": data}) == b"key"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "tls.crt is missing or not base64"),
        ([], "tls.crt is missing or not base64"),
        ({}, "tls.crt is missing or not base64"),
        ({"tls.crt": None}, "tls.crt is missing or not base64"),
        ({"tls.crt": 7}, "tls.crt is missing or not base64"),
        ({"tls.crt": "hunter2!"}, "tls.crt is missing or not base64"),
        ({"tls.crt": "\u00e9"}, "tls.crt is missing or not base64"),
        ({"tls.crt": "A" * (MAX_TEXT_CHARACTERS + 1)}, "tls.crt is longer than 98304 characters of base64"),
    ],
)
def test_what_is_no_certificate_is_told_without_quoting_it(data: object, message: str) -> None:
    with pytest.raises(KeyMaterialError, match=f"^{message}$"):
        certificate_in({"data": data})
