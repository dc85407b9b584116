"""What anybody may have written in the place of what belongs there, for laws that hold whatever it is."""

from typing import Any

from hypothesis import strategies as st

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)  # half surrogate pairs too
_NAMES = (
    st.sampled_from(["name", "uid", "type", "status", "app.kubernetes.io/instance", "kind", "controller"]) | ANY_TEXT
)
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "true", "True", "False", "x", "\ud800", "\x00", "a\nb", "AAAA", "é"])
    | ANY_TEXT
)
ANY_JSON = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3), max_leaves=6
)
"""Any value that JSON has, in the JSON that Python reads."""


@st.composite
def spoiled(draw: st.DrawFn, manifest: dict[str, Any], *, keep: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the manifest with any JSON in the place of one or two fields, however deep; those in `keep` stay.

    A field is written with dots: `metadata.name`.
    """
    made = manifest
    for _ in range(draw(st.integers(1, 2))):
        choices = [place for place in _places(made) if ".".join(map(str, place)) not in _with_parents(keep)]
        made = _replaced(made, draw(st.sampled_from(choices)), draw(ANY_JSON))
    return made


def _with_parents(fields: tuple[str, ...]) -> set[str]:
    return {field.rsplit(".", count)[0] for field in fields for count in range(field.count(".") + 1)}


def _places(value: Any) -> list[tuple[Any, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, entry in entries for place in [(key,), *((key, *rest) for rest in _places(entry))]]


def _replaced(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    if not place:
        return new
    first, *rest = place
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[first] = _replaced(value[first], tuple(rest), new)
    return copied
