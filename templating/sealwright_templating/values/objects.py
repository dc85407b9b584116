"""Go's values as Python objects. The package `fmt` prints them.

    Go                       Python
    string                   bytes: a Go string is a string of bytes, and need not be UTF-8
    int                      int, always within 64 bits (see `wrap`)
    bool, float64            bool, float
    complex128               complex
    nil                      None
    int64, uint8, time.Month TypedInt, any integer type but int itself
    []T, nil or not          Slice
    map[string]T             Map; the keys are bytes
    structs, pointers        subclasses of Struct, Pointer
    no value at all          NO_VALUE, what a missing key gives (Go's invalid reflect.Value)

A function whose parameter is an `interface {}` gets None for NO_VALUE; only those whose parameter is a `reflect.Value`
(the builtins) see the difference.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from sealwright_templating.values.types import (
    ANY_DICT,
    ANY_LIST,
    BOOL,
    COMPLEX128,
    FLOAT64,
    INT,
    INT64,
    INTS,
    SIGNED_BITS,
    STRING,
    STRING_DICT,
    STRINGS,
    UINT8,
    UINT64,
    UNSIGNED_BITS,
    GoType,
    Kind,
    go_type,
)

Value = Any
"""Any of the objects in the table above."""


class _NoValue:
    __slots__ = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "NO_VALUE"


NO_VALUE: Final = _NoValue()


def wrap(number: int, kind: Kind = Kind.INT) -> int:
    """Return a number wrapped to the bits of an integer kind, as Go's arithmetic does it."""
    if bits := UNSIGNED_BITS.get(kind):
        return number & ((1 << bits) - 1)
    half = 1 << (SIGNED_BITS[kind] - 1)
    return ((number + half) & (2 * half - 1)) - half


@dataclass(frozen=True, slots=True)
class TypedInt:
    """An integer whose type is not plain `int`. Make one with `typed_int`, which wraps."""

    go_type: GoType
    value: int


def typed_int(type_: GoType, number: int) -> TypedInt:
    """Return a number, wrapped, as a value of an integer type."""
    return TypedInt(type_, wrap(number, type_.kind))


def int64(number: int) -> TypedInt:
    """Return a number, wrapped, as an int64."""
    return TypedInt(INT64, wrap(number, Kind.INT64))


def uint64(number: int) -> TypedInt:
    """Return a number, wrapped, as a uint64."""
    return TypedInt(UINT64, wrap(number, Kind.UINT64))


def uint8(number: int) -> TypedInt:
    """Return a number, wrapped, as a uint8, the type of a string's bytes."""
    return TypedInt(UINT8, number & 0xFF)


@dataclass(eq=False, slots=True, repr=False)
class Slice:
    """A slice. Elements of a typed slice are as in the table above: bytes in a []string, int in an []int.

    A []uint8 has TypedInts too; `byte_string` returns its bytes. `nil` distinguishes nil from empty.
    """

    go_type: GoType
    items: list[Value]
    nil: bool = False


@dataclass(eq=False, slots=True, repr=False)
class Map:
    """A map whose keys are strings; shared, and changed by `set` and `unset`, as Go's are."""

    go_type: GoType
    items: dict[bytes, Value]
    nil: bool = False


class Struct:
    """Base of struct values: a subclass sets `go_type`, and returns its fields' values in the type's order."""

    __slots__ = ()
    go_type: ClassVar[GoType]

    def field_values(self) -> tuple[Value, ...]:
        """Return the values of the fields that `go_type.fields` names."""
        # Abstract, but not by abc: its metaclass would slow down isinstance, which is called for nearly every value.
        raise NotImplementedError

    def deep_copy(self) -> "Struct":
        """Return the result of Sprig's deepCopy: private fields are lost, unless Go knows their type well."""
        return self


@dataclass(eq=False, slots=True, repr=False)
class Pointer:
    """A pointer to a struct, such as a *semver.Version; two pointers are equal if they are the same object."""

    go_type: GoType
    target: Struct | None = field(default=None)


def pointer_to(target: Struct) -> Pointer:
    """Return a new pointer to a struct."""
    return Pointer(go_type("*" + target.go_type.name), target)


def any_list(items: Iterable[Value]) -> Slice:
    """Return a []interface {} of the elements."""
    return Slice(ANY_LIST, list(items))


def strings(items: Iterable[bytes]) -> Slice:
    """Return a []string of the elements."""
    return Slice(STRINGS, list(items))


def ints(items: Iterable[int]) -> Slice:
    """Return an []int of the elements."""
    return Slice(INTS, list(items))


def any_dict(items: Mapping[bytes, Value]) -> Map:
    """Return a map[string]interface {} of the items."""
    return Map(ANY_DICT, dict(items))


def string_dict(items: Mapping[bytes, bytes]) -> Map:
    """Return a map[string]string of the items."""
    return Map(STRING_DICT, dict(items))


def byte_string(slice_: Slice) -> bytes:
    """Return the bytes of a []uint8."""
    return bytes(item.value for item in slice_.items)


_PLAIN_TYPES: dict[type, GoType] = {bool: BOOL, int: INT, float: FLOAT64, bytes: STRING, complex: COMPLEX128}


def type_of(value: Value) -> GoType | None:
    """Return the type of a value; None for nil and for NO_VALUE, which have none."""
    found = _PLAIN_TYPES.get(type(value))
    if found is not None or value is None or value is NO_VALUE:
        return found
    type_: GoType = value.go_type
    return type_


def kind_of(value: Value) -> Kind:
    """Return the kind of a value, Kind.INVALID for nil and for NO_VALUE."""
    type_ = type_of(value)
    return Kind.INVALID if type_ is None else type_.kind


def type_name(value: Value) -> str:
    """Return what `%T` prints."""
    type_ = type_of(value)
    return "<nil>" if type_ is None else type_.name


def is_nil(value: Value) -> bool:
    """Tell whether a value is nil, a nil slice, map or pointer, or NO_VALUE."""
    if isinstance(value, Slice | Map):
        return value.nil
    return value is None or value is NO_VALUE or (isinstance(value, Pointer) and value.target is None)


def truth(value: Value) -> bool:
    """Return whether `if` treats a value as true: not zero, not empty and not nil. A struct is always true."""
    if isinstance(value, Slice | Map):
        return bool(value.items)
    if isinstance(value, TypedInt):
        return value.value != 0
    if isinstance(value, Pointer):
        return value.target is not None
    return bool(value) or isinstance(value, Struct)


def integer(value: Value) -> int | None:
    """Return the number of an integer of any type, None for anything else (a bool is not an integer)."""
    if isinstance(value, TypedInt):
        return value.value
    return value if type(value) is int else None
