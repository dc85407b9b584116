"""Merges comments: lines of them, and those behind a value. What either side added stays, so nothing ever clashes."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from sealwright_manifests.merging.pieces import Line, Lines


def merge_lines(base: Lines, ours: Lines, theirs: Lines) -> Lines:
    """Return the lines that neither side removed, with those that either added: at the same place, ours first."""
    if theirs in (ours, base):
        return ours
    if ours == base:
        return theirs
    kept_by_us, added_by_us = _changes(base, ours)
    kept_by_them, added_by_them = _changes(base, theirs)
    merged: list[Line] = []
    for at in range(len(base) + 1):
        own = added_by_us.get(at, ())
        merged += [*own, *(line for line in added_by_them.get(at, ()) if line not in own)]
        if at in kept_by_us and at in kept_by_them:
            merged.append(base[at])
    return tuple(merged)


def _changes(base: Lines, side: Lines) -> tuple[set[int], dict[int, Sequence[Line]]]:
    """Return the positions of lines that a side kept, and the lines that it added before each position."""
    kept: set[int] = set()
    added: dict[int, Sequence[Line]] = {}
    for what, start, end, low, high in SequenceMatcher(None, base, side, autojunk=False).get_opcodes():
        if what == "equal":
            kept.update(range(start, end))
        elif high > low:
            added[start] = side[low:high]
    return kept, added


def merge_comment(base: str, ours: str, theirs: str) -> str:
    """Return the comment behind a value: if both sides changed it, both comments, ours first."""
    if ours.strip() == theirs.strip() or theirs == base:
        return ours
    if ours == base or not ours:
        return theirs
    return f"{ours} {theirs.lstrip()}" if theirs else ours
