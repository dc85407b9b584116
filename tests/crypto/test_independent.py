"""Sealwright and the independent implementation open what the other one seals."""

import pytest
from tests.support import independent
from tests.support.testkeys import ONE_OF_EACH_SIZE, key, ring

from sealwright_crypto import Scope, SealedSecret, Secret, seal, unseal

ITEMS = {"user": b"app", "password": bytes(range(256)), "empty": b"", "naïve": "密碼".encode()}
PAIRS = [(name, scope) for name in ONE_OF_EACH_SIZE for scope in Scope]
IDS = [f"{name} {scope}" for name, scope in PAIRS]


@pytest.mark.parametrize(("name", "scope"), PAIRS, ids=IDS)
def test_what_sealwright_seals_opens_independently(name, scope):
    sealed = seal(Secret("db", "team-a", ITEMS), key(name).certificate, scope=scope)
    assert independent.unseal(sealed.to_dict(), key(name).private_key.raw) == ITEMS


@pytest.mark.parametrize(("name", "scope"), PAIRS, ids=IDS)
def test_what_is_sealed_independently_opens_in_sealwright(name, scope):
    manifest = independent.seal("db", "team-a", ITEMS, key(name).private_key.raw.public_key(), scope)
    unsealed = unseal(SealedSecret.from_dict(manifest), ring(name), render=None)
    assert unsealed.secret.items == ITEMS
    assert set(unsealed.fingerprints.values()) == {key(name).fingerprint}
