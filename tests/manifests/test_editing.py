"""Changing single fields in the text of an object: what is set is set, and nothing else moves."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_manifests.editing.fields import ABSENT, merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.documents import Form, join, join_as_read, read_documents
from sealwright_manifests.text.tree import Map, native


def edited(text: str, changes: dict[str, Any], form: Form | None = None) -> str:
    documents = read_documents(text, "x")
    document = documents[0]
    assert isinstance(document.root, Map)
    merge_fields(document, document.root, changes)
    made = join_as_read(documents) if form is None else join(documents, form)
    check_as_meant(documents, made, is_converted=form is not None)
    return made


IN_PLACE = [
    ("a text is replaced", "a: 1\nb: old # why\nc: 3\n", {"b": "new"}, "a: 1\nb: new # why\nc: 3\n"),
    ("quotes are kept", "a: 'old'\nb: \"old\"\n", {"a": "new", "b": "new"}, "a: 'new'\nb: \"new\"\n"),
    ("quotes come where they are needed", "a: 'old'\n", {"a": "it's: #"}, 'a: "it\'s: #"\n'),
    ("a block text is replaced", "a: |\n  old\n  text\nb: 1\n", {"a": "new"}, "a: |-\n  new\nb: 1\n"),
    ("a block text's comment stays", "a: >- # why\n  old\n# b\n", {"a": "new"}, "a: >- # why\n  new\n# b\n"),
    ("with the same end, its head stays", "a: |2 # why\n   old\n\nb: 1\n", {"a": "n\n"}, "a: |2 # why\n  n\n\nb: 1\n"),
    ("kept line breaks stay", "a: |+\n  old\n\n\nb: 1\n", {"a": "new\n\n\n"}, "a: |+\n  new\n\n\nb: 1\n"),
    ("kept line breaks go", "a: |+\n  old\n\n\nb: 1\n", {"a": "new"}, "a: |-\n  new\n\n\nb: 1\n"),
    ("a block text that cannot hold it", "a: | # why\n  old\nb: 1\n", {"a": " x\n y"}, 'a: " x\\n y" # why\nb: 1\n'),
    ("a block text of nothing", "a: |- # why\n\nb: 1\n", {"a": "new"}, "a: new # why\n\nb: 1\n"),
    ("an explicit key", "m:\n  ? a\n  : b\n", {"m": {"c": "w"}}, "m:\n  ? a\n  : b\n  c: w\n"),
    ("an explicit key's value", "? a # k\n: b # v\n", {"a": "new"}, "? a # k\n: new # v\n"),
    (
        "an explicit key over lines",
        "m:\n ? # k\n  a\n : |-\n  b\n",
        {"m": {"c": "w"}},
        "m:\n ? # k\n  a\n : |-\n  b\n c: w\n",
    ),
    ("an explicit key without a value", "m:\n  ? a # k\n", {"m": {"a": "new"}}, "m:\n  ? a # k\n  : new\n"),
    ("a key with an anchor", "m:\n  &k a: b\n", {"m": {"c": "w"}}, "m:\n  &k a: b\n  c: w\n"),
    (
        "a map with an anchor",
        "m: &m # k\n  ? !!str a\n  : b\n",
        {"m": {"c": "w"}},
        "m: &m # k\n  ? !!str a\n  : b\n  c: w\n",
    ),
    ("a value with an anchor", "a: &x old # why\nb: 1\n", {"a": "new"}, "a: &x new # why\nb: 1\n"),
    ("an alias of what goes with a map", "m:\n  a: &x old\nb: [*x]\n", {"m": "w"}, 'm: "w"\nb: [old]\n'),
    ("an alias of the last field", "m:\n  a: &x old\nb: [*x]\n", {"m": {"a": ABSENT}}, "m: {}\nb: [old]\n"),
    (
        "an alias is written out when what it names changes",
        "a: &x old\nb: [*x]\n",
        {"a": "new"},
        "a: &x new\nb: [old]\n",
    ),
    ("an alias that changes as well", "a: &x old\nb: *x\n", {"a": "new", "b": "w"}, "a: &x new\nb: w\n"),
    ("a tag that holds stays", "a: !!str old\n", {"a": "new"}, "a: !!str new\n"),
    ("a tag that no longer holds goes", "a: &x !!int 1\n", {"a": "new"}, "a: &x new\n"),
    ("an alias of a map", "a: &x {k: v}\nb: *x\n", {"b": {"l": "w"}}, 'a: &x {k: v}\nb: {"k": "v", "l": "w"}\n'),
    (
        "an alias of a map that changes",
        "a: &x\n  k: v\nb: *x\n",
        {"a": {"l": "w"}},
        'a: &x\n  k: v\n  l: w\nb: {"k": "v"}\n',
    ),
    ("a merge key", "a: &x {k: v}\nb:\n  <<: *x\n", {"b": {"k": "w"}}, "a: &x {k: v}\nb:\n  <<: *x\n  k: w\n"),
    ("a merge key that has it so", "a: &x {k: v}\nb:\n  <<: *x\n", {"b": {"k": "v"}}, "a: &x {k: v}\nb:\n  <<: *x\n"),
    ("a list in the place of a map", "a: [1]\n", {"a": {"k": "v"}}, 'a: {"k": "v"}\n'),
    (
        "a block list in the place of a map",
        "a: # why\n- 1\n- 2\nb: 3\n",
        {"a": {"k": "v"}},
        'a: {"k": "v"} # why\nb: 3\n',
    ),
    ("a key in braces without a colon", "{a, b: c}\n", {"a": "new"}, "{a: new, b: c}\n"),
    ("a map in the place of a text", "a: {k: v}\n", {"a": "text"}, "a: text\n"),
    ("a comment in braces", "{ # c\n  a: b # d\n}\n", {"c": "w"}, '{ # c\n  a: b, # d\n  "c": "w"\n}\n'),
    ("a comma at the end of braces", "{\n  a: b,\n}\n", {"c": "w"}, '{\n  a: b,\n  "c": "w",\n}\n'),
    ("a comma at the end of a line in braces", "{a: b,}\n", {"c": "w"}, '{a: b, "c": "w",}\n'),
    ("quotes over lines", "a: 'old\n  text' # why\n", {"a": "new"}, "a: 'new' # why\n"),
    ("Windows lines in a block text", "a: >-\r\n  old\r\nb: 1\r\n", {"a": "new"}, "a: >-\r\n  new\r\nb: 1\r\n"),
    ("a last line without a break", "# c\r\na: 1", {"b": "w"}, "# c\r\na: 1\r\nb: w"),
    ("a marker with the map behind it", "--- {a: b}\n...\n", {"c": "w"}, '--- {a: b, "c": "w"}\n...\n'),
    ("an end marker", "a: 1\n...\n# c\n", {"b": "w"}, "a: 1\nb: w\n...\n# c\n"),
    ("blanks at the end", "a: 1\n\n \n", {"b": "w"}, "a: 1\nb: w\n\n \n"),
    ("JSON with tabs", '{\n\t"a": "b"\n}\n\n', {"e": {"f": "g"}}, '{\n\t"a": "b",\n\t"e": {\n\t\t"f": "g"\n\t}\n}\n\n'),
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
    ("no line break at the end", "a: 1", {"b": "w"}, "a: 1\nb: w"),
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
    ("a comment in empty braces", "m: { # c\n  }\nn: 1\n", {"m": {"a": "x"}}, 'm: { # c\n    "a": "x"\n  }\nn: 1\n'),
    ("empty braces with an anchor", "m: &x {} # c\n", {"m": {"a": "x"}}, 'm: &x {"a": "x"} # c\n'),
    ("nothing with a tag", "m: !!null # c\n", {"m": {"a": "x"}}, 'm: {"a": "x"} # c\n'),
    ("nothing with an anchor and a tag", "m: &x !!null # c\n", {"m": "x"}, "m: &x x # c\n"),
    ("nothing with an anchor", "m: &x\n", {"m": "x"}, "m: &x x\n"),
    ("braces get one more", "m: {a: 1}\n", {"m": {"b": "x"}}, 'm: {a: 1, "b": "x"}\n'),
    ("braces over lines get one more", "m: {\n  a: 1\n}\n", {"m": {"b": "x"}}, 'm: {\n  a: 1,\n  "b": "x"\n}\n'),
    ("JSON in one line", '{"a": {"b": "c"}}', {"a": {"b": "x", "d": "w"}}, '{"a": {"b": "x", "d": "w"}}'),
    (
        "JSON over lines",
        '{\n   "a": {\n      "b": "c"\n   }\n}\n',
        {"a": {"d": "w"}, "e": {"f": "g"}},
        '{\n   "a": {\n      "b": "c",\n      "d": "w"\n   },\n   "e": {\n      "f": "g"\n   }\n}\n',
    ),
    ("empty JSON over lines", '{\n  "a": {}\n}\n', {"a": {"b": "c"}}, '{\n  "a": {\n    "b": "c"\n  }\n}\n'),
    ("an empty JSON object in one line", "{}", {"a": "b"}, '{"a": "b"}'),
    ("a null in JSON", '{"a": null}', {"a": {"b": "c"}}, '{"a": {"b": "c"}}'),
]


@pytest.mark.parametrize(
    ("text", "changes", "expected"),
    [row[1:] for row in IN_PLACE],
    ids=[row[0] for row in IN_PLACE],
)
def test_in_place(text: str, changes: dict[str, Any], expected: str) -> None:
    assert edited(text, changes) == expected


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
