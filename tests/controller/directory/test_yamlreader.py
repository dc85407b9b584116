"""What libyaml makes of YAML is what ruamel makes of it, and no text costs much, whatever its author wants."""

import contextlib
import json
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.builders import sealed_secret
from tests.support.costs import costs_at_most
from tests.support.repository import ROOT

from sealwright_controller.directory import yamlreader
from sealwright_controller.directory.documents import dump_document, load_documents
from sealwright_controller.directory.treebuilder import TreeBuilder, UnusableFileError
from sealwright_controller.directory.yamlreader import MAX_BLANKS, MAX_DIRECTIVES, load_yaml
from sealwright_controller.web.bodies import BadBodyError, manifest_in
from sealwright_controller.web.connection import MAX_BODY_BYTES

MOST = MAX_BODY_BYTES - 1
MAX_CPU_SECONDS = 5.0  # ten times of what is promised
OTHER_BREAKS = "\r\x85\u2028\u2029"


def by_ruamel(text: str) -> list[Any]:
    """Return what the other reader makes of a text: its events through the same builder."""
    builder = TreeBuilder()
    for event in ruamel.yaml.YAML(typ="safe", pure=True).parse(text):
        ours = getattr(yaml.events, type(event).__name__)
        made = ours.__new__(ours)
        for name in ("anchor", "implicit", "value", "start_mark"):
            setattr(made, name, getattr(event, name, None))
        made.tag = str(event.tag) if getattr(event, "tag", None) else None
        builder.take(made)
    return builder.documents


def texts_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: texts_of(inner) for key, inner in value.items()}
    return [texts_of(inner) for inner in value] if isinstance(value, list) else str(value)


