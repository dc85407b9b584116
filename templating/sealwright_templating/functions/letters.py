"""Characters as in Go: upper and lower case of single characters, and what counts as a space.

Registers nothing. Go 1.26 uses Unicode 15.0; which characters are letters depends on the Unicode of this Python.
"""

from collections.abc import Callable

from sealwright_templating.context import Context
from sealwright_templating.go.runes import decode, repair

SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
"""What Go's unicode.IsSpace is true of; Python's str.isspace is true of more."""

_YOUNGER = frozenset(
    "\u019b\u0264\u1c89\u1c8a\ua7cb\ua7cc\ua7cd\ua7da\ua7db\ua7dc"
    + "".join(map(chr, [*range(0x10D50, 0x10D66), *range(0x10D70, 0x10D86)]))
)
"""Letters that have upper and lower case since Unicode 16 only, which Python 3.14 knows."""

_CHARACTERS_PER_STEP = 4


def to_upper(character: str) -> str:
    """Return the capital letter of a letter; ß stays, as its capital form is two characters."""
    return _single(character, character.upper(), character.title())


def to_lower(character: str) -> str:
    """Return the small letter of a letter; i for İ, whose small form has two characters in Python."""
    return character if character in _YOUNGER else character.lower()[0]


def to_title(character: str) -> str:
    """Return the title case of a letter; it differs from the capital letter only for digraphs such as ǆ."""
    return _single(character, character.title())


def _single(character: str, *candidates: str) -> str:
    if character in _YOUNGER:
        return character
    return next((candidate for candidate in candidates if len(candidate) == 1), character)


def mapped(context: Context, text: bytes, change: Callable[[str], str]) -> bytes:
    """Return a text with each character mapped and invalid bytes replaced, as Go's strings.Map does."""
    characters = characters_of(context, text)
    changes = {ord(character): change(character) for character in set(characters)}
    return characters.translate(changes).encode()


def characters_of(context: Context, text: bytes) -> str:
    """Return the characters of a text, U+FFFD for invalid bytes; charges for a text made of them."""
    context.budget.memory(4 * len(text))
    characters = repair(decode(text))
    context.budget.steps(len(characters) // _CHARACTERS_PER_STEP)
    return characters
