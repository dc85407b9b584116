"""The ways in which a sealed value may be repeated elsewhere, and a search for many of them at once. Knows no YAML."""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from sealwright_conventions.patterns import pattern

SHORTEST = 6
"""Shorter values (`true`, `admin`, a port) are too common as words to make a text suspicious."""

_LONGEST = 64  # a longer match is not needed to rule out chance, and this bounds the cost per place of a text

# Text is cut into samples, one every _STRIDE characters. Of the first _STRIDE places of any spelling in it, one is such
# a cut. So looking up each sample misses nothing, and few samples have to be looked at twice.
_SAMPLE = 3
_STRIDE = SHORTEST - _SAMPLE + 1
_CUT = pattern(rf"(.{{{_SAMPLE}}}).{{,{_STRIDE - _SAMPLE}}}", re.DOTALL)
_AT_ONCE = _STRIDE * 4096  # characters


class Spellings:
    """The lines of some values as text, and the values in base64: both would reveal the values.

    `values` are plaintexts. The search time grows with the text, and hardly with the number of values.
    """

    def __init__(self, values: Iterable[bytes]) -> None:
        self._words: list[str] = []
        for word in sorted({word[:_LONGEST] for value in values for word in _spelled(value)}):
            if not (self._words and word.startswith(self._words[-1])):  # the shorter one is found anyway
                self._words.append(word)
        self._samples = {word[at : at + _SAMPLE] for word in self._words for at in range(_STRIDE)}

    def occur_in(self, text: str) -> bool:
        """Tell whether a text holds a spelling of any value."""
        return any(True for _ in self.places(text, 0, len(text)))

    def places(self, text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each spelling of a value in `text[low:high]`, ordered by start."""
        for start in range(low, high, _AT_ONCE) if self._samples else ():
            found = _CUT.findall(text, start, min(start + _AT_ONCE, high))
            for number, sample in enumerate(found):
                if sample in self._samples:
                    at = start + number * _STRIDE
                    yield from self._around(text, max(at - _STRIDE + 1, low), at + 1, high)

    def _around(self, text: str, first: int, behind: int, high: int) -> Iterator[tuple[int, int]]:
        # No word is a prefix of another, so only the last word that does not sort after the text here can begin here.
        for at in range(first, behind):
            position = bisect_right(self._words, text[at : min(at + _LONGEST, high)]) - 1
            if position >= 0 and text.startswith(self._words[position], at, high):
                yield at, at + len(self._words[position])


def _spelled(value: bytes) -> Iterator[str]:
    text = value.decode("utf-8", "replace")
    for line in {*text.split("\n"), *text.splitlines()}:
        if len(stripped := line.strip()) >= SHORTEST:
            yield stripped
    # Groups of three bytes do not depend on what follows, such as the line break that `echo` and | add.
    trimmed = value.rstrip()
    encoded = base64.b64encode(trimmed).decode("ascii")
    groups = encoded[: len(trimmed) // 3 * 4] if len(trimmed) >= SHORTEST else encoded.rstrip("=")
    if len(groups) >= SHORTEST:
        yield groups
