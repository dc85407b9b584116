"""Fitting texts into lines and columns: indenting, wrapping, shortening. Widths are counted in bytes."""

from collections.abc import Iterator

from sealwright_templating.context import Context
from sealwright_templating.errors import FunctionError
from sealwright_templating.values.objects import wrap as wrap_integer
from sealwright_templating.values.registry import function

_MARK = b"..."
_SHORTEST = len(_MARK) + 1
"""The least width that a text is cut to, a mark at its end."""

_SHORTEST_BOTH = 2 * len(_MARK) + 1
"""The same with a mark at both ends."""

_SHORTEST_START = 4
"""A mark at the beginning would be no shorter than what it stands for, up to this offset."""


@function("indent", signature="func(int, string) string")
def indent(context: Context, spaces: int, text: bytes) -> bytes:
    """Return the text with a number of spaces before every line, empty lines included."""
    if spaces < 0:
        raise FunctionError("the number of spaces is negative")
    context.budget.memory(len(text) + (text.count(b"\n") + 1) * spaces)
    pad = b" " * spaces
    return pad + text.replace(b"\n", b"\n" + pad)


@function("nindent", signature="func(int, string) string")
def nindent(context: Context, spaces: int, text: bytes) -> bytes:
    """Return a line break, and the text with a number of spaces before every line."""
    return b"\n" + indent(context, spaces, text)


@function("wrap", signature="func(int, string) string")
def wrap(context: Context, width: int, text: bytes) -> bytes:
    """Return the text broken at spaces into lines of at most a width."""
    return _wrapped(context, text, width, b"\n", break_words=False)


@function("wrapWith", signature="func(int, string, string) string")
def wrap_with(context: Context, width: int, line_break: bytes, text: bytes) -> bytes:
    """Return the text in pieces of at most a width, joined by a given text; long words are broken."""
    return _wrapped(context, text, width, line_break or b"\n", break_words=True)


def _wrapped(context: Context, text: bytes, width: int, line_break: bytes, *, break_words: bool) -> bytes:
    def lines() -> Iterator[tuple[int, int]]:
        return _lines(context, text, max(width, 1), break_words=break_words)

    context.budget.memory(sum(end - start + len(line_break) for start, end in lines()))
    return line_break.join(text[start:end] for start, end in lines())


def _lines(context: Context, text: bytes, width: int, *, break_words: bool) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each line."""
    start = 0
    while len(text) - start > width:
        context.budget.steps(1)
        if text.startswith(b" ", start):
            start += 1
            continue
        end = text.rfind(b" ", start, start + width + 1)
        if end < 0 and break_words:
            yield start, start + width
            start += width
            continue
        if end < 0 and (end := text.find(b" ", start + width)) < 0:
            break
        yield start, end
        start = end + 1
    yield start, len(text)


@function("abbrev", signature="func(int, string) string")
def abbrev(width: int, text: bytes) -> bytes:
    """Return the text cut to a width, with an ellipsis at its end; uncut if the width is below 4."""
    return _abbreviated(0, width, text) if width >= _SHORTEST else text


@function("abbrevboth", signature="func(int, int, string) string")
def abbrevboth(offset: int, width: int, text: bytes) -> bytes:
    """Return a part of the text from an offset, cut to a width, with an ellipsis at each cut end."""
    if width < _SHORTEST or (offset > 0 and width < _SHORTEST_BOTH):
        return text
    return _abbreviated(offset, width, text)


def _abbreviated(offset: int, width: int, text: bytes) -> bytes:
    if len(text) <= width:
        return text
    kept = width - len(_MARK)
    offset = min(offset, len(text))
    if wrap_integer(len(text) - offset) < kept:
        offset = len(text) - kept
    if offset <= _SHORTEST_START:
        return text[:kept] + _MARK
    if width < _SHORTEST_BOTH:
        return b""
    if offset + kept >= len(text):
        return _MARK + text[len(text) - kept :]
    return _MARK + _abbreviated(0, kept, text[offset:])
