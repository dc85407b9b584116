"""Sealwright's own vectors: each file is one scenario, told in docs/concepts/format.md how to read."""

import base64
import json

import pytest
from tests.support import independent
from tests.support.testkeys import key, ring
from tests.vectors.generate import FOLDER, vector_files

import sealwright_crypto
from sealwright_crypto import OperationCounter, Scope, SealedSecret, label_for, unseal

VECTORS = {path.stem: json.loads(path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}
ITEMS = [name for name in VECTORS if name.startswith("item-")]
OBJECTS = [name for name in VECTORS if name.startswith("object-")]
OPENING_ITEMS = [name for name in ITEMS if "plaintext_base64" in VECTORS[name]["expect"]]


def no_templates(*_):
    raise AssertionError("no vector renders a template")


def raised_by(action, error_name):
    """Run the action and return its error, which must be of exactly the named class."""
    with pytest.raises(getattr(sealwright_crypto, error_name)) as caught:
        action()
    assert type(caught.value).__name__ == error_name
    return caught.value


def open_item_vector(vector, counter):
    label = label_for(Scope(vector["scope"]), vector["namespace"], vector["name"])
    return ring(*vector["keys"], counter=counter).open(vector["ciphertext"], label)


def test_the_committed_vectors_are_what_the_generator_makes():
    committed = {path.name: path.read_bytes() for path in FOLDER.iterdir()}
    assert committed == vector_files()


@pytest.mark.parametrize("name", ITEMS)
def test_item_vector(name):
    vector, counter = VECTORS[name], OperationCounter()
    expect = vector["expect"]
    if "error" in expect:
        raised_by(lambda: open_item_vector(vector, counter), expect["error"])
    else:
        assert open_item_vector(vector, counter).plaintext == base64.b64decode(expect["plaintext_base64"])
    assert counter.value == expect["operations"]


@pytest.mark.parametrize("name", OBJECTS)
def test_object_vector(name):
    vector, counter = VECTORS[name], OperationCounter()
    expect = dict(vector["expect"])
    operations = expect.pop("operations")

    def made():
        sealed = SealedSecret.from_dict(vector["sealedSecret"])
        return unseal(sealed, ring(*vector["keys"], counter=counter), no_templates).secret.to_dict()

    if "error" in expect:
        error = raised_by(made, expect.pop("error"))
        details = {name: getattr(error, name) for name in expect}
        assert {name: value if isinstance(value, str) else list(value) for name, value in details.items()} == expect
    else:
        assert made() == expect["secret"]
    assert counter.value == operations


@pytest.mark.parametrize("name", OPENING_ITEMS)
def test_an_independent_implementation_opens_what_the_vectors_say_opens(name):
    vector = VECTORS[name]
    label = label_for(Scope(vector["scope"]), vector["namespace"], vector["name"])
    plaintext = independent.open_item(vector["ciphertext"], key(vector["keys"][-1]).private_key.raw, label)
    assert plaintext == base64.b64decode(vector["expect"]["plaintext_base64"])
