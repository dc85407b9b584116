"""The elements of a `range`, in order: of lists, maps by their sorted keys, and the numbers below an integer."""

from collections.abc import Iterator

from sealwright_templating.errors import ArgumentError
from sealwright_templating.limits import Budget
from sealwright_templating.values.objects import NO_VALUE, Map, Slice, TypedInt, Value, type_of

Iteration = Iterator[tuple[Value, Value]]
"""Index or key, and element."""


def iterate(budget: Budget, value: Value, variables: int) -> Iteration | None:
    """Return the passes of a `range` with this many variables; None for no pass. Raises ArgumentError."""
    if isinstance(value, Slice):
        return _elements(value.items) if value.items else None
    if isinstance(value, Map):
        budget.items(len(value.items))
        return iter([(key, value.items[key]) for key in sorted(value.items)]) if value.items else None
    if value is NO_VALUE:
        return None
    if isinstance(value, TypedInt) or type(value) is int:
        if variables > 1:
            raise ArgumentError("an integer gives one variable only, not two")
        return _below(value)
    type_ = type_of(value)
    raise ArgumentError(f"range cannot go over a value of type {type_.name if type_ else 'nil'}")


def _elements(items: list[Value]) -> Iteration:
    """Yield each element as it is when its pass begins."""
    yield from enumerate(items)


def _below(end: Value) -> Iteration | None:
    if isinstance(end, TypedInt):
        type_, count = end.go_type, end.value
        return ((TypedInt(type_, number), TypedInt(type_, number)) for number in range(count)) if count > 0 else None
    return ((number, number) for number in range(end)) if end > 0 else None
