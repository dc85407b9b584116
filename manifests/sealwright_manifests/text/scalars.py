"""What a bare YAML scalar means, as Kubernetes' YAML-to-JSON conversion decides it (YAML 1.1 words, Go's integers).

`017` is fifteen, `0o17` too, `1_000` a thousand, `on` and `y` are true, a clock time is text. JSON's own literals are
a subset of this.
"""

import math
import re

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

_PREFIXED = re.compile(r"([+-]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]([0-7]+)|([0-7]+))")
_DECIMAL = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][+-]?[0-9]+)?")
_MAX_DIGITS = 1000  # Python refuses to read integers of more than 4,300 digits; nobody means a number by one


def resolve(text: str) -> Native:
    """Return the value of a bare scalar: text, a number, a boolean or None."""
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMBER_START else text


def _number(text: str) -> Native:
    digits = text.replace("_", "")
    if len(digits) > _MAX_DIGITS:
        return text
    if match := _PREFIXED.fullmatch(digits):
        sign, *written = match.groups()
        value = next(int(part, base) for part, base in zip(written, (16, 2, 8, 8), strict=True) if part is not None)
        return -value if sign == "-" else value
    if _DECIMAL.fullmatch(digits):
        return int(digits)
    if _FLOAT.fullmatch(digits) and math.isfinite(number := float(digits)):
        return number
    return text
