"""What a value is: its type, its kind, and whether two values are equal all the way down."""

from sealwright_templating.context import Context
from sealwright_templating.values.deepequality import deep_equal
from sealwright_templating.values.objects import Value, kind_of, type_name
from sealwright_templating.values.registry import function


@function("typeOf", signature="func(interface {}) string")
def type_of_value(value: Value) -> bytes:
    """Return the name of a value's type, as `%T` prints it."""
    return type_name(value).encode()


@function("typeIs", signature="func(string, interface {}) bool")
def type_is(name: bytes, value: Value) -> bool:
    """Tell whether a value is of the type of that name."""
    return name == type_of_value(value)


@function("typeIsLike", signature="func(string, interface {}) bool")
def type_is_like(name: bytes, value: Value) -> bool:
    """Tell whether a value is of the type of that name, or a pointer to one that is."""
    return type_of_value(value) in {name, b"*" + name}


@function("kindOf", signature="func(interface {}) string")
def kind_of_value(value: Value) -> bytes:
    """Return what kind of type a value has: `map`, `slice`, `string`, `int`; `invalid` for nil."""
    return kind_of(value).value.encode()


@function("kindIs", signature="func(string, interface {}) bool")
def kind_is(name: bytes, value: Value) -> bool:
    """Tell whether a value's type is of the kind of that name."""
    return name == kind_of_value(value)


@function("deepEqual", signature="func(interface {}, interface {}) bool")
def deep_equal_values(context: Context, one: Value, other: Value) -> bool:
    """Tell whether two values are of the same type and equal all the way down."""
    return deep_equal(context.budget, one, other)
