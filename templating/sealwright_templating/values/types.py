"""Go's types, as far as templates need them: a name, a kind, and the components of named types.

There is one object for each type, so types are compared with `is`. `objects.py` has the Python classes of their values.
`registry.py` has their methods, because methods have types in their signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Go's kinds, by the names that `kindOf` gives."""

    INVALID = "invalid"
    BOOL = "bool"
    INT = "int"
    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    UINT = "uint"
    UINT8 = "uint8"
    UINT16 = "uint16"
    UINT32 = "uint32"
    UINT64 = "uint64"
    UINTPTR = "uintptr"
    FLOAT64 = "float64"
    COMPLEX128 = "complex128"
    STRING = "string"
    SLICE = "slice"
    MAP = "map"
    POINTER = "ptr"
    STRUCT = "struct"
    INTERFACE = "interface"
    FUNC = "func"


SIGNED_BITS = {Kind.INT: 64, Kind.INT8: 8, Kind.INT16: 16, Kind.INT32: 32, Kind.INT64: 64}
UNSIGNED_BITS = {
    Kind.UINT: 64,
    Kind.UINT8: 8,
    Kind.UINT16: 16,
    Kind.UINT32: 32,
    Kind.UINT64: 64,
    Kind.UINTPTR: 64,
}


@dataclass(frozen=True, eq=False, slots=True)
class GoType:
    """A type. `name` is what `%T` prints; `element` is that of a slice, map or pointer, `key` that of a map.

    `fields` are the names and types of a struct's fields in order, including those with a lower-case first letter,
    which templates cannot access.
    """

    name: str
    kind: Kind
    element: GoType | None = None
    key: GoType | None = None
    fields: tuple[tuple[str, GoType], ...] = ()


_types: dict[str, GoType] = {}


def define_type(name: str, kind: Kind, *, fields: tuple[tuple[str, GoType], ...] = ()) -> GoType:
    """Define a named type, such as time.Month, and return it. Each name is defined once."""
    if name in _types:
        raise ValueError(f"type {name} is defined already")
    _types[name] = GoType(name, kind, fields=fields)
    return _types[name]


def go_type(name: str) -> GoType:
    """Return the type of a name in Go's notation: `int`, `[]string`, `map[string]interface {}`, `*semver.Version`.

    Raises KeyError for a named type that is not defined.
    """
    found = _types.get(name)
    if found is None:
        found = _types[name] = _composed(name)
    return found


def _composed(name: str) -> GoType:
    if name.startswith("[]"):
        return GoType(name, Kind.SLICE, element=go_type(name[2:]))
    if name.startswith("*"):
        return GoType(name, Kind.POINTER, element=go_type(name[1:]))
    if name.startswith("map["):
        key, _, element = name[len("map[") :].partition("]")
        return GoType(name, Kind.MAP, element=go_type(element), key=go_type(key))
    raise KeyError(name)


BOOL = define_type("bool", Kind.BOOL)
INT = define_type("int", Kind.INT)
INT32 = define_type("int32", Kind.INT32)
INT64 = define_type("int64", Kind.INT64)
UINT8 = define_type("uint8", Kind.UINT8)
UINT32 = define_type("uint32", Kind.UINT32)
UINT64 = define_type("uint64", Kind.UINT64)
FLOAT64 = define_type("float64", Kind.FLOAT64)
COMPLEX128 = define_type("complex128", Kind.COMPLEX128)
STRING = define_type("string", Kind.STRING)
ANY = define_type("interface {}", Kind.INTERFACE)
ERROR = define_type("error", Kind.INTERFACE)
REFLECT_VALUE = define_type("reflect.Value", Kind.STRUCT)
"""The type of the builtins' parameters: they receive every value unchanged, even NO_VALUE."""

ANY_LIST = go_type("[]interface {}")
ANY_LISTS = go_type("[][]interface {}")
STRINGS = go_type("[]string")
INTS = go_type("[]int")
BYTES = go_type("[]uint8")
ANY_DICT = go_type("map[string]interface {}")
STRING_DICT = go_type("map[string]string")
