"""The wire format of one item."""

import base64
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from tests.support.testkeys import ONE_OF_EACH_SIZE, key

from sealwright_crypto import DecryptionError, FormatError, KeyMaterialError, open_item, seal_item
from sealwright_crypto.envelope import parse

LABEL = b"team-a/db"


@pytest.mark.parametrize("name", ONE_OF_EACH_SIZE)
@pytest.mark.parametrize("size", [0, 1, 1000])
def test_layout(name, size):
    modulus_bytes = key(name).certificate.bits // 8
    raw = base64.b64decode(seal_item(bytes(size), key(name).certificate, LABEL), validate=True)
    assert raw[:2] == modulus_bytes.to_bytes(2, "big")
    assert len(raw) == 2 + modulus_bytes + size + 16


@pytest.mark.parametrize("name", ONE_OF_EACH_SIZE)
def test_what_is_sealed_opens(name):
    item = seal_item(b"hunter2", key(name).certificate, LABEL)
    assert open_item(item, key(name).private_key, LABEL) == b"hunter2"


def test_each_item_has_a_session_key_of_its_own():
    """The zero nonce is safe for this reason alone: equal values never give equal payloads."""
    items = [parse(seal_item(b"the same value", key().certificate, LABEL)) for _ in range(50)]
    assert len({item.wrapped_key for item in items}) == 50
    assert len({item.payload for item in items}) == 50


def test_a_key_too_short_for_the_format_is_refused():
    short = rsa.RSAPublicNumbers(65537, (1 << 511) + 187).public_key()
    certificate = replace(key().certificate, public_key=short)
    with pytest.raises(KeyMaterialError, match="a key of 512 bits is too short"):
        seal_item(b"hunter2", certificate, LABEL)


def test_a_key_of_another_size_does_not_open():
    item = seal_item(b"hunter2", key("small-1024").certificate, LABEL)
    with pytest.raises(DecryptionError):
        open_item(item, key("new-2048").private_key, LABEL)


def encoded(raw):
    return base64.b64encode(raw).decode()


REASONS = [
    ("nothing", "", "empty or cut off"),
    ("one byte", encoded(b"\x01"), "empty or cut off"),
    ("no session key", encoded(b"\x00\x00" + bytes(16)), "holds no session key"),
    ("a cut session key", encoded(b"\x01\x00" + bytes(255)), "is cut off"),
    ("no room for a tag", encoded(b"\x00\x01" + bytes(16)), "is cut off"),
    ("no base64", "hunter2!", "is not base64"),
    ("not ASCII", "é", "is not base64"),
    ("half a surrogate pair", "\ud800", "is not base64"),
    ("loose bits", "AAF=", "is not canonical base64"),
]


@pytest.mark.parametrize(("item", "words"), [row[1:] for row in REASONS], ids=[row[0] for row in REASONS])
def test_a_damaged_item_says_why(item, words):
    with pytest.raises(FormatError, match=words):
        parse(item)


def test_the_shortest_well_formed_item_parses():
    parsed = parse(encoded(b"\x00\x01" + b"R" + b"G" * 16))
    assert (parsed.wrapped_key, parsed.payload) == (b"R", b"G" * 16)
