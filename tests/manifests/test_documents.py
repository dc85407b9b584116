"""Streams of manifests: where documents begin and end, and how they are put together again."""

import json

import pytest

from sealwright_manifests.errors import BadManifestError
from sealwright_manifests.text.bounds import USUAL
from sealwright_manifests.text.documents import Form, join, join_as_read, read_documents
from sealwright_manifests.text.tree import Map


def pieces(text: str) -> list[tuple[str, int, str]]:
    """Return (form, number, text) of each document; a document of nothing has the form `-`."""
    return [
        (document.form.value if document.root else "-", document.number, document.source[document.start : document.end])
        for document in read_documents(text, "x")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a: 1", [("yaml", 1, "a: 1")]),
        ("---\na: 1\n---\nb: 2\n", [("yaml", 1, "---\na: 1\n"), ("yaml", 2, "---\nb: 2\n")]),
        ("# head\n\n---\na: 1\n", [("yaml", 1, "# head\n\n---\na: 1\n")]),
        (
            "a: 1\n---\n# nothing\n---\nb: 2\n",
            [("yaml", 1, "a: 1\n"), ("-", 1, "---\n# nothing\n"), ("yaml", 2, "---\nb: 2\n")],
        ),
        (
            "%YAML 1.1\n---\na: 1\n...\n%YAML 1.2\n---\nb: 2\n",
            [("yaml", 1, "%YAML 1.1\n---\na: 1\n...\n"), ("yaml", 2, "%YAML 1.2\n---\nb: 2\n")],
        ),
        ("a: 1\n...\n# after\nb: 2\n", [("yaml", 1, "a: 1\n...\n"), ("yaml", 2, "# after\nb: 2\n")]),
        ("a: |\n  ---\n  ...\n---\nb: 2\n", [("yaml", 1, "a: |\n  ---\n  ...\n"), ("yaml", 2, "---\nb: 2\n")]),
        ("a: ---x\n--- {b: 2}\n", [("yaml", 1, "a: ---x\n"), ("yaml", 2, "--- {b: 2}\n")]),
        ("---a: 1\n", [("yaml", 1, "---a: 1\n")]),
        ('{"a": 1}\n{"b": 2}\n', [("json", 1, '{"a": 1}\n'), ("json", 2, '{"b": 2}\n')]),
        (
            '{"a": 1}\n---\n{"b": 2}\n---\nc: 3\n',
            [("json", 1, '{"a": 1}\n'), ("json", 2, '---\n{"b": 2}\n'), ("yaml", 3, "---\nc: 3\n")],
        ),
        ("{a: 1}\n", [("yaml", 1, "{a: 1}\n")]),
        ('{"a": 1}  # YAML after all\n', [("yaml", 1, '{"a": 1}  # YAML after all\n')]),
        ("a: 1\r\n---\r\nb: 2\r\n", [("yaml", 1, "a: 1\r\n"), ("yaml", 2, "---\r\nb: 2\r\n")]),
    ],
)  # fmt: skip
def test_a_stream_is_cut_into_documents(text: str, expected: list[tuple[str, int, str]]) -> None:
    assert pieces(text) == expected
    assert join(read_documents(text, "x")) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n---\nb: [\n", "x: document 2: line 4: "),
        ("a: 1\n---\n\n--- {b: 2}\nc: 3\n", "x: document 2: line 5: "),
        ('{"a": 1}\n\n}', "x: line 3: expected a value"),
        ("a: 1\rb: 2\r---\rc: 3", "x: line 1: "),
    ],
)
def test_what_is_wrong_is_told_with_the_line_of_the_file(text: str, message: str) -> None:
    with pytest.raises(BadManifestError) as caught:
        read_documents(text, "x")
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("one", ["---\n", "--- a\n", "a: b\n...\n", "#\n---\n", "{}", "---\n{}\n"])
def test_the_number_of_documents_is_bounded(one: str) -> None:
    with pytest.raises(BadManifestError, match=r"^x: line 1: holds more than 100,000 documents$"):
        read_documents(one * (USUAL.documents + 2), "x")


@pytest.mark.parametrize(
    ("texts", "form", "expected"),
    [
        (["a: 1", "b: 2\n"], None, "a: 1\n---\nb: 2\n"),
        (["a: 1\n", "---\nb: 2\n", "# c\n"], None, "a: 1\n---\nb: 2\n# c\n"),
        (["a: 1\n", "%YAML 1.1\n---\nb: 2\n"], None, "a: 1\n...\n%YAML 1.1\n---\nb: 2\n"),
        (['{"a":1}', '{"b":2}'], None, '{"a":1}\n{"b":2}'),
        (['{"a":1}', "b: 2\n"], None, '{"a":1}\n---\nb: 2\n'),
        (["b: 2\n", '{"a":1}'], None, 'b: 2\n---\n{"a":1}'),
        (['{"a":1}{"b": 2}'], Form.YAML, '{"a":1}\n---\n{"b": 2}'),
        (["a: 017\n---\n# nothing\n---\n[1.50, on, ~]\n"], Form.JSON, '{\n  "a": 15\n}\n[\n  1.5,\n  true,\n  null\n]\n'),
        (['---\n{"a":  1}\n'], Form.JSON, '{"a":  1}\n'),
    ],
)  # fmt: skip
def test_documents_are_joined(texts: list[str], form: Form | None, expected: str) -> None:
    assert join([document for text in texts for document in read_documents(text, "x")], form) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a:\n  b: .inf\n", "x: line 2: a number that Kubernetes cannot hold"),
        ("a: [.nan]\n", "x: line 1: a number that Kubernetes cannot hold"),
        ('a: "\\ud800"\n', "x: line 1: holds half a surrogate pair, which is not a character"),
    ],
)
def test_what_json_cannot_say_is_refused(text: str, message: str) -> None:
    with pytest.raises(BadManifestError, match=message):
        join(read_documents(text, "x"), Form.JSON)


def test_a_replaced_document_is_exchanged_and_nothing_around_it() -> None:
    found = read_documents("# head\nkind: A\nlist:\n- b\n# tail\n---\nkind: B\n", "x")
    root = found[0].root
    assert root is not None
    found[0].replace(root, {"kind": "C", "map": {"d": [1]}})
    assert join(found) == "---\n# head\nkind: C\nmap:\n  d:\n  - 1\n# tail\n---\nkind: B\n"
    assert json.loads(join(found[:1], Form.JSON)) == {"kind": "C", "map": {"d": [1]}}


def test_a_document_that_is_written_anew_keeps_the_end_that_the_next_ones_directives_need() -> None:
    documents = read_documents("a: &a {b: 1}\nc: *a\n...\n%YAML 1.1\n---\nd: 1\n", "x")
    root = documents[0].root
    assert isinstance(root, Map)
    documents[0].replace(root.entries[0].value, {"b": 2})
    assert documents[0].is_written_anew
    assert join_as_read(documents) == "---\na:\n  b: 2\nc:\n  b: 1\n...\n%YAML 1.1\n---\nd: 1\n"
