"""Merges three versions of a document that are cut into entries.

An entry that one side changed is taken from it. One that both changed is merged further if it is a map, and clashes
otherwise, unless both gave it the same value. Comments never clash. Values are compared by what they mean.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TypeVar

from sealwright_conventions.records import replace
from sealwright_manifests.merging.comments import merge_comment, merge_lines
from sealwright_manifests.merging.ordering import merged_order
from sealwright_manifests.merging.pieces import (
    Block,
    Branch,
    Clash,
    Item,
    Leaf,
    Line,
    Page,
    UnmergeableError,
)
from sealwright_manifests.text import yamlwriter

_EMPTY = ("{}", "null")
_T = TypeVar("_T")


def merge_pages(base: Page | None, ours: Page, theirs: Page) -> Page:
    """Merge three versions of a document; `base` is None if both sides added it. Raises UnmergeableError."""
    if _is_in_braces(ours) != _is_in_braces(theirs) or (base and _is_in_braces(base) != _is_in_braces(ours)):
        raise UnmergeableError
    base = base or Page((), Block(ours.block.column, flow=ours.block.flow), ())
    return Page(
        merge_lines(base.head, ours.head, theirs.head),
        _merge_blocks(base.block, ours.block, theirs.block),
        merge_lines(base.tail, ours.tail, theirs.tail),
        _merge_optional(base.opening, ours.opening, theirs.opening),
        _merge_optional(base.closing, ours.closing, theirs.closing),
    )


def with_value(block: Block, path: tuple[str, ...], text: str | None) -> Block:
    """Return a map in which the entry at a path, if it is there, has a text as its value; None removes it.

    An entry that clashes gets it on both sides, and clashes no longer. Raises UnmergeableError.
    """
    key, *below = path
    made: list[Item | Clash] = []
    for entry in block.entries:
        if entry.key != key:
            made.append(entry)
        elif not below:
            chosen = _decided(entry) if isinstance(entry, Clash) else entry
            made += [] if text is None or chosen is None else [_with_text(chosen, text)]
        elif isinstance(entry, Item) and isinstance(entry.body, Branch):
            inner = with_value(entry.body.block, tuple(below), text)
            made.append(replace(entry, body=replace(entry.body, block=inner)))
        else:
            made.append(entry)
    return replace(block, entries=tuple(made))


def with_clashes(block: Block, ours: Block, theirs: Block, paths: Iterable[tuple[str, ...]]) -> Block:
    """Return a merged map in which the entries at some paths clash, each side with what it has.

    Where a value on the way is not cut, the entry with it clashes.
    """
    below: dict[str, list[tuple[str, ...]]] = {}
    for key, *rest in paths:
        below.setdefault(key, []).append(tuple(rest))
    own, other = ours.items(), theirs.items()
    made = (
        _with_clash(entry, own.get(entry.key), other.get(entry.key), below[entry.key])
        if isinstance(entry, Item) and entry.key in below
        else entry
        for entry in block.entries
    )
    return replace(block, entries=tuple(made))


def _with_clash(item: Item, ours: Item | None, theirs: Item | None, below: Sequence[tuple[str, ...]]) -> Item | Clash:
    if ours is None or theirs is None:
        return Clash(item.key, ours, theirs)
    merged, own, other = item.body, ours.body, theirs.body
    if isinstance(merged, Branch) and isinstance(own, Branch) and isinstance(other, Branch):
        blocks = merged.block, own.block, other.block
        if all(below) and len({block.flow for block in blocks}) == 1:
            return replace(item, body=replace(merged, block=with_clashes(*blocks, below)))
    our_lines, their_lines = (replace(side, lead=(), after=()) for side in (ours, theirs))
    return Clash(item.key, our_lines, their_lines, item.lead, item.after)


def _decided(clash: Clash) -> Item | None:
    chosen = clash.ours or clash.theirs
    return chosen and replace(chosen, lead=(*clash.lead, *chosen.lead), after=(*chosen.after, *clash.after))


def _with_text(item: Item, text: str) -> Item:
    leaf, data = item.body, json.dumps(text)
    if isinstance(leaf, Leaf) and leaf.data == data:
        return item
    if not isinstance(leaf, Leaf) or leaf.value_at < 0:
        raise UnmergeableError
    first = leaf.lines[0]
    before, old = first.text[: leaf.value_at], first.text[leaf.value_at :]
    written = f"'{text}'" if old.startswith("'") and "'" not in text else yamlwriter.flow(text)
    return replace(item, body=Leaf((Line(first.indent, before + written),), data, leaf.comment, 0, leaf.value_at))


def _is_in_braces(page: Page) -> bool:
    return page.block.flow


def _merge_blocks(base: Block, ours: Block, theirs: Block) -> Block:
    if ours.flow != theirs.flow or (base.entries and base.flow != ours.flow):
        raise UnmergeableError
    before, own, other = base.items(), ours.items(), theirs.items()
    merged: dict[str, Item | Clash] = {}
    for key in {**own, **other}:
        if entry := _merge_items(before.get(key), own.get(key), other.get(key)):
            merged[key] = entry
    order = merged_order(list(before), list(own), list(other), kept=merged)
    return Block(
        _chosen(base.column, ours.column, theirs.column),
        tuple(merged[key] for key in order),
        merge_lines(base.trail, ours.trail, theirs.trail),
        ours.flow,
        _chosen(base.ended, ours.ended, theirs.ended),
    )


def _merge_items(base: Item | None, ours: Item | None, theirs: Item | None) -> Item | Clash | None:
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if ours is None or theirs is None:
        return Clash((ours or theirs or base).key, ours, theirs)  # type: ignore[union-attr] # one of them is there
    lead = merge_lines(base.lead if base else (), ours.lead, theirs.lead)
    after = merge_lines(base.after if base else (), ours.after, theirs.after)
    body = _merge_bodies(base.body if base else None, ours.body, theirs.body)
    if body is None:
        own, other = (replace(side, lead=(), after=()) for side in (ours, theirs))
        return Clash(ours.key, own, other, lead, after)
    return Item(ours.key, lead, body, after)


def _merge_bodies(base: Leaf | Branch | None, ours: Leaf | Branch, theirs: Leaf | Branch) -> Leaf | Branch | None:
    """Return the merged lines of an entry; None if they clash."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    if isinstance(ours, Leaf) and isinstance(theirs, Leaf):
        return _merge_leaves(base if isinstance(base, Leaf) else None, ours, theirs)
    if not (isinstance(ours, Branch) and isinstance(theirs, Branch)):
        return None
    if isinstance(base, Leaf) and base.data not in _EMPTY:
        return None
    return _merge_branches(base if isinstance(base, Branch) else None, ours, theirs)


