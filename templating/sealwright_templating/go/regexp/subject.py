"""Texts to search: RE2 requires UTF-8, they need not be UTF-8."""

import re
from array import array
from bisect import bisect_left

from sealwright_templating.go.runes import REPLACEMENT, decode
from sealwright_templating.limits import Budget

_STRAY_BYTE = re.compile("[\udc80-\udcff]")
_REPLACEMENT = REPLACEMENT.encode()
_OFFSET_BYTES = 8


class Subject:
    """A text as RE2 sees it: `data` has U+FFFD for each byte that is not UTF-8, as Go matches it.

    All offsets are those in `data`; `between` gives the original text there.
    """

    def __init__(self, budget: Budget, text: bytes) -> None:
        self.data = text
        self._text = text
        self._strays = array("Q")
        characters = decode(text)
        if not text.isascii() and _STRAY_BYTE.search(characters):
            self._repair(budget, characters)

    def _repair(self, budget: Budget, characters: str) -> None:
        budget.memory((len(_REPLACEMENT) + _OFFSET_BYTES) * len(self._text))
        repaired = bytearray()
        end = 0
        for found in _STRAY_BYTE.finditer(characters):
            repaired += characters[end : found.start()].encode()
            self._strays.append(len(repaired))
            repaired += _REPLACEMENT
            end = found.end()
        self.data = bytes(repaired) + characters[end:].encode()

    def between(self, start: int, end: int) -> bytes:
        """Return the original text from one offset to another."""
        return self._text[self._offset(start) : self._offset(end)]

    def _offset(self, offset: int) -> int:
        return offset - (len(_REPLACEMENT) - 1) * bisect_left(self._strays, offset)
