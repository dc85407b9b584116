"""Plain data → block YAML that all YAML readers read alike. Does not know the previous text."""

import json
from collections.abc import Mapping
from typing import Any

from sealwright_conventions.patterns import pattern

INDENT = "  "
_LONGEST_SIMPLE_KEY = 1_000
"""Readers take a longer key only behind `?` (YAML 1.2.2 §7.4.2: 1,024 characters)."""

# Bare words that every YAML version reads as text: a letter first, and none of the words below.
_BARE = pattern(r"[A-Za-z/][A-Za-z0-9+/=_.@-]*(?: [A-Za-z0-9+/=_.@-]+)*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_BARE_KEY = pattern(r"\.[A-Za-z][-._A-Za-z0-9]*")
_NUMBERS = frozenset({".inf", ".nan"})
# Characters that JSON does not escape but YAML reserves or reads as a line break.
_ESCAPED = pattern("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def scalar(value: Any) -> str:
    """Return a text, number, boolean or None as a YAML scalar on one line; text is quoted if necessary.

    Raises ValueError for an infinity or NaN, which JSON and therefore Kubernetes cannot hold.
    """
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if _BARE.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return flow(value)


def quoted(text: str, quote: str) -> str:
    """Return a text in such quotes; in double ones where single ones do not hold it as it is."""
    return f"'{text}'" if quote == "'" and text.isprintable() and "'" not in text else flow(text)


def key(name: str) -> str:
    """Return a key of a block map: bare where every reader takes it for text, else in double quotes."""
    is_bare = _BARE_KEY.fullmatch(name) is not None and name.lower() not in _NUMBERS
    return name if is_bare else scalar(name)


def flow(value: Any, indent: int | str | None = None) -> str:
    """Return a value as JSON that YAML reads alike, on one line unless `indent` (columns or a text) is given.

    Raises ValueError as `scalar`.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def lines(value: Any) -> list[str]:
    """Return the lines of a value in block style, without line ends, from column 0. Raises ValueError as `scalar`."""
    if isinstance(value, Mapping) and value:
        return [line for key, child in value.items() for line in entry(key, child)]
    if isinstance(value, list) and value:
        return [line for child in value for line in _item(child)]
    return [_inline(value)]


def entry(key: str, value: Any, written: str | None = None) -> list[str]:
    """Return the lines of one key and its value; `written` is the key's existing spelling, if any."""
    spelled = written or scalar(key)
    if len(spelled) > _LONGEST_SIMPLE_KEY:
        first, *rest = lines(value)
        return [f"? {spelled}", f": {first}", *indented(rest)]
    head = f"{spelled}:"
    if isinstance(value, Mapping) and value:
        return [head, *indented(lines(value))]
    if isinstance(value, list) and value:
        return [head, *lines(value)]
    return [f"{head} {_inline(value)}"]


def indented(block: list[str], by: str = INDENT) -> list[str]:
    """Return indented lines; empty ones stay empty."""
    return [by + line if line else line for line in block]


def _item(value: Any) -> list[str]:
    first, *rest = lines(value)
    return [f"- {first}", *indented(rest)]


def inline(value: Any) -> str:
    """Return a value on one line: a scalar as in a block, a collection as JSON. Raises as `scalar`."""
    return flow(value) if isinstance(value, Mapping | list) else scalar(value)


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{}"
    return "[]" if isinstance(value, list) else scalar(value)
