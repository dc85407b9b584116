"""The annotation that says which key sealed which item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.testkeys import key

from sealwright_crypto import HINT_ANNOTATION, hint_renamed, hint_with, hint_without, update_hint
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


CHANGED = [
    ("the key is the same", ONE, ["a", "b"], "b", ONE, ONE),
    ("a new item on another key", ONE, ["a"], "b", TWO, f"{ONE}; {TWO}: b"),
    ("a second item on that key", f"{ONE};  {TWO}: b", ["a", "b"], "c", TWO, f"{ONE};  {TWO}: b, c"),
    ("an item comes to the key of most", f"{ONE}; {TWO}: b", ["a", "b"], "b", ONE, ONE),
    ("none is left on the first key", f"{ONE}; {TWO}: b", ["a", "b"], "a", TWO, TWO),
    ("the only item", ONE, ["a"], "a", TWO, TWO),
    ("nothing is known", "", ["a"], "b", ONE, f"{ONE}: b"),
    ("there was no item", "", [], "b", ONE, ONE),
    ("a leftover of the same name", f"{ONE}; {TWO}: b", ["a"], "b", ONE, ONE),
]


@pytest.mark.parametrize(
    ("before", "items", "item", "key", "after"), [row[1:] for row in CHANGED], ids=[row[0] for row in CHANGED]
)
def test_the_key_of_one_item_is_recorded(before, items, item, key, after):
    assert hint_with({HINT_ANNOTATION: before}, items, item, key) == after


def test_an_item_is_renamed_where_it_is_named():
    assert hint_renamed(f"{ONE}; {TWO}: c,  a ,b", "a", "z") == f"{ONE}; {TWO}: c,  z ,b"
    assert hint_renamed(f"{ONE}; {TWO}: z", "a", "z") == ONE


texts = st.lists(
    st.one_of(
        st.sampled_from([ONE, TWO, f" {THREE} ", "", "junk"]),
        st.builds(
            lambda key, names: f"{key}:{names}",
            st.sampled_from([ONE, f" {TWO}", THREE]),
            st.lists(st.sampled_from(["a", " b", " c ", ""]), min_size=1).map(",".join),
        ),
    )
).map(";".join)


@given(texts, st.lists(st.sampled_from("abc"), unique=True), st.sampled_from([ONE, TWO, THREE]))
def test_a_new_item_comes_and_goes_without_a_trace(text, items, key):
    after = hint_with({HINT_ANNOTATION: text}, items, "new", key)
    assert read_hints({HINT_ANNOTATION: after}).of("new") == key
    before, now = read_hints({HINT_ANNOTATION: text}), read_hints({HINT_ANNOTATION: after})
    assert [now.of(item) for item in items] == [before.of(item) for item in items]
    if items or text.strip():
        assert hint_without(after, "new") == text


@given(texts, st.lists(st.sampled_from("abc"), min_size=1, unique=True), st.sampled_from([ONE, TWO]))
def test_another_key_of_one_item_leaves_what_is_known_of_the_others(text, items, key):
    after = read_hints({HINT_ANNOTATION: hint_with({HINT_ANNOTATION: text}, items, items[0], key)})
    before = read_hints({HINT_ANNOTATION: text})
    assert [after.of(item) for item in items] == [key, *(before.of(item) for item in items[1:])]


@given(texts)
def test_a_name_that_comes_back_leaves_the_text_as_it_was(text):
    assert hint_renamed(hint_renamed(text, "a", "new"), "new", "a") == text
