"""Comments that could give a sealed value away: found, and taken out of a text before any of it is kept.

A comment is what begins with # between the leaves of a document. Two kinds are taken out: one that repeats a sealed
value, wherever it stands, and one beside the values that looks like a value commented out.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sealwright_cli.text.tree import Map, Scalar, leaves

REMOVED = "\0"  # YAML text never holds this character, so it can mark what is gone while offsets stay true
MIN_REPEATED = 6  # shorter values (`true`, `admin`, a port) are too common as words to suspect a comment for them

_COMMENT = re.compile(r"(?:(?<=[ \t\r\n])|\A)#[^\r\n]*")
_COMMENTED_OUT = re.compile(r"#[#\s]*[\"']?[-._\w]+[\"']?\s*[:=]\s*\S")
_HEADER = re.compile(r"[^\n]*")

Span = tuple[int, int]


@dataclass(frozen=True)
class Cleaned:
    """A text of the same length with some comments turned into REMOVED, and where those stood."""

    text: str
    removed: Sequence[Span]


def clean(text: str, node: Map, within: Span, *, values: Iterable[bytes], beside: Sequence[Span]) -> Cleaned:
    """Take the comments that could hold a secret out of the stretch `within`, which holds nothing but this manifest.

    `values` are the plaintexts being sealed; `beside` are the stretches of text around values.
    """
    found = list(_comments(text, node, within))
    if not found:
        return Cleaned(text, ())
    repeated = _repeating(values)
    pieces, removed, at = [], [], 0
    for start, end in found:
        comment = text[start:end]
        suspect = any(low <= start < high for low, high in beside) and _COMMENTED_OUT.match(comment)
        if suspect or (repeated and repeated.search(comment)):
            pieces += [text[at:start], REMOVED * (end - start)]
            removed.append((start, end))
            at = end
    return Cleaned("".join([*pieces, text[at:]]), removed)


def without_removed(line: str) -> str | None:
    """Return a line of a cleaned text without the marks; None when it held nothing but a comment taken out."""
    kept, mark, _ = line.partition(REMOVED)
    return line if not mark else kept.rstrip() or None


def _comments(text: str, node: Map, within: Span) -> Iterator[Span]:
    at, high = within
    for leaf in leaves(node):
        yield from _between(text, at, leaf.start)
        if isinstance(leaf, Scalar) and leaf.block and (header := _HEADER.match(text, leaf.start)):
            yield from _between(text, *header.span())
        at = max(at, leaf.end)
    yield from _between(text, at, high)


def _between(text: str, low: int, high: int) -> Iterator[Span]:
    # Search in the whole text, so that the character before `low` still counts as what stands before a #.
    return (match.span() for match in _COMMENT.finditer(text, low, high))


def _repeating(values: Iterable[bytes]) -> re.Pattern[str] | None:
    """Return what finds any line of any value, as text or in base64."""
    spellings: set[str] = set()
    for value in values:
        spellings.add(base64.b64encode(value).decode("ascii"))
        spellings.update(line.strip() for line in value.decode("utf-8", "replace").splitlines())
    words = sorted(re.escape(word) for word in spellings if len(word) >= MIN_REPEATED)
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)") if words else None
