"""Upper and lower case."""

import re
from unicodedata import category

from sealwright_templating.context import Context
from sealwright_templating.functions.letters import SPACES, characters_of, mapped, to_lower, to_title, to_upper
from sealwright_templating.values.registry import function

_WORD_START = re.compile(rf"(?<![^{re.escape(SPACES)}])[^{re.escape(SPACES)}]")


@function("upper", signature="func(string) string")
def upper(context: Context, text: bytes) -> bytes:
    """Return the text in capital letters, letter by letter; ß stays."""
    return text.upper() if text.isascii() else mapped(context, text, to_upper)


@function("lower", signature="func(string) string")
def lower(context: Context, text: bytes) -> bytes:
    """Return the text in small letters."""
    return text.lower() if text.isascii() else mapped(context, text, to_lower)


@function("title", signature="func(string) string")
def title(context: Context, text: bytes) -> bytes:
    """Return the text with a capital letter at the beginning of each word; other letters stay."""
    made = list[str]()
    inside = False
    for character in characters_of(context, text):
        made.append(character if inside else to_title(character))
        inside = not _separates(character)
    return "".join(made).encode()


def _separates(character: str) -> bool:
    """Tell whether a word may begin after a character: any ASCII except letters, digits and _, else only a space."""
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character in SPACES


@function("untitle", signature="func(string) string")
def untitle(context: Context, text: bytes) -> bytes:
    """Return the text with a small letter at the beginning of each word after a space; other letters stay."""
    return _WORD_START.sub(lambda found: to_lower(found[0]), characters_of(context, text)).encode()


@function("swapcase", signature="func(string) string")
def swapcase(context: Context, text: bytes) -> bytes:
    """Return the text with capital and small letters exchanged."""
    made = list[str]()
    begins = True
    for character in characters_of(context, text):
        kind = category(character)
        if kind in {"Lu", "Lt"}:
            made.append(to_lower(character))
            begins = False
        elif kind == "Ll":
            made.append(to_title(character) if begins else to_upper(character))
            begins = False
        else:
            made.append(character)
            begins = character in SPACES
    return "".join(made).encode()
