"""No plaintext and no key material in anything that is printed: representations and errors, with all their causes."""

import base64
import json
import traceback

import pytest
from tests.support import independent
from tests.support.testkeys import key, ring

from sealwright_crypto import (
    Keyring,
    SealedSecret,
    SealwrightCryptoError,
    Secret,
    Template,
    Unsealed,
    load_certificate,
    load_private_keys,
    load_sealing_key,
    open_item,
    reseal,
    seal,
    seal_item,
    unseal,
)
from sealwright_crypto.envelope import parse

PASSWORD = "correct horse battery staple"
LABEL = b"team-a/db"
KEY_BODY = "".join(key().private_key.pem().decode().splitlines()[1:-1])
SECRET = Secret("db", "team-a", {"password": PASSWORD.encode()})
SEALED = seal(SECRET, key().certificate)


def give_away(text):
    """Return which secrets a text gives away, whole or in part, plain or in base64."""
    probes = {
        "the password": PASSWORD[8:20],
        "the password in base64": base64.b64encode(PASSWORD.encode()).decode()[4:16],
        "the private key": KEY_BODY[100:120],
        "a private number": str(key().private_key.raw.private_numbers().d)[:20],
    }
    return [what for what, probe in probes.items() if probe in text]


def test_the_probes_find_what_they_look_for():
    assert len(give_away(PASSWORD + base64.b64encode(PASSWORD.encode()).decode() + KEY_BODY)) == 3


SHOWN = {
    "Secret": SECRET,
    "SealedSecret": SEALED,
    "Template": Template({"labels": {"a": "b"}}, "Opaque"),
    "Unsealed": Unsealed(SECRET, {}),
    "Resealed": reseal(SEALED, ring("new-2048"), key().certificate),
    "Opened": ring("new-2048").open(SEALED.items["password"], LABEL),
    "Envelope": parse(SEALED.items["password"]),
    "PrivateKey": key().private_key,
    "SealingKey": key(),
    "Certificate": key().certificate,
    "Keyring": ring("new-2048", "old-2048"),
}


@pytest.mark.parametrize("value", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("show", [repr, str], ids=["repr", "str"])
def test_a_representation_gives_nothing_away(value, show):
    assert not give_away(show(value))


def test_a_representation_says_which_object_it_is():
    assert "'db'" in repr(SECRET)
    assert key().fingerprint in repr(key().private_key)


def v1_secret(**fields):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "team-a"}} | fields


def legacy(inner):
    plaintext = inner if isinstance(inner, bytes) else json.dumps(inner).encode()
    return SealedSecret("db", "team-a", legacy=independent.seal_item(plaintext, key().certificate.public_key, LABEL))


def flip(item):
    return item[:-8] + ("A" if item[-8] != "A" else "B") + item[-7:]


def resealed(sealed):
    return reseal(sealed, ring("new-2048"), key().certificate)


