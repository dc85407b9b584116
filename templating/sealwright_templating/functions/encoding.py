"""Base64 and base32. If a text cannot be decoded, the result is the text of Go's error."""

import base64
import binascii
import re

from sealwright_templating.context import Context
from sealwright_templating.go.base64 import decode_base64
from sealwright_templating.values.registry import function

_LINE_BREAKS = b"\r\n"
_PADDING = b"="

_BASE64_LETTERS = re.compile(rb"[A-Za-z0-9+/\r\n]*")
_BASE64_QUANTUM = 4

_BASE32_QUANTA = re.compile(rb"(?:[A-Z2-7]{8})*+")


@function("b64enc", signature="func(string) string")
def b64enc(context: Context, text: bytes) -> bytes:
    """Return the text in standard base64."""
    context.budget.memory(4 * (len(text) // 3 + 1))
    return base64.b64encode(text)


@function("b64dec", signature="func(string) string")
def b64dec(context: Context, text: bytes) -> bytes:
    """Decode standard base64; line breaks are ignored."""
    context.budget.memory(len(text))
    decoded = decode_base64(text)
    return b"illegal base64 data at input byte %d" % _base64_fault(text) if decoded is None else decoded


def _base64_fault(text: bytes) -> int:
    """Return the position of Go's error for a text that is not base64."""
    found = _BASE64_LETTERS.match(text)
    end = found.end() if found else 0
    letters = len(text[:end].translate(None, _LINE_BREAKS)) % _BASE64_QUANTUM
    return end - letters if end == len(text) else _base64_padding_fault(text, end, letters)


def _base64_padding_fault(text: bytes, position: int, letters: int) -> int:
    """Return the position of the error in a quantum with this many letters before the position, and none at it."""
    if text[position] != _PADDING[0] or letters < 2:
        return position
    after = _behind_line_breaks(text, position + 1)
    if letters == 2:
        if after == len(text):
            return after
        if text[after] != _PADDING[0]:
            return after - 1
        after = _behind_line_breaks(text, after + 1)
    return after


def _behind_line_breaks(text: bytes, position: int) -> int:
    while position < len(text) and text[position] in _LINE_BREAKS:
        position += 1
    return position


@function("b32enc", signature="func(string) string")
def b32enc(context: Context, text: bytes) -> bytes:
    """Return the text in standard base32."""
    context.budget.memory(8 * (len(text) // 5 + 1))
    context.budget.steps(len(text) // 4)
    return base64.b32encode(text)


@function("b32dec", signature="func(string) string")
def b32dec(context: Context, text: bytes) -> bytes:
    """Decode standard base32; line breaks are ignored.

    An error names the group of eight letters; in Go, it names the letter.
    """
    context.budget.memory(len(text))
    context.budget.steps(len(text) // 4)
    joined = text.translate(None, _LINE_BREAKS)
    try:
        return base64.b32decode(joined)
    except binascii.Error:
        quanta = _BASE32_QUANTA.match(joined)
        return b"illegal base32 data at input byte %d" % (quanta.end() if quanta else 0)
