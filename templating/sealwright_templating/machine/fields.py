"""The meaning of `.name` for a value: a method, a field of a struct, or the element of a map under that key."""

from dataclasses import dataclass

from sealwright_templating.context import Context
from sealwright_templating.errors import ArgumentError, FunctionError, quoted
from sealwright_templating.values.objects import NO_VALUE, Map, Pointer, Struct, Value, type_of
from sealwright_templating.values.registry import Function, method_of


@dataclass(frozen=True, slots=True)
class Bound:
    """A method and its receiver."""

    function: Function
    receiver: Value


def field_of(context: Context, receiver: Value, name: str) -> Value:
    """Return a field, the result of a method without arguments, or a map's element; NO_VALUE if the receiver is that.

    Raises ArgumentError if it does not exist, FunctionError if the method fails.
    """
    if isinstance(receiver, Map):
        return receiver.items.get(name.encode(), NO_VALUE)
    if receiver is NO_VALUE:
        return NO_VALUE
    found = method_or_field(receiver, name, 0)
    if not isinstance(found, Bound):
        return found
    try:
        return found.function.call(context, [found.receiver])
    except FunctionError as error:
        raise FunctionError(f"method {quoted(name)} failed: {error.reason}", error.detail) from None


def method_or_field(receiver: Value, name: str, arguments: int) -> Value:
    """Return a value's method, bound to it, for this many arguments; if it has none, a struct's field."""
    type_ = type_of(receiver)
    if type_ is None:
        raise ArgumentError(f"nil has no field {quoted(name)}")
    method = method_of(type_, name)
    if method is not None:
        return _bound(method, receiver, arguments)
    if isinstance(receiver, Map) and arguments:
        raise ArgumentError(f"{quoted(name)} is not a method, but has arguments")
    struct = receiver.target if isinstance(receiver, Pointer) else receiver
    if isinstance(struct, Struct):
        for (field, _), value in zip(struct.go_type.fields, struct.field_values(), strict=True):
            if field == name and name[:1].isupper() and not arguments:
                return value
    raise ArgumentError(f"a value of type {type_.name} has no field or method {quoted(name)}")


def _bound(method: Function, receiver: Value, arguments: int) -> Bound:
    if wrong := method.signature.misfit(arguments):
        raise ArgumentError(f"wrong number of arguments for method {quoted(method.name)}: {wrong}")
    if defect := method.signature.defect:
        raise ArgumentError(f"method {quoted(method.name)} cannot be called in a template: {defect}")
    if isinstance(receiver, Pointer):
        if receiver.target is None:
            raise ArgumentError(f"method {quoted(method.name)} is called on a nil pointer")
        return Bound(method, receiver.target)
    return Bound(method, receiver)
