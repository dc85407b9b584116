"""Names made of words, in the styles of programming languages: CamelCase, snake_case, kebab-case.

Words end by the rules of Go's xstrings library: consecutive capital letters are a word, but the last of them belongs to
small letters that follow; digits belong to the word before, unless small letters follow.
"""

import re
from unicodedata import category

from sealwright_templating.context import Context
from sealwright_templating.functions.letters import SPACES, to_lower, to_upper
from sealwright_templating.go.runes import REPLACEMENT, decode, encode, repair
from sealwright_templating.values.registry import function

_SPACE, _DASH, _PUNCTUATION, _CAPITAL, _SMALL, _DIGIT, _OTHER, _STRAY = "s-pUadox"
_DASHES = frozenset("-_")
_CONNECTORS = _DASHES | frozenset(SPACES)
_IDEOGRAPHS = ((0x3400, 0x4D85), (0x4E00, 0x9FCC), (0x20000, 0x2B81D))
"""Letters that make no words, first and last."""

_WORD = re.compile(
    r"""
    (?P<capitals>(?>(?:x*U)+(?=x*Ux*a)|x*U(?:x*a)+(?:x+$)?|(?:x*U)+(?:x+$)?))(?P<number>(?>(?:x*d)+(?:x+$)?)(?!x*a))?
   |(?P<connectors>(?:x*[s-])+(?:x+$)?)
   |(?P<punctuation>x*p(?:x*[p-])*(?:x+$)?)
   |(?>(?:x*a)+(?:x+$)?|(?:x*o)+(?:x+$)?|x+$)(?:(?>(?:x*d)+(?:x+$)?)(?!x*a))?
   |(?:x*d)+(?:x*[ad])*(?:x+$)?
    """,
    re.VERBOSE,
)
"""How the kinds of a text's characters make words; stray bytes belong to the character behind them, or to the last."""

_CHARACTERS_PER_STEP = 2
_STEPS_PER_WORD = 2


@function("snakecase", signature="func(string) string")
def snakecase(context: Context, text: bytes) -> bytes:
    """Return the words of a text in small letters, joined by `_`."""
    return _connected(context, text, "_")


@function("kebabcase", signature="func(string) string")
def kebabcase(context: Context, text: bytes) -> bytes:
    """Return the words of a text in small letters, joined by `-`."""
    return _connected(context, text, "-")


def _connected(context: Context, text: bytes, connector: str) -> bytes:
    characters = _charged(context, text)
    kinds = characters.translate({ord(character): _kind(character) for character in set(characters)})
    made = bytearray()
    behind_word = False
    for found in _WORD.finditer(kinds):
        context.budget.steps(_STEPS_PER_WORD)
        is_word = found.lastgroup not in {"connectors", "punctuation"}
        if is_word and behind_word:
            made += connector.encode()
        made += encode(_shown(characters, found, connector))
        behind_word = is_word
    return bytes(made)


def _kind(character: str) -> str:
    if character in _CONNECTORS:
        return _DASH if character in _DASHES else _SPACE
    if character == REPLACEMENT or "\udc80" <= character <= "\udcff":
        return _STRAY
    match category(character):
        case "Lu":
            return _CAPITAL
        case "Ll" | "Lt" | "Lm" | "Lo":
            return _OTHER if _is_ideograph(character) else _SMALL
        case kind:
            return {"P": _PUNCTUATION, "N": _DIGIT}.get(kind[0], _OTHER)


def _is_ideograph(character: str) -> bool:
    return any(first <= ord(character) <= last for first, last in _IDEOGRAPHS)


def _shown(characters: str, found: re.Match[str], connector: str) -> str:
    """Return a word, or the text between words, in the new style."""
    word = characters[found.start() : found.end()]
    if found.lastgroup == "connectors":
        return "".join(connector if character in _CONNECTORS else REPLACEMENT for character in word)
    if (capitals := found["capitals"]) is None:
        return word
    return _lowered(word[: len(capitals)]) + word[len(capitals) :]


def _lowered(piece: str) -> str:
    if piece.isascii():
        return piece.lower()
    return "".join(to_lower(character) if character.isupper() else character for character in repair(piece))


@function("camelcase", signature="func(string) string")
def camelcase(context: Context, text: bytes) -> bytes:
    """Return the words of a text joined, each with a capital first letter; capitals right after it become small."""
    characters = repair(_charged(context, text))
    start = next((index for index, character in enumerate(characters) if character not in _CONNECTORS), None)
    if start is None:
        return (characters + characters[-1:]).encode()
    made = list[str]()
    shouting, before = category(characters[start]) == "Lu", to_upper(characters[start])
    for character in characters[start + 1 :]:
        if before in _CONNECTORS:
            if character in _CONNECTORS:
                made.append(before)
                before = character
                continue
            shouting, character = category(character) == "Lu", to_upper(character)  # noqa: PLW2901 - as in a fold
        else:
            made.append(before)
            shouting = shouting and category(character) == "Lu"
            character = to_lower(character) if shouting else character  # noqa: PLW2901 - as above
        before = character
    return (characters[:start] + "".join(made) + before).encode()


def _charged(context: Context, text: bytes) -> str:
    context.budget.memory(4 * len(text))
    characters = decode(text)
    context.budget.steps(len(characters) // _CHARACTERS_PER_STEP)
    return characters
