"""Lays out a merged document as text; entries that clash stand between git's conflict markers, or one side alone."""

from collections.abc import Iterator

from sealwright_conventions.records import record
from sealwright_manifests.merging.pieces import (
    Block,
    Branch,
    Clash,
    Item,
    Leaf,
    Line,
    Lines,
    Page,
    Side,
    UnmergeableError,
)

USUAL_MARKER_SIZE = 7


@record
class Layout:
    """How clashes are laid out: `side` alone, or, if it is None, both between markers of a size."""

    side: Side | None = None
    marker_size: int = USUAL_MARKER_SIZE


def lay_out(page: Page, layout: Layout) -> str:
    """Return the text of a document, whose lines end with LF. Raises UnmergeableError if it cannot be laid out."""
    return "".join(f"{line}\n" for line in _Layer(layout).page(page))


@record
class _Layer:
    layout: Layout

    def page(self, page: Page) -> Iterator[str]:
        yield from _placed(page.head, 0)
        if page.opening:
            yield from self._leaf(page.opening, 0)
        elif not self._has_entries(page.block):
            raise UnmergeableError
        yield from self._block(page.block, 0)
        if page.closing:
            yield from self._leaf(page.closing, 0)
        yield from _placed(page.tail, 0)

    def _block(self, block: Block, around: int) -> Iterator[str]:
        column = around + block.column
        shown = [entry for entry in block.entries if not (isinstance(entry, Clash) and self._is_gone(entry))]
        for entry in shown:
            comma = "," if block.flow and (entry is not shown[-1] or block.ended) else ""
            if isinstance(entry, Clash):
                yield from self._clash(entry, column, comma)
            else:
                yield from self._item(entry, column, comma)
        yield from _placed(block.trail, column)

    def _is_gone(self, clash: Clash) -> bool:
        return self.layout.side is not None and clash.of(self.layout.side) is None

    def _item(self, item: Item, column: int, comma: str) -> Iterator[str]:
        yield from _placed(item.lead, column)
        if isinstance(item.body, Branch):
            yield from self._branch(item.body, column, comma)
        else:
            yield from self._leaf(item.body, column, comma)
        yield from _placed(item.after, column)

    def _branch(self, branch: Branch, column: int, comma: str) -> Iterator[str]:
        if branch.foot is None and not self._has_entries(branch.block):
            yield from self._leaf(branch.head, column, " {}")
            yield from _placed(branch.block.trail, column + branch.block.column)
            return
        yield from self._leaf(branch.head, column)
        yield from self._block(branch.block, column)
        if branch.foot is not None:
            yield from self._leaf(branch.foot, column, comma)

    def _has_entries(self, block: Block) -> bool:
        return any(not (isinstance(entry, Clash) and self._is_gone(entry)) for entry in block.entries)

    def _clash(self, clash: Clash, column: int, comma: str) -> Iterator[str]:
        yield from _placed(clash.lead, column)
        if self.layout.side is not None:
            chosen = clash.of(self.layout.side)
            yield from self._item(chosen, column, comma) if chosen else ()
        else:
            size = self.layout.marker_size
            yield f"{'<' * size} {Side.OURS.value}"
            yield from self._item(clash.ours, column, comma) if clash.ours else ()
            yield "=" * size
            yield from self._item(clash.theirs, column, comma) if clash.theirs else ()
            yield f"{'>' * size} {Side.THEIRS.value}"
        yield from _placed(clash.after, column)

    def _leaf(self, leaf: Leaf, column: int, end: str = "") -> Iterator[str]:
        """Yield the lines of a leaf; `end` goes behind its last line, before a comment there."""
        for position, line in enumerate(leaf.lines):
            text = _text(line, column)
            text += end if position + 1 == len(leaf.lines) else ""
            yield text + (leaf.comment if position == leaf.commented else "")


def _placed(lines: Lines, column: int) -> Iterator[str]:
    return (_text(line, column) for line in lines)


def _text(line: Line, column: int) -> str:
    return line.text if line.indent is None else " " * max(0, line.indent + column) + line.text
