"""Changing single fields in the text of an object: what is set is set, and nothing else moves."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sealwright_manifests.editing.fields import merge_fields
from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.documents import Form, join, read_documents
from sealwright_manifests.text.tree import Map, native


def edited(text: str, changes: dict[str, Any], form: Form | None = None) -> str:
    documents = read_documents(text, "x")
    (document,) = documents
    assert isinstance(document.root, Map)
    merge_fields(document, document.root, changes)
    return join(documents, form)


IN_PLACE = [
    ("a text is replaced", "a: 1\nb: old # why\nc: 3\n", {"b": "new"}, "a: 1\nb: new # why\nc: 3\n"),
    ("quotes are kept", "a: 'old'\nb: \"old\"\n", {"a": "new", "b": "new"}, "a: 'new'\nb: \"new\"\n"),
    ("quotes come where they are needed", "a: 'old'\n", {"a": "it's: #"}, 'a: "it\'s: #"\n'),
    ("a block text is replaced", "a: |\n  old\n  text\nb: 1\n", {"a": "new"}, "a: new\nb: 1\n"),
    ("a folded plain text is replaced", "a: old\n  text\nb: 1\n", {"a": "new"}, "a: new\nb: 1\n"),
    ("what is the same stays as written", "a: 'x'  # why\n", {"a": "x"}, "a: 'x'  # why\n"),
    ("a new field goes behind the last", "a: 1 # one\n# end\n", {"b": "2"}, 'a: 1 # one\nb: "2"\n# end\n'),
    (
        "a new field keeps to the indentation",
        "m:\n    a: x\n    # note\nn: 1\n",
        {"m": {"b": "w"}},
        "m:\n    a: x\n    b: w\n    # note\nn: 1\n",
    ),
    ("a new map is written as a block", "a: 1\n", {"m": {"k": {"b": "w"}}}, "a: 1\nm:\n  k:\n    b: w\n"),
    ("no line break at the end", "a: 1", {"b": "w"}, "a: 1\nb: w\n"),
    ("Windows lines stay Windows lines", "a: 1\r\nb: 2\r\n", {"c": "x"}, "a: 1\r\nb: 2\r\nc: x\r\n"),
    ("behind a block text", "a: |\n  t\n\n# c\n", {"b": "w"}, "a: |\n  t\nb: w\n\n# c\n"),
    ("null becomes a map", "m: null\n", {"m": {"a": "x"}}, 'm: {"a": "x"}\n'),
    ("nothing becomes a map", "m:\nn: 1\n", {"m": {"a": "x"}}, 'm: {"a": "x"}\nn: 1\n'),
    ("nothing becomes a text", "a: # why\n\nn: 1\n", {"a": "new"}, "a: new # why\n\nn: 1\n"),
    ("nothing in braces becomes a text", "{a: , b: c}\n", {"a": "new"}, "{a: new , b: c}\n"),
    (
        "a new field goes behind a last one of nothing",
        "m:\n  a:\n# note\nn: 1\n",
        {"m": {"b": "w"}},
        "m:\n  a:\n  b: w\n# note\nn: 1\n",
    ),
    ("empty braces are filled", "m: {} # why\n", {"m": {"a": "x"}}, 'm: {"a": "x"} # why\n'),
    ("braces get one more", "m: {a: 1}\n", {"m": {"b": "x"}}, 'm: {a: 1, "b": "x"}\n'),
    ("braces over lines get one more", "m: {\n  a: 1\n}\n", {"m": {"b": "x"}}, 'm: {\n  a: 1,\n  "b": "x"\n}\n'),
    ("JSON in one line", '{"a": {"b": "c"}}', {"a": {"b": "x", "d": "w"}}, '{"a": {"b": "x", "d": "w"}}\n'),
    (
        "JSON over lines",
        '{\n   "a": {\n      "b": "c"\n   }\n}\n',
        {"a": {"d": "w"}, "e": {"f": "g"}},
        '{\n   "a": {\n      "b": "c",\n      "d": "w"\n   },\n   "e": {\n     "f": "g"\n   }\n}\n',
    ),
    ("empty JSON over lines", '{\n  "a": {}\n}\n', {"a": {"b": "c"}}, '{\n  "a": {\n    "b": "c"\n  }\n}\n'),
    ("an empty JSON object in one line", "{}", {"a": "b"}, '{"a": "b"}\n'),
    ("a null in JSON", '{"a": null}', {"a": {"b": "c"}}, '{"a": {"b": "c"}}\n'),
]


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [row[1:] for row in IN_PLACE],
    ids=[row[0] for row in IN_PLACE],
)
def test_in_place(text: str, changes: dict[str, Any], expected: str) -> None:
    assert edited(text, changes).removeprefix("---\n").removeprefix("---\r\n") == expected


WHOLE = [
    ("an anchor that others refer to", "a: &x old\nb: *x\n", {"a": "new"}, {"a": "new", "b": "old"}),
    ("an alias", "a: &x {k: v}\nb: *x\n", {"b": {"l": "w"}}, {"a": {"k": "v"}, "b": {"k": "v", "l": "w"}}),
    ("a merge key", "a: &x {k: v}\nb:\n  <<: *x\n", {"b": {"k": "w"}}, {"a": {"k": "v"}, "b": {"k": "w"}}),
    ("a list in the place of a map", "a: [1]\n", {"a": {"k": "v"}}, {"a": {"k": "v"}}),
    ("a key in braces without a colon", "{a, b: c}\n", {"a": "new"}, {"a": "new", "b": "c"}),
    ("a map in the place of a text", "a: {k: v}\n", {"a": "text"}, {"a": "text"}),
]


@pytest.mark.parametrize(("text", "changes", "data"), [row[1:] for row in WHOLE], ids=[row[0] for row in WHOLE])
def test_what_cannot_be_changed_in_place_is_written_anew(text: str, changes: dict[str, Any], data: Any) -> None:
    assert YAML(typ="safe", pure=True).load(edited(text, changes)) == data


def test_an_edited_document_can_be_written_in_the_other_form() -> None:
    assert json.loads(edited("a: {b: c}\n", {"a": {"d": "e"}}, Form.JSON)) == {"a": {"b": "c", "d": "e"}}
    assert edited('{"a": "b"}', {"c": "d"}, Form.YAML) == "---\na: b\nc: d\n"


keys = st.text("abcdefgh", min_size=1, max_size=3)
texts = st.text(max_size=12)
maps = st.recursive(texts, lambda inner: st.dictionaries(keys, inner, max_size=4), max_leaves=12)
objects = st.dictionaries(keys, maps, min_size=1, max_size=5)


def merged(data: Any, changes: Any) -> Any:
    result = dict(data) if isinstance(data, dict) else {}
    for key, value in changes.items():
        result[key] = merged(result.get(key), value) if isinstance(value, dict) else value
    return result


@given(objects, objects, st.sampled_from(["yaml", "json", "compact"]))
def test_what_is_read_back_is_what_was_there_and_what_was_set(data: Any, changes: Any, written: str) -> None:
    text = {
        "yaml": "".join(line + "\n" for line in yamlwriter.lines(data)),
        "json": json.dumps(data, indent=4),
        "compact": json.dumps(data),
    }[written]
    (document,) = read_documents(edited(text, changes), "x")
    assert document.root is not None
    assert native(document.root) == merged(data, changes)
