"""Key Secrets as they come from an API server: large ones are cut down before a page of them is in memory."""

import json

import pytest
from tests.support.builders import sealing_key
from tests.support.worlds import key_secret

from sealwright_controller.keys.keysecrets import read_key
from sealwright_controller.kube.keysecrets import MAX_TEXT_CHARACTERS, cut_down
from sealwright_crypto import KeyMaterialError

LARGE = "A" * 1_000_000


def with_data(**data):
    secret = key_secret(sealing_key(), name="key", namespace="kube-system")
    return {**secret, "data": secret["data"] | data}


def test_a_usual_one_stays_as_it_is():
    secret = with_data(note="eA==", odd=None)
    assert cut_down(secret) == secret


def test_what_is_no_part_of_a_key_goes_when_it_is_large():
    secret = with_data(note=LARGE, odd={"a": 1})
    cut = cut_down(secret)
    assert cut == key_secret(sealing_key(), name="key", namespace="kube-system")
    assert read_key(cut).key == sealing_key()


@pytest.mark.parametrize("item", ["tls.crt", "tls.key"])
def test_a_part_of_a_key_that_is_too_large_is_cut_and_refused_for_its_length(item):
    cut = cut_down(with_data(**{item: LARGE}))
    assert len(json.dumps(cut)) < MAX_TEXT_CHARACTERS * 1.2
    with pytest.raises(KeyMaterialError, match=f"{item} is longer than"):
        read_key(cut)


@pytest.mark.parametrize("data", [None, "text", [LARGE], {}])
def test_data_of_any_shape_is_left_to_whoever_reads_it(data):
    secret = {**with_data(), "data": data}
    assert cut_down(secret) == secret