def _merge_branches(base: Branch | None, ours: Branch, theirs: Branch) -> Branch:
    head = _merge_leaves(base.head if base else None, ours.head, theirs.head)
    before = base.block if base else Block(ours.block.column, flow=ours.block.flow)
    block = _merge_blocks(before, ours.block, theirs.block)
    foot = _merge_optional(base.foot if base else None, ours.foot, theirs.foot)
    return Branch(head or ours.head, block, foot)


def _merge_optional(base: Leaf | None, ours: Leaf | None, theirs: Leaf | None) -> Leaf | None:
    return _merge_leaves(base, ours, theirs) if ours and theirs else ours


def _merge_leaves(base: Leaf | None, ours: Leaf, theirs: Leaf) -> Leaf | None:
    """Merge values; of those that mean the same, take the spelling that changed. None if they clash."""
    comment = merge_comment(base.comment if base else "", ours.comment, theirs.comment)
    if ours.data == theirs.data:
        chosen = theirs if base and _spelling(ours) == _spelling(base) else ours
    elif base and theirs.data == base.data:
        chosen = ours
    elif base and ours.data == base.data:
        chosen = theirs
    else:
        return None
    return replace(chosen, comment=comment)


def _spelling(leaf: Leaf) -> object:
    return leaf.lines, leaf.commented


def _chosen(base: _T, ours: _T, theirs: _T) -> _T:
    return theirs if ours == base else ours
