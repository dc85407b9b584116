"""The values of constants' tokens: numbers, characters and texts in Go's notation."""

from sealwright_templating.go.numerals import parse_float, parse_integer, split_complex
from sealwright_templating.go.unquoting import unquote, unquote_character
from sealwright_templating.values.constants import Literal

_MOST, _LEAST, _MOST_UNSIGNED = 2**63 - 1, -(2**63), 2**64 - 1


def read_literal(kind: str, text: str) -> Literal:
    """Return the value of a constant's token; raise ValueError, with a reason for people, if it is invalid."""
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
        raise ValueError("this is not a number")
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
