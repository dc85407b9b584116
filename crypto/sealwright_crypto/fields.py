"""Reads fields of untrusted plain dicts: each getter checks the shape or names what is wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

from sealwright_crypto.errors import FieldProblem, ManifestError

MAX_DEPTH = 64
"""How deep lists and maps in a field may be nested; a Secret or SealedSecret needs less than a tenth of it."""

_NAMED_LEVELS = 3  # how many names of a field's path a message about nesting gives
_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a map"}


def mapping_at(parent: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    """Return the map under `key`, empty when it is absent or null. Raises ManifestError for any other shape."""
    value = parent.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ManifestError(path, f"expected a map, found {describe(value)}", FieldProblem.NO_MAP)
    for name in value:
        if not isinstance(name, str):
            raise ManifestError(path, f"expected text as key, found {describe(name)}")
        check_text(name, path)
    return value


def text_at(parent: Mapping[str, Any], key: str, path: str) -> str | None:
    """Return the text under `key`, or None when it is absent or null. Raises ManifestError for any other shape."""
    value = parent.get(key)
    return None if value is None else check_text(value, path)


def flag_at(parent: Mapping[str, Any], key: str, path: str) -> bool | None:
    """Return the boolean under `key`, or None when it is absent or null. Raises ManifestError for any other shape."""
    value = parent.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise ManifestError(path, f"expected true or false, found {describe(value)}")


def texts_at(parent: Mapping[str, Any], key: str, path: str) -> dict[str, str]:
    """Return the map of texts under `key`. Raises ManifestError naming the first value that is not text."""
    return {name: check_text(value, f"{path}.{name}") for name, value in mapping_at(parent, key, path).items()}


def check_text(value: object, path: str) -> str:
    """Return `value` when it is text that UTF-8 can carry. Raises ManifestError."""
    if not isinstance(value, str):
        problem = FieldProblem.COLLECTION_FOR_TEXT if isinstance(value, list | dict) else FieldProblem.NO_TEXT
        raise ManifestError(path, f"expected text, found {describe(value)}", problem)
    if not _is_encodable(value):
        reason = "holds half a surrogate pair, which is not a character"
        raise ManifestError(path, reason, FieldProblem.HALF_CHARACTER)
    return value


def check_depth(value: object, path: str) -> None:
    """Check that lists and maps are nested at most MAX_DEPTH deep, so that later recursion ends.

    Raises ManifestError naming the field that is nested too deep.
    """
    levels = [iter([(path, value)])]
    while levels:
        place, found = next(levels[-1], (None, None))
        if place is None:
            levels.pop()
        elif isinstance(found, Mapping | list):
            if len(levels) > MAX_DEPTH:
                raise ManifestError(place, f"nested more than {MAX_DEPTH} deep")
            levels.append(_within(found, place, named=len(levels) <= _NAMED_LEVELS))


def describe(value: object) -> str:
    """Name the kind of a value, never the value itself: it may be a secret."""
    if value is None:
        return "nothing (null)"
    return next((name for kind, name in _KINDS.items() if isinstance(value, kind)), "something else")


def _within(parent: Mapping[Any, Any] | list[Any], place: str, *, named: bool) -> Iterator[tuple[str, object]]:
    if isinstance(parent, list):
        return ((place, value) for value in parent)
    return ((f"{place}.{name}" if named else place, value) for name, value in parent.items())


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # holds the whole text, so it must not become another error's context
        return False
    return True
