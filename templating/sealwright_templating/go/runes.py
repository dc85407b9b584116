"""Characters of Go's strings, which need not be UTF-8.

Go counts every byte that does not belong to a character as a character of its own (U+FFFD, one byte wide); Python's
`errors="replace"` counts differently. So text is processed as a str in which such bytes are lone surrogates.
"""

import re

REPLACEMENT = "\ufffd"

_INVALID = re.compile("[\udc80-\udcff]")


def decode(text: bytes) -> str:
    """Return a string's characters; each byte outside a character is a surrogate (U+DC80 to U+DCFF)."""
    return text.decode(errors="surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes that `decode` was given, stray bytes included."""
    return text.encode(errors="surrogateescape")


def repair(text: str) -> str:
    """Return the characters with U+FFFD for each stray byte, as Go's mapping functions do."""
    return text if text.isascii() else _INVALID.sub(REPLACEMENT, text)


def count(text: bytes) -> int:
    """Return the number of characters; each stray byte counts as one."""
    return len(text) if text.isascii() else len(decode(text))
