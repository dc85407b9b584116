"""The content of Go's string and character constants, between the quotes."""

import re

_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))?", re.DOTALL)
_SIMPLE = {
    "a": 7,
    "b": 8,
    "f": 12,
    "n": 10,
    "r": 13,
    "t": 9,
    "v": 11,
    "\\": 92,
}
_INVALID = "this constant has an escape sequence that does not exist"


def unquote(inside: str) -> bytes:
    """Return the string for the text between double quotes; raise ValueError for a wrong escape sequence."""
    if "\\" not in inside:
        return inside.encode()
    made, position = bytearray(), 0
    for found in _ESCAPE.finditer(inside):
        made += inside[position : found.start()].encode()
        code, is_byte = _meaning(found, '"')
        made += bytes([code]) if is_byte else chr(code).encode()
        position = found.end()
    return bytes(made) + inside[position:].encode()


def unquote_character(text: str) -> int:
    """Return the code of a character constant, quotes included; raise ValueError if it is not one character."""
    inside = text[1:-1]
    if found := _ESCAPE.match(inside):
        code, _ = _meaning(found, "'")
        rest = inside[found.end() :]
    elif inside:
        code, rest = ord(inside[0]), inside[1:]
    else:
        raise ValueError("this character constant is empty")
    if rest:
        raise ValueError("this character constant has more than one character")
    return code


def _meaning(found: re.Match[str], mark: str) -> tuple[int, bool]:
    """Return the code of an escape sequence, and whether it is a byte rather than a character."""
    hexadecimal, octal, short, long, simple = found.groups()
    if hexadecimal:
        return int(hexadecimal, 16), True
    if octal and int(octal, 8) <= 0xFF:
        return int(octal, 8), True
    if short or long:
        code = int(short or long, 16)
        if code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return code, False
    elif simple in _SIMPLE:
        return _SIMPLE[simple], False
    elif simple == mark:
        return ord(mark), False
    raise ValueError(_INVALID)
