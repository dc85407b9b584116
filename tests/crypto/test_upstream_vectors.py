"""Items that upstream's own tool sealed: all of them open, each in its own place only."""

import base64
import functools
import json

import pytest
from tests.support import independent
from tests.support.builders import VECTORS

from sealwright_crypto import DecryptionError, Keyring, Scope, label_for, load_private_keys, load_sealing_key

FOLDER = VECTORS / "envelope"
ITEMS = {item["id"]: item for item in json.loads((FOLDER / "sealed-by-upstream.json").read_bytes())["items"]}


@functools.cache
def private_key(name):
    (key,) = load_private_keys((FOLDER / f"{name}.key.pem").read_bytes())
    return key


def label(item):
    return label_for(Scope(item["scope"]), "team-a", "db")


def test_all_48_are_here():
    assert len(ITEMS) == 48


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_opens(item):
    opened = Keyring([private_key(item["key"])]).open(item["ciphertext"], label(item))
    assert opened.plaintext == base64.b64decode(item["plaintext_base64"])
    assert opened.fingerprint == private_key(item["key"]).fingerprint


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_the_label_is_the_one_that_upstream_used(item):
    assert label(item) == item["label"].encode()


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_does_not_open_under_another_label(item):
    with pytest.raises(DecryptionError):
        Keyring([private_key(item["key"])]).open(item["ciphertext"], b"team-b/db")


@pytest.mark.parametrize("item", ITEMS.values(), ids=ITEMS)
def test_the_independent_implementation_agrees(item):
    plaintext = independent.open_item(item["ciphertext"], private_key(item["key"]).raw, item["label"].encode())
    assert plaintext == base64.b64decode(item["plaintext_base64"])


@pytest.mark.parametrize("name", ["key-2048", "key-4096"])
def test_upstream_s_key_and_certificate_load_as_a_pair(name):
    pair = load_sealing_key((FOLDER / f"{name}.crt.pem").read_bytes(), (FOLDER / f"{name}.key.pem").read_bytes())
    assert pair.private_key.bits == int(name[-4:])
