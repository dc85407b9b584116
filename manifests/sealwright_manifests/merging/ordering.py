"""The order of merged entries: that of the side that moved some, ours if both did; added ones stay where they were."""

from collections.abc import Collection, Sequence


def merged_order(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str], *, kept: Collection[str]
) -> Sequence[str]:
    """Return the keys of `kept` in order; the other arguments are the keys of the three versions, in theirs."""
    leading, other = ours, theirs
    if not _is_moved(base, ours) and _is_moved(base, theirs):
        leading, other = theirs, ours
    order = [key for key in leading if key in kept]
    added = _added_behind(order, other, kept)
    slots = _slots(order, {*base, *other})
    runs = {slots[before]: keys for before, keys in added.items()}
    merged = list(runs.get(0, ()))
    for at, key in enumerate(order, start=1):
        merged += [key, *runs.get(at, ())]
    return merged


def _added_behind(order: Sequence[str], other: Sequence[str], kept: Collection[str]) -> dict[str | None, list[str]]:
    """Return the kept keys that `order` lacks, by the key of it that they follow in `other`; None for the beginning."""
    known = set(order)
    found: dict[str | None, list[str]] = {}
    before: str | None = None
    for key in other:
        if key in known:
            before = key
        elif key in kept:
            found.setdefault(before, []).append(key)
    return found


def _slots(order: Sequence[str], elsewhere: Collection[str]) -> dict[str | None, int]:
    """Return where what is added behind each key goes: behind what the leading side alone has there."""
    slots: dict[str | None, int] = {}
    slot = len(order)
    for at in range(len(order) - 1, -1, -1):
        slots[order[at]] = slot
        slot = at if order[at] in elsewhere else slot
    slots[None] = slot
    return slots


def _is_moved(base: Sequence[str], side: Sequence[str]) -> bool:
    in_base, in_side = set(base), set(side)
    return [key for key in base if key in in_side] != [key for key in side if key in in_base]
