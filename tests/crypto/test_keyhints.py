"""The annotation that says which key sealed which item."""

import pytest
from tests.support.testkeys import key

from sealwright_crypto import HINT_ANNOTATION, update_hint
from sealwright_crypto.keyhints import MAX_HINT_CHARACTERS, read_hints, write_hints

ONE, TWO, THREE = "1" * 64, "2" * 64, "a" * 64


def test_its_name_is_part_of_the_format():
    assert HINT_ANNOTATION == "sealwright.dev/key-fingerprints"


WRITTEN = [
    ("no items", {}, ""),
    ("one key", {"a": ONE, "b": ONE}, ONE),
    ("an exception", {"a": ONE, "b": ONE, "c": TWO}, f"{ONE}; {TWO}: c"),
    ("several exceptions", {"d": TWO, "a": ONE, "b": ONE, "c": TWO, "e": ONE}, f"{ONE}; {TWO}: c, d"),
    ("three keys", {"a": ONE, "b": TWO, "c": TWO, "d": THREE}, f"{TWO}; {ONE}: a; {THREE}: d"),
]


@pytest.mark.parametrize(("fingerprints", "text"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_write_hints(fingerprints, text):
    assert write_hints(fingerprints) == text


@pytest.mark.parametrize(("fingerprints", "text"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
def test_what_is_written_is_read_again(fingerprints, text):
    hints = read_hints({HINT_ANNOTATION: text})
    assert {item: hints.of(item) for item in fingerprints} == fingerprints


UPDATED = [
    ("all items are new", "", [], {"a": ONE}, ONE),
    ("an item is added", ONE, ["a"], {"b": ONE}, ONE),
    ("an item is added with another key", ONE, ["a", "c"], {"b": TWO}, f"{ONE}; {TWO}: b"),
    ("an item is sealed anew", ONE, ["a", "b", "c"], {"b": TWO}, f"{ONE}; {TWO}: b"),
    ("all items are sealed anew", f"{ONE}; {TWO}: b", ["a", "b"], {"a": TWO, "b": TWO}, TWO),
    ("nothing was known before", "", ["a"], {"b": ONE}, f"{ONE}: b"),
    ("nothing was known of the item that is sealed anew", "", ["a"], {"a": ONE}, ONE),
    ("nothing is sealed", ONE, ["a"], {}, ONE),
]


@pytest.mark.parametrize(
    ("before", "items", "new", "text"), [row[1:] for row in UPDATED], ids=[row[0] for row in UPDATED]
)
def test_update_hint(before, items, new, text):
    assert update_hint({HINT_ANNOTATION: before}, items, new) == text


READ = [
    ("absent", {}, {"a": None}),
    ("empty", {HINT_ANNOTATION: ""}, {"a": None}),
    ("not text", {HINT_ANNOTATION: [ONE]}, {"a": None}),
    ("null", {HINT_ANNOTATION: None}, {"a": None}),
    ("one key for all", {HINT_ANNOTATION: ONE}, {"a": ONE, "b": ONE}),
    ("an exception", {HINT_ANNOTATION: f"{ONE}; {TWO}: b, c"}, {"a": ONE, "b": TWO, "c": TWO}),
    ("an exception without a default", {HINT_ANNOTATION: f"{TWO}: b"}, {"a": None, "b": TWO}),
    ("spaces and order do not matter", {HINT_ANNOTATION: f" {TWO} :b,c ;\t{ONE};"}, {"a": ONE, "c": TWO}),
    ("the first default counts", {HINT_ANNOTATION: f"{ONE};{TWO}"}, {"a": ONE}),
    ("the last word on an item counts", {HINT_ANNOTATION: f"{ONE}: a; {TWO}: a"}, {"a": TWO}),
    ("junk is passed over", {HINT_ANNOTATION: f"junk; x: a; {ONE}; :; ::: ,"}, {"a": ONE}),
    ("capital letters are no fingerprint", {HINT_ANNOTATION: THREE.upper()}, {"a": None}),
    ("63 digits are no fingerprint", {HINT_ANNOTATION: ONE[1:]}, {"a": None}),
    ("65 digits are no fingerprint", {HINT_ANNOTATION: ONE + "1"}, {"a": None}),
    ("a newline is no part of a fingerprint", {HINT_ANNOTATION: f"{ONE[:63]}\n"}, {"a": None}),
    ("other annotations are none", {"note": ONE}, {"a": None}),
]


@pytest.mark.parametrize(("annotations", "expected"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_read_hints(annotations, expected):
    hints = read_hints(annotations)
    assert {item: hints.of(item) for item in expected} == expected


@pytest.mark.parametrize(("length", "read"), [(MAX_HINT_CHARACTERS, ONE), (MAX_HINT_CHARACTERS + 1, None)])
def test_an_annotation_longer_than_kubernetes_allows_is_not_read(length, read):
    assert read_hints({HINT_ANNOTATION: ONE.ljust(length)}).of("a") == read


def test_a_hint_is_short():
    """One key, any number of items: 64 characters."""
    fingerprints = {f"item-{number}": key().fingerprint for number in range(100)}
    assert len(write_hints(fingerprints)) == 64
