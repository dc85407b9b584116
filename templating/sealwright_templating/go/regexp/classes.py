r"""Single characters and character classes in Go's notation: escapes, `\d`, `\p{Greek}`, and classes in brackets."""

import re
from dataclasses import dataclass

from sealwright_templating.errors import FunctionError
from sealwright_templating.go.regexp.pieces import Kind, Piece, character
from sealwright_templating.go.regexp.unicodenames import NamedClass, named_class, unassigned_ranges

_ASCII_SIZE = 1
_WIDE_SIZE = 10
_NAMED_SIZE = 60
"""About how many states RE2 follows at once in a class: ASCII only, more than ASCII, as many ranges as \\pL."""

_NOTHING = r"[^\x{0}-\x{10ffff}]"
_ANYTHING = r"[\x{0}-\x{10ffff}]"

_PERL_WITH_NEWLINE = "sDW"
_POSIX = re.compile(r"\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)")
_POSIX_WITH_NEWLINE = {"ascii", "cntrl", "space"}

_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_OCTAL = re.compile("0[0-7]{0,2}|[1-7][0-7]{1,2}")
_HEXADECIMAL = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_LARGEST_CODE = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Item:
    """Some characters of a class, and about how many states they need."""

    characters: NamedClass
    size: int


def literal(code: int) -> str:
    """Return RE2's notation for one character, in and outside brackets."""
    text = chr(code)
    return text if text.isascii() and text.isalnum() else f"\\x{{{code:x}}}"


def one_character(code: int, *, fold: bool) -> Piece:
    """Return a part that matches one character; with `fold`, in either case."""
    text = literal(code)
    size = 1 if code < 0x80 else 4
    ascii_only = code < 0x80 and not fold
    text = f"(?i:{text})" if fold else text
    return character(text, Kind.LITERAL, size=size, ascii_only=ascii_only, newline=code == 10)


def of_items(items: list[Item], *, negated: bool, fold: bool) -> Piece:
    """Return a part that matches one of these characters, or any other."""
    text = _class_text([item.characters for item in items], negated=negated)
    newline = any(item.characters.newline for item in items) != negated
    size = sum(item.size for item in items)
    ascii_only = not (negated or fold) and all(item.size == _ASCII_SIZE for item in items)
    if not ascii_only:
        size = max(size, _WIDE_SIZE)
    if fold and any(item.characters.folds for item in items):
        text = f"(?i:{text})"
    return character(text, size=size, ascii_only=ascii_only, newline=newline)


def _class_text(classes: list[NamedClass], *, negated: bool) -> str:
    if len(classes) == 1 and classes[0].others is not None:
        return f"[{'' if negated else '^'}{classes[0].others}]"
    text = "".join(part.text for part in classes)
    if any(part.unassigned for part in classes):
        text += unassigned_ranges()
    if not text:
        return _ANYTHING if negated else _NOTHING
    return f"[{'^' if negated else ''}{text}]"


def read_class(text: str, start: int, *, fold: bool) -> tuple[Piece, int]:
    """Read a class in brackets whose first character is at `start`; return its part and where it ends."""
    position = start + 1
    negated = text.startswith("^", position)
    position += negated
    items: list[Item] = []
    while not items or not text.startswith("]", position):
        item, position = _read_item(text, position, fold=fold)
        items.append(item)
    return of_items(items, negated=negated, fold=fold), position + 1


def _read_item(text: str, position: int, *, fold: bool) -> tuple[Item, int]:
    if text.startswith("[:", position) and (end := text.find(":]", position + 2)) >= 0:
        return _posix(text[position + 2 : end]), end + 2
    named = read_named_class(text, position, fold=fold)
    if named is not None:
        return named
    low, position = _read_character(text, position)
    high = low
    if text.startswith("-", position) and position + 1 < len(text) and text[position + 1] != "]":
        high, position = _read_character(text, position + 1)
    if high < low:
        raise FunctionError("a range in the regular expression ends before it begins")
    size = _ASCII_SIZE if high < 0x80 else _WIDE_SIZE
    shown = literal(low) if low == high else f"{literal(low)}-{literal(high)}"
    return Item(NamedClass(shown, newline=low <= 10 <= high), size), position


def _read_character(text: str, position: int) -> tuple[int, int]:
    if position >= len(text):
        raise FunctionError("a class in the regular expression has no closing bracket")
    if text[position] == "\\":
        return read_escape(text, position)
    return ord(text[position]), position + 1


def _posix(name: str) -> Item:
    negated = name.startswith("^")
    if not _POSIX.fullmatch(name):
        raise _unknown_class()
    newline = (name.removeprefix("^") in _POSIX_WITH_NEWLINE) != negated
    return Item(NamedClass(f"[:{name}:]", newline), _WIDE_SIZE if negated else _ASCII_SIZE)


def read_named_class(text: str, position: int, *, fold: bool) -> tuple[Item, int] | None:
    r"""Read a class such as `\d` or `\p{Greek}`; return it and where it ends, or None if there is none."""
    mark = text[position + 1 : position + 2]
    if text[position : position + 1] != "\\" or not mark or mark not in "dswDSWpP":
        return None
    if mark in "pP":
        return _read_unicode(text, position, fold=fold)
    size = _ASCII_SIZE if mark.islower() else _WIDE_SIZE
    return Item(NamedClass("\\" + mark, newline=mark in _PERL_WITH_NEWLINE), size), position + 2


def _read_unicode(text: str, position: int, *, fold: bool) -> tuple[Item, int] | None:
    negated = text[position + 1] == "P"
    name, end = text[position + 2 : position + 3], position + 3
    if not name:
        return None
    if name == "{":
        end = text.find("}", position) + 1
        name = text[position + 3 : end - 1]
    if name.startswith("^"):
        negated, name = not negated, name[1:]
    named = named_class(name, negated=negated, fold=fold) if end else None
    if named is None:
        raise _unknown_class()
    return Item(named, _NAMED_SIZE), end


def read_escape(text: str, position: int) -> tuple[int, int]:
    """Read one character written with a backslash; return it and where it ends."""
    after = position + 1
    if after >= len(text):
        raise FunctionError("the regular expression ends with a backslash")
    mark = text[after]
    if mark.isascii() and not mark.isalnum():
        return ord(mark), after + 1
    if mark in _ESCAPES:
        return _ESCAPES[mark], after + 1
    if found := _OCTAL.match(text, after):
        return int(found[0], 8), found.end()
    if found := _HEXADECIMAL.match(text, after):
        digits = (found[1] or found[2]).lstrip("0")
        if len(digits) <= 6 and int(digits or "0", 16) <= _LARGEST_CODE:
            return int(digits or "0", 16), found.end()
    raise FunctionError("the regular expression holds an unknown escape")


def _unknown_class() -> FunctionError:
    return FunctionError("the regular expression names a class of characters that there is not")
