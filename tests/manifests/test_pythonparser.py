"""What libyaml makes of a text is what ruamel.yaml makes of it, or one of the two refuses it: the same events."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.manifests.test_dialect import ROWS, by_command, is_same, named, text_of
from tests.support.builders import sealed_secret
from tests.support.repository import ROOT
from yaml.cyaml import CParser

from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.text import yamlevents, yamlwriter
from sealwright_manifests.text.plaindata import read_plain
from sealwright_manifests.text.pythonparser import PythonParser

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


def events(parser: Any) -> list[tuple[Any, ...]] | None:
    """Return what the events of a text say, None for a text that is refused."""
    found = []
    try:
        while parser.check_event():
            found.append(said_by(parser.get_event()))
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError):
        return None
    finally:
        parser.dispose()
    return found


def said_by(event: Any) -> tuple[Any, ...]:
    """Return what is read of an event; of an empty scalar, and where a document begins, the place means nothing."""
    is_placed = isinstance(event, yaml.events.NodeEvent) and getattr(event, "value", "x") != ""
    place = (event.start_mark.index, event.end_mark.index) if is_placed else ()
    style = getattr(event, "style", None) or None
    written = (getattr(event, name, None) for name in ("value", "tag", "anchor"))
    return (type(event).__name__, *written, style, bool(getattr(event, "flow_style", False)), *place)


def texts_of(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: texts_of(inner) for key, inner in value.items()}
    return [texts_of(inner) for inner in value] if isinstance(value, list) else str(value)


@pytest.mark.parametrize("text", CORPUS)
def test_a_text_means_the_same_to_both(text: str) -> None:
    found = events(CParser(text))
    assert found is not None
    assert found == events(PythonParser(text))


@settings(max_examples=200, deadline=None)
@given(VALUES, st.sampled_from([None, '"', "'", "|", ">"]), st.sampled_from([True, False]), st.integers(20, 100))
def test_so_does_whatever_other_programs_write(value: Any, style: str | None, flow: bool, width: int) -> None:
    if style is not None:
        value = texts_of(value)  # of all else a style makes a tag
    text = yaml.safe_dump(value, default_style=style, default_flow_style=flow, width=width, allow_unicode=True)
    assert events(CParser(text)) == events(PythonParser(text))
    assert read_plain("\n".join([*yamlwriter.lines(value), ""]).encode()) == [value]


@named(ROWS)
def test_no_odd_text_means_one_thing_to_the_one_and_another_to_the_other(row: dict[str, Any]) -> None:
    try:
        text = text_of(row).removeprefix("\ufeff")
        found, other = events(CParser(text)), events(PythonParser(text))
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        return  # a character that both refuse before they read
    assert None in (found, other) or found == other


@named([row for row in ROWS if row["reads"] is not None])
def test_without_libyaml_the_command_reads_the_same_or_refuses(
    row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yamlevents, "__with_libyaml__", False)
    try:
        read = by_command(text_of(row).encode())
    except (BadManifestError, SyntaxProblemError):
        assert any(sign in text_of(row) for sign in "\t\x85\u2028\u2029")
        return
    assert is_same(read, row["reads"])


def test_what_a_sealed_secret_holds_is_read_as_it_was_written() -> None:
    sealed = sealed_secret("db", "team-a", template={"data": {"conf": "a: {{ .x }}\n\tb\n"}})
    for text in (yaml.safe_dump(sealed), json.dumps(sealed), json.dumps(sealed, indent=2)):
        assert read_plain(text.encode()) == [sealed]
