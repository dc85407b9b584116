"""Types and kinds of values, and deep equality."""

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
    """Tell whether a value has the named type."""
    return name == type_of_value(value)


@function("typeIsLike", signature="func(string, interface {}) bool")
def type_is_like(name: bytes, value: Value) -> bool:
    """Tell whether a value has the named type, or is a pointer to such a value."""
    return type_of_value(value) in {name, b"*" + name}


@function("kindOf", signature="func(interface {}) string")
def kind_of_value(value: Value) -> bytes:
    """Return the kind of a value's type: `map`, `slice`, `string`, `int`; `invalid` for nil."""
    return kind_of(value).value.encode()


@function("kindIs", signature="func(string, interface {}) bool")
def kind_is(name: bytes, value: Value) -> bool:
    """Tell whether a value's type has the named kind."""
    return name == kind_of_value(value)


@function("deepEqual", signature="func(interface {}, interface {}) bool")
def deep_equal_values(context: Context, one: Value, other: Value) -> bool:
    """Tell whether two values have the same type and are deeply equal."""
    return deep_equal(context.budget, one, other)
