"""Renaming a field in the text of an object: its key changes, and nothing else of it."""

import json
from typing import Any

import pytest

from sealwright_manifests.editing.fields import ABSENT, Renamed, merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.text.documents import join_as_read, read_documents
from sealwright_manifests.text.tree import Map, native


def edited(text: str, changes: dict[str, Any]) -> str:
    documents = read_documents(text, "x")
    root = documents[0].root
    assert isinstance(root, Map)
    merge_fields(documents[0], root, {"m": changes})
    made = join_as_read(documents)
    check_as_meant(documents, made)
    return made


RENAMED = [
    ("a line", "m:\n  # a\n  a: 1 # why\n  b: 2\n", "m:\n  # a\n  z: 1 # why\n  b: 2\n"),
    ("the only one", "m:\n  a: 1", "m:\n  z: 1"),
    ("single quotes", "m:\n  'a': 1\n", "m:\n  'z': 1\n"),
    ("double quotes", 'm:\n  "\\x61" : 1\n', 'm:\n  "z" : 1\n'),
    ("an explicit key", "m:\n  ? a # k\n  : 1\n", "m:\n  ? z # k\n  : 1\n"),
    ("a block text", "m:\n  a: |+ # why\n    x\n\n  b: 2\n", "m:\n  z: |+ # why\n    x\n\n  b: 2\n"),
    ("a key with a tag", "m:\n  !!str a: 1\n", "m:\n  !!str z: 1\n"),
    ("a key with an anchor", "m:\n  &k a: 1\nn: *k\n", "m:\n  &k z: 1\nn: a\n"),
    ("a key that is an alias", "n: &k a\nm:\n  *k : 1\n", "n: &k a\nm:\n  z : 1\n"),
    ("a value with an anchor", "m:\n  a: &v 1\nn: *v\n", "m:\n  z: &v 1\nn: *v\n"),
    ("braces", "m: {a: 1, 'b':  2} # m\n", "m: {z: 1, 'b':  2} # m\n"),
    ("braces over lines", "m: {\n  b: 1, # b\n  a: 2, # a\n}\n", "m: {\n  b: 1, # b\n  z: 2, # a\n}\n"),
    ("JSON", '{"m": {"a": 1,"b":2}}', '{"m": {"z": 1,"b":2}}'),
    ("Windows lines", "m:\r\n  a: 1\r\n  b: 2\r\n", "m:\r\n  z: 1\r\n  b: 2\r\n"),
    ("from a map that an alias names", "m: &m\n  a: 1\nn: *m\n", 'm: &m\n  z: 1\nn: {"a": 1}\n'),
    ("a map that is an alias", "n: &m {a: 1}\nm: *m\n", 'n: &m {a: 1}\nm: {"z": 1}\n'),
    ("beside a merge key", "n: &n {b: 1}\nm:\n  <<: *n\n  a: 2\n", "n: &n {b: 1}\nm:\n  <<: *n\n  z: 2\n"),
    ("from a merge key", "n: &n {a: 1}\nm:\n  <<: *n\n  b: 2\n", 'n: &n {a: 1}\nm: {"b": 2, "z": 1}\n'),
    ("a key that is a block of text", "m:\n  ? |-\n    a\n  : 1\n", 'm: {"z": 1}\n'),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in RENAMED], ids=[row[0] for row in RENAMED])
def test_renamed(text: str, expected: str) -> None:
    assert edited(text, {"a": Renamed("z")}) == expected


@pytest.mark.parametrize("name", ["true", "0123", "1e3", "no", "a.b", ".x", "~", "null", "-", "a" * 253])
@pytest.mark.parametrize("text", ["m:\n  a: 1\n", "m: {a: 1}\n", "m:\n  ? a\n  : 1\n", '{"m":{"a":1}}'])
def test_a_name_that_reads_as_something_else_is_quoted(text: str, name: str) -> None:
    (document,) = read_documents(edited(text, {"a": Renamed(name)}), "x")
    assert document.root is not None
    assert native(document.root) == {"m": {name: 1}}


@pytest.mark.parametrize("name", ["true", ".env", "0x1"])
@pytest.mark.parametrize("key", ["a", "'a'", '"a"', "&k a", "? a\n  ", "'.x'", '"1"'])
def test_a_name_that_comes_back_is_written_as_before(key: str, name: str) -> None:
    old = key.strip("'\"?&k \n")
    other = '"b"' if key == '"a"' else "b"
    text = f"m:\n  {key}: 1\n  {other}: 2\n"
    there = edited(text, {old: Renamed(name)})
    assert edited(there, {name: Renamed(old)}) == text


def test_the_order_stays() -> None:
    made = edited("m:\n  a: 1\n  b: 2\n  c: 3\n", {"a": Renamed("y"), "b": ABSENT, "d": 4})
    (document,) = read_documents(made, "x")
    assert document.root is not None
    assert json.dumps(native(document.root)) == '{"m": {"y": 1, "d": 4, "c": 3}}'
