"""PEM as Go's encoding/pem reads it: the first valid block of a text, ignoring the text around it."""

import base64
import re
from typing import NamedTuple

from sealwright_templating.go.base64 import decode_base64

_BEGIN = b"-----BEGIN "
_DASHES = b"-----"
_END = re.compile(rb"\n-----END ([^\n]*)")
_NO_HEADER = re.compile(rb"^[^\n:]*+$", re.MULTILINE)
_LINE_LENGTH = 64


class Block(NamedTuple):
    """A block: its type, and the bytes in it."""

    kind: bytes
    content: bytes


def first_block(text: bytes) -> Block | None:
    """Return the first block in a text, None if there is none. Each byte is read a few times at most."""
    start = 0
    for end in _END.finditer(text):
        begin = text.rfind(_BEGIN, start, end.start())
        if begin == start or (begin > 0 and text[begin - 1] == ord("\n")):
            block = _block(text, begin + len(_BEGIN), end)
            if block is not None:
                return block
        start = end.start(1)
    return None


def encode_block(block: Block) -> bytes:
    """Return a block as PEM."""
    body = base64.b64encode(block.content)
    lines = [body[at : at + _LINE_LENGTH] for at in range(0, len(body), _LINE_LENGTH)]
    return b"\n".join([_BEGIN + block.kind + _DASHES, *lines, b"-----END " + block.kind + _DASHES, b""])


def _block(text: bytes, position: int, end: re.Match[bytes]) -> Block | None:
    line_end = text.index(b"\n", position)
    kind_line = _stripped(text[position:line_end])
    kind = kind_line.removesuffix(_DASHES)
    if kind == kind_line or _stripped(end[1]) != kind_line:
        return None
    body = _NO_HEADER.search(text, line_end + 1, end.start() + 1)
    body_start = line_end + 1 if body is None else body.start()
    content = decode_base64(text[body_start : end.start()].translate(None, b" \t"))
    return None if content is None else Block(kind, content)


def _stripped(line: bytes) -> bytes:
    return line.removesuffix(b"\r").rstrip(b" \t")