CORPUS = [
    "a: 1\nb: 1.5\nc: true\nd: ~\ne:\nf: yes\ng: 0x1F\nh: 0o17\ni: 017\nj: 1_000\nk: 2026-01-02\nl: .inf\nm: 1:30\n",
    "a: 'it''s'\nb: \"\\u00e9\\n\\x41\"\nc: \"1\"\nd: !!str 1\ne: ! 1\n",
    "a: |\n  x\n   y\n\n  z\n\nb: >-\n  x\n  y\n\n  z\nc: |+\n  x\n\nd: |2\n   x\n",
    "a: plain\n  goes on\n\n  and on\nb: 'quoted\n  goes on'\nc: \"so\n  does\\\n  this\"\n",
    "a: &x {k: v}\nb: *x\nc:\n  <<: *x\n  l: w\nd:\n  <<: [*x, {m: n}]\n",
    "- a\n- - b\n  - c\n- {d: e, 'f': [g, h]}\n- ? i\n  : j\n",
    '{"a": {"b": [1, 2.5, null, true, "x"]}, "c": ""}',
    "# comment\na: b # comment\n#\n---\n# between\nc: d\n...\n---\n...\n",
    "%YAML 1.2\n---\na: b\n...\n%YAML 1.1\n---\nc: d\n",
    "a:\r\n  b: c\r\n",
    "url: http://x/y#z\ntime: 12:30:45\ndash: -x\nquestion: ?x\ncolon: a:b\ntilde: ~x\n",
    "no break at the end",
    "",
    "\n\n",
]
CORPUS += [path.read_text() for path in sorted((ROOT / "manifests").rglob("*.yaml"))]
WORDS = st.sampled_from(
    ["a", "b c", "1", "1.5", "true", "~", "x: y", "- z", "# no", "é", "😀", "'", '"', "|", "", " ", "\n"]
)
TEXTS = st.lists(WORDS, max_size=5).map("".join)
VALUES = st.recursive(
    TEXTS | st.none() | st.booleans() | st.integers(-(10**20), 10**20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("text", CORPUS)
def test_a_text_means_the_same_to_both_readers(text: str) -> None:
    assert load_yaml(text) == by_ruamel(text)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.sampled_from([None, '"', "'", "|", ">"]), st.sampled_from([True, False]), st.integers(20, 100))
def test_so_does_whatever_other_programs_write(value: Any, style: str | None, flow: bool, width: int) -> None:
    if style is not None:
        value = texts_of(value)  # of all else a style makes a tag
    text = yaml.safe_dump(value, default_style=style, default_flow_style=flow, width=width, allow_unicode=True)
    assert load_yaml(text) == by_ruamel(text)
    assert load_yaml(dump_document(value).decode()) == [value]


def test_what_a_sealed_secret_holds_is_read_as_it_was_written() -> None:
    sealed = sealed_secret("db", "team-a", template={"data": {"conf": "a: {{ .x }}\n\tb\n"}})
    for text in (yaml.safe_dump(sealed), json.dumps(sealed), json.dumps(sealed, indent=2)):
        assert load_yaml(text) == [sealed]


def filled(unit: str, before: str = "", after: str = "", size: int = MOST) -> str:
    """Return a text of at most `size` bytes that repeats one unit."""
    room = size - len((before + after).encode())
    return before + unit * (room // len(unit.encode())) + after


THIRD = MOST // 3 - 10
SHAPES = [
    ("98 KB of scalars in flow style", filled("a,", "[", "]", 98_000)),
    ("one line of scalars in flow style", filled("a,", "[", "]")),
    ("pairs in flow style", filled("a: b,", "[", "]")),
    ("quoted scalars in flow style", filled("'',", "[", "]")),
    ("a list in block style", filled("- a\n")),
    ("a list of nothing", filled("-\n")),
    ("a map in block style", "".join(f"k{number}: v\n" for number in range(180_000))),
    ("anchors", "".join(f"- &a{number} x\n" for number in range(140_000))),
    ("aliases", filled("- *a\n", "- &a x\n")),
    ("one comment", filled("x", "#")),
    ("comments", filled("#\n")),
    ("comments behind values", filled("- a #c\n")),
    ("a quoted text", filled("x", '"', '"')),
    ("a quoted text of many lines", filled("x\n ", '"', '"')),
    ("a quoted text of escapes", filled("\\n", '"', '"')),
    ("a text in single quotes of many lines", filled("x\n ", "'", "'")),
    ("a plain text of many lines", filled("x\n ")),
    ("a plain text of many words", filled("x ")),
    ("a literal text", filled(" x\n", "a: |\n")),
    ("a folded text", filled(" x\n", "a: >\n")),
    ("lists in lists in flow style", filled("[")),
    ("maps in maps in flow style", filled("{a: ")),
    ("lists in lists in block style", filled("- ")),
    ("maps in maps in block style", "".join(" " * depth + "a:\n" for depth in range(1900))),
    ("values at the deepest place", filled("a,", "[" * 99, "]" * 99)),
    ("a long key", filled("x", after=": a")),
    ("many long keys", "".join(f"{number:0900}: x\n" for number in range(2300))),
    ("a long tag", filled("x", "!")),
    ("many tags", filled("- !!str a\n")),
    ("a long anchor", filled("x", "&", " a")),
    ("directives", "".join(f"%TAG !a{number}! t{number}\n" for number in range(90_000)) + "---\na"),
    ("documents", filled("--- a\n")),
    ("ends of documents", filled("...\n")),
    ("tabs", filled("\t")),
    ("blanks", filled(" ")),
    ("line breaks", filled("\n")),
    ("byte order marks", filled("\ufeff")),
    ("long numbers", filled(f"- {'9' * 95}\n", "a:\n")),
    ("one number that is none", filled("1", "a: ", ".x")),
    *(
        (f"wide blanks, then line breaks, in {where}", f"{before}{' ' * THIRD}b" + after * THIRD)
        for where, before, after in [("double quotes", '"a', "\nb"), ("single quotes", "'a", "\nb"), ("a plain text", "a", "\nb")]
    ),
    ("many empty lines, then short ones, in a literal text", "|\n" + "\n" * THIRD + filled(" b\n", size=2 * THIRD)),
    ("blanks as many as are allowed, again and again", filled(" " * MAX_BLANKS + "b\n", '"', '"')),
    ("blanks as many as are allowed, then line breaks", f'"a{" " * MAX_BLANKS}b' + "\nb" * (MOST // 2 - MAX_BLANKS) + '"'),
    ("JSON of many numbers", filled("1,", '{"a": [', "1]}")),
    ("JSON of many empty lists", filled("[],", '{"a": [', "1]}")),
    ("JSON of many keys", json.dumps({f"k{number}": 1 for number in range(9_900)})),
    ("JSON of quotation marks", filled('"', "{")),
    ("JSON of escapes", filled("\\n", '{"a": "', '"}')),
    ("JSON that is cut off in a text", filled('\\"', '{"a": "')),
    ("JSON of one number", filled("9", '{"a": ', "}")),
    ("JSON nested without end", filled('{"a":')),
]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_no_body_takes_long(text: str) -> None:
    body = text.encode()
    assert len(body) < MAX_BODY_BYTES
    assert costs_at_most(MAX_CPU_SECONDS, lambda: read(body))


def read(body: bytes) -> None:
    with contextlib.suppress(BadBodyError):
        manifest_in(body)


BROKEN_BY_OTHERS = [(f"{name}, lines ended by U+{ord(end):04X}", text.replace("\n", end)) for name, text in SHAPES if "\n" in text
                    for end in (OTHER_BREAKS if name == "directives" else "\r")]  # fmt: skip


@pytest.mark.parametrize("text", [row[1] for row in BROKEN_BY_OTHERS], ids=[row[0] for row in BROKEN_BY_OTHERS])
def test_nor_does_one_whose_lines_end_otherwise(text: str) -> None:
    test_no_body_takes_long(text.encode()[:MOST].decode(errors="ignore"))


@pytest.mark.parametrize("breaks", [False, True])
@pytest.mark.parametrize("start", [0, 1, 2000, 2048, 5000])
def test_a_run_of_blanks_may_be_so_long_wherever_it_begins(start: int, breaks: bool) -> None:
    blanks = (" \n" if breaks else "  ") * (MAX_BLANKS // 2) + " "
    text = '"' + "a" * start + "{}" + 'b"'
    assert load_yaml(text.format(blanks))
    with pytest.raises(UnusableFileError, match=rf"^line \d+: more than {MAX_BLANKS} blanks in a row$"):
        load_yaml(text.format(blanks + " "))


@pytest.mark.parametrize("end", ["\n", "\r\n", *OTHER_BREAKS])
def test_so_many_directives_are_read(end: str) -> None:
    lines = "".join(f"%TAG !a{number}! t{end}" for number in range(MAX_DIRECTIVES))
    assert load_yaml(f"{lines}---{end}a: b{end}") == [{"a": "b"}]
    for text in (f"%TAG !b! t{end}{lines}---{end}a: b", f"a: b{end}...{end}%TAG !b! t{end}{lines}---{end}"):
        with pytest.raises(
            UnusableFileError, match=rf"^more than {MAX_DIRECTIVES} lines that begin with a percent sign$"
        ):
            load_yaml(text)


@pytest.mark.parametrize("end", ["\n", "\r\n", *OTHER_BREAKS])
def test_places_are_counted_in_lines_as_yaml_has_them(end: str) -> None:
    with pytest.raises(UnusableFileError, match=r"^line 3, column 5: "):
        load_yaml(f"a: b{end}c: d{end}e: [")
    with pytest.raises(UnusableFileError, match=rf"^line 3: more than {MAX_BLANKS} blanks"):
        load_yaml(f"a: b{end}c: d{end}e: x{' ' * 3 * MAX_BLANKS}y")


def test_a_tag_that_a_directive_makes_long_is_refused_at_its_first_use() -> None:
    text = filled("- !a!b c\n", f"%TAG !a! tag:{'x' * 1_000_000}\n---\n")

    def refuse() -> None:
        with pytest.raises(UnusableFileError, match=r"^line 3, column 3: a tag without end$"):
            load_yaml(text)

    assert costs_at_most(MAX_CPU_SECONDS, refuse)


@pytest.mark.parametrize("is_json", [True, False])
def test_so_many_values_are_read(is_json: bool) -> None:
    def texts(count: int) -> bytes:
        return json.dumps(["x"] * count).encode()

    assert load_documents(texts(99), is_json=is_json, max_nodes=100) == [["x"] * 99]
    for count in (100, 1000):
        with pytest.raises(UnusableFileError, match="more than 100 values"):
            load_documents(texts(count), is_json=is_json, max_nodes=100)


def test_where_pyyaml_has_no_libyaml_yaml_is_refused_and_json_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yamlreader.yaml, "__with_libyaml__", False)
    with pytest.raises(UnusableFileError, match="without libyaml"):
        load_documents(b"a: b", is_json=False)
    assert load_documents(b'{"a": "b"}', is_json=True) == [{"a": "b"}]
