"""Plain data → YAML that every reader takes the same way."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.tree import native
from sealwright_manifests.text.yamlreader import read_yaml

TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=20),
    st.sampled_from(
        ["yes", "0777", "1e3", "12:30", "2024-01-01", "~", "", "-", "a: b", "#", "a #b", "null ", "=", "<<"]
    ),
)
LONG_KEYS = st.sampled_from(["x" * 2_000, "x " * 1_000 + ":"])
DATA = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(TEXTS, LONG_KEYS), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(DATA)
def test_what_is_written_is_what_is_read(data: object) -> None:
    text = "\n".join(yamlwriter.lines(data)) + "\n"
    root = read_yaml(text)
    assert (root and native(root)) == data


@given(DATA)
def test_other_readers_of_yaml_agree(data: object) -> None:
    text = "\n".join(yamlwriter.lines(data)) + "\n"
    assert YAML(typ="safe", pure=True).load(text) == data
    assert yaml.safe_load(text) == data


@given(DATA)
def test_it_can_stand_at_any_indentation(data: object) -> None:
    text = "\n".join(["a:", *yamlwriter.indented(yamlwriter.lines(data), "      "), "b: end"]) + "\n"
    root = read_yaml(text)
    assert root is not None
    assert native(root) == {"a": data, "b": "end"}