B64 = base64.b64encode(PASSWORD.encode()).decode()
CUT_KEY = key().private_key.pem()[:-400]
FAILURES = {
    "a value that is no base64": lambda: Secret.from_dict(v1_secret(data={"password": PASSWORD})),
    "a value that is not ASCII": lambda: Secret.from_dict(v1_secret(data={"password": PASSWORD + "é"})),
    "a value cut off": lambda: Secret.from_dict(v1_secret(data={"password": B64[:-1]})),
    "a value in a list": lambda: Secret.from_dict(v1_secret(data={"password": [PASSWORD]})),
    "values in a list": lambda: Secret.from_dict(v1_secret(data=[PASSWORD])),
    "a value that UTF-8 cannot carry": lambda: Secret.from_dict(v1_secret(stringData={"p": PASSWORD + "\ud800"})),
    "a plain value in a list": lambda: Secret.from_dict(v1_secret(stringData={"password": [PASSWORD]})),
    "a value for the whole document": lambda: Secret.from_dict({"kind": PASSWORD}),
    "a value where a flag belongs": lambda: Secret.from_dict(v1_secret(immutable=PASSWORD)),
    "a value as ciphertext": lambda: open_item(PASSWORD, key().private_key, LABEL),
    "a value in base64 as ciphertext": lambda: open_item(B64, key().private_key, LABEL),
    "a wrong key": lambda: unseal(SEALED, ring("old-2048"), None),
    "a wrong place": lambda: open_item(SEALED.items["password"], key().private_key, b"team-b/db"),
    "a flipped bit": lambda: ring("new-2048").open(flip(SEALED.items["password"]), LABEL),
    "no key": lambda: Keyring().open(SEALED.items["password"], LABEL),
    "one bad item among good ones": lambda: unseal(
        SealedSecret("db", "team-a", {**SEALED.items, "bad": "AAAA"}), ring("new-2048"), None
    ),
    "a deprecated blob that is a value": lambda: unseal(legacy(PASSWORD.encode()), ring("new-2048"), None),
    "a deprecated blob cut off": lambda: unseal(legacy(f'{{"data": "{PASSWORD}'.encode()), ring("new-2048"), None),
    "a deprecated blob of another kind": lambda: unseal(
        legacy({"kind": "ConfigMap", "data": {"p": PASSWORD}}), ring("new-2048"), None
    ),
    "a deprecated blob without base64": lambda: unseal(legacy(v1_secret(data={"p": PASSWORD})), ring("new-2048"), None),
    "a deprecated blob nested without end": lambda: unseal(
        legacy(("[" * 100_000 + PASSWORD).encode()), ring("new-2048"), None
    ),
    "a deprecated blob to be resealed that is a value": lambda: resealed(legacy(PASSWORD.encode())),
    "a deprecated blob to be resealed cut off": lambda: resealed(legacy(f'{{"data": "{PASSWORD}'.encode())),
    "a deprecated blob to be resealed without base64": lambda: resealed(legacy(v1_secret(data={"p": PASSWORD}))),
    "a deprecated blob to be resealed with a value as name": lambda: resealed(legacy(v1_secret(data={PASSWORD: 1}))),
    "a damaged private key": lambda: load_private_keys(CUT_KEY + b"\n-----END RSA PRIVATE KEY-----\n"),
    "a private key without its end": lambda: load_private_keys(CUT_KEY),
    "a private key as certificate": lambda: load_certificate(key().private_key.pem()),
    "a pair that does not fit": lambda: load_sealing_key(
        key("old-2048").certificate.pem.encode(), key().private_key.pem()
    ),
    "a label that needs a name": lambda: seal(Secret("", "team-a", SECRET.items), key().certificate),
}


def everything_about(error):
    """Return all that a crash report could hold of an error and of what led to it."""
    texts, chain = ["".join(traceback.format_exception(error))], [error]
    while chain:
        current = chain.pop()
        texts += [str(current), repr(current), repr(current.args), repr(vars(current))]
        texts += [repr(getattr(current, name, None)) for name in ("object", "doc", "reason")]
        chain += [cause for cause in (current.__cause__, current.__context__) if cause]
    return "\n".join(texts)


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_an_error_gives_nothing_away(fail):
    with pytest.raises(SealwrightCryptoError) as caught:
        fail()
    # The lines of this file that a traceback quotes hold no secret: they name the constants.
    assert not give_away(everything_about(caught.value))


def test_every_way_of_not_opening_looks_the_same():
    """A wrong key, a wrong label and a flipped bit cannot be told apart."""
    item = seal_item(PASSWORD.encode(), key().certificate, LABEL)
    attempts = [
        lambda: open_item(item, key("old-2048").private_key, LABEL),
        lambda: open_item(item, key().private_key, b"team-b/db"),
        lambda: open_item(flip(item), key().private_key, LABEL),
        lambda: open_item(item, key("small-1024").private_key, LABEL),
    ]
    seen = set()
    for attempt in attempts:
        with pytest.raises(SealwrightCryptoError) as caught:
            attempt()
        seen.add((type(caught.value), str(caught.value), caught.value.args))
    assert len(seen) == 1
