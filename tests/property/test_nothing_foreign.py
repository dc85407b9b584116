"""Whatever comes in, nothing but the package's own errors comes out."""

import base64
import contextlib
import json

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.support import independent
from tests.support.testkeys import key, ring

from sealwright_crypto import (
    Scope,
    SealedSecret,
    SealwrightCryptoError,
    Secret,
    generate_sealing_key,
    label_for,
    load_certificate,
    load_private_keys,
    open_item,
    scope_of,
    seal,
    seal_item,
    unseal,
)
from sealwright_crypto.keyhints import read_hints

only_our_errors = contextlib.suppress(SealwrightCryptoError)
thorough = settings(deadline=None, max_examples=300)

any_text = st.text(st.characters(exclude_categories=()), max_size=30)  # half surrogate pairs too
scalars = st.none() | st.booleans() | st.integers() | st.floats() | any_text | st.binary(max_size=5)
FIELDS = ["apiVersion", "kind", "metadata", "spec", "data", "stringData", "encryptedData", "template", "type"]
FIELDS += ["name", "namespace", "annotations", "labels", "immutable", "finalizers", "uid"]
field_names = st.sampled_from(FIELDS) | any_text | st.integers()
trees = st.recursive(
    scalars,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(field_names, children, max_size=4),
    max_leaves=12,
)


def spoiled(good):
    """Return mostly what is right, and now and then anything at all."""
    return st.one_of(*[good] * 9, trees)


def spoiled_map(**fields):
    """Return a map of these fields, each of them there or not, right or not, and some others."""
    known = st.fixed_dictionaries({}, optional={name: spoiled(good) for name, good in fields.items()})
    other = st.just({}) | st.dictionaries(field_names, trees, max_size=2)
    return st.builds(lambda more, right: {**more, **right}, other, known)


def with_place(metadata):
    """Return the metadata with the place in it that the ciphertexts below are bound to."""
    return {**metadata, "name": "db", "namespace": "team-a"}


