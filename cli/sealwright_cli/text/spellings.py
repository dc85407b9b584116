"""How a sealed value may be written again elsewhere, and finding any of many in a text. Knows no YAML."""

import base64
from bisect import bisect_right
from collections.abc import Iterable, Iterator

SHORTEST = 6
"""Shorter values (`true`, `admin`, a port) are too common as words to suspect a text for them."""

_LONGEST = 64  # nobody writes this much of a value by chance, and it bounds what each place of a text costs


class Spellings:
    """The lines of some values as text, and the values in base64: what gives them away.

    `values` are plaintexts. Finding any takes a time that grows with the text, and hardly with the number of values.
    """

    def __init__(self, values: Iterable[bytes]) -> None:
        self._words: list[str] = []
        for word in sorted({word[:_LONGEST] for value in values for word in _spelled(value)}):
            if not (self._words and word.startswith(self._words[-1])):  # else the shorter one is found anyway
                self._words.append(word)
        self._beginnings = {word[:SHORTEST] for word in self._words}

    def occur_in(self, text: str) -> bool:
        """Tell whether a text holds any spelling of any value."""
        return any(
            text[at : at + SHORTEST] in self._beginnings and self._one_is_at(text, at)
            for at in range(len(text) - SHORTEST + 1)
        )

    def _one_is_at(self, text: str, at: int) -> bool:
        # No word begins with another, so what begins here can only be the last one that is not behind this text.
        position = bisect_right(self._words, text[at : at + _LONGEST]) - 1
        return position >= 0 and text.startswith(self._words[position], at)


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
