"""docs/concepts/format.md and scopes.md say what the code does, where a test can tell."""

import base64
import json
import re
from pathlib import Path

import pytest
from tests.support.testkeys import key

import sealwright_crypto as crypto
from sealwright_crypto import secret
from sealwright_crypto.keyhints import MAX_HINT_CHARACTERS

ROOT = Path(__file__).parents[2]
FORMAT = (ROOT / "docs" / "concepts" / "format.md").read_text(encoding="utf-8")
SCOPES = (ROOT / "docs" / "concepts" / "scopes.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(\w+Error)`", FORMAT))))
def test_every_error_it_names_is_there(name):
    assert issubclass(getattr(crypto, name), crypto.SealwrightCryptoError)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w./-]+)`", FORMAT))))
def test_every_file_it_names_is_there(path):
    assert (ROOT / path).exists()


def test_its_example_is_the_vector():
    vector = json.loads((ROOT / "tests/vectors/sealwright/item-opens.json").read_text(encoding="utf-8"))
    assert "begins with `AQAI`, which is `01 00 08`" in FORMAT
    assert base64.b64decode(vector["ciphertext"]).startswith(bytes.fromhex("01 00 08"))
    assert "Behind `R` follow 44 bytes" in FORMAT
    assert len(base64.b64decode(vector["ciphertext"])) == 2 + 256 + 44


def test_an_item_for_a_large_key_is_530_bytes_longer_than_its_value():
    item = crypto.seal_item(b"", key("large-4096").certificate, b"")
    assert "is 530 bytes longer" in FORMAT
    assert len(base64.b64decode(item)) == 530


def test_the_names_in_it_are_the_code_s():
    for scope in (crypto.Scope.NAMESPACE_WIDE, crypto.Scope.CLUSTER_WIDE):
        (annotation,) = crypto.scope_annotations(scope)
        assert annotation in FORMAT
        assert annotation in SCOPES
    for name in (crypto.HINT_ANNOTATION, crypto.API_VERSION, f"{MAX_HINT_CHARACTERS:,}"):
        assert name in FORMAT


@pytest.mark.parametrize("name", sorted(secret._BOOKKEEPING | secret._LAST_APPLIED))
def test_all_that_sealing_leaves_out_is_listed(name):
    assert f"`{name}`" in FORMAT
