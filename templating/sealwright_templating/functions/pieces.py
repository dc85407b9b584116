"""Converting values to texts, joining texts, and splitting them."""

from sealwright_templating.context import Context
from sealwright_templating.functions.texts import made_of, text_of, texts_of
from sealwright_templating.go import fmt
from sealwright_templating.go.runes import count, decode, encode
from sealwright_templating.values.objects import Slice, Value
from sealwright_templating.values.registry import BYTES_READ_PER_STEP, function

_STRING_OVERHEAD_BYTES = 40
"""What a short string takes besides its bytes."""

_TEXTS_PER_STEP = 16
"""How many short texts are joined in a microsecond."""


@function("toString", signature="func(interface {}) string")
def to_string(context: Context, value: Value) -> bytes:
    """Return a value as a text."""
    return text_of(context, value)


@function("toStrings", signature="func(interface {}) []string")
def to_strings(context: Context, value: Value) -> list[bytes]:
    """Return the elements of a list as texts, without nil."""
    return texts_of(context, value)


@function("quote", signature="func(...interface {}) string")
def quote(context: Context, *values: Value) -> bytes:
    """Return each value in double quotes, escaped, separated by spaces; nil is left out."""
    return _joined(context, b" ", made_of(context, values, _quoted))


def _quoted(context: Context, value: Value) -> bytes:
    text = text_of(context, value)
    context.budget.memory(4 * len(text) + 2)
    context.budget.steps(len(text) // 4)
    return fmt.quote(text)


@function("squote", signature="func(...interface {}) string")
def squote(context: Context, *values: Value) -> bytes:
    """Return each value in single quotes, unescaped, separated by spaces; nil is left out."""
    return _joined(context, b" ", [b"'" + text + b"'" for text in made_of(context, values, fmt.sprint)])


@function("cat", signature="func(...interface {}) string")
def cat(context: Context, *values: Value) -> bytes:
    """Return the values as texts, separated by spaces; nil is left out."""
    return _joined(context, b" ", made_of(context, values, fmt.sprint))


@function("join", signature="func(string, interface {}) string")
def join(context: Context, separator: bytes, values: Value) -> bytes:
    """Return the elements of a list as texts, joined by a separator; nil is left out."""
    return _joined(context, separator, texts_of(context, values))


def _joined(context: Context, separator: bytes, texts: list[bytes]) -> bytes:
    context.budget.steps(len(texts) // _TEXTS_PER_STEP)
    context.budget.memory(sum(map(len, texts)) + max(len(texts) - 1, 0) * len(separator))
    return separator.join(texts)


@function("sortAlpha", signature="func(interface {}) []string")
def sort_alpha(context: Context, value: Value) -> list[bytes]:
    """Return the elements of a list as texts, sorted by their bytes; a []string is sorted in place."""
    if not isinstance(value, Slice):
        return [text_of(context, value)]
    texts = texts_of(context, value)
    # Each text is compared with so many others, perhaps down to its end.
    comparisons = len(texts).bit_length()
    context.budget.steps(len(texts) + comparisons * sum(map(len, texts)) // BYTES_READ_PER_STEP)
    texts.sort()
    return texts


@function("splitList", signature="func(string, string) []string")
def split_list(context: Context, separator: bytes, text: bytes) -> list[bytes]:
    """Return the text split at a separator; into characters if the separator is empty."""
    return _split(context, separator, text, -1)


@function("split", signature="func(string, string) map[string]string")
def split(context: Context, separator: bytes, text: bytes) -> dict[bytes, bytes]:
    """Return the text split at a separator, as a dict with the keys _0, _1 and so on."""
    return _numbered(context, _split(context, separator, text, -1))


@function("splitn", signature="func(string, int, string) map[string]string")
def splitn(context: Context, separator: bytes, most: int, text: bytes) -> dict[bytes, bytes]:
    """Return the same with a maximal number of parts; the last one has the rest. A negative number means no limit."""
    return _numbered(context, _split(context, separator, text, most))


def _split(context: Context, separator: bytes, text: bytes, most: int) -> list[bytes]:
    """Return the parts of a text; `most` of them at most, if it is not negative."""
    parts = text.count(separator) + 1 if separator else count(text)
    if most >= 0:
        parts = min(parts, most)
    context.budget.items(parts)
    context.budget.memory(len(text) + parts * _STRING_OVERHEAD_BYTES)
    if parts == 0:
        return []
    if separator:
        return text.split(separator, parts - 1)
    characters = decode(text)
    return [*map(encode, characters[: parts - 1]), encode(characters[parts - 1 :])]


def _numbered(context: Context, parts: list[bytes]) -> dict[bytes, bytes]:
    context.budget.items(len(parts))
    return {b"_%d" % index: part for index, part in enumerate(parts)}
