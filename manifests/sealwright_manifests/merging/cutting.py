"""Cuts the text of a document into entries with the lines and comments that belong to them.

A comment belongs to the entry below it; below the last entry of a map it belongs to that map, as far as it is indented
like it; directly below an entry and indented more than its key, to that entry. A map is cut if each of its entries
begins on a line of its own; otherwise it is a value like others.
"""

import json
import re

from sealwright_conventions.records import record
from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.merging.pieces import Block, Branch, Item, Leaf, Line, Lines, Page, UnmergeableError
from sealwright_manifests.text import blocks
from sealwright_manifests.text.documents import Document
from sealwright_manifests.text.tree import Alias, Entry, Map, Node, Scalar, Seq, entries_of, is_merge, native

_BEFORE_KEY = re.compile(r" *(?:\? +)?")
_BEFORE_BRACE = re.compile(r"[ \t]*")
_OPENING = re.compile(r"\{[ \t]*(#[^\n]*)?(?=\n)")
_BEHIND_VALUE = re.compile(r"([ \t]*)(,?)([ \t]+#[^\n]*|[ \t]*)(?=\n|\Z)")
_BLOCK_HEAD = re.compile(r"[|>][-+0-9]*(?P<comment>[ \t]+#[^\n]*|[ \t]*)(?=\n|\Z)")
_KEPT_HERE = re.compile(r"[ \t]*(?:#[^\n]*)?")


def cut(document: Document) -> Page:
    """Cut a document whose lines end with LF. Raises UnmergeableError if its entries share lines."""
    root, text = document.root, document.source
    if not isinstance(root, Map) or not _begins_line(text, document.start):
        raise UnmergeableError
    return _Cutter(text).page(root, document.start, document.end)


