"""What a bare YAML scalar means, in Kubernetes' YAML-to-JSON conversion (YAML 1.1 words, Go's integers).

`017` is fifteen, `0o17` too, `1_000` a thousand, `on` and `y` are true, a clock time is text. Beyond 64 bits, only
decimal numbers are numbers. JSON's own literals are a subset of this.
"""

import math
import struct

from sealwright_conventions.patterns import pattern

Native = str | int | float | bool | None

_WORDS: dict[str, Native] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_NUMBER_START = frozenset("+-.0123456789")

_PREFIXED = pattern(r"([+-]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]([0-7]+)|([0-7]+))")
_DECIMAL = pattern(r"[+-]?[0-9]+")
_FLOAT = pattern(r"[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?")
_MOST_DIGITS_OF_32_BITS = 9
_FIRST_LONG_EXPONENT = 6
_LAST_SHORT_EXPONENT = -4
_MAX_DIGITS = 1000  # Python refuses to read integers of more than 4,300 digits; longer digits are not meant as a number


def resolve(text: str) -> Native:
    """Return the value of a bare scalar: text, a number, a boolean or None."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMBER_START else text


def _number(text: str) -> Native:
    digits = text if text[0] == "." else text.replace("_", "")
    if len(digits) > _MAX_DIGITS:
        return text
    if match := _PREFIXED.fullmatch(digits):
        sign, *written = match.groups()
        value = next(int(part, base) for part, base in zip(written, (16, 2, 8, 8), strict=True) if part is not None)
        value = -value if sign == "-" else value
        if -(2**63) <= value < 2**64:
            return value
    if _DECIMAL.fullmatch(digits) and math.isfinite(float(digits)):
        return int(digits)
    if _FLOAT.fullmatch(digits) and math.isfinite(number := float(digits)):
        return number
    return text


def float_key(value: float) -> str:
    """Return the text of a number with a fraction or exponent that is a key, as Kubernetes writes it.

    It keeps 32 bits, and writes the fewest digits that identify the number: `1.0` is `1`, `1000000.0` is `1e+06`.
    """
    number = _in_32_bits(value)
    if not math.isfinite(number):
        return ".nan" if math.isnan(number) else f"{'-' if number < 0 else ''}.inf"
    digits = next(n for n in range(_MOST_DIGITS_OF_32_BITS) if _in_32_bits(float(f"{number:.{n}e}")) == number)
    written = f"{number:.{digits}e}"
    exponent = int(written.partition("e")[2])
    is_short = _LAST_SHORT_EXPONENT <= exponent < _FIRST_LONG_EXPONENT
    return f"{float(written):.{max(0, digits - exponent)}f}" if is_short else written


def _in_32_bits(value: float) -> float:
    try:
        number: float = struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)
    return number
