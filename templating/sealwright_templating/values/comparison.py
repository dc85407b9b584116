"""Equality and order for `eq` and `lt`: integers of all types are comparable; other types do not mix."""

from sealwright_templating.errors import FunctionError
from sealwright_templating.values.objects import (
    Map,
    Pointer,
    Slice,
    Struct,
    TypedInt,
    Value,
    is_nil,
    kind_of,
    type_name,
    type_of,
)
from sealwright_templating.values.types import Kind

_BASIC = frozenset([Kind.BOOL, Kind.FLOAT64, Kind.COMPLEX128, Kind.STRING])


def equal(one: Value, other: Value) -> bool:
    """Tell whether two values are equal. Raises FunctionError if their types cannot be compared."""
    kinds = _basic_kind(one), _basic_kind(other)
    if kinds[0] is not kinds[1]:
        if is_nothing(one) or is_nothing(other):
            return False
        raise FunctionError(f"values of types {type_name(one)} and {type_name(other)} cannot be compared")
    if kinds[0] is not None:
        return bool(_plain(one) == _plain(other))
    if kind_of(one) is not kind_of(other) and not (is_nothing(one) or is_nothing(other)):
        raise FunctionError(f"values of types {type_name(one)} and {type_name(other)} cannot be compared")
    if is_nil(one) or is_nil(other):
        return is_nil(one) and is_nil(other)
    if isinstance(one, Slice | Map):
        raise FunctionError(f"values of type {type_name(one)} cannot be compared")
    if isinstance(one, Pointer):
        return one is other
    return type_of(one) is type_of(other) and isinstance(one, Struct) and one.field_values() == other.field_values()


def less(one: Value, other: Value) -> bool:
    """Tell whether a value comes before another. Raises FunctionError if they have no order."""
    kind, other_kind = _basic_kind(one), _basic_kind(other)
    if kind is None or other_kind is None:
        raise FunctionError("values of this type have no order")
    if kind is not other_kind:
        raise FunctionError(f"values of types {type_name(one)} and {type_name(other)} cannot be compared")
    if kind in {Kind.BOOL, Kind.COMPLEX128}:
        raise FunctionError(f"values of type {type_name(one)} have no order")
    return bool(_plain(one) < _plain(other))


def is_nothing(value: Value) -> bool:
    """Tell whether a value is NO_VALUE, or a nil in a list or dict."""
    return type_of(value) is None


def _basic_kind(value: Value) -> Kind | None:
    """Return the kind used to compare a value: INT for integers of any type; None if it is not a plain value."""
    if isinstance(value, TypedInt):
        return Kind.INT
    kind = kind_of(value)
    return kind if kind in _BASIC or kind is Kind.INT else None


def _plain(value: Value) -> Value:
    return value.value if isinstance(value, TypedInt) else value
