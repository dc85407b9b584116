"""Reads fields of plain dicts that anybody may have written: each getter checks the shape or names what is wrong."""

from collections.abc import Mapping
from typing import Any

from sealwright_crypto.errors import ManifestError

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a map"}


def mapping_at(parent: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    """Return the map under `key`, empty when it is absent or null. Raises ManifestError for any other shape."""
    value = parent.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ManifestError(path, f"expected a map, found {describe(value)}")
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
    """Return the map of texts under `key`. Raises ManifestError naming the first value that is no text."""
    return {name: check_text(value, f"{path}.{name}") for name, value in mapping_at(parent, key, path).items()}


def check_text(value: object, path: str) -> str:
    """Return `value` when it is text that UTF-8 can carry. Raises ManifestError."""
    if not isinstance(value, str):
        raise ManifestError(path, f"expected text, found {describe(value)}")
    if not _is_encodable(value):
        raise ManifestError(path, "holds half a surrogate pair, which is no character")
    return value


def describe(value: object) -> str:
    """Name the kind of a value, never the value itself: it may be a secret."""
    if value is None:
        return "nothing (null)"
    return next((name for kind, name in _KINDS.items() if isinstance(value, kind)), "something else")


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # it holds the whole text, so it must not become the context of another error
        return False
    return True
