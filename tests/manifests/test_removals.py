"""Removing fields in the text of an object: what belongs to them goes, and nothing else moves."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_manifests.editing.fields import ABSENT, exactly, merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.text import yamlwriter
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


GONE = {"b": ABSENT}
REMOVED = [
    ("a line with its comment", "m:\n  # a\n  a: 1\n  # b\n  b: 2 # why\n  c: 3\n", "m:\n  # a\n  a: 1\n  # b\n  c: 3\n"),
    ("the first", "m: # m\n  b: 2\n  c: 3\n", "m: # m\n  c: 3\n"),
    ("the last", "m:\n  a: 1\n  b: 2\n# end\n", "m:\n  a: 1\n# end\n"),
    ("the last of a file without a last line break", "m:\n  a: 1\n  b: 2", "m:\n  a: 1"),
    ("comments that are indented more", "m:\n  a: |\n    x\n  b: 2\n     # b\n  c: 3\n", "m:\n  a: |\n    x\n  c: 3\n"),
    ("a comment below stays", "m:\n  a: 1\n  b: 2\n  # c\n  c: 3\n", "m:\n  a: 1\n  # c\n  c: 3\n"),
    ("a block text", "m:\n  a: 1\n  b: |- # why\n    x\n\n    y\n  c: 3\n", "m:\n  a: 1\n  c: 3\n"),
    ("below a block text that keeps empty lines", "m:\n  a: |+\n    x\n\n  b: 2\n\n  c: 3\n", "m:\n  a: |+\n    x\n\n  c: 3\n"),
    ("below a block text, with blanks behind", "m:\n  a: |\n   x\n  b: 2\n      \n  c: 3\n", "m:\n  a: |\n   x\n  c: 3\n"),
    ("the last of a file, below a block text", "m:\n  a: >+\n    x\n\n  b: 2\n\n", "m:\n  a: >+\n    x\n\n"),
    ("the last of a document, below one", "m:\n  a: |\n    x\n  b: 2\n---\nn: 1\n", "m:\n  a: |\n    x\n---\nn: 1\n"),
    ("below one, without a last line break", "m:\n  a: |\n    x\n  b: 2", "m:\n  a: |\n    x"),
    ("below one with empty lines, without one", "m:\n  a: |+\n    x\n\n  b: 2", "m:\n  a: |+\n    x\n\n"),
    ("below one that is only empty lines", "m:\n  a: >+\n\n\n  b: 2\n", "m:\n  a: >+\n\n\n"),
    ("bare text with tabs behind", "m:\n  a: '1'\n  b: x\n    \t\n  c: 3\n", "m:\n  a: '1'\n  c: 3\n"),
    ("an explicit key", "m:\n  ? a\n  : 1\n  ? # k\n    b\n  : 2 # v\n  ? c\n  : 3\n", "m:\n  ? a\n  : 1\n  ? c\n  : 3\n"),
    ("on the line of a dash", "m: {n: 1, b: 2}\nl:\n- a\n", "m: {n: 1}\nl:\n- a\n"),
    ("on the line of an explicit key's colon", "? m\n: b: 2\n  c: 3\n", "? m\n:\n  c: 3\n"),
    ("a map with comments", "m:\n  a: 1\n  b: # why\n    # x\n    x: 1\n    # end\n  c: 3\n", "m:\n  a: 1\n  c: 3\n"),
    ("what an alias names", "m:\n  b: &x 2\n  c: 3\nn: *x\n", "m:\n  c: 3\nn: 2\n"),
    ("a key that an alias names", "m:\n  &x b: 2\n  c: 3\nn: *x\n", "m:\n  c: 3\nn: b\n"),
    ("from a map that an alias names", "m: &m\n  b: 2\n  c: 3\nn: *m\n", 'm: &m\n  c: 3\nn: {"b": 2, "c": 3}\n'),
    ("the only one", "m: # m\n  b: 2\nn: 1\n", "m: {} # m\nn: 1\n"),
    ("the only one, with blanks behind the key", "m:  \n  b: 2", "m: {}  "),
    ("the only one of a map with an anchor", "m: &m # m\n  b: 2\nn: *m\n", 'm: &m {} # m\nn: {"b": 2}\n'),
    ("the only one, with comments around", "m: # m\n  # b\n  b: 2 # x\n  # end\nn: 1\n", "m: {} # m\n  # b\n  # end\nn: 1\n"),
    ("the only one, an explicit key", "m:\n  # b\n  ? b\n  : 2\nn: 1\n", "m: {}\n  # b\nn: 1\n"),
    ("the only one, below an anchor of its own line", "m:\n  &m\n  b: 2\n", "m: {}\n"),
    ("the only one in braces", "m: {b: 2} # m\n", "m: {} # m\n"),
    ("the only one in JSON over lines", '{\n  "m": {\n    "b": 2\n  }\n}\n', '{\n  "m": {}\n}\n'),
    ("beside a merge key", "n: &n {b: 1}\nm:\n  <<: *n\n  b: 2\n  c: 3\n", 'n: &n {b: 1}\nm: {"c": 3}\n'),
    ("the first in braces", "m: {b: 2, c: 3}\n", "m: {c: 3}\n"),
    ("in the middle of braces", "m: {a: 1, b: 2, c: 3}\n", "m: {a: 1, c: 3}\n"),
    ("the last in braces", "m: {a: 1, b: 2}\n", "m: {a: 1}\n"),
    ("with a comma at the end", "m: {a: 1, b: 2,}\n", "m: {a: 1,}\n"),
    ("in braces over lines", "m: {\n  a: 1, # a\n  b: 2, # b\n  c: 3 # c\n}\n", "m: {\n  a: 1, # a\n  c: 3 # c\n}\n"),
    ("the last in braces over lines", "m: {\n  a: 1, # a\n  b: 2 # b\n}\n", "m: {\n  a: 1 # a\n}\n"),
    ("the last, with the brace behind", "m: {a: 1, # a\n  b: 2}\n", "m: {a: 1 # a\n  }\n"),
    ("JSON in one line", '{"m":{"b":2,"c":3}}', '{"m":{"c":3}}'),
    ("JSON over lines", '{\n  "m": {\n    "b": 2,\n    "c": 3\n  }\n}\n', '{\n  "m": {\n    "c": 3\n  }\n}\n'),
    ("the last in JSON over lines", '{\n  "m": {\n    "a": 1,\n    "b": 2\n  }\n}\n', '{\n  "m": {\n    "a": 1\n  }\n}\n'),
    ("Windows lines", "m:\r\n  a: 1\r\n  b: 2 # b\r\n  c: 3\r\n", "m:\r\n  a: 1\r\n  c: 3\r\n"),
    ("a field that is not there", "m: {a: 1}\n", "m: {a: 1}\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in REMOVED], ids=[row[0] for row in REMOVED])
def test_removed(text: str, expected: str) -> None:
    assert edited(text, GONE) == expected


REPLACED = [
    ("a line", "m:\n  # b\n  b: 2 # why\n  c: 3\n", "m:\n  # b\n  d: w\n  e:\n    f: g\n  c: 3\n"),
    ("the only one", "m: # m\n  b: |\n    x\n", "m: # m\n  d: w\n  e:\n    f: g\n"),
    (
        "the last of a document, below a block text",
        "m:\n  a: |+\n    x\n\n  b: 2\n---\nn: 1\n",
        "m:\n  a: |+\n    x\n\n  d: w\n  e:\n    f: g\n---\nn: 1\n",
    ),
    ("an explicit key", "m:\n  ? b\n  : 2\n", "m:\n  d: w\n  e:\n    f: g\n"),
    ("braces", "m: {b: 2, c: 3}\n", 'm: {"d": "w", "e": {"f": "g"}, c: 3}\n'),
    ("the only one in braces", "m: {b: 2}\n", 'm: {"d": "w", "e": {"f": "g"}}\n'),
    ("braces over lines", "m: {\n  b: 2, # b\n  c: 3\n}\n", 'm: {\n  "d": "w",\n  "e": {\n    "f": "g"\n  },\n  c: 3\n}\n'),
    (
        "the last in braces over lines, which share its line",
        "m: {\n  a: 1,\n  b: 2}\n",
        'm: {\n  a: 1,\n  "d": "w",\n  "e": {\n    "f": "g"\n  }}\n',
    ),
    (
        "JSON over lines",
        '{\n "m": {\n  "b": 2\n }\n}\n',
        '{\n "m": {\n  "d": "w",\n  "e": {\n   "f": "g"\n  }\n }\n}\n',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in REPLACED], ids=[row[0] for row in REPLACED])
def test_new_fields_take_the_place_of_a_removed_one(text: str, expected: str) -> None:
    assert edited(text, {"b": ABSENT, "d": "w", "e": {"f": "g"}}) == expected


def test_two_fields_below_a_block_text_are_removed() -> None:
    text = "m:\n  a: |+\n    x\n\n  b: 2\n\n  c: 3\n\n"
    assert edited(text, {"c": ABSENT, "b": ABSENT}) == "m:\n  a: |+\n    x\n\n"


keys = st.text("abcdef", min_size=1, max_size=2)
maps = st.recursive(st.text(max_size=6), lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=10)
objects = st.dictionaries(keys, maps, max_size=4)


@given(objects, objects, st.sampled_from(["block", "flow"]))
def test_a_map_becomes_exactly_another(old: Any, new: Any, style: str) -> None:
    lines = yamlwriter.entry("m", old) if style == "block" else [f"m: {yamlwriter.flow(old)}"]
    (document,) = read_documents(edited("".join(line + "\n" for line in lines), exactly(old, new)), "x")
    assert document.root is not None
    assert native(document.root) == {"m": new}
