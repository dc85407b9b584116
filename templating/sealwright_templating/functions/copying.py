"""Deep copies of values."""

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.limits import ITEM_BYTES, Budget
from sealwright_templating.values.objects import Map, Pointer, Slice, Struct, Value, pointer_to
from sealwright_templating.values.registry import function


@function("deepCopy", signature="func(interface {}) interface {}")
@function("mustDeepCopy", signature="func(interface {}) (interface {}, error)")
def deep_copy(context: Context, value: Value) -> Value:
    """Return a deep copy of a value; nil is an error."""
    if value is None:
        raise FunctionError("nil cannot be copied")
    return _Copier(context.budget).copy(value, 0)


class _Copier:
    """Makes one copy; all its lists and dicts together are limited like one value."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._items = 0

    def copy(self, value: Value, level: int) -> Value:
        if isinstance(value, Struct):
            return value.deep_copy()
        if isinstance(value, Pointer):
            return value if value.target is None else pointer_to(value.target.deep_copy())
        if not isinstance(value, Slice | Map):
            return value
        self._budget.depth(level)
        self._budget.items(1 + len(value.items))
        self._budget.steps(1 + len(value.items))
        self._items += 1 + len(value.items)
        self._budget.size(self._items * ITEM_BYTES)
        if isinstance(value, Slice):
            return Slice(value.go_type, [self.copy(item, level + 1) for item in value.items], value.nil)
        items = {key: self.copy(item, level + 1) for key, item in value.items.items()}
        return Map(value.go_type, items, value.nil)
