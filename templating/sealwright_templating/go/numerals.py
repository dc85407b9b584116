"""Numbers in Go's notation: prefixes for bases, underscores, hexadecimal floats, and range checks."""

import re

_INTEGER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|0|[1-9][0-9_]*)")
_DECIMAL_FLOAT = re.compile(r"[+-]?(?:[0-9_]+\.?[0-9_]*|\.[0-9_]+)(?:[eE][+-]?[0-9_]+)?")
_HEXADECIMAL_FLOAT = re.compile(
    r"([+-]?)0[xX]((?=\.?_*[0-9a-fA-F])[0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?)[pP]([+-]?[0-9_]+)"
)
_BAD_UNDERSCORE = re.compile(r"(?<![0-9])(?<!0[bBoO])_|_(?![0-9])")
_BAD_UNDERSCORE_IN_HEXADECIMAL = re.compile(r"(?<![0-9a-fA-F])(?<!0[xX])_|_(?![0-9a-fA-F])")
_MOST = 2**64 - 1
_LONGEST_IN_RANGE = 20
_LARGEST_EXPONENT = 100_000


def parse_integer(text: str) -> int | None:
    """Return the integer that a text in any base's notation stands for; None if it does not fit in 64 bits."""
    if not _INTEGER.fullmatch(text) or not underscores_are_well_placed(text):
        return None
    digits = text.replace("_", "").lstrip("+-")
    base = {"x": 16, "b": 2, "o": 8}.get(digits[1:2].lower(), 8 if digits.startswith("0") and digits != "0" else 10)
    if base == 10 and len(digits) > _LONGEST_IN_RANGE:
        return None
    digits = digits[2:] if digits[1:2].lower() in {"x", "b", "o"} else digits
    number = int(digits, base)
    if text.startswith("-"):
        number = -number
    return number if -(2**63) <= number <= _MOST and not (text.startswith("+") and number >= 2**63) else None


def parse_float(text: str) -> float | None:
    """Return the float that a text in decimal or hexadecimal notation stands for; None if invalid or too large."""
    if not underscores_are_well_placed(text):
        return None
    if found := _HEXADECIMAL_FLOAT.fullmatch(text):
        return _hexadecimal(found[1], found[2].replace("_", ""), found[3].replace("_", ""))
    if not _DECIMAL_FLOAT.fullmatch(text):
        return None
    number = float(text.replace("_", ""))
    return None if number in {float("inf"), float("-inf")} else number


def _hexadecimal(sign: str, digits: str, exponent: str) -> float | None:
    power = max(min(int(exponent[:10]), _LARGEST_EXPONENT), -_LARGEST_EXPONENT)
    try:
        return float.fromhex(f"{sign}0x{digits}p{power}")
    except OverflowError:
        return None


def split_complex(text: str) -> tuple[float, float]:
    """Return the two parts of a number such as `1+2i`; raise ValueError if it is not one."""
    for index in range(len(text) - 2, 0, -1):
        if text[index] in "+-" and text[index - 1] not in "eEpP":
            real, imaginary = parse_float(text[:index]), parse_float(text[index:-1])
            if real is not None and imaginary is not None:
                return real, imaginary
    raise ValueError("this is not a complex number")


def underscores_are_well_placed(text: str) -> bool:
    """Tell whether every underscore is between two digits, or between a base's prefix and a digit."""
    if "_" not in text:
        return True
    hexadecimal = text.lstrip("+-")[:2] in {"0x", "0X"}
    return not (_BAD_UNDERSCORE_IN_HEXADECIMAL if hexadecimal else _BAD_UNDERSCORE).search(text)
