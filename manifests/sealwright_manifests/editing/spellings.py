"""How a sealed value may be written again elsewhere, and finding any of many in a text. Knows no YAML."""

import base64
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

SHORTEST = 6
"""Shorter values (`true`, `admin`, a port) are too common as words to suspect a text for them."""

_LONGEST = 64  # nobody writes this much of a value by chance, and it bounds what each place of a text costs

# Whatever begins in a text, one in _STRIDE of its first places is one at which the text is cut into samples. So looking
# at a sample for every _STRIDE characters misses nothing, and few samples have to be looked at twice.
_SAMPLE = 3
_STRIDE = SHORTEST - _SAMPLE + 1
_CUT = re.compile(rf"(.{{{_SAMPLE}}}).{{,{_STRIDE - _SAMPLE}}}", re.DOTALL)
_AT_ONCE = _STRIDE * 4096  # characters


class Spellings:
    """The lines of some values as text, and the values in base64: what gives them away.

    `values` are plaintexts. Finding any takes a time that grows with the text, and hardly with the number of values.
    """

    def __init__(self, values: Iterable[bytes]) -> None:
        self._words: list[str] = []
        for word in sorted({word[:_LONGEST] for value in values for word in _spelled(value)}):
            if not (self._words and word.startswith(self._words[-1])):  # else the shorter one is found anyway
                self._words.append(word)
        self._samples = {word[at : at + _SAMPLE] for word in self._words for at in range(_STRIDE)}

    def occur_in(self, text: str) -> bool:
        """Tell whether a text holds any spelling of any value."""
        return any(True for _ in self.places(text, 0, len(text)))

    def places(self, text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield where spellings of values begin and end in `text[low:high]`, in the order of their beginnings."""
        for start in range(low, high, _AT_ONCE) if self._samples else ():
            found = _CUT.findall(text, start, min(start + _AT_ONCE, high))
            for number, sample in enumerate(found):
                if sample in self._samples:
                    at = start + number * _STRIDE
                    yield from self._around(text, max(at - _STRIDE + 1, low), at + 1, high)

    def _around(self, text: str, first: int, behind: int, high: int) -> Iterator[tuple[int, int]]:
        # No word begins with another, so what begins at a place can only be the last one that is not behind its text.
        for at in range(first, behind):
            position = bisect_right(self._words, text[at : min(at + _LONGEST, high)]) - 1
            if position >= 0 and text.startswith(self._words[position], at, high):
                yield at, at + len(self._words[position])


def _spelled(value: bytes) -> Iterator[str]:
    text = value.decode("utf-8", "replace")
    for line in {*text.split("\n"), *text.splitlines()}:
        if len(stripped := line.strip()) >= SHORTEST:
            yield stripped
    # Groups of three bytes stay the same whatever is behind them, such as the line break that `echo` and | leave.
    trimmed = value.rstrip()
    encoded = base64.b64encode(trimmed).decode("ascii")
    groups = encoded[: len(trimmed) // 3 * 4] if len(trimmed) >= SHORTEST else encoded.rstrip("=")
    if len(groups) >= SHORTEST:
        yield groups
