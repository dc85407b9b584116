"""Making lists and taking them apart. Lists are never changed; the functions return new ones."""

from collections.abc import Iterable

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.functions.casts import to_integer
from sealwright_templating.limits import Budget
from sealwright_templating.values.deepequality import deep_equal
from sealwright_templating.values.objects import Map, Pointer, Slice, Struct, Value, truth, type_of
from sealwright_templating.values.registry import function
from sealwright_templating.values.types import ANY_LIST

_ELEMENTS_PER_STEP = 2
"""How many elements of a list are looked at, one by one, in a microsecond."""


@function("list", "tuple", signature="func(...interface {}) []interface {}")
def make_list(context: Context, *items: Value) -> list[Value]:
    """Return a list of the arguments."""
    context.budget.items(len(items))
    return list(items)


def _items(value: Value) -> list[Value]:
    """Return the elements of a list of any type; any other value, even nil, is an error."""
    if not isinstance(value, Slice):
        raise FunctionError("its argument is not a list")
    return value.items


def _copied(context: Context, items: list[Value]) -> list[Value]:
    """Return a copy of a list for a new one; charges for the copy and one more element."""
    context.budget.items(len(items) + 1)
    return items


@function("first", signature="func(interface {}) interface {}")
@function("mustFirst", signature="func(interface {}) (interface {}, error)")
def first(value: Value) -> Value:
    """Return the first element of a list, nil if it is empty."""
    return next(iter(_items(value)), None)


@function("last", signature="func(interface {}) interface {}")
@function("mustLast", signature="func(interface {}) (interface {}, error)")
def last(value: Value) -> Value:
    """Return the last element of a list, nil if it is empty."""
    return next(reversed(_items(value)), None)


@function("rest", signature="func(interface {}) []interface {}")
@function("mustRest", signature="func(interface {}) ([]interface {}, error)")
def rest(context: Context, value: Value) -> Slice:
    """Return all elements except the first; a nil list for an empty one."""
    items = _copied(context, _items(value))
    return Slice(ANY_LIST, items[1:], nil=not items)


@function("initial", signature="func(interface {}) []interface {}")
@function("mustInitial", signature="func(interface {}) ([]interface {}, error)")
def initial(context: Context, value: Value) -> Slice:
    """Return all elements except the last; a nil list for an empty one."""
    items = _copied(context, _items(value))
    return Slice(ANY_LIST, items[:-1], nil=not items)


@function("append", "push", signature="func(interface {}, interface {}) []interface {}")
@function("mustAppend", "mustPush", signature="func(interface {}, interface {}) ([]interface {}, error)")
def append(context: Context, value: Value, item: Value) -> list[Value]:
    """Return the list with an element added at its end."""
    return [*_copied(context, _items(value)), item]


@function("prepend", signature="func(interface {}, interface {}) []interface {}")
@function("mustPrepend", signature="func(interface {}, interface {}) ([]interface {}, error)")
def prepend(context: Context, value: Value, item: Value) -> list[Value]:
    """Return the list with an element added at its beginning."""
    return [item, *_copied(context, _items(value))]


@function("concat", signature="func(...interface {}) interface {}")
def concat(context: Context, *values: Value) -> Slice:
    """Return the elements of all lists in one list."""
    lists = [_items(value) for value in values]
    context.budget.items(count := sum(map(len, lists)))
    return Slice(ANY_LIST, [item for items in lists for item in items], nil=count == 0)


@function("reverse", signature="func(interface {}) []interface {}")
@function("mustReverse", signature="func(interface {}) ([]interface {}, error)")
def reverse(context: Context, value: Value) -> list[Value]:
    """Return the list in reverse order."""
    return _copied(context, _items(value))[::-1]


@function("compact", signature="func(interface {}) []interface {}")
@function("mustCompact", signature="func(interface {}) ([]interface {}, error)")
def compact(context: Context, value: Value) -> list[Value]:
    """Return the list without empty elements."""
    items = _copied(context, _items(value))
    context.budget.steps(len(items) // _ELEMENTS_PER_STEP)
    return [item for item in items if truth(item)]


@function("uniq", signature="func(interface {}) []interface {}")
@function("mustUniq", signature="func(interface {}) ([]interface {}, error)")
def uniq(context: Context, value: Value) -> list[Value]:
    """Return the list without duplicates (deeply equal elements)."""
    simple, composed = set[Value](), list[Value]()
    kept = list[Value]()
    items = _copied(context, _items(value))
    context.budget.steps(len(items) // _ELEMENTS_PER_STEP)
    for item in items:
        if isinstance(item, Slice | Map | Struct | Pointer):
            if _is_in(context.budget, item, composed):
                continue
            composed.append(item)
        else:
            key = (type_of(item), item)
            if item == item and key in simple:  # noqa: PLR0124 - NaN equals nothing
                continue
            simple.add(key)
        kept.append(item)
    return kept


@function("without", signature="func(interface {}, ...interface {}) []interface {}")
@function("mustWithout", signature="func(interface {}, ...interface {}) ([]interface {}, error)")
def without(context: Context, value: Value, *omitted: Value) -> list[Value]:
    """Return the list without elements that are deeply equal to one of the other arguments."""
    return [item for item in _copied(context, _items(value)) if not _is_in(context.budget, item, omitted)]


@function("has", signature="func(interface {}, interface {}) bool")
@function("mustHas", signature="func(interface {}, interface {}) (bool, error)")
def has(context: Context, item: Value, value: Value) -> bool:
    """Tell whether a list has an element that is deeply equal to a value; false for nil."""
    return value is not None and _is_in(context.budget, item, _items(value))


def _is_in(budget: Budget, item: Value, items: Iterable[Value]) -> bool:
    return any(deep_equal(budget, item, other) for other in items)


@function("slice", signature="func(interface {}, ...interface {}) interface {}")
@function("mustSlice", signature="func(interface {}, ...interface {}) (interface {}, error)")
def slice_(context: Context, value: Value, *bounds: Value) -> Value:
    """Return the elements from an index (or 0) up to another (or the end), exclusive; nil for an empty list."""
    items = _items(value)
    if not items:
        return None
    start = to_integer(bounds[0]) if bounds else 0
    end = to_integer(bounds[1]) if len(bounds) > 1 else len(items)
    if not 0 <= start <= end <= len(items):
        raise FunctionError("the list has no such part")
    return Slice(value.go_type, _copied(context, items)[start:end])


@function("chunk", signature="func(int, interface {}) [][]interface {}")
@function("mustChunk", signature="func(int, interface {}) ([][]interface {}, error)")
def chunk(context: Context, size: int, value: Value) -> list[Slice]:
    """Return the list split into lists of a given length; the last one may be shorter."""
    items = _items(value)
    if size <= 0:
        return _chunks_of_no_size(size, items)
    context.budget.items(len(items) + -(-len(items) // size))
    return [Slice(ANY_LIST, items[start : start + size]) for start in range(0, len(items), size)]


def _chunks_of_no_size(size: int, items: list[Value]) -> list[Slice]:
    """Return the chunks that Sprig's formula gives for sizes below 1: none or one for some, an error for most."""
    if size < -1 and len(items) == 1:
        return [Slice(ANY_LIST, items[:])]
    if size == 0 or (len(items) - 1) // size + 1 != 0:
        raise FunctionError("the size of a chunk is not positive")
    return []
