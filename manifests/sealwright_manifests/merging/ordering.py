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
    known = set(order)
    elsewhere = {*base, *other}
    before: str | None = None
    for key in other:
        if key in kept and key not in known:
            at = order.index(before) + 1 if before is not None else 0
            while at < len(order) and order[at] not in elsewhere:  # what the leading side added here goes first
                at += 1
            order.insert(at, key)
            known.add(key)
        if key in known:
            before = key
    return order


def _is_moved(base: Sequence[str], side: Sequence[str]) -> bool:
    in_base, in_side = set(base), set(side)
    return [key for key in base if key in in_side] != [key for key in side if key in in_base]
