"""Replaces a value: between its quotes, in its block, after its anchor."""

import re
from collections.abc import Mapping
from typing import Any

from sealwright_conventions.patterns import pattern
from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.splices import Splice
from sealwright_manifests.text.tree import COLLECTIONS, Entry, Map, Node, Scalar

_HEAD = pattern(r"([|>])([1-9]?)([-+]?)([1-9]?)")
_REST_OF_HEAD = pattern(r"[ \t]+(?:#[^\r\n]*)?\Z")
_TAGS_OF_TEXT = ("!", "!!str", "!<!>", "!<tag:yaml.org,2002:str>")


def exchange(text: str, node: Map, entry: Entry, value: Any, *, is_json: bool) -> list[Splice]:
    """Return what to exchange in a text so that an entry of the map at `node` has a new value, plain data."""
    old = entry.value
    if isinstance(old, COLLECTIONS) and not old.flow:
        return _in_place_of_block(text, entry, value)
    at = blocks.behind_properties(text, old.start, old.end)
    if isinstance(old, Scalar) and old.block:
        return [*_without_tag(text, old, at, value), *_block(text, old, at, value)]
    written = _inline(text, at, value, is_json=is_json)
    if old.start == old.end:
        return [_behind_key(text, node, entry, written)]
    without_tag = _without_tag(text, old, at, value)
    if at < old.end:
        return [*without_tag, Splice(at, old.end, written)]
    kept = text[old.start : at] if not without_tag else _cut(text, old.start, at, without_tag[0])
    return [Splice(old.start, old.end, f"{kept.rstrip()} {written}".lstrip())]


def _inline(text: str, at: int, value: Any, *, is_json: bool) -> str:
    """Return a value on one line; a text keeps the kind of quotes of the value at an offset."""
    if is_json or isinstance(value, Mapping):
        return yamlwriter.flow(value)
    written = yamlwriter.scalar(value)
    quote = text[at : at + 1]
    if quote not in ("'", '"') or not isinstance(value, str):
        return written
    return yamlwriter.quoted(value, quote)


def _without_tag(text: str, old: Node, end: int, value: Any) -> list[Splice]:
    """Return what removes the tag of a value, unless the tag still fits."""
    for start, behind in blocks.properties(text, old.start, end):
        if text[start] == "!" and not (isinstance(value, str) and text[start:behind] in _TAGS_OF_TEXT):
            return [Splice(start, blocks.skip_blanks(text, behind, end), "")]
    return []


def _cut(text: str, start: int, end: int, gone: Splice) -> str:
    return text[start : gone.start] + text[gone.end : end]


def _behind_key(text: str, node: Map, entry: Entry, written: str) -> Splice:
    """Add a value where none is written: after the colon, or with a colon after the key."""
    end = entry.value.end
    if text[end - 1] == ":":
        return Splice(end, end, f" {written}")
    if node.flow:
        return Splice(end, end, f": {written}")
    column = blocks.begin(text, node) - blocks.line_start(text, blocks.begin(text, node))
    at = blocks.line_end(text, end)
    return Splice(at, at, f"{blocks.line_break(text, at)}{' ' * column}: {written}")


def _in_place_of_block(text: str, entry: Entry, value: Any) -> list[Splice]:
    """Put a value after a key in the place of a block collection, whose lines are removed.

    A map that stays a map keeps its anchor and tag.
    """
    old = entry.value
    start = blocks.skip_blanks(text, entry.key.end, old.start) + 1
    head_end = blocks.line_end(text, start)
    if isinstance(old, Map) and isinstance(value, Mapping) and old.start <= head_end:
        start = max(
            [start, *(end for _, end in blocks.properties(text, old.start, min(blocks.begin(text, old), head_end)))]
        )
    rest = _REST_OF_HEAD.search(text, start, head_end)
    written = f" {yamlwriter.flow(value)}{rest[0] if rest else ''}"
    return [Splice(start, blocks.content_end(text, old), written)]


def _block(text: str, old: Scalar, at: int, value: Any) -> list[Splice]:
    """Replace the lines of a block text and keep its head, with the comment there."""
    top, bottom = blocks.block_lines(text, old)
    head = _HEAD.match(text, at)
    if head is None:
        raise ValueError("a block without a head")
    chomping = _chomping(old, head, value)
    margin = blocks.margin_of(text, old)
    if chomping is None or margin is None:
        return [Splice(*head.span(), _inline(text, at, value, is_json=False)), Splice(top, bottom, "")]
    line_break = blocks.line_break(text, top)
    new_head = f"{head[1]}{head[2]}{chomping}{head[4]}"
    lines = Splice(top, bottom, line_break + " " * margin + str(value).rstrip("\n"))
    return [lines] if new_head == head[0] else [Splice(*head.span(), new_head), lines]


def _chomping(old: Scalar, head: re.Match[str], value: Any) -> str | None:
    """Return the chomping indicator for the trailing line breaks; None when the text cannot be a block."""
    stem = value.rstrip("\n") if isinstance(value, str) else ""
    if not stem or not stem.isprintable() or stem.startswith(" "):
        return None
    breaks = len(value) - len(stem)
    if breaks == len(old.value) - len(old.value.rstrip("\n")):
        return head[3]
    return {0: "-", 1: ""}.get(breaks)
