"""Searching, cutting and changing texts. A text is bytes, and positions are counted in bytes."""

import re

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.functions.letters import SPACES
from sealwright_templating.go.runes import REPLACEMENT, count, decode, encode, repair
from sealwright_templating.values.registry import function

_ASCII_SPACES = b"\t\n\v\f\r "
_CHARACTERS_PER_STEP = 16
"""How many characters are looked at, one by one, in a microsecond."""

_BYTES_PER_STEP = 128
"""How many bytes are compared with something, one by one, in a microsecond."""

_BLOCK_CHARACTERS = 4096
"""How many characters are worked on at once, where they take much more memory one by one."""

_STRAY_BYTES = "".join(map(chr, range(0xDC80, 0xDD00)))
_BYTE_SPACES = re.compile(rb"[\t-\r \x85\xa0]+")
"""The spaces of Latin 1: what some of Sprig's functions take for spaces, who look at single bytes."""

_BYTE_WORD_STARTS = re.compile(rb"(?<![^\t-\r \x85\xa0])[^\t-\r \x85\xa0]")


@function("hello", signature="func() string")
def hello() -> bytes:
    """Return a greeting."""
    return b"Hello!"


@function("contains", signature="func(string, string) bool", bytes_per_step=_BYTES_PER_STEP)
def contains(part: bytes, text: bytes) -> bool:
    """Tell whether a text contains another."""
    return part in text


@function("hasPrefix", signature="func(string, string) bool")
def has_prefix(prefix: bytes, text: bytes) -> bool:
    """Tell whether a text begins with a prefix."""
    return text.startswith(prefix)


@function("hasSuffix", signature="func(string, string) bool")
def has_suffix(suffix: bytes, text: bytes) -> bool:
    """Tell whether a text ends with a suffix."""
    return text.endswith(suffix)


@function("trim", signature="func(string) string", bytes_per_step=_BYTES_PER_STEP)
def trim(context: Context, text: bytes) -> bytes:
    """Return the text without spaces at both ends."""
    text = text.strip(_ASCII_SPACES)
    if text[:1].isascii() and text[-1:].isascii():
        return text
    context.budget.steps(len(text) // _CHARACTERS_PER_STEP)
    return encode(decode(text).strip(SPACES))


@function("trimAll", "trimall", signature="func(string, string) string", bytes_per_step=_BYTES_PER_STEP)
def trim_all(context: Context, characters: bytes, text: bytes) -> bytes:
    """Return the text without the given characters at both ends; an invalid byte there stands for all such bytes."""
    context.budget.steps(len(characters) // _CHARACTERS_PER_STEP)
    if characters.isascii():
        return text.strip(bytes(set(characters)))
    context.budget.steps(len(text) // _CHARACTERS_PER_STEP)
    removed = set(repair(decode(characters)))
    if REPLACEMENT in removed:
        removed.update(_STRAY_BYTES)
    shown = decode(text)
    start = next((index for index, character in enumerate(shown) if character not in removed), len(shown))
    end = next((index for index in range(len(shown), start, -1) if shown[index - 1] not in removed), start)
    return encode(shown[start:end])


@function("trimPrefix", signature="func(string, string) string")
def trim_prefix(prefix: bytes, text: bytes) -> bytes:
    """Return the text without a prefix."""
    return text.removeprefix(prefix)


@function("trimSuffix", signature="func(string, string) string")
def trim_suffix(suffix: bytes, text: bytes) -> bytes:
    """Return the text without a suffix."""
    return text.removesuffix(suffix)


@function("nospace", signature="func(string) string")
def nospace(context: Context, text: bytes) -> bytes:
    """Return the text without spaces; if it has any, every byte is read as a character of Latin 1."""
    context.budget.steps(len(text) // _CHARACTERS_PER_STEP)
    if not _BYTE_SPACES.search(text):
        return text
    context.budget.memory(2 * len(text))
    return _BYTE_SPACES.sub(b"", text).decode("latin-1").encode()


@function("initials", signature="func(string) string")
def initials(context: Context, text: bytes) -> bytes:
    """Return the first byte of each word, as a character of Latin 1."""
    context.budget.steps(len(text) // _CHARACTERS_PER_STEP)
    context.budget.memory(2 * len(text))
    return bytes(text[found.start()] for found in _BYTE_WORD_STARTS.finditer(text)).decode("latin-1").encode()


@function("repeat", signature="func(int, string) string")
def repeat(context: Context, times: int, text: bytes) -> bytes:
    """Return the text repeated a number of times."""
    if times < 0:
        raise FunctionError("the count is negative")
    context.budget.memory(times * len(text))
    return text * times


@function("replace", signature="func(string, string, string) string")
def replace(context: Context, old: bytes, new: bytes, text: bytes) -> bytes:
    """Return the text with each occurrence of a part replaced; an empty part is between all characters."""
    places = text.count(old) if old else count(text) + 1
    context.budget.steps(places // _CHARACTERS_PER_STEP)
    context.budget.memory(len(text) + places * (len(new) - len(old)))
    if old:
        return text.replace(old, new)
    characters, between = decode(text), decode(new)
    made = bytearray()
    for start in range(0, len(characters), _BLOCK_CHARACTERS):
        made += encode(between + between.join(characters[start : start + _BLOCK_CHARACTERS]))
    return bytes(made + new)


@function("substr", signature="func(int, int, string) string")
def substr(start: int, end: int, text: bytes) -> bytes:
    """Return the text from byte `start` to byte `end`, exclusive; a negative number means that end of the text."""
    if start < 0:
        start = 0
    elif not 0 <= end <= len(text):
        end = len(text)
    if not start <= end <= len(text):
        raise FunctionError("the text has no such part")
    return text[start:end]


@function("trunc", signature="func(int, string) string")
def trunc(length: int, text: bytes) -> bytes:
    """Return the text cut to a number of bytes from its beginning; from its end if the number is negative."""
    return text[:length] if length >= 0 else text[length:]


@function("plural", signature="func(string, string, int) string")
def plural(one: bytes, many: bytes, number: int) -> bytes:
    """Return the first text if the number is one, else the second."""
    return one if number == 1 else many
