"""What somebody gets from a backup: of the repository, of the certificate, of key Secrets; and what a new key changes."""

import base64

import pytest
from tests.controller.keys.test_keystore import key_secret
from tests.support.testkeys import key

from sealwright_crypto import (
    Keyring,
    SealedSecret,
    Secret,
    UnsealError,
    load_certificate,
    load_private_keys,
    reseal,
    seal,
    unseal,
)

STOLEN, RENEWED = key("old-2048"), key("new-2048")
OLD_VALUE, NEW_VALUE = b"correct horse battery staple", b"another one"


def committed(value: bytes, to: object = STOLEN) -> SealedSecret:
    """Return a SealedSecret as it is read from a repository."""
    sealed = seal(Secret("db", "team-a", {"password": value}), to.certificate)
    return SealedSecret.from_dict(sealed.to_dict())


def opened(sealed: SealedSecret, stolen: Keyring) -> bytes:
    return unseal(sealed, stolen, lambda *_: b"").secret.items["password"]


@pytest.fixture
def stolen() -> Keyring:
    """The private key, as it is found in the backup of a key Secret."""
    data = key_secret(STOLEN)["data"]
    return Keyring(load_private_keys(base64.b64decode(data["tls.key"])))


def test_a_key_secret_opens_all_that_was_sealed_to_it_without_a_cluster(stolen: Keyring) -> None:
    assert opened(committed(OLD_VALUE), stolen) == OLD_VALUE
    # Nor does the scope help: whoever has the key chooses which place an object says.
    moved = committed(OLD_VALUE).to_dict()
    moved["metadata"] |= {"name": "elsewhere"}
    with pytest.raises(UnsealError):
        opened(SealedSecret.from_dict(moved), stolen)
    moved["metadata"] |= {"name": "db"}
    assert opened(SealedSecret.from_dict(moved), stolen) == OLD_VALUE


def test_a_key_secret_alone_holds_no_value() -> None:
    held = key_secret(STOLEN)["data"]
    assert set(held) == {"tls.crt", "tls.key"}
    assert all(OLD_VALUE not in base64.b64decode(value) for value in held.values())


def test_after_a_renewal_it_does_not_open_what_is_sealed_from_then_on(stolen: Keyring) -> None:
    with pytest.raises(UnsealError):
        opened(committed(NEW_VALUE, to=RENEWED), stolen)


def test_until_the_renewal_it_opens_what_is_sealed_after_the_theft_as_well(stolen: Keyring) -> None:
    assert opened(committed(NEW_VALUE), stolen) == NEW_VALUE


def test_sealing_again_keeps_the_thief_from_the_new_file_and_not_from_the_history(stolen: Keyring) -> None:
    before = committed(OLD_VALUE)
    after = reseal(before, Keyring([RENEWED.private_key, STOLEN.private_key]), RENEWED.certificate).sealed
    with pytest.raises(UnsealError):
        opened(after, stolen)
    assert opened(after, Keyring([RENEWED.private_key])) == OLD_VALUE
    assert opened(before, stolen) == OLD_VALUE  # the same value: only another one, at its source, shuts the thief out


def test_a_repository_and_a_certificate_open_nothing() -> None:
    certificate = load_certificate(base64.b64decode(key_secret(STOLEN)["data"]["tls.crt"]))
    assert not hasattr(certificate, "private_key")
    with pytest.raises(UnsealError):
        opened(committed(OLD_VALUE), Keyring())
    with pytest.raises(UnsealError):
        opened(committed(OLD_VALUE), Keyring([key("other-2048").private_key]))


def test_a_sealed_secret_shows_names_and_lengths_and_no_value() -> None:
    short, long = (committed(value).items["password"] for value in (b"1", b"1" * 100))
    assert len(base64.b64decode(long)) - len(base64.b64decode(short)) == 99
    assert committed(b"same").items != committed(b"same").items  # nor whether two values are the same
