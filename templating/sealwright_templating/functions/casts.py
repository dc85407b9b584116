"""How Sprig converts values to numbers (Go's cast library and strconv), for several families; registers nothing.

A value that cannot be converted gives 0, as "0" does.
"""

import math
import re

from sealwright_templating.values.objects import TypedInt, Value, wrap

BYTES_PER_STEP = 32
"""How much of a text is read as a number within a microsecond: what functions that do so are registered with."""

_LARGEST = 2**63 - 1
_SMALLEST = -(2**63)
_LONGEST = 64
"""No integer of 64 bits has more digits than this, in whatever base, but for leading zeros."""

_ENUMERATIONS = frozenset(["time.Month", "time.Weekday"])
"""The named integer types that are taken for numbers; the others (time.Duration) are not."""

_DIGITS = rb"[0-9](?:[0-9]|_[0-9])*+"
_HEX_DIGITS = rb"[0-9a-fA-F](?:[0-9a-fA-F]|_[0-9a-fA-F])*+"
_LITERAL = re.compile(
    rb"([+-]?)(?:"
    rb"0[xX](?P<x>_?%(x)b)"
    rb"|0[bB](?P<b>_?[01](?:[01]|_[01])*+)"
    rb"|0[oO](?P<o>_?[0-7](?:[0-7]|_[0-7])*+)"
    rb"|(?P<o0>0(?:[0-7]|_[0-7])*+)"
    rb"|(?P<d>(?!0)%(d)b)"
    rb")" % {b"x": _HEX_DIGITS, b"d": _DIGITS}
)
_LITERAL_BASES = {"x": 16, "b": 2, "o": 8, "o0": 8, "d": 10}
_OCTAL = re.compile(rb"([+-]?)([0-7]+)")
_DIGITS_BEFORE = re.compile(rb"([+-]?)([0-9]+)")
_ZERO_FRACTION = re.compile(rb"\.0+\Z")
_FLOAT = re.compile(rb"[+-]?(?:%(d)b(?:\.(?:%(d)b)?)?|\.%(d)b)(?:[eE][+-]?%(d)b)?" % {b"d": _DIGITS})
_HEX_FLOAT = re.compile(
    rb"[+-]?0[xX](?:_?%(x)b(?:\.(?:%(x)b)?)?|\.%(x)b)[pP][+-]?%(d)b" % {b"x": _HEX_DIGITS, b"d": _DIGITS}
)
_SPECIAL = re.compile(rb"[+-]?inf(?:inity)?|nan", re.IGNORECASE)


def to_integer(value: Value) -> int:
    """Return a value as Sprig's `int` and `int64` do: floats without fraction, texts read as Go's integer literals."""
    if isinstance(value, float):
        return cut(value)
    if isinstance(value, bytes):
        return parse_literal(_ZERO_FRACTION.sub(b"", value, count=1)) or 0
    return wrap(_counted(value))


def to_float(value: Value) -> float:
    """Return a value as Sprig's `float64` does."""
    if isinstance(value, float):
        return value
    if isinstance(value, bytes):
        return 0.0 if (number := parse_float(value)) is None else number
    return float(_counted(value))


def _counted(value: Value) -> int:
    """Return the number of an integer or bool, 0 for any other value."""
    if isinstance(value, TypedInt):
        counted = value.go_type.name == value.go_type.kind or value.go_type.name in _ENUMERATIONS
        return value.value if counted else 0
    return int(value) if isinstance(value, int) else 0


def cut(number: float) -> int:
    """Return a float without its fraction as an int64; the smallest int64 if it does not fit, as on amd64."""
    return int(number) if -(2.0**63) <= number < 2.0**63 else _SMALLEST


def parse_literal(text: bytes) -> int | None:
    """Return strconv.ParseInt(text, 0, 64): "0x1F", "0b1", "017" (octal) and "1_000" are numbers; None for an error."""
    found = _LITERAL.fullmatch(text)
    if found is None or found.lastgroup is None:
        return None
    digits = found[found.lastgroup].replace(b"_", b"")
    return _in_range(_number(found[1], digits, _LITERAL_BASES[found.lastgroup]))


def parse_octal(text: bytes) -> int | None:
    """Return strconv.ParseInt(text, 8, 64), None where that gives an error."""
    found = _OCTAL.fullmatch(text)
    return _in_range(_number(found[1], found[2], 8)) if found else None


def parse_integer_clamped(text: bytes) -> int:
    """Return the first result of strconv.Atoi(text): the nearest int if it is out of range, 0 if it is not a number.

    After more digits than a uint64 can have, the rest of the text is ignored.
    """
    found = _DIGITS_BEFORE.match(text)
    number = _number(found[1], found[2], 10) if found else 0
    if found and found.end() < len(text) and abs(number) < 2**64:
        return 0
    return max(_SMALLEST, min(_LARGEST, number))


def _number(sign: bytes, digits: bytes, base: int) -> int:
    digits = digits.lstrip(b"0") or b"0"
    magnitude = int(digits, base) if len(digits) <= _LONGEST else 2**64
    return -magnitude if sign == b"-" else magnitude


def _in_range(number: int) -> int | None:
    return number if _SMALLEST <= number <= _LARGEST else None


def parse_float(text: bytes) -> float | None:
    """Return strconv.ParseFloat(text, 64): decimal, hexadecimal, "inf" and "nan"; None where that gives an error."""
    if _SPECIAL.fullmatch(text):
        return float(text)
    if _FLOAT.fullmatch(text):
        number = float(text.replace(b"_", b""))
    elif _HEX_FLOAT.fullmatch(text):
        number = _hexadecimal(text.replace(b"_", b"").decode())
    else:
        return None
    return None if math.isinf(number) else number


def _hexadecimal(text: str) -> float:
    try:
        return float.fromhex(text)
    except OverflowError:
        return math.inf
