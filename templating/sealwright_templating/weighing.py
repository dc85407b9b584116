"""How much memory values take, all that hangs on them included and each counted once."""

from collections.abc import Iterable

from sealwright_templating.limits import ITEM_BYTES
from sealwright_templating.values import Map, Pointer, Slice, Struct, Value


def weigh(roots: Iterable[Value]) -> tuple[int, int]:
    """Return about how many bytes the values take, and how many values they are."""
    waiting, seen, weight = list(roots), set[int](), 0
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, bytes):
            weight += len(value)
        elif isinstance(value, Slice):
            weight += ITEM_BYTES * (1 + len(value.items))
            waiting += value.items
        elif isinstance(value, Map):
            weight += ITEM_BYTES * (1 + len(value.items))
            waiting += value.items.values()
            weight += sum(map(len, value.items))
        elif isinstance(value, Struct):
            weight += ITEM_BYTES
            waiting += value.field_values()
        elif isinstance(value, Pointer):
            waiting.append(value.target)
    return weight, len(seen)
