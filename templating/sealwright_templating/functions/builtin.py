"""The functions of the language itself, except for `slice`, which Sprig replaces.

Their parameters are reflect.Values, so they get values as they are in lists and dicts. `and` and `or` do not evaluate
all their arguments; their steps are in `machine/steps.py`, and their functions here are never called.
"""

from typing import NoReturn

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.go import escaping, fmt
from sealwright_templating.values import comparison
from sealwright_templating.values.objects import (
    NO_VALUE,
    Map,
    Pointer,
    Slice,
    Value,
    integer,
    truth,
    type_name,
    uint8,
)
from sealwright_templating.values.printing import printable
from sealwright_templating.values.registry import function


@function("and", "or", signature="func(reflect.Value, ...reflect.Value) reflect.Value")
def and_or(*_: Value) -> NoReturn:
    """Return the first argument that decides the result, or the last one."""
    raise FunctionError("and and or are evaluated step by step")


@function("not", signature="func(reflect.Value) bool")
def negate(value: Value) -> bool:
    """Tell whether a value is not true."""
    return not truth(value)


@function("len", signature="func(reflect.Value) (int, error)")
def length(value: Value) -> int:
    """Return the number of bytes of a string, or of elements."""
    if isinstance(value, Pointer):
        value = value.target
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, Slice | Map):
        return len(value.items)
    raise FunctionError(f"a value of type {type_name(value)} has no length")


@function("index", signature="func(reflect.Value, ...reflect.Value) (reflect.Value, error)")
def index(value: Value, *indices: Value) -> Value:
    """Return the element at an index or key; further arguments index into that element."""
    if value is NO_VALUE or value is None:
        raise FunctionError("nil has no elements")
    for key in indices:
        value = _element(value, key)
    return value


def _element(value: Value, key: Value) -> Value:
    if isinstance(value, Map):
        return _value_at(value, key)
    if not isinstance(value, Slice | bytes):
        raise FunctionError(f"a value of type {type_name(value)} has no elements")
    number = integer(key)
    if number is None:
        raise FunctionError(f"a value of type {type_name(key)} is not an index")
    elements = value.items if isinstance(value, Slice) else value
    if not 0 <= number < len(elements):
        raise FunctionError("the index is out of range")
    return elements[number] if isinstance(value, Slice) else uint8(value[number])


def _value_at(value: Map, key: Value) -> Value:
    if not isinstance(key, bytes):
        raise FunctionError(f"a value of type {type_name(key)} is not a key of a dict")
    otherwise = b"" if value.go_type.name == "map[string]string" else NO_VALUE
    return value.items.get(key, otherwise)


@function("call", signature="func(reflect.Value, ...reflect.Value) reflect.Value")
def call(*_: Value) -> NoReturn:
    """Always fail, because templates have no values that are functions."""
    raise FunctionError("its first argument is not a function")


@function("print", signature="func(...interface {}) string")
def print_values(context: Context, *values: Value) -> bytes:
    """Return the values as text, with spaces between values that are not strings."""
    return fmt.sprint(context, *values)


@function("println", signature="func(...interface {}) string")
def print_line(context: Context, *values: Value) -> bytes:
    """Return the values as text, with spaces between them and a line break at the end."""
    return fmt.sprintln(context, *values)


@function("printf", signature="func(string, ...interface {}) string")
def print_format(context: Context, text: bytes, *values: Value) -> bytes:
    """Return the values formatted by a format string."""
    return fmt.sprintf(context, text, *values)


@function("html", signature="func(...interface {}) string")
def html(context: Context, *values: Value) -> bytes:
    """Return the values as text, escaped for HTML."""
    return escaping.html(context.budget, _text(context, values))


@function("js", signature="func(...interface {}) string")
def js(context: Context, *values: Value) -> bytes:
    """Return the values as text, escaped for a JavaScript string."""
    return escaping.javascript(context.budget, _text(context, values))


@function("urlquery", signature="func(...interface {}) string")
def urlquery(context: Context, *values: Value) -> bytes:
    """Return the values as text, escaped for the query of a URL."""
    return escaping.query(context.budget, _text(context, values))


def _text(context: Context, values: tuple[Value, ...]) -> bytes:
    return fmt.sprint(context, *map(printable, values))


@function("eq", signature="func(reflect.Value, ...reflect.Value) (bool, error)")
def eq(value: Value, *others: Value) -> bool:
    """Tell whether the first value equals any of the others."""
    if not others:
        raise FunctionError("there is nothing to compare with")
    return any(comparison.equal(value, other) for other in others)


@function("ne", signature="func(reflect.Value, reflect.Value) (bool, error)")
def ne(one: Value, other: Value) -> bool:
    """Tell whether two values differ."""
    return not comparison.equal(one, other)


@function("lt", signature="func(reflect.Value, reflect.Value) (bool, error)")
def lt(one: Value, other: Value) -> bool:
    """Tell whether the first value is less than the second."""
    return comparison.less(one, other)


@function("le", signature="func(reflect.Value, reflect.Value) (bool, error)")
def le(one: Value, other: Value) -> bool:
    """Tell whether the first value is less than or equal to the second."""
    return comparison.less(one, other) or comparison.equal(one, other)


@function("gt", signature="func(reflect.Value, reflect.Value) (bool, error)")
def gt(one: Value, other: Value) -> bool:
    """Tell whether the first value is greater than the second."""
    return not le(one, other)


@function("ge", signature="func(reflect.Value, reflect.Value) (bool, error)")
def ge(one: Value, other: Value) -> bool:
    """Tell whether the first value is greater than or equal to the second."""
    return not comparison.less(one, other)
