"""Comments whose # touches what is before it: YAML reads them so behind quotes and brackets, but not behind a bare word.

A value in such a place may be written as a bare word afterwards, and must not take the comment in.
"""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from tests.support.sealed_texts import RULES

from sealwright_cli.sealed.sealing import seal_text
from sealwright_manifests.editing.fields import ABSENT, merge_fields
from sealwright_manifests.editing.readback import check_as_meant
from sealwright_manifests.text.documents import join, join_as_read, read_documents
from sealwright_manifests.text.tree import Map, native


def edited(text: str, changes: dict[str, Any]) -> str:
    (document,) = documents = read_documents(text, "x")
    assert isinstance(document.root, Map)
    merge_fields(document, document.root, changes)
    made = join_as_read(documents)
    check_as_meant(documents, made)
    return made


EDITS = [
    ("a text keeps its quotes", 'a: "x"#c\n', {"a": "new"}, 'a: "new"#c\n'),
    ("a truth needs none", 'a: "x"#c\n', {"a": True}, "a: true #c\n"),
    ("a word in the place of a list", "a: [x]#c\nb: y\n", {"a": "new"}, "a: new #c\nb: y\n"),
    ("braces in the place of a list", "a: [x]#c\n", {"a": {"k": "v"}}, 'a: {"k": "v"}#c\n'),
    ("a number in braces", "{a: 'x'#c\n, b: y}\n", {"a": 1}, "{a: 1 #c\n, b: y}\n"),
    ("with an anchor", "a: &a 'x'#c\nb: *a\n", {"a": True, "b": "w"}, "a: &a true #c\nb: w\n"),
    ("a word in the place of a block text", "a: |#c\n  x\nb: y\n", {"a": True}, "a: true #c\nb: y\n"),
    ("braces in the place of a block text", "a: |#c\n  x\nb: y\n", {"a": {"k": "v"}}, 'a: {"k": "v"}#c\nb: y\n'),
    ("and where it does not touch", "a: |- # c\n  x\nb: y\n", {"a": {"k": "v"}}, 'a: {"k": "v"} # c\nb: y\n'),
    ("nothing behind a quoted key", '{"a":#c\n, b: y}\n', {"a": True}, '{"a": true #c\n, b: y}\n'),
    ("an entry more in braces", "{a: 'x'#c\n}\n", {"b": True}, "{a: 'x',#c\n \"b\": true\n}\n"),
    ("what is removed takes it along", "{a: x, b: 'y'#c\n}\n", {"b": ABSENT}, "{a: x\n}\n"),
    ("before a comma", "{a: x, b: 'y'#c\n, d: z}\n", {"b": ABSENT}, "{a: x,\n d: z}\n"),
    ("behind a comma", "{a: x, b: 'y',#c\n d: z}\n", {"b": ABSENT}, "{a: x,#c\n d: z}\n"),
]


@pytest.mark.parametrize(("text", "changes", "expected"), [row[1:] for row in EDITS], ids=[row[0] for row in EDITS])
def test_an_edit_leaves_the_comment_a_comment(text: str, changes: dict[str, Any], expected: str) -> None:
    assert edited(text, changes) == expected


VALUES = ("'x'", '"x"', "[x]", "{k: x}", "{}", "&a 'x'", "!!str 'x'", "{ #d\n  }", "'x' ", "|")
PLACES = ("a: V#c\n", "z: w\na: V#c\nb: y\n", "{a: V#c\n}\n", "{z: w, a: V#c\n, b: 'y'}#e\n", "{a: V,#c\n b: y\n}\n")
NEW = (
    {"a": "new"},
    {"a": "it's: #"},
    {"a": None},
    {"a": {"n": 1}},
    {"b": "w"},
    {"a": 2, "n": 3},
    {"z": ABSENT, "a": 4},
)


def test_every_value_in_every_place_is_changed_as_meant() -> None:
    for value, place, changes in itertools.product(VALUES, PLACES, NEW):
        text = place.replace("V#c", "|#c\n    x" if value == "|" else f"{value}#c")
        if value == "|" and ("{" in place or "#c," in text):
            continue  # braces hold no block texts
        (document,) = read_documents(edited(text, changes), "x")
        before = native(read_documents(text, "x")[0].root)
        absent = {key for key, new in changes.items() if new is ABSENT}
        found = native(document.root)
        assert found.keys() == (before.keys() | changes.keys()) - absent, text
        for key in changes.keys() - absent:
            wanted = changes[key] if not isinstance(changes[key], dict) else {**_map(before.get(key)), **changes[key]}
            assert found[key] == wanted, text


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


RULES_FOR_ALL = replace(RULES, allow_empty=True, default_namespace=lambda: "n")
SECRETS = {
    "behind braces": '{kind: Secret, metadata: {name: ".", namespace: n}}#c\n',
    "more than a word": "{kind: Secret, metadata: {name: db, namespace: n}}# c: d\n",
    "behind a marker": "--- !x {kind: Secret, metadata: {name: db, namespace: n}}#c\n",
    "an input of the fuzzer's": '{1,"kind":"Secret","metadata":{"name":.}}#',
    "in a list": "kind: List\nitems:\n- {kind: Secret, metadata: {name: db, namespace: n}}#c\n",
}


@pytest.mark.parametrize("case", SECRETS)
def test_a_secret_in_braces_is_sealed_before_a_comment_that_touches_it(case: str) -> None:
    made = seal_text(SECRETS[case], "x", RULES_FOR_ALL)
    assert made.errors == []
    text = join_as_read(made.documents)
    check_as_meant(made.documents, text)
    assert text.count("#") == 1
    (found,) = read_documents(join(made.documents), "x")
    assert "#" not in str(native(found.root))


def test_comments_that_touch_values_move_with_them() -> None:
    text = """\
kind: "Secret"#k
metadata: {name: db, namespace: n}#m
type: 'Opaque'#t
stringData:
  a: "x"#a
  b: |#b
    y
  d:  # d
    |
    z
"""
    made = seal_text(text, "x", RULES)
    assert made.errors == []
    sealed = join_as_read(made.documents)
    check_as_meant(made.documents, sealed)
    lines = [line.partition("#") for line in sealed.splitlines() if "#" in line]
    assert {(head.split(":")[0].strip(), comment) for head, _, comment in lines} == {
        ("kind", "k"),
        ("metadata", "m"),
        ("type", "t"),
        ("a", "a"),
        ("b", "b"),
        ("d", " d"),
    }