ITEMS = [seal_item(b"hunter2", key("small-1024").certificate, label) for label in (b"team-a/db", b"team-a", b"")]
WHOLE = seal_item(b'{"data":{"a":"YQ=="}}', key("small-1024").certificate, b"team-a/db")
annotation_names = st.sampled_from([f"sealedsecrets.bitnami.com/{scope}" for scope in Scope]) | any_text
text_maps = st.dictionaries(annotation_names, spoiled(st.just("true") | any_text), max_size=3)
metadata_maps = spoiled_map(annotations=text_maps, labels=text_maps)
metadata_maps = metadata_maps.map(with_place) | spoiled_map(name=any_text, namespace=any_text, labels=text_maps)
template_maps = spoiled_map(metadata=metadata_maps, type=any_text, immutable=st.booleans(), data=text_maps)
ciphertexts = st.sampled_from(ITEMS) | any_text
spec_maps = spoiled_map(
    encryptedData=st.dictionaries(any_text, spoiled(ciphertexts), max_size=3), template=template_maps
) | spoiled_map(data=st.just(WHOLE) | ciphertexts, template=template_maps)
sealed_secrets = st.builds(
    lambda fields: {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", **fields},
    spoiled_map(metadata=metadata_maps, spec=spec_maps),
)
base64_texts = st.binary(max_size=10).map(lambda value: base64.b64encode(value).decode())
secrets = st.builds(
    lambda fields: {"apiVersion": "v1", "kind": "Secret", **fields},
    spoiled_map(
        metadata=metadata_maps,
        type=any_text,
        immutable=st.booleans(),
        data=st.dictionaries(any_text, spoiled(base64_texts), max_size=3),
        stringData=st.dictionaries(any_text, spoiled(any_text), max_size=3),
    ),
)


def render(name, text, data):
    return text.encode()


@thorough
@given(manifest=sealed_secrets | st.dictionaries(field_names, trees))
def test_reading_and_unsealing_any_tree(manifest):
    with only_our_errors:
        sealed = SealedSecret.from_dict(manifest)
        assert SealedSecret.from_dict(sealed.to_dict()) == sealed
        unseal(sealed, ring("small-1024"), render)


@thorough
@given(manifest=secrets | st.dictionaries(field_names, trees), scope=st.none() | st.sampled_from(Scope))
def test_reading_and_sealing_any_tree(manifest, scope):
    with only_our_errors:
        secret = Secret.from_dict(manifest)
        assert Secret.from_dict(secret.to_dict()) == secret
        sealed = seal(secret, key("small-1024").certificate, scope=scope)
        assert unseal(sealed, ring("small-1024"), render).secret.items == secret.items


@thorough
@given(
    plaintext=st.binary(max_size=50) | trees.map(lambda tree: json.dumps(tree, default=repr, skipkeys=True).encode())
)
@example(plaintext=b"[" * 100_000)
@example(plaintext=b'{"a":' * 100_000)
@example(plaintext=b"1" * 100_000)
@example(plaintext='{"stringData": {"a": "\\ud800"}}'.encode("utf-16"))
def test_any_content_of_the_deprecated_form(plaintext):
    blob = independent.seal_item(plaintext, key("small-1024").certificate.public_key, b"team-a/db")
    with only_our_errors:
        unseal(SealedSecret("db", "team-a", legacy=blob), ring("small-1024"), render)


@thorough
@given(item=any_text | st.binary(max_size=300).map(lambda raw: base64.b64encode(raw).decode()))
def test_opening_any_text(item):
    with pytest.raises(SealwrightCryptoError):
        open_item(item, key("small-1024").private_key, b"team-a/db")


@thorough
@given(wrapped=st.binary(min_size=128, max_size=128), payload=st.binary(min_size=16, max_size=40))
def test_opening_anything_of_the_right_shape(wrapped, payload):
    item = base64.b64encode(b"\x00\x80" + wrapped + payload).decode()
    with pytest.raises(SealwrightCryptoError):
        open_item(item, key("small-1024").private_key, b"team-a/db")


@given(scope=st.sampled_from(Scope), namespace=any_text, name=any_text)
def test_any_place(scope, namespace, name):
    with only_our_errors:
        assert isinstance(label_for(scope, namespace, name), bytes)


@given(annotations=st.dictionaries(annotation_names, trees))
def test_any_annotations(annotations):
    assert scope_of(annotations) in Scope
    assert read_hints(annotations).of("a") is None


PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
PEMS = [
    key("small-1024").certificate.pem.encode(),
    key("small-1024").private_key.pem(),
    key("small-1024").private_key.raw.private_bytes(PEM, PKCS8, serialization.NoEncryption()),
]
edits = st.lists(st.tuples(st.integers(0), st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=3)


def edited(content, changes):
    """Return the bytes with some of them replaced by others, more or fewer."""
    for where, removed, put_in in changes:
        start = where % (len(content) + 1)
        content = content[:start] + put_in + content[start + removed :]
    return content


def with_edited_der(pem, changes):
    """Return the PEM around other bytes than before."""
    first, *body, last = pem.splitlines(keepends=True)
    return first + base64.encodebytes(edited(base64.b64decode(b"".join(body)), changes)) + last


damaged_pems = st.builds(edited, st.sampled_from(PEMS), edits) | st.builds(
    with_edited_der, st.sampled_from(PEMS), edits
)


@thorough
@pytest.mark.filterwarnings("ignore::UserWarning")  # cryptography warns of odd but readable certificates
@given(pem=st.binary(max_size=200) | damaged_pems)
def test_loading_any_certificate(pem):
    with only_our_errors:
        assert repr(load_certificate(pem))


@thorough
@given(pem=st.binary(max_size=200) | damaged_pems)
def test_loading_any_private_key(pem):
    with only_our_errors:
        assert load_private_keys(pem)


@settings(deadline=None, max_examples=15)  # each may make a key
@given(now=st.datetimes(timezones=st.timezones()), lifetime=st.timedeltas(), name=any_text, bits=st.integers(0, 1100))
def test_making_a_key_from_anything(now, lifetime, name, bits):
    with only_our_errors:
        generate_sealing_key(now=now, lifetime=lifetime, common_name=name, bits=bits)
