"""Draws objects that nobody would write: an object with some of its fields exchanged, renamed, added or taken away."""

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

_TEXTS = ["\ud83d", "a/b", "", "~", ".inf", "1e999", "\x85", "\u2028", "\x00", "\x7f", "true", ".."]
_ODD: list[Any] = [*_TEXTS, 10**30, 10**1500, math.inf, -math.inf, math.nan]
_NAMES = st.sampled_from(["name", "namespace", "data", "\ud83d", "<<", "", "a/b"])
_LEAVES = st.one_of(st.sampled_from(_ODD), st.none(), st.booleans(), st.integers(), st.text(max_size=5))
_VALUES = st.one_of(
    st.sampled_from(_ODD),
    st.lists(st.sampled_from(_ODD), min_size=1, max_size=2),
    st.recursive(
        _LEAVES,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_NAMES, inner, max_size=3)),
        max_leaves=5,
    ),
)


@st.composite
def odd_objects(draw: st.DrawFn, base: dict[str, Any]) -> dict[str, Any]:
    """Draw an object that is like `base` in most of its fields."""
    made = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 3))):
        parent = draw(st.sampled_from(list(_maps(made))))
        key = draw(st.sampled_from([*parent, "more"]))
        match draw(st.sampled_from(["exchange", "exchange", "rename", "remove"])):
            case "exchange":
                parent[key] = draw(_VALUES)
            case "rename":
                parent[draw(_NAMES)] = parent.pop(key, "")
            case _:
                parent.pop(key, None)
    return made


def ways_to_write(made: dict[str, Any]) -> Iterator[str]:
    """Yield an object as JSON, as YAML in braces, and inside a List."""
    text = json.dumps(made)
    yield text
    in_yaml = text.replace("NaN", ".nan").replace("-Infinity", "-.inf").replace("Infinity", ".inf")
    yield f"{in_yaml} # YAML\n"
    yield f"kind: List\nitems:\n- {in_yaml}\n"


def _maps(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the maps in some data, the outermost first."""
    if isinstance(data, dict):
        yield data
        for value in data.values():
            yield from _maps(value)
