"""Go's quoted strings and characters, as `%q` prints them."""

from collections.abc import Iterator

from sealwright_templating.go.fmt.printable import is_printable
from sealwright_templating.go.runes import REPLACEMENT, decode

_ESCAPES = {
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def quote(text: bytes, *, ascii_only: bool = False) -> bytes:
    """Return a string in double quotes, with unprintable (or, if requested, all non-ASCII) characters escaped."""
    if text.isascii() and (shown := text.decode()).isprintable() and '"' not in shown and "\\" not in shown:
        return b'"' + text + b'"'
    return ('"' + "".join(_escaped(text, '"', ascii_only=ascii_only)) + '"').encode()


def quote_character(code: int, *, ascii_only: bool = False) -> bytes:
    """Return a character in single quotes; an invalid character becomes the replacement character."""
    character = character_of(code)
    return ("'" + _escape(character, "'", ascii_only=ascii_only) + "'").encode()


def character_of(code: int) -> str:
    """Return the character of a code point, the replacement character if it is invalid."""
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return REPLACEMENT
    return chr(code)


def can_be_backquoted(text: bytes) -> bool:
    """Tell whether a string can be written between backquotes: UTF-8, one line, no control characters but tab."""
    try:
        decoded = text.decode()
    except UnicodeDecodeError:
        return False
    return not any(_never_backquoted(character) for character in decoded)


def _never_backquoted(character: str) -> bool:
    return (character < " " and character != "\t") or character in {"`", "\x7f", "\ufeff"}


def _escaped(text: bytes, mark: str, *, ascii_only: bool) -> Iterator[str]:
    for character in decode(text):
        if "\udc80" <= character <= "\udcff":
            yield f"\\x{ord(character) - 0xDC00:02x}"
        else:
            yield _escape(character, mark, ascii_only=ascii_only)


def _escape(character: str, mark: str, *, ascii_only: bool) -> str:
    if character in {mark, "\\"}:
        return "\\" + character
    if is_printable(character) and (character.isascii() or not ascii_only):
        return character
    if escape := _ESCAPES.get(character):
        return escape
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
