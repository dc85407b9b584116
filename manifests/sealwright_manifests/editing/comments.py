"""Finds comments that could reveal a sealed value, and removes them from a text before any of it is kept.

A comment is a # between the leaves of a document and what follows it on its line. Two kinds are removed: a comment that
repeats a sealed value, wherever it stands, and a comment around the values that looks like a value commented out.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import record
from sealwright_manifests.editing.spellings import Spellings
from sealwright_manifests.text import blocks
from sealwright_manifests.text.tree import COLLECTIONS, Map, Node, Scalar, key_of, leaves, nodes

REMOVED = "\0"  # YAML text never holds this character, so it can mark removed text without moving offsets
SECTIONS = ("data", "stringData")
"""The fields of a Secret that hold values."""

_BLANKS = r" \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000"  # what \s is within a line of YAML
_END = rf"(?=[{blocks.LINE_BREAKS}]|\Z)"
# `# password: old`, `#- "key" = |`: a margin (group 1), a key, a colon, and a value or a block text's header (group 2).
# The pieces do not backtrack, so the cost is linear in the line's length.
_COMMENTED_OUT = (
    rf"(#[#{_BLANKS}]*+)[-{_BLANKS}]*(?:[\"'][-._\w]++|[._\w][-._\w]*+|(?<=-))[\"']?[{_BLANKS}]*+[:=](?!//)"
    rf"[{_BLANKS}]*+(?:([|>][-+\d]*+[{_BLANKS}]*+{_END})|\S)"
)
# The parser accepts # as the start of a comment wherever a token could begin, also directly after a quote, a brace or
# the header of a block text. A word that ends like one is a leaf; comments are searched for between leaves.
_COMMENT = pattern(rf"(?:(?<=[\s\ufeff,:'\"\[\]{{}}|>+\-\d])|\A)(?=#)(?:{_COMMENTED_OUT}|)[^{blocks.LINE_BREAKS}]*+")
_MARGIN = pattern(r"#[#\s]*")
_PROPERTY = pattern(r"!<[^>]*>|[&!]\S*")
_BLOCK_HEADER = pattern(r"[|>][-+\d]*")

Span = tuple[int, int]


@record
class Cleaned:
    """A text of the same length in which some comments are turned into REMOVED, and the places of those comments."""

    text: str
    removed: Sequence[Span]


def clean(text: str, root: Node | None, *, spellings: Spellings, beside: Sequence[Span]) -> Cleaned:
    """Remove the comments that could hold a secret from a document's text.

    `spellings` are those of the sealed values; `beside` are the stretches of text around values, in order.
    """
    suspects = _Suspects(text, spellings, beside)
    pieces, removed, at = [], [], 0
    for low, high, is_needed in _stretches(text, root):
        for start, end in suspects.between(low, high):
            kept = start + is_needed
            pieces += [text[at:kept], REMOVED * (end - kept)]
            removed.append((kept, end))
            at = end
    return Cleaned("".join([*pieces, text[at:]]), removed)


def without_removed(line: str) -> str | None:
    """Return a line of a cleaned text without the marks; None if it held only a removed comment."""
    kept, mark, _ = line.partition(REMOVED)
    return line if not mark else kept.rstrip() or None


def beside_values(text: str, root: Node, secrets: Iterable[Map]) -> list[Span]:
    """Return, for each `data` and `stringData`, the stretch from the lines above it to the next content."""
    found = list(leaves(root))
    starts, ends = [leaf.start for leaf in found], [leaf.end for leaf in found]
    spans = []
    for entry in (entry for secret in secrets for entry in secret.entries if key_of(entry) in SECTIONS):
        above = bisect_right(ends, blocks.line_start(text, entry.key.start)) - 1
        last = blocks.last_leaf(entry.value)
        behind = bisect_left(starts, max(last.end, last.start + 1))
        low = blocks.entry_end(text, found[above]) if above >= 0 else 0
        spans.append((low, starts[behind] if behind < len(starts) else len(text)))
    return sorted(spans)


class _Suspects:
    """Decides which comments of a text to remove, in order."""

    def __init__(self, text: str, spellings: Spellings, beside: Sequence[Span]) -> None:
        self._text = text
        self._spellings = spellings
        self._lows = [low for low, _ in beside]
        self._highs = [high for _, high in beside]
        self._commented_out = 0  # margin of a block text commented out; its lines are indented more

    def between(self, low: int, high: int) -> Iterator[Span]:
        """Yield the start and end of each comment that could hold a secret, in a stretch without leaves."""
        if self._text.find("#", low, high) < 0:
            return
        given_away = self._spellings.places(self._text, low, high)
        place = next(given_away, None)
        # Search in the whole text, so that the character before `low` still counts as the one before a #.
        for comment in _COMMENT.finditer(self._text, low, high):
            holds = bool(self._commented_out or comment.lastindex) and self._is_commented_out(comment)
            while place and place[0] < comment.end():
                holds = holds or (place[0] >= comment.start() and place[1] <= comment.end())
                place = next(given_away, None)
            if holds:
                yield comment.span()

    def _is_commented_out(self, comment: re.Match[str]) -> bool:
        if not self._is_beside(comment.start()):
            return False
        margin = _MARGIN.match(comment[0])
        width = margin.end() if margin else 0
        if self._commented_out and (width > self._commented_out or width == len(comment[0])):
            return True
        self._commented_out = len(comment[1]) if comment[2] else 0
        return comment[1] is not None

    def _is_beside(self, start: int) -> bool:
        at = bisect_right(self._lows, start) - 1
        return at >= 0 and start < self._highs[at]


def _stretches(text: str, root: Node | None) -> Iterator[tuple[int, int, bool]]:
    """Yield the stretches between leaves, in which # begins a comment, and whether the # has to stay.

    It has to after a block text that keeps its last line breaks: the text would absorb blank lines after the comment.
    """
    at, is_needed = 0, False
    for start, end, keeps_breaks in _opaque(text, root) if root else ():
        yield at, start, is_needed
        at, is_needed = max(at, end), keeps_breaks
    yield at, len(text), is_needed


def _opaque(text: str, root: Node) -> Iterator[tuple[int, int, bool]]:
    """Yield the stretches in which # begins no comment, in the order of the text: tags, anchors and leaves.

    The third value is True for a block text that keeps its last line breaks.
    """
    for node in nodes(root):
        at = node.start
        while (found := _PROPERTY.match(text, at)) and at < node.end:
            yield *found.span(), False
            at = blocks.skip_blanks(text, found.end())
        if isinstance(node, Scalar) and node.block and (header := _BLOCK_HEADER.match(text, at)):
            yield *header.span(), False
            yield blocks.line_end(text, header.end()), node.end, "+" in header[0]
        elif not isinstance(node, COLLECTIONS):
            yield at, max(at, node.end), False
