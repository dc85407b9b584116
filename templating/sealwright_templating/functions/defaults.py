"""Empty values, and defaults for them."""

from sealwright_templating.errors import FunctionError
from sealwright_templating.values.objects import Value, truth
from sealwright_templating.values.registry import function


def is_empty(value: Value) -> bool:
    """Tell whether a value is empty for Sprig, that is, not true."""
    return not truth(value)


@function("empty", signature="func(interface {}) bool")
def empty(value: Value) -> bool:
    """Tell whether a value is empty: zero, nil, or without elements."""
    return is_empty(value)


@function("default", signature="func(interface {}, ...interface {}) interface {}")
def default(otherwise: Value, *given: Value) -> Value:
    """Return the last argument, or the first if the last is empty."""
    return otherwise if not given or is_empty(given[0]) else given[0]


@function("coalesce", signature="func(...interface {}) interface {}")
def coalesce(*values: Value) -> Value:
    """Return the first value that is not empty, or nil."""
    return next((value for value in values if not is_empty(value)), None)


@function("all", signature="func(...interface {}) bool")
def all_given(*values: Value) -> bool:
    """Tell whether all values are non-empty."""
    return not any(map(is_empty, values))


@function("any", signature="func(...interface {}) bool")
def any_given(*values: Value) -> bool:
    """Tell whether at least one value is non-empty."""
    return not all(map(is_empty, values))


@function("ternary", signature="func(interface {}, interface {}, bool) interface {}")
def ternary(if_true: Value, if_false: Value, condition: bool) -> Value:  # noqa: FBT001 - the order is Sprig's
    """Return the first argument if the last is true, else the second."""
    return if_true if condition else if_false


@function("fail", signature="func(string) (string, error)")
def fail(message: bytes) -> bytes:
    """Fail with a message, which only people with the values can see."""
    raise FunctionError("the template says so", message.decode(errors="replace"))
