"""Removes entries of a map, or writes others in their place, in the map's own style.

What belongs to an entry goes with it: its own lines, the comment behind its value, and comment lines directly below
that are indented more than its key. Comments above it stay.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from sealwright_manifests.editing.additions import on_lines, on_one_line
from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.documents import Splice
from sealwright_manifests.text.tree import Entry, Map, Node, Scalar

Span = tuple[int, int]

_END = rf"(?=[{blocks.LINE_BREAKS}]|\Z)"
_BREAK = rf"(?:\r\n|(?!\r\n)[{blocks.LINE_BREAKS}])"  # only one way to read each, so that a search takes linear time
_COMMENT_BEHIND = re.compile(rf"[ \t]+#[^{blocks.LINE_BREAKS}]*+{_END}")
_EMPTY_LINES = re.compile(rf"(?:{_BREAK}[ \t]*+{_END})*")


def stretches(text: str, node: Map, removed: Sequence[Entry], *, is_replaced: bool = False) -> list[Span]:
    """Return the stretches of a text that go when these entries of the map at `node` are removed.

    If it `is_replaced`, others are written in the place of the first one.
    """
    at = {id(entry): position for position, entry in enumerate(node.entries)}
    positions = [at[id(entry)] for entry in removed]
    if not node.flow:
        return list(_lines(text, node, frozenset(positions), is_replaced=is_replaced))
    found = [span for position in positions for span in _in_braces(text, node, position)]
    kept = [position for position in at.values() if position not in positions]
    if kept and _comma_behind(text, node, len(at) - 1) is None and kept[-1] < len(at) - 1:
        comma = _comma_behind(text, node, kept[-1])
        found += [] if comma is None else [(comma, comma + 1)]
    return found


def remove_entries(text: str, node: Map, removed: Sequence[Entry]) -> list[Splice]:
    """Return what to exchange in a text to remove entries of the map at `node`; at least one entry has to stay."""
    return [Splice(start, end, "") for start, end in stretches(text, node, removed)]


def replace_entries(text: str, node: Map, removed: Sequence[Entry], added: Mapping[str, Any]) -> list[Splice]:
    """Return what to exchange in a text to write entries (plain data) in the place of the first removed one."""
    chosen = {id(entry) for entry in removed}
    position, *_ = (at for at, entry in enumerate(node.entries) if id(entry) in chosen)
    begin = _begin(text, node, position)
    if not node.flow:
        (_, end), *spans = stretches(text, node, removed, is_replaced=True)
        margin = blocks.line_break(text, begin) + " " * (begin - blocks.line_start(text, begin))
        lines = [line for key, value in added.items() for line in yamlwriter.entry(key, value)]
        return [Splice(begin, end, margin.join(lines)), *(Splice(*span, "") for span in spans)]
    others = [entry for entry in removed if entry is not node.entries[position]]
    splices = remove_entries(text, node, others) if others else []
    before = text[blocks.line_start(text, begin) : begin]
    (_, end), *behind = _in_braces(text, node, position)
    written = on_one_line(added) if before.strip() else on_lines(text, node, before, added)
    return [Splice(begin, end, written), *(Splice(*span, ",") for span in behind), *splices]


def _begin(text: str, node: Map, position: int) -> int:
    """Return the start of an entry: of its key, or of the `?` before it."""
    if not position:
        return (
            blocks.skip_blanks(text, blocks.behind_properties(text, node.start, node.end) + 1)
            if node.flow
            else (blocks.begin(text, node))
        )
    if not node.flow:
        return blocks.skip_blanks(text, blocks.entry_end(text, node.entries[position - 1].value))
    comma = _comma_behind(text, node, position - 1)
    return node.entries[position].key.start if comma is None else blocks.skip_blanks(text, comma + 1)


def _lines(text: str, node: Map, removed: Container[int], *, is_replaced: bool) -> Iterator[Span]:
    """Yield the stretches of entries in a block map, each with one of the line breaks around it: mostly the first.

    A block text above would take the empty lines behind an entry as its own, and needs a line break at its own end.
    """
    above: Node | None = None
    for position, entry in enumerate(node.entries):
        if position not in removed:
            above = entry.value
            continue
        begin = _begin(text, node, position)
        end = _last_line(text, node, position, begin)
        is_below_block_text = above is not None and not is_replaced and _is_block_text(blocks.last_leaf(above))
        if is_below_block_text and (empty := _EMPTY_LINES.match(text, end)):
            end = empty.end()
        if is_replaced:  # by entries on one line each, or by maps of such
            above, is_replaced = None, False
        is_last = is_below_block_text and end == len(text)
        yield blocks.line_start(text, begin) if is_last else blocks.with_blanks_before(text, begin), end


def _is_block_text(node: Node) -> bool:
    return isinstance(node, Scalar) and node.block


def _last_line(text: str, node: Map, position: int, begin: int) -> int:
    """Return the end of the last line of an entry in a block map, or of the comments that belong to it."""
    end = blocks.behind_tabs(text, blocks.entry_end(text, node.entries[position].value))
    found = _deeper_comments(begin - blocks.line_start(text, begin)).match(text, end)
    return found.end() if found else end


def _deeper_comments(column: int) -> re.Pattern[str]:
    """Return a pattern of comment lines that are indented by more than a column, or by a tab."""
    return re.compile(
        rf"(?:(?:{_BREAK}[ \t]*+{_END})*{_BREAK}(?: {{{column + 1}}}| *+\t)[ \t]*+#[^{blocks.LINE_BREAKS}]*+)*"
    )


def _in_braces(text: str, node: Map, position: int) -> list[Span]:
    """Return the stretches of an entry in braces, and of the comma behind it."""
    entry = node.entries[position]
    begin, end = _begin(text, node, position), max(entry.value.end, entry.key.end)
    comma = _comma_behind(text, node, position)
    has_own_line = not text[blocks.line_start(text, begin) : begin].strip()
    last = end if comma is None else comma + 1
    if has_own_line and (found := _COMMENT_BEHIND.match(text, last)):
        last = found.end()
    shares_end = has_own_line and bool(text[last : blocks.line_end(text, last)].strip())
    start = begin if shares_end else blocks.with_blanks_before(text, begin)  # a comment may end the line above
    return [(start, last)] if comma is None else [(start, end), (comma, last)]


def _comma_behind(text: str, node: Map, position: int) -> int | None:
    """Return the offset of the comma behind an entry in braces; None if there is none."""
    entry = node.entries[position]
    at = blocks.skip_blanks(text, max(entry.value.end, entry.key.end), node.end)
    return at if text.startswith(",", at) else None
