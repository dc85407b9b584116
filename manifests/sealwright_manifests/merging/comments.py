"""Merges comments: lines of them, and those behind a value. What either side added stays, so nothing ever clashes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from sealwright_manifests.merging.pieces import Line, Lines

MOST_COMPARED = 64
"""Lines of a version, between those that begin and end both, that are compared one by one.

What SequenceMatcher takes grows with the cube of their number where few lines differ from each other. An author has
seldom changed more lines of comments in one place; if so, they count as changed as a whole, and what either side wrote
still stays.
"""


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
        merged += [*own, *_beyond(own, added_by_them.get(at, ()))]
        if at in kept_by_us and at in kept_by_them:
            merged.append(base[at])
    return tuple(merged)


def _beyond(own: Sequence[Line], others: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines of others that we have not; a line that they have more often, so many times more."""
    left = Counter(own)
    for line in others:
        if left[line]:
            left[line] -= 1
        else:
            yield line


def _changes(base: Lines, side: Lines) -> tuple[set[int], dict[int, Sequence[Line]]]:
    """Return the positions of lines that a side kept, and the lines that it added before each position."""
    top = _equal_lines(base, side)
    bottom = _equal_lines(base[top:][::-1], side[top:][::-1])
    middle = base[top : len(base) - bottom]
    kept = {*range(top), *range(len(base) - bottom, len(base))}
    added: dict[int, Sequence[Line]] = {}
    for what, start, end, low, high in _opcodes(middle, side[top : len(side) - bottom]):
        if what == "equal":
            kept.update(range(top + start, top + end))
        elif high > low:
            added[top + start] = side[top + low : top + high]
    return kept, added


def _equal_lines(one: Lines, other: Lines) -> int:
    """Return how many lines are the same from the beginning on."""
    differing = (at for at, (line, its) in enumerate(zip(one, other, strict=False)) if line != its)
    return next(differing, min(len(one), len(other)))


def _opcodes(base: Lines, side: Lines) -> Sequence[tuple[str, int, int, int, int]]:
    if max(len(base), len(side)) > MOST_COMPARED:
        return [("replace", 0, len(base), 0, len(side))]
    return SequenceMatcher(None, base, side, autojunk=False).get_opcodes()


def merge_comment(base: str, ours: str, theirs: str) -> str:
    """Return the comment behind a value: if both sides changed it, both comments, ours first."""
    if ours.strip() == theirs.strip() or theirs == base:
        return ours
    if ours == base or not ours:
        return theirs
    return f"{ours} {theirs.lstrip()}" if theirs else ours
