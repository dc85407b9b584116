"""Which values a parameter accepts, and what the function receives: Go's rules of assignment, nothing more.

A string parameter accepts a string; numbers are never converted. `constants.py` handles literals, which are more
flexible than values (`3` is an int, a uint32 or a float64, as needed).
"""

from sealwright_templating.errors import ArgumentError
from sealwright_templating.values.objects import NO_VALUE, Map, Pointer, Slice, TypedInt, Value, type_of
from sealwright_templating.values.types import ANY, REFLECT_VALUE, GoType, Kind


def fit(value: Value, wanted: GoType) -> Value:
    """Return a value for a function whose parameter has the wanted type. Raises ArgumentError if it does not fit.

    An integer of any type arrives as a plain int if the parameter is of an integer type.
    """
    if wanted is ANY:
        return None if value is NO_VALUE else value
    if wanted is REFLECT_VALUE:
        return value
    type_ = type_of(value)
    if type_ is wanted:
        return value.value if isinstance(value, TypedInt) else value
    if value is NO_VALUE:
        return nil_of(wanted, f"invalid value; expected {wanted.name}")
    if isinstance(value, Pointer) and value.go_type.element is wanted and value.target is not None:
        return value.target
    found = "interface {}" if type_ is None else type_.name
    raise ArgumentError(f"wrong type for value; expected {wanted.name}; got {found}")


def nil_of(wanted: GoType, complaint: str) -> Value:
    """Return nil as a value of a type; raise ArgumentError with that reason if the type has no nil."""
    if wanted is REFLECT_VALUE:
        return NO_VALUE
    if wanted.kind is Kind.SLICE:
        return Slice(wanted, [], nil=True)
    if wanted.kind is Kind.MAP:
        return Map(wanted, {}, nil=True)
    if wanted.kind is Kind.POINTER:
        return Pointer(wanted)
    if wanted.kind is Kind.INTERFACE:
        return None
    raise ArgumentError(complaint)
