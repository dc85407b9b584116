"""Stretches of a text that are exchanged for others. Does not know what they are, nor why."""

from collections.abc import Iterable

from sealwright_conventions.records import record

_NOT_OF_A_WORD = frozenset(" \t\r\n,\"'}]")
"""Ends of an exchanged text behind which # begins a comment, as behind the author's own quotes and brackets."""


@record
class Splice:
    """`text` replaces `source[start:end]`."""

    start: int
    end: int
    text: str


def spliced(source: str, splices: Iterable[Splice], start: int, end: int) -> str:
    """Return `source[start:end]` with its splices; one that begins in another is left out.

    A comment whose # touched what is exchanged gets a blank if a bare word would take it in.
    """
    pieces, at = [], start
    for made in sorted(splices, key=lambda made: made.start):
        if made.start < at:  # an edited alias, or one inside a replaced part
            continue
        takes_in = source.startswith("#", made.end) and made.text and made.text[-1] not in _NOT_OF_A_WORD
        pieces += [source[at : made.start], made.text, " " if takes_in else ""]
        at = made.end
    return "".join([*pieces, source[at:end]])
