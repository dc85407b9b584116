"""Plain data → block YAML for people to edit: texts of several lines are blocks, texts in angle brackets are bare."""

import re
from collections.abc import Mapping
from typing import Any

from sealwright_manifests.text import yamlwriter

_MARK = re.compile(r"<[a-z0-9]+(?: [-._A-Za-z0-9+/=]+)?>")
_CHOMPING = {0: "-", 1: ""}


def lines(value: Any) -> list[str]:
    """Return the lines of a value in block style, without line ends, from column 0.

    Raises ValueError for an infinity or NaN.
    """
    if isinstance(value, Mapping) and value:
        return [line for key, child in value.items() for line in entry(key, child)]
    if isinstance(value, list) and value:
        return yamlwriter.lines(value)
    return [_inline(value)]


def entry(key: str, value: Any) -> list[str]:
    """Return the lines of one key and its value. Raises ValueError as `lines`."""
    head = f"{yamlwriter.key(key)}:"
    if isinstance(value, Mapping) and value:
        return [head, *yamlwriter.indented(lines(value))]
    if isinstance(value, list) and value:
        return [head, *lines(value)]
    if isinstance(value, str) and _is_block(value):
        stem = value.rstrip("\n")
        chomping = _CHOMPING.get(len(value) - len(stem), "+")
        return [f"{head} |{chomping}", *yamlwriter.indented(value.removesuffix("\n").split("\n"))]
    return [f"{head} {_inline(value)}"]


def _inline(value: Any) -> str:
    is_mark = isinstance(value, str) and _MARK.fullmatch(value)
    return value if is_mark else yamlwriter.inline(value)


def _is_block(text: str) -> bool:
    """Tell whether a text has several lines, and reads the same as a block without an indentation indicator."""
    return "\n" in text and text[0] not in " \t\n" and text.replace("\n", "").replace("\t", "").isprintable()
