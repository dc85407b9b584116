"""Plain data → block YAML that all YAML readers read alike. Does not know the previous text."""

import json
import re
from collections.abc import Mapping
from typing import Any

INDENT = "  "

# Bare words that every YAML version reads as text: a letter first, and none of the words below.
_BARE = re.compile(r"[A-Za-z/][A-Za-z0-9+/=_.@-]*(?: [A-Za-z0-9+/=_.@-]+)*")
_RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
# Characters that JSON does not escape but YAML reserves or reads as a line break.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def scalar(value: Any) -> str:
    """Return a text, number, boolean or None as a YAML scalar on one line; text is quoted if necessary.

    Raises ValueError for an infinity or NaN, which JSON and therefore Kubernetes cannot hold.
    """
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if _BARE.fullmatch(value) and value.lower() not in _RESERVED:
        return value
    return flow(value)


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
    head = f"{written or scalar(key)}:"
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
