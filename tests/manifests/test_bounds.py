"""How much of a text is read: of each document or of all, aliases expanded, counted before it is kept."""

import json

import pytest

from sealwright_manifests.errors import BadManifestError, Problem
from sealwright_manifests.text.bounds import Bounds
from sealwright_manifests.text.decoding import Coding, decoded
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.plaindata import read_plain

OF_EACH = Bounds(documents=3, values=10)
OF_ALL = Bounds(documents=3, values=10, is_for_all=True)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[a, b, c, d, e, f, g, h, i]", 10),
        ('["a", "b", "c", "d", "e", "f", "g", "h", "i"]', 10),
        ("{a: b, c: d, e: f, g: []}", 9),
        ('{"a": 1, "c": 2, "e": 3, "g": []}', 9),
        ("- &x [a]\n- [*x]\n- *x\n", 8),
    ],
)
def test_lists_maps_keys_and_scalars_count_and_aliases_as_what_they_stand_for(text: str, values: int) -> None:
    read_plain(text.encode(), bounds=Bounds(values=values))
    with pytest.raises(BadManifestError, match=f"holds more than {values - 1} values") as caught:
        read_plain(text.encode(), bounds=Bounds(values=values - 1))
    assert caught.value.problem is Problem.TOO_MUCH


@pytest.mark.parametrize("text", ["--- [a, b, c]\n--- [d, e, f, g, h]\n", "[1, 2, 3]\n[4, 5, 6, 7, 8]"])
def test_each_document_has_the_bound_or_all_of_them_together(text: str) -> None:
    assert len(read_plain(text.encode(), bounds=OF_EACH)) == 2
    assert len(read_plain(text.encode(), bounds=Bounds(values=10, is_for_all=True))) == 2
    with pytest.raises(BadManifestError, match="holds more than 9 values"):
        read_plain(text.encode(), bounds=Bounds(values=9, is_for_all=True))


@pytest.mark.parametrize("text", ["--- a\n" * 4, "---\n" * 4, "{}" * 4, "a\n...\n" * 4])
def test_documents_are_counted_those_of_nothing_too(text: str) -> None:
    for bounds in (OF_EACH, OF_ALL):
        with pytest.raises(BadManifestError, match="holds more than 3 documents"):
            read_documents(text, "x", bounds)


@pytest.mark.parametrize("opening", ["[", "- "])
def test_values_count_when_they_begin_not_when_what_holds_them_ends(opening: str) -> None:
    with pytest.raises(BadManifestError, match="holds more than 10 values"):
        read_plain((opening * 11 + "a").encode(), bounds=OF_ALL)


def test_what_is_read_in_two_ways_counts_once() -> None:
    text = b'["a", "b", "c", "d", "e", "f", "g", "h", "i"] # YAML after all'
    assert read_plain(text, bounds=OF_ALL) == [["a", "b", "c", "d", "e", "f", "g", "h", "i"]]


def test_a_text_that_is_read_again_for_its_tags_counts_again_where_the_bound_is_for_all() -> None:
    text = b"- !a#b {}\n- !a#b {}\n- !a#b {}\n"
    assert read_plain(text, bounds=OF_EACH) == [[{}, {}, {}]]
    assert read_plain(text, bounds=OF_ALL) == [[{}, {}, {}]]
    with pytest.raises(BadManifestError, match="holds more than 9 values"):
        read_plain(text, bounds=Bounds(values=9, is_for_all=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_bytes_are_read_in_the_encodings_of_editors_and_written_so_again(encoding: str) -> None:
    content = "a: é😀\n".encode(encoding)
    assert read_plain(content) == [{"a": "é😀"}]
    assert Coding.of(content).encode(decoded(content, "x")) == content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: \xff", "x: not UTF-8 text (byte 4)"),
        (b"\xff\xfea", "x: not UTF-16 text (byte 3)"),
        (b"a\0\0", "x: binary, not text"),
    ],
)
def test_bytes_that_are_no_text_are_told_with_their_place(content: bytes, message: str) -> None:
    with pytest.raises(BadManifestError) as caught:
        decoded(content, "x")
    assert str(caught.value) == message
    assert caught.value.problem is Problem.ENCODING


def test_plain_data_is_what_json_would_carry() -> None:
    text = "a: [on, 017, 1.5, ~, 2026-01-02]\n---\n# nothing\n---\nnull\n--- {b: c}\n"
    found = read_plain(text.encode())
    assert json.dumps(found) == '[{"a": [true, 15, 1.5, null, "2026-01-02"]}, null, {"b": "c"}]'


def test_the_author_is_told_which_key_is_there_twice_and_others_are_not() -> None:
    with pytest.raises(BadManifestError, match=r"^x: line 2: the key hunter22 is there twice$") as caught:
        read_plain(b"hunter22: 1\nhunter22: 2\n", "x")
    assert caught.value.for_others == "x: line 2: a key is there twice"
    with pytest.raises(BadManifestError, match=r"^line 1: the key a is there twice$") as caught:
        read_plain(b'{"a": 1, "a": 2}')
    assert caught.value.for_others == "line 1: a key is there twice"
