"""Characters of Go's strings, which need not be UTF-8.

Go takes every byte that is no part of a character for one character of its own (U+FFFD, one byte wide); Python's
`errors="replace"` counts differently. So text is worked on as a str in which such bytes are lone surrogates.
"""

import re

REPLACEMENT = "\ufffd"

_INVALID = re.compile("[\udc80-\udcff]")


def decode(text: bytes) -> str:
    """Return a string's characters; each byte that belongs to none is a surrogate (U+DC80 to U+DCFF)."""
    return text.decode(errors="surrogateescape")


def encode(text: str) -> bytes:
    """Return what `decode` was given: stray bytes come out as they were."""
    return text.encode(errors="surrogateescape")


def repair(text: str) -> str:
    """Return the characters with U+FFFD for each stray byte, as Go's functions do that map characters."""
    return text if text.isascii() else _INVALID.sub(REPLACEMENT, text)


def count(text: bytes) -> int:
    """Return the number of characters, stray bytes being one each."""
    return len(text) if text.isascii() else len(decode(text))
