"""Removes entries of a map, or writes others in their place, in the map's own style.

What belongs to an entry goes with it: its own lines, the comment behind its value, and comment lines directly below
that are indented more than its key. Comments above it stay.
"""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from sealwright_conventions.patterns import pattern
from sealwright_manifests.editing.additions import on_lines, on_one_line
from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.splices import Splice
from sealwright_manifests.text.tree import Entry, Map, Node, Scalar

Span = tuple[int, int]

_END = rf"(?=[{blocks.LINE_BREAKS}]|\Z)"
_BREAK = rf"(?:\r\n|(?!\r\n)[{blocks.LINE_BREAKS}])"  # only one way to read each, so that a search takes linear time
_COMMENT_BEHIND = pattern(rf"[ \t]*+#[^{blocks.LINE_BREAKS}]*+{_END}")
_BEFORE_NEXT = pattern(rf"[ \t]+(?![ \t#{blocks.LINE_BREAKS}])")
_LAST_BREAK = pattern(rf"[{blocks.LINE_BREAKS}][ \t]*\Z")
_EMPTY_LINES = pattern(rf"(?:{_BREAK}[ \t]*+{_END})*")


def stretches(text: str, node: Map, removed: Sequence[Entry], *, is_replaced: bool = False) -> list[Span]:
    """Return the stretches of a text that go when these entries of the map at `node` are removed.

    If it `is_replaced`, others are written in the place of the first one; in braces, the blanks before it count then.
    """
    at = {id(entry): position for position, entry in enumerate(node.entries)}
    positions = [at[id(entry)] for entry in removed]
    if not node.flow:
        return list(_lines(text, node, frozenset(positions), is_replaced=is_replaced))
    found = [span for position in positions for span in _in_braces(text, node, position)]
    if is_replaced and positions:
        begin = _begin(text, node, min(positions))
        found.append((blocks.with_blanks_before(text, begin), begin))
    is_next_kept = not is_replaced and 0 in positions and 1 in at.values() and 1 not in positions
    if is_next_kept and (blanks := _BEFORE_NEXT.match(text, _in_braces(text, node, 0)[-1][1])):
        found.append(blanks.span())
    kept = [position for position in at.values() if position not in positions]
    if kept and _comma_behind(text, node, len(at) - 1) is None and kept[-1] < len(at) - 1:
        comma = _comma_behind(text, node, kept[-1])
        found += [] if comma is None else [(comma, comma + 1)]
    return found


def remove_entries(text: str, node: Map, removed: Sequence[Entry]) -> list[Splice]:
    """Return what to exchange in a text to remove entries of the map at `node`; see `emptying` for all of them."""
    return [Splice(start, end, "") for start, end in stretches(text, node, removed)]


def emptying(text: str, entry: Entry) -> list[Splice] | None:
    """Return what to exchange in a text to remove all entries of a block map: `{}` stands behind its key then.

    The comments between its entries stay. None if the map begins on the line of its key, as below a `?` or `-`.
    """
    span = place_of_braces(text, entry)
    if span is None or not isinstance(entry.value, Map):
        return None
    return [Splice(span, span, " {}"), *remove_entries(text, entry.value, entry.value.entries)]


def place_of_braces(text: str, entry: Entry) -> int | None:
    """Return where `{}` is written if a block map is emptied: behind its key's colon and its anchor."""
    node = entry.value
    if not isinstance(node, Map) or node.flow or not node.entries:
        return None
    colon = blocks.skip_blanks(text, entry.key.end, node.start)
    head_end = blocks.line_end(text, colon)
    begin = blocks.begin(text, node)
    ends = [end for _, end in blocks.properties(text, node.start, begin)]
    if not text.startswith(":", colon) or begin <= head_end or any(end > head_end for end in ends):
        return None
    return max([colon + 1, *ends])


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
        takes_empty_lines = above is not None and not is_replaced and _takes_empty_lines(text, above, end)
        if takes_empty_lines and (empty := _EMPTY_LINES.match(text, end)):
            end = empty.end()
        if is_replaced:  # by entries on one line each, or by maps of such
            above, is_replaced = None, False
        keeps_break = takes_empty_lines and end == len(text) and not _can_end(text, blocks.line_start(text, begin))
        yield blocks.line_start(text, begin) if keeps_break else blocks.with_blanks_before(text, begin), end


def _takes_empty_lines(text: str, above: Node, end: int) -> bool:
    """Tell whether a block text would read what stands behind the entry below it as its own lines."""
    node = blocks.last_leaf(above)
    if not (isinstance(node, Scalar) and node.block):
        return False
    head = blocks.behind_properties(text, node.start, node.end)
    margin = blocks.margin_of(text, node)
    empty = _EMPTY_LINES.match(text, end)
    lines = re.split(_BREAK, empty[0]) if empty else []
    return "+" in text[head : head + 3] or margin is None or any(len(line) > margin for line in lines)


def _can_end(text: str, line: int) -> bool:
    """Tell whether a file can end above a line, without its line break: readers end the last line, but no empty one."""
    above = text[blocks.line_start(text, line - 1) : line] if line else ""
    return not _LAST_BREAK.search(text) and bool(above.strip())


def _last_line(text: str, node: Map, position: int, begin: int) -> int:
    """Return the end of the last line of an entry in a block map, or of the comments that belong to it."""
    end = blocks.behind_tabs(text, blocks.entry_end(text, node.entries[position].value))
    return blocks.behind_deeper_comments(text, end, begin - blocks.line_start(text, begin))


def _in_braces(text: str, node: Map, position: int) -> list[Span]:
    """Return the stretches of an entry in braces, and of the comma behind it."""
    entry = node.entries[position]
    begin, end = _begin(text, node, position), max(entry.value.end, entry.key.end)
    comma = _comma_behind(text, node, position)
    has_own_line = not text[blocks.line_start(text, begin) : begin].strip()
    if text.startswith("#", end):  # a comment that touches a value is about nothing else
        end = blocks.line_end(text, end)
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
