"""How much memory values take, including all that they refer to; each large value is counted once.

This runs when memory is short, so it uses little: it remembers only those visited values whose double counting would
matter, and it stops at a maximum.
"""

import sys
from collections.abc import Iterable, Iterator

from sealwright_templating.limits import ITEM_BYTES
from sealwright_templating.values.objects import Map, Pointer, Slice, Struct, Value

_SMALL_BYTES = 128
"""A text up to this length is counted every time: remembering it would take as much memory as the text."""


def weigh(roots: Iterable[Value], most: int = sys.maxsize) -> tuple[int, int]:
    """Return about how many bytes the values take, and how many values were visited; stops beyond `most` bytes."""
    waiting, seen, weight, count = [iter(roots)], set[int](), 0, 0
    while waiting and weight <= most:
        for value in waiting[-1]:
            if _is_remembered(value):
                if id(value) in seen:
                    continue
                seen.add(id(value))
            count += 1
            weight += _own_bytes(value)
            if (parts := _parts(value)) is not None:
                waiting.append(parts)
                break
            if weight > most:
                break
        else:
            waiting.pop()
    return weight, count


def _is_remembered(value: Value) -> bool:
    if isinstance(value, bytes):
        return len(value) > _SMALL_BYTES
    return isinstance(value, Slice | Map | Struct | Pointer)


def _own_bytes(value: Value) -> int:
    """Return the memory of a value without its parts, but with the reference to each."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Slice):
        return ITEM_BYTES * (1 + len(value.items))
    if isinstance(value, Map):
        return ITEM_BYTES * (1 + len(value.items)) + sum(map(len, value.items))
    return ITEM_BYTES if isinstance(value, Struct) else 0


def _parts(value: Value) -> Iterator[Value] | None:
    if isinstance(value, Slice):
        return iter(value.items)
    if isinstance(value, Map):
        return iter(value.items.values())
    if isinstance(value, Struct):
        return iter(value.field_values())
    return iter((value.target,)) if isinstance(value, Pointer) else None
