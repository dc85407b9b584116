"""The two sides of a text with Git's conflict markers, each as the text that it would be without the other.

Where each character of a side stands in the text with the markers is known. Knows no YAML.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import record

_MARKER = pattern(r"^(?:(?P<sign>[<|>])(?P=sign){6,}+(?: [^\n]*)?|={7,}+)\r?$\n?", re.MULTILINE)
_Span = tuple[int, int]


@record
class Side:
    """A side's text, and the stretches of the text with markers that it consists of."""

    text: str
    spans: Sequence[_Span]
    starts: Sequence[int]
    """Where in the side's text each stretch begins."""

    @classmethod
    def of(cls, text: str, spans: Sequence[_Span]) -> "Side":
        """The side that consists of these stretches of a text."""
        starts, at = [], 0
        for start, end in spans:
            starts.append(at)
            at += end - start
        return cls("".join(text[start:end] for start, end in spans), spans, starts)

    def place(self, start: int, end: int) -> _Span | None:
        """Return where a stretch of the side is in the text with markers; None if there are markers in it."""
        number = bisect_right(self.starts, start) - 1
        begin, limit = self.spans[number]
        moved = begin - self.starts[number]
        return (start + moved, end + moved) if end + moved <= limit else None


def sides_of(text: str) -> list[Side]:
    """Return ours and theirs; nothing if there is no complete conflict in the text.

    Each marker is looked at once, so that a text of markers alone takes no longer than others.
    """
    conflicts = list(_conflicts(text))
    if not conflicts:
        return []
    around, at = [], 0
    for whole, _, _ in conflicts:
        around.append((at, whole[0]))
        at = whole[1]
    sides = []
    for number in (1, 2):
        spans = [
            span for before, conflict in zip(around, conflicts, strict=True) for span in (before, conflict[number])
        ]
        sides.append(Side.of(text, [span for span in (*spans, (at, len(text))) if span[0] < span[1]]))
    return sides


def _conflicts(text: str) -> Iterator[tuple[_Span, _Span, _Span]]:
    """Yield the places of each conflict: all of it with its markers, ours, and theirs."""
    part = ""  # the sign of the marker that begins the part: ours <, the base |, theirs =
    start = top = 0
    ours = (0, 0)
    for found in _MARKER.finditer(text):
        match part, found["sign"] or "=":
            case "", "<":
                part, start, top = "<", *found.span()
            case "<", ("|" | "=") as part:
                ours, top = (top, found.start()), found.end()
            case "|", "=":
                part, top = "=", found.end()
            case "=", ">":
                yield (start, found.end()), ours, (top, found.start())
                part = ""
