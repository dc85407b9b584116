"""Floating-point numbers as texts, by the rules of Go's strconv.FormatFloat."""

import math

SHORTEST = -1
"""The precision for the fewest digits that identify a number."""

_EXPONENT_FROM = 6
"""The power of ten from which `%g` writes an exponent, unless the precision sets it."""

_FRACTION_BITS = 52
_SMALLEST_EXPONENT = -1074


def format_float(number: float, verb: str, precision: int = SHORTEST) -> str:
    """Return a number in one of the formats b e E f g G x X; without a plus sign, except for +Inf."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    if verb == "b":
        return _binary(number)
    if verb in {"x", "X"}:
        text = _hexadecimal(number, precision)
        return text.upper() if verb == "X" else text
    if precision != SHORTEST:
        return f"{number:.{precision}{verb}}"
    text = _shortest(number, verb.lower())
    return text.upper() if verb.isupper() else text


def _shortest(number: float, verb: str) -> str:
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    digits, point = shortest_digits(abs(number))
    exponent = point - 1
    if verb == "e" or (verb == "g" and not -4 <= exponent < _EXPONENT_FROM):
        fraction = "." + digits[1:] if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}" if digits != "0" else sign + "0"
    whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
    return sign + whole + ("." + fraction if fraction else "")


def shortest_digits(number: float) -> tuple[str, int]:
    """Return the fewest digits that identify a number (not negative), and the position of the point.

    The number is 0.DIGITS times ten to the power of the second result. Zero is "0", 1.
    """
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    return (digits, point) if digits else ("0", 1)


def _binary(number: float) -> str:
    mantissa, exponent = _mantissa_and_exponent(number)
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return f"{sign}{mantissa}p{exponent:+d}"


def _mantissa_and_exponent(number: float) -> tuple[int, int]:
    """Return m and e of |number| = m * 2**e; m has 53 bits unless the number is too small for that."""
    if not number:
        return 0, _SMALLEST_EXPONENT
    exponent = max(math.frexp(number)[1] - (_FRACTION_BITS + 1), _SMALLEST_EXPONENT)
    return int(math.ldexp(abs(number), -exponent)), exponent


def _hexadecimal(number: float, precision: int) -> str:
    """Return a number as 0x1.8p+01, with this many hexadecimal digits after the point, rounded half to even."""
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    mantissa, exponent = _mantissa_and_exponent(number)
    if not mantissa:
        return f"{sign}0x0{'.' + '0' * precision if precision > 0 else ''}p+00"
    shift = _FRACTION_BITS + 1 - mantissa.bit_length()
    mantissa, exponent = mantissa << shift, exponent - shift + _FRACTION_BITS
    if precision == SHORTEST:
        digits = f"{mantissa & ((1 << _FRACTION_BITS) - 1):013x}".rstrip("0")
        return f"{sign}0x1{'.' + digits if digits else ''}p{_signed(exponent)}"
    mantissa = _rounded(mantissa, max(_FRACTION_BITS - 4 * precision, 0))
    if mantissa >> (_FRACTION_BITS + 1):
        mantissa, exponent = mantissa >> 1, exponent + 1
    digits = f"{mantissa & ((1 << _FRACTION_BITS) - 1):013x}"[:precision].ljust(precision, "0")
    return f"{sign}0x1{'.' + digits if digits else ''}p{_signed(exponent)}"


def _rounded(mantissa: int, bits: int) -> int:
    """Return the mantissa with its lowest bits cleared, rounded half to even."""
    low, rest = mantissa & ((1 << bits) - 1), mantissa >> bits
    half = (1 << bits) >> 1
    if bits and (low > half or (low == half and rest & 1)):
        rest += 1
    return rest << bits


def _signed(exponent: int) -> str:
    return f"{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
