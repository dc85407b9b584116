"""What constants in a template mean: Go's untyped constants, which become what the parameter wants.

`3` can be an int, a uint32 or a float64; `"x"` can be a string only. A constant that is printed, or given to a
parameter of type `interface {}`, gets the type that it has by itself.
"""

from dataclasses import dataclass

from sealwright_templating.arguments import nil_of
from sealwright_templating.errors import ArgumentError
from sealwright_templating.gotypes import ANY, REFLECT_VALUE, SIGNED_BITS, UNSIGNED_BITS, GoType, Kind
from sealwright_templating.numerals import parse_float, parse_integer, split_complex
from sealwright_templating.unquoting import unquote, unquote_character
from sealwright_templating.values import Value, wrap

_MOST, _LEAST, _MOST_UNSIGNED = 2**63 - 1, -(2**63), 2**64 - 1


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant as it stands in the template (`text`), and what it can be taken for; None where it cannot."""

    text: str
    string: bytes | None = None
    boolean: bool | None = None
    signed: int | None = None
    unsigned: int | None = None
    floating: float | None = None
    complex_number: complex | None = None

    def by_itself(self) -> Value:
        """Return the constant with the type that it has where nothing else is asked for."""
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
        """Return the constant as a function gets it whose parameter is of the wanted type, or raise ArgumentError."""
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
        """Return what the constant is as that kind, and what to call the kind; an empty text if it has no constants."""
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
    """The constant nil, which is a nil of whatever type is wanted."""

    def fit(self, wanted: GoType) -> Value:
        """Return nil as a value of the wanted type; raise ArgumentError if that has none."""
        return nil_of(wanted, f"a value of type {wanted.name} cannot be nil")


TRUE = Literal("true", boolean=True)
FALSE = Literal("false", boolean=False)
NIL = Nil()


def read_literal(kind: str, text: str) -> Literal:
    """Return what a token of a constant means; raise ValueError, with a reason for people, if it means nothing."""
    if kind == "string":
        return Literal(text, string=unquote(text[1:-1]))
    if kind == "raw":
        return Literal(text, string=text[1:-1].replace("\r", "").encode())
    if kind == "character":
        code = unquote_character(text)
        return Literal(text, signed=code, unsigned=code, floating=float(code))
    if kind == "complex":
        real, imaginary = split_complex(text)
        return _complex(text, complex(real, imaginary))
    return _number(text)


def _number(text: str) -> Literal:
    if text.endswith("i"):
        imaginary = parse_float(text[:-1])
        if imaginary is not None:
            return _complex(text, complex(0, imaginary))
    whole = parse_integer(text)
    if whole is not None:
        unsigned = whole if whole >= 0 and (text[0] not in "+-" or whole == 0) else None
        return Literal(
            text,
            signed=whole if _LEAST <= whole <= _MOST else None,
            unsigned=unsigned if whole <= _MOST_UNSIGNED else None,
            floating=float(whole),
        )
    floating = parse_float(text)
    if floating is None:
        raise ValueError("this is no number")
    if not set(".eEpP") & set(text):
        raise ValueError("this number is too large for an int")
    return _float(text, floating)


def _float(text: str, number: float, complex_number: complex | None = None) -> Literal:
    whole = int(number) if number == int(number) else None
    return Literal(
        text,
        signed=whole if whole is not None and _LEAST <= whole <= _MOST else None,
        unsigned=whole if whole is not None and 0 <= whole <= _MOST_UNSIGNED else None,
        floating=number,
        complex_number=complex_number,
    )


def _complex(text: str, number: complex) -> Literal:
    if number.imag == 0:
        return _float(text, number.real, number)
    return Literal(text, complex_number=number)