@record
class _Cutter:
    text: str

    def page(self, root: Map, start: int, end: int) -> Page:
        if root.flow:
            return self._page_in_braces(root, start, end)
        inner = self._inner(root)
        if inner is None:
            raise UnmergeableError
        column, top = inner
        block, below = self._block(root, column, 0, end)
        return Page(self._lines(start, top, 0), block, self._lines(below, end, 0))

    def _page_in_braces(self, root: Map, start: int, end: int) -> Page:
        column = self._inner_in_braces(root)
        top = blocks.line_start(self.text, root.start)
        if column is None or not _BEFORE_BRACE.fullmatch(self.text, top, root.start):
            raise UnmergeableError
        opening = self._head(top, root.start + 1, 0)
        closing, below = self._foot(root, 0)
        block = self._flow_block(root, column, 0)
        return Page(self._lines(start, top, 0), block, self._lines(below, end, 0), opening, closing)

    def _inner(self, node: Map) -> tuple[int, int] | None:
        """Return the column of the entries of a block map and where the first one's line begins; None if it is no such.

        Each entry has to begin a line, all at one column.
        """
        columns: set[int] = set()
        tops: list[int] = []
        for entry in node.entries:
            start = entry.key.start
            top = blocks.line_start(self.text, start)
            if not _BEFORE_KEY.fullmatch(self.text, top, start) or is_merge(entry.key):
                return None
            columns.add(len(self.text[top:start]) - len(self.text[top:start].lstrip(" ")))
            tops.append(top)
        # A `?` stands at the column, and its key behind it.
        return (columns.pop(), tops[0]) if len(columns) == 1 else None

    def _inner_in_braces(self, node: Map) -> int | None:
        """Return the column of the entries of a map in braces; None if its braces and entries share lines."""
        foot = blocks.line_start(self.text, node.end - 1)
        opens = _OPENING.match(self.text, node.start)
        if not node.entries or not opens or not _BEFORE_BRACE.fullmatch(self.text, foot, node.end - 1):
            return None
        columns: set[int] = set()
        for entry in node.entries:
            top = blocks.line_start(self.text, entry.key.start)
            before = self.text[top : entry.key.start]
            ends = _BEHIND_VALUE.match(self.text, max(entry.value.end, entry.key.end))
            if before.strip(" ") or not ends or ends.end() >= foot or is_merge(entry.key):
                return None
            columns.add(len(before))
        return columns.pop() if len(columns) == 1 else None

    def _block(self, node: Map, column: int, around: int, limit: int) -> tuple[Block, int]:
        """Cut a block map whose entries are at `column`; return it, and where the lines that are not its own begin."""
        entries: list[Item] = []
        keyed = _keyed(node)
        at = blocks.line_start(self.text, keyed[0][1].key.start)
        for position, (key, entry) in enumerate(keyed):
            top = blocks.line_start(self.text, entry.key.start)
            is_last = position + 1 == len(keyed)
            stop = limit if is_last else blocks.line_start(self.text, keyed[position + 1][1].key.start)
            lead = self._lines(at, top, column)
            body, at = self._body(entry, top, column, stop)
            after_end = at if isinstance(body, Branch) else self._end_of_comments(at, stop, column + 1)
            entries.append(Item(key, lead, body, self._lines(at, after_end, column)))
            at = after_end
        end = self._end_of_comments(at, limit, column)
        return Block(column - around, tuple(entries), self._lines(at, end, column)), end

    def _flow_block(self, node: Map, column: int, around: int) -> Block:
        entries: list[Item] = []
        at = self._next_line(node.start)
        ended = False
        for key, entry in _keyed(node):
            top = blocks.line_start(self.text, entry.key.start)
            lead = self._lines(at, top, column)
            body = self._flow_body(entry, top, column)
            end = max(entry.value.end, entry.key.end)
            ended, _ = self._behind(end)
            at = self._next_line(end)
            entries.append(Item(key, lead, body))
        foot = blocks.line_start(self.text, node.end - 1)
        return Block(column - around, tuple(entries), self._lines(at, foot, column), flow=True, ended=ended)

    def _body(self, entry: Entry, top: int, column: int, stop: int) -> tuple[Leaf | Branch, int]:
        """Cut an entry's own lines; return also where the line below them begins."""
        value = entry.value
        if isinstance(value, Map) and value.flow and (branch := self._branch_in_braces(value, top, column)):
            return branch
        if isinstance(value, Map) and not value.flow and (found := self._branch(entry, value, top, column, stop)):
            return found
        end = blocks.entry_end(self.text, value)
        end = max(end, blocks.line_end(self.text, entry.key.end))
        return self._leaf(value, top, end, column), self._next_line(end)

    def _branch(self, entry: Entry, value: Map, top: int, column: int, stop: int) -> tuple[Branch, int] | None:
        inner = self._inner(value)
        head_end = blocks.line_end(self.text, top)
        if inner is None or inner[1] <= head_end or inner[0] <= column:
            return None
        if value.start <= head_end or not self._is_only_comments(head_end, inner[1]):  # with an anchor or a tag
            return None
        block, end = self._block(value, inner[0], column, stop)
        # The lines between the head and the first entry are that entry's comments.
        first, *others = block.entries
        if isinstance(first, Item):
            lead = self._lines(self._next_line(head_end), inner[1], inner[0])
            first = Item(first.key, lead, first.body, first.after)
        block = Block(block.column, (first, *others), block.trail)
        return Branch(self._head(top, self._colon(entry) + 1, column), block), end

    def _branch_in_braces(self, value: Map, top: int, column: int) -> tuple[Branch, int] | None:
        inner = self._inner_in_braces(value)
        if inner is None or "\n" in self.text[top : value.start]:
            return None
        foot, below = self._foot(value, column)
        return Branch(self._head(top, value.start + 1, column), self._flow_block(value, inner, column), foot), below

    def _flow_body(self, entry: Entry, top: int, column: int) -> Leaf | Branch:
        value = entry.value
        if isinstance(value, Map) and value.flow and (branch := self._branch_in_braces(value, top, column)):
            return branch[0]
        end = max(value.end, entry.key.end)
        _, comment = self._behind(end)
        lines = self._lines(top, end, column)
        return Leaf(lines, _data(value), comment, len(lines) - 1, self._value_at(value, top, column))

    def _leaf(self, value: Node, top: int, end: int, column: int) -> Leaf:
        """Cut an entry that ends at `end`, before a line break: its last line is empty if it keeps empty lines."""
        data, value_at = _data(value), self._value_at(value, top, column)
        if isinstance(value, Scalar) and value.block:
            head = blocks.behind_properties(self.text, value.start, value.end)
            if found := _BLOCK_HEAD.match(self.text, head):
                low, high = found.span("comment")
                above = self._lines(top, low, column)
                content = self._lines(self._next_line(high), self._next_line(end), column) if high < end else ()
                return Leaf((*above, *content), data, self.text[low:high], len(above) - 1, value_at)
        if not isinstance(value, Scalar | Alias) and not (isinstance(value, Map | Seq) and value.flow):
            return Leaf(self._lines(top, self._next_line(end), column), data, value_at=value_at)
        lines = self._lines(top, max(value.end, top), column)
        return Leaf(lines, data, self.text[max(value.end, top) : end], len(lines) - 1, value_at)

    def _head(self, top: int, end: int, column: int) -> Leaf:
        """Cut the line of a key whose map is cut, which ends at `end` with a colon or a brace, and its comment."""
        return Leaf(self._lines(top, end, column), "", self.text[end : blocks.line_end(self.text, end)])

    def _colon(self, entry: Entry) -> int:
        at = blocks.skip_blanks(self.text, entry.key.end)
        if not self.text.startswith(":", at):
            raise UnmergeableError
        return at

    def _foot(self, node: Map, column: int) -> tuple[Leaf, int]:
        """Cut the line of the closing brace, without the comma; return also where the line below begins."""
        top = blocks.line_start(self.text, node.end - 1)
        _, comment = self._behind(node.end)
        return Leaf(self._lines(top, node.end, column), "", comment), self._next_line(node.end)

    def _behind(self, end: int) -> tuple[bool, str]:
        """Return what stands behind a value in braces on its last line: whether a comma, and a comment with blanks."""
        found = _BEHIND_VALUE.match(self.text, end)
        if not found or (found[1] and found[2]):
            raise UnmergeableError
        return bool(found[2]), found[1] + found[3]

    def _value_at(self, value: Node, top: int, column: int) -> int:
        is_on_first_line = "\n" not in self.text[top : value.start] and value.end > value.start
        return value.start - top - column if is_on_first_line else -1

    def _is_only_comments(self, start: int, end: int) -> bool:
        return all(_KEPT_HERE.fullmatch(line) for line in self.text[start:end].split("\n"))

    def _end_of_comments(self, start: int, limit: int, column: int) -> int:
        """Return the end of the comment lines from `start` that are indented by at least `column`."""
        end = at = start
        while at < limit:
            line = self.text[at : blocks.line_end(self.text, at)]
            content = line.lstrip(" ")
            if content.startswith("#") and len(line) - len(content) >= column:
                end = self._next_line(at)
            elif content.strip():
                break
            at = self._next_line(at)
        return min(end, limit)

    def _next_line(self, at: int) -> int:
        return min(blocks.line_end(self.text, at) + 1, len(self.text))

    def _lines(self, start: int, end: int, column: int) -> Lines:
        """Return the lines from `start` to `end`, where the last line break before `end` ends a line."""
        if start >= end:
            return ()
        return tuple(_line(line, column) for line in self.text[start:end].removesuffix("\n").split("\n"))


def _line(line: str, column: int) -> Line:
    content = line.lstrip(" ")
    if not line:
        return Line(None, "")
    return Line(len(line) - len(content) - column, content)


def _begins_line(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _keyed(node: Map) -> list[tuple[str, Entry]]:
    try:
        return entries_of(node)
    except SyntaxProblemError:
        raise UnmergeableError from None


def _data(value: Node) -> str:
    try:
        return json.dumps(native(value), sort_keys=True)
    except SyntaxProblemError:
        raise UnmergeableError from None
