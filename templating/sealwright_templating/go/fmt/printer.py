"""Prints values by verb: which verbs a kind accepts, nested lists, dicts and structs, and String methods."""

from sealwright_templating.context import Context
from sealwright_templating.errors import LimitExceeded
from sealwright_templating.go.fmt.flags import Flags
from sealwright_templating.go.fmt.floats import SHORTEST
from sealwright_templating.values.objects import (
    NO_VALUE,
    Map,
    Pointer,
    Slice,
    Struct,
    TypedInt,
    Value,
    byte_string,
    type_name,
    type_of,
)
from sealwright_templating.values.registry import method_of
from sealwright_templating.values.types import BYTES, UNSIGNED_BITS

_STEPS_PER_VALUE = 3
_NIL = b"<nil>"
_ADDRESS = 0xC000012000
"""The address of every pointer here: real addresses are private, and would differ from run to run."""

_FLOAT_PRECISIONS = {
    "v": SHORTEST,
    "b": SHORTEST,
    "g": SHORTEST,
    "G": SHORTEST,
    "x": SHORTEST,
    "X": SHORTEST,
    "f": 6,
    "F": 6,
    "e": 6,
    "E": 6,
}
_STRING_VERBS = "vsxXq"


class Printer:
    """Prints into `out`, never more than one value may take. `flags` are those of the current directive."""

    __slots__ = ("_context", "_erroring", "_limit", "flags", "out")

    def __init__(self, context: Context) -> None:
        self.out = bytearray()
        self.flags = Flags()
        self._context = context
        self._erroring = False
        self._limit = context.budget.limits.value_bytes

    def write(self, text: bytes) -> None:
        """Append a text unchanged."""
        if len(self.out) + len(text) > self._limit:
            raise LimitExceeded(f"one value would take more than {self._limit} bytes")
        self.out += text

    def argument(self, value: Value, verb: str) -> None:
        """Print an argument of a printing function."""
        if value is None or value is NO_VALUE:
            if verb in "Tv":
                self.write(self.flags.padded(_NIL))
            else:
                self.bad_verb(value, verb)
        elif verb == "T":
            self.write(self.flags.text(type_name(value).encode()))
        elif verb == "p":
            self._pointer(value, verb)
        elif isinstance(value, Slice) and value.go_type is BYTES:
            self._slice(value, verb, 0, name=b"" if verb == "w" else b"[]byte")
        elif verb == "w":
            self.bad_verb(value, verb)
        elif not self._by_method(value, verb):
            self._value(value, verb, 0)

    def bad_verb(self, value: Value, verb: str) -> None:
        """Print the error for a verb that does not fit a value."""
        self.write(f"%!{verb}(".encode())
        if value is None or value is NO_VALUE:
            self.write(_NIL)
        else:
            self._erroring = True
            self.write(type_name(value).encode() + b"=")
            self.argument(value, "v")
            self._erroring = False
        self.write(b")")

    def _by_method(self, value: Value, verb: str) -> bool:
        """Print a value by its own method, if it has one for the verb."""
        type_ = type_of(value)
        if self._erroring or type_ is None or (isinstance(value, Pointer) and value.target is None):
            return False
        if self.flags.go_syntax:
            method = method_of(type_, "GoString")
        else:
            method = method_of(type_, "Error") or method_of(type_, "String")
        if method is None or not (self.flags.go_syntax or verb in _STRING_VERBS):
            return False
        text = method.call(self._context, [_receiver(value)])
        if self.flags.go_syntax:
            self.write(self.flags.text(text))
        else:
            self._string(text, verb)
        return True

    def _nested(self, value: Value, verb: str, level: int) -> None:
        """Print an element of a list, a dict or a struct."""
        if value is None:
            self.write(b"interface {}(nil)" if self.flags.go_syntax else _NIL)
        elif not self._by_method(value, verb):
            self._value(value, verb, level)

    def _value(self, value: Value, verb: str, level: int) -> None:
        self._context.budget.steps(_STEPS_PER_VALUE)
        if self._scalar(value, verb):
            return
        self._context.budget.depth(level)
        if isinstance(value, Slice):
            self._slice(value, verb, level)
        elif isinstance(value, Map):
            self._map(value, verb, level)
        elif isinstance(value, Struct):
            self._struct(value, verb, level)
        elif level == 0 and value.target is not None:
            self.write(b"&")
            self._struct(value.target, verb, level)
        else:
            self._pointer(value, verb)

    def _scalar(self, value: Value, verb: str) -> bool:
        """Print a value without parts; tell whether it is one."""
        kind = type(value)
        if kind is bytes:
            self._string(value, verb)
        elif kind is int:
            self._integer(value, value, verb)
        elif kind is bool:
            self._bool(value, verb)
        elif kind is float:
            self._float(value, verb)
        elif kind is TypedInt:
            self._typed_int(value, verb)
        elif kind is complex:
            self._complex(value, verb)
        else:
            return False
        return True

    def _bool(self, value: bool, verb: str) -> None:  # noqa: FBT001 - a value, not a switch
        if verb in "tv":
            self.write(self.flags.padded(b"true" if value else b"false"))
        else:
            self.bad_verb(value, verb)

    def _typed_int(self, value: TypedInt, verb: str) -> None:
        if verb == "v" and self.flags.go_syntax and value.go_type.kind in UNSIGNED_BITS:
            self.write(self.flags.hexadecimal_0x(value.value))
        else:
            self._integer(value, value.value, verb)

    def _integer(self, value: Value, number: int, verb: str) -> None:
        if verb in "vdboOxX":
            self.write(self.flags.integer(number, verb))
        elif verb == "c":
            self.write(self.flags.character(number))
        elif verb == "q":
            self.write(self.flags.quoted_character(number))
        elif verb == "U":
            self.write(self.flags.unicode(number))
        else:
            self.bad_verb(value, verb)

    def _float(self, value: float, verb: str) -> None:
        precision = _FLOAT_PRECISIONS.get(verb)
        if precision is None:
            self.bad_verb(value, verb)
            return
        self.write(self.flags.floating(value, {"v": "g", "F": "f"}.get(verb, verb), precision))

    def _complex(self, value: complex, verb: str) -> None:
        if verb not in _FLOAT_PRECISIONS:
            self.bad_verb(value, verb)
            return
        self.write(b"(")
        self._float(value.real, verb)
        plus, self.flags.plus = self.flags.plus, True
        self._float(value.imag, verb)
        self.flags.plus = plus
        self.write(b"i)")

    def _string(self, value: bytes, verb: str) -> None:
        if verb == "v" and self.flags.go_syntax:
            verb = "q"
        if verb in "vs":
            self.write(self.flags.text(value))
        elif verb in "xX":
            self.write(self.flags.hexadecimal(value, verb))
        elif verb == "q":
            self.write(self.flags.quoted(value))
        else:
            self.bad_verb(value, verb)

    def _slice(self, value: Slice, verb: str, level: int, name: bytes = b"") -> None:
        name = name or value.go_type.name.encode()
        if value.go_type is BYTES and verb in "sqxX":
            self._string(byte_string(value), verb)
            return
        opening, between, closing = b"[", b" ", b"]"
        if self.flags.go_syntax:
            if value.nil:
                self.write(name + b"(nil)")
                return
            opening, between, closing = name + b"{", b", ", b"}"
        self.write(opening)
        for index, item in enumerate(value.items):
            if index:
                self.write(between)
            self._nested(item, verb, level + 1)
        self.write(closing)

    def _map(self, value: Map, verb: str, level: int) -> None:
        opening, between, closing = b"map[", b" ", b"]"
        if self.flags.go_syntax:
            if value.nil:
                self.write(value.go_type.name.encode() + b"(nil)")
                return
            opening, between, closing = value.go_type.name.encode() + b"{", b", ", b"}"
        self.write(opening)
        for index, key in enumerate(sorted(value.items)):
            if index:
                self.write(between)
            self._string(key, verb)
            self.write(b":")
            self._nested(value.items[key], verb, level + 1)
        self.write(closing)

    def _struct(self, value: Struct, verb: str, level: int) -> None:
        named = self.flags.go_syntax or self.flags.field_names
        self.write(value.go_type.name.encode() * self.flags.go_syntax + b"{")
        for index, ((name, _), item) in enumerate(zip(value.go_type.fields, value.field_values(), strict=True)):
            if index:
                self.write(b", " if self.flags.go_syntax else b" ")
            if named:
                self.write(name.encode() + b":")
            self._nested(item, verb, level + 1)
        self.write(b"}")

    def _pointer(self, value: Value, verb: str) -> None:
        if not isinstance(value, Slice | Map | Pointer) or verb not in "vpbodxX":
            self.bad_verb(value, verb)
            return
        nil = value.nil if isinstance(value, Slice | Map) else value.target is None
        address = 0 if nil else _ADDRESS
        if verb == "v" and self.flags.go_syntax:
            self.write(f"({value.go_type.name})({'nil' if nil else hex(address)})".encode())
        elif verb == "v" and nil:
            self.write(self.flags.padded(_NIL))
        elif verb in "vp":
            self.write(self.flags.hexadecimal_0x(address, prefix=not self.flags.sharp))
        else:
            self._integer(value, address, verb)


def _receiver(value: Value) -> Value:
    """Return a method's receiver as an evaluator that calls the method passes it."""
    return value.target if isinstance(value, Pointer) else value
