"""YAML for people to edit: it reads as what was written, and texts of several lines are blocks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealwright_manifests.text import readable
from sealwright_manifests.text.plaindata import read_plain

WORDS = st.text(st.sampled_from("ab \t\n#:-|>'\"<\\{}\u00e4\r\u2028"), max_size=12)
KEYS = st.one_of(st.sampled_from(["a", "on", "5", ".env", "a b", "<<"]), WORDS.filter(bool))
DATA = st.recursive(
    st.one_of(WORDS, st.booleans(), st.integers(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


def written(value: Any) -> str:
    return "\n".join([*readable.lines(value), ""])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "one\ntwo\n"}, "a: |\n  one\n  two\n"),
        ({"a": "one\ntwo"}, "a: |-\n  one\n  two\n"),
        ({"a": "one\n\n  two\n\n"}, "a: |+\n  one\n\n    two\n\n"),
        ({"a": " one\n"}, 'a: " one\\n"\n'),
        ({"a": {"b": "<sealed>", "c": "<sealed d>"}}, "a:\n  b: <sealed>\n  c: <sealed d>\n"),
        ({"a": ["x", {"b": {}}], ".env": True}, "a:\n- x\n- b: {}\n.env: true\n"),
    ],
)
def test_what_people_see(value: Any, text: str) -> None:
    assert written(value) == text


@given(st.dictionaries(KEYS, DATA, max_size=4))
def test_it_reads_as_what_was_written(value: dict[str, Any]) -> None:
    assert read_plain(written(value).encode()) == [value]
