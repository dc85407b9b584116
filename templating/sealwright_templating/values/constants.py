"""Go's untyped constants, which take their parameter's type.

`3` can be an int, a uint32 or a float64; `"x"` can only be a string. A constant that is printed, or given to a
parameter of type `interface {}`, gets its default type.
"""

from dataclasses import dataclass

from sealwright_templating.errors import ArgumentError
from sealwright_templating.values.arguments import nil_of
from sealwright_templating.values.objects import Value, wrap
from sealwright_templating.values.types import ANY, REFLECT_VALUE, SIGNED_BITS, UNSIGNED_BITS, GoType, Kind


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant as written in the template (`text`), and its value as each kind; None where it has none."""

    text: str
    string: bytes | None = None
    boolean: bool | None = None
    signed: int | None = None
    unsigned: int | None = None
    floating: float | None = None
    complex_number: complex | None = None

    def by_itself(self) -> Value:
        """Return the constant with its default type."""
        if self.string is not None:
            return self.string
        if self.boolean is not None:
            return self.boolean
        if self.complex_number is not None:
            return self.complex_number
        if self.floating is not None and self._looks_like_a_float():
            return self.floating
        if self.signed is None:
            raise ArgumentError("this number is too large for an int")
        return self.signed

    def fit(self, wanted: GoType) -> Value:
        """Return the constant for a parameter of the wanted type. Raises ArgumentError if it does not fit."""
        if wanted is ANY or wanted is REFLECT_VALUE:
            return self.by_itself()
        found, expected = self._as_kind(wanted.kind)
        if not expected:
            raise ArgumentError(f"a constant cannot be of type {wanted.name}")
        if found is None:
            raise ArgumentError(f"expected {expected}")
        if wanted.kind in SIGNED_BITS or wanted.kind in UNSIGNED_BITS:
            return wrap(found, wanted.kind)
        return found

    def _as_kind(self, kind: Kind) -> tuple[Value, str]:
        """Return the constant as that kind, and the kind's name for messages; empty if the kind has no constants."""
        if kind in SIGNED_BITS:
            return self.signed, "integer"
        if kind in UNSIGNED_BITS:
            return self.unsigned, "unsigned integer"
        return {
            Kind.STRING: (self.string, "string"),
            Kind.BOOL: (self.boolean, "bool"),
            Kind.FLOAT64: (self.floating, "float"),
            Kind.COMPLEX128: (self.complex_number, "complex"),
        }.get(kind, (None, ""))

    def _looks_like_a_float(self) -> bool:
        hexadecimal = self.text[:2] in {"0x", "0X"} and not set("pP") & set(self.text)
        return not hexadecimal and not self.text.startswith("'") and bool(set(".eEpP") & set(self.text))


@dataclass(frozen=True, slots=True)
class Nil:
    """The constant nil, which is a nil of the wanted type."""

    def fit(self, wanted: GoType) -> Value:
        """Return nil as a value of the wanted type. Raises ArgumentError if the type has no nil."""
        return nil_of(wanted, f"a value of type {wanted.name} cannot be nil")


TRUE = Literal("true", boolean=True)
FALSE = Literal("false", boolean=False)
NIL = Nil()
