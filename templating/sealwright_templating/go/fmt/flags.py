"""Flags, width and precision of one directive, and their effect on numbers and texts: padding, signs, prefixes."""

from dataclasses import dataclass

from sealwright_templating.go.fmt.floats import SHORTEST, format_float
from sealwright_templating.go.fmt.printable import is_printable
from sealwright_templating.go.fmt.quoting import can_be_backquoted, character_of, quote, quote_character
from sealwright_templating.go.runes import count, decode, encode

_BASES = {"v": 10, "d": 10, "b": 2, "o": 8, "O": 8, "x": 16, "X": 16}
_PREFIXES = {"b": "0b", "x": "0x", "X": "0X"}
_DIGITS = {2: "b", 8: "o", 10: "d", 16: "x"}


@dataclass(slots=True)
class Flags:
    """`%+-# 08.3` as fields; for `%#v` and `%+v`, `go_syntax` and `field_names` are set instead of `sharp` and `plus`.

    A width or precision that is absent is None.
    """

    width: int | None = None
    precision: int | None = None
    minus: bool = False
    plus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    go_syntax: bool = False
    field_names: bool = False

    def padded(self, text: bytes, *, zeros: bool = True) -> bytes:
        """Return a text padded to the width: with zeros on the left if requested and allowed, else with spaces."""
        if not self.width:
            return text
        missing = self.width - count(text)
        if self.minus:
            return text + b" " * missing
        return (b"0" if self.zero and zeros else b" ") * missing + text

    def text(self, text: bytes) -> bytes:
        """Return `%s` of a string."""
        return self.padded(self._cut(text))

    def quoted(self, text: bytes) -> bytes:
        """Return `%q` of a string."""
        text = self._cut(text)
        if self.sharp and can_be_backquoted(text):
            return self.padded(b"`" + text + b"`")
        return self.padded(quote(text, ascii_only=self.plus))

    def hexadecimal(self, data: bytes, verb: str) -> bytes:
        """Return `%x` or `%X` of a string or of bytes."""
        data = data if self.precision is None else data[: self.precision]
        prefix = "0" + verb if self.sharp else ""
        each, between = (prefix, " ") if self.space else ("", "")
        text = between.join(f"{each}{byte:02x}" for byte in data)
        if data and not self.space:
            text = prefix + text
        return self.padded((text.upper() if verb == "X" else text).encode())

    def character(self, code: int) -> bytes:
        """Return `%c` of a number."""
        return self.padded(character_of(code).encode())

    def quoted_character(self, code: int) -> bytes:
        """Return `%q` of a number."""
        return self.padded(quote_character(code, ascii_only=self.plus))

    def unicode(self, code: int) -> bytes:
        """Return `%U` of a number: U+0041, and with `#` the character too."""
        digits = max(self.precision or 0, 4)
        text = f"U+{code & (1 << 64) - 1:0{digits}X}"
        if self.sharp and 0 <= code <= 0x10FFFF and is_printable(chr(code)):
            text += f" '{chr(code)}'"
        return self.padded(text.encode(), zeros=False)

    def integer(self, number: int, verb: str) -> bytes:
        """Return a number formatted by an integer verb."""
        if self.precision == 0 and number == 0:
            return b" " * (self.width or 0)
        base = _BASES[verb]
        digits = format(abs(number), _DIGITS[base]).rjust(self._least_digits(number), "0")
        if self.sharp and verb in _PREFIXES:
            digits = "0x" + digits if base == 16 else "0b" + digits
        elif self.sharp and base == 8 and not digits.startswith("0"):
            digits = "0" + digits
        if verb == "O":
            digits = "0o" + digits
        text = self._sign(negative=number < 0) + (digits.upper() if verb == "X" else digits)
        return self.padded(text.encode(), zeros=False)

    def hexadecimal_0x(self, number: int, *, prefix: bool = True) -> bytes:
        """Return a number as 0x1f or 1f, independent of `#`."""
        sharp, self.sharp = self.sharp, prefix
        text = self.integer(number, "x")
        self.sharp = sharp
        return text

    def floating(self, number: float, verb: str, precision: int) -> bytes:
        """Return a number formatted by a verb for floats; `precision` is used if the directive has none."""
        precision = precision if self.precision is None else self.precision
        text = format_float(number, verb, precision)
        sign = text[0] if text[0] in "+-" else "+"
        body = text.lstrip("+-")
        if self.space and sign == "+" and not self.plus:
            sign = " "
        if body[0] in "IN":
            shown = body if body == "NaN" and not (self.space or self.plus) else sign + body
            return self.padded(shown.encode(), zeros=False)
        if self.sharp and verb != "b":
            body = _with_point(body, verb, precision)
        if not self.plus and sign == "+":
            return self.padded(body.encode())
        width = self.width or 0
        if self.zero and not self.minus and width > len(body) + 1:
            return (sign + body.rjust(width - 1, "0")).encode()
        return self.padded((sign + body).encode())

    def _cut(self, text: bytes) -> bytes:
        """Return a text cut to the precision, in characters."""
        if self.precision is None or len(text) <= self.precision:
            return text
        return encode(decode(text)[: self.precision])

    def _least_digits(self, number: int) -> int:
        if self.precision is not None:
            return self.precision
        if not self.zero or self.minus or self.width is None:
            return 0
        return self.width - (number < 0 or self.plus or self.space)

    def _sign(self, *, negative: bool) -> str:
        if negative:
            return "-"
        return "+" if self.plus else " " if self.space else ""


def _with_point(body: str, verb: str, precision: int) -> str:
    """Return a number with a decimal point, and for `%g` with the zeros that it drops, as `#` requires."""
    digits = (6 if precision == SHORTEST else precision) if verb in "gGx" else 0
    marks = "pP" if verb in "xX" else "eE"
    cut = next((index for index, letter in enumerate(body) if letter in marks), len(body))
    body, tail = body[:cut], body[cut:]
    digits -= len(body.replace(".", "").lstrip("0"))
    if "." not in body:
        digits -= body == "0"
        body += "."
    return body + "0" * max(digits, 0) + tail
