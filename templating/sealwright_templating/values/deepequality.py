"""Whether two values are deeply equal, by the rules of Go's reflect.DeepEqual."""

from sealwright_templating.limits import Budget
from sealwright_templating.values.objects import Map, Pointer, Slice, Struct, Value, type_of
from sealwright_templating.values.registry import BYTES_READ_PER_STEP


def deep_equal(budget: Budget, one: Value, other: Value) -> bool:
    """Tell whether two values are deeply equal: types, nil or not, elements. NaN is not equal to itself.

    Values that contain themselves are equal if no difference is found before they repeat.
    """
    return _Comparison(budget).equal(one, other, 0)


class _Comparison:
    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._under_way: set[tuple[int, int]] = set()

    def equal(self, one: Value, other: Value, level: int) -> bool:
        self._budget.steps(1)
        if type(one) is not type(other) or type_of(one) is not type_of(other):
            return False
        if isinstance(one, bytes):
            if len(one) != len(other):
                return False
            self._budget.steps(len(one) // BYTES_READ_PER_STEP)
        if not isinstance(one, Slice | Map | Struct | Pointer):
            return bool(one == other)
        if isinstance(one, Slice | Map) and one.nil != other.nil:
            return False
        return self._equal_inside(one, other, level)

    def _equal_inside(self, one: Value, other: Value, level: int) -> bool:
        pair = (id(one), id(other))
        if pair in self._under_way:
            return True
        self._budget.depth(level)
        self._under_way.add(pair)
        if isinstance(one, Pointer):
            return one is other or self.equal(one.target, other.target, level + 1)
        if isinstance(one, Struct):
            return self._all_equal(list(one.field_values()), list(other.field_values()), level)
        if isinstance(one, Slice):
            return one is other or self._all_equal(one.items, other.items, level)
        return one is other or self._equal_items(one.items, other.items, level)

    def _all_equal(self, ones: list[Value], others: list[Value], level: int) -> bool:
        pairs = zip(ones, others, strict=False)
        return len(ones) == len(others) and all(self.equal(one, other, level + 1) for one, other in pairs)

    def _equal_items(self, one: dict[bytes, Value], other: dict[bytes, Value], level: int) -> bool:
        return one.keys() == other.keys() and all(self.equal(one[key], other[key], level + 1) for key in one)
