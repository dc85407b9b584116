"""What the text of a document is cut into: maps, and entries with the lines and comments that belong to them.

Lines know their indentation relative to the map that they are in, so that texts with different indentation compare.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from sealwright_conventions.records import record


class Side(Enum):
    """One of the two sides of a merge."""

    OURS = "ours"
    THEIRS = "theirs"


class UnmergeableError(Exception):
    """These texts cannot be merged entry by entry; another way has to be taken."""


class Line(NamedTuple):
    """A line without its indentation and line break; `indent` counts from the column of the map, and may be negative.

    An empty line has no indentation: None.
    """

    indent: int | None
    text: str


Lines = tuple[Line, ...]


@record
class Leaf:
    """A key and a value that is not cut further. `comment` is the one behind the value, with the blanks before it.

    `commented` is the index of the line with that comment, `value_at` where on the first line the value begins, or -1.
    `data` is the value as JSON, by which versions are compared.
    """

    lines: Lines
    data: str
    comment: str = ""
    commented: int = 0
    value_at: int = -1


@record
class Branch:
    """A key whose value is a map that is cut. `foot` is the line of the closing brace of a map in braces."""

    head: Leaf
    block: "Block"
    foot: Leaf | None = None


@record
class Item:
    """An entry of a map: comments above it, its own lines, and comments directly below that are indented more."""

    key: str
    lead: Lines
    body: Leaf | Branch
    after: Lines = ()


@record
class Clash:
    """An entry that both sides changed differently; None stands for the side that removed it.

    `lead` and `after` are comments around it that are merged, and do not stand in the sides.
    """

    key: str
    ours: Item | None
    theirs: Item | None
    lead: Lines = ()
    after: Lines = ()

    def of(self, side: Side) -> Item | None:
        """Return what a side has."""
        return self.ours if side is Side.OURS else self.theirs


@record
class Block:
    """The entries of a map. `column` counts from the map around it, `trail` are the comments below the last entry.

    `flow` is a map in braces with each entry on lines of its own, `ended` one with a comma behind its last entry.
    """

    column: int
    entries: tuple[Item | Clash, ...] = ()
    trail: Lines = ()
    flow: bool = False
    ended: bool = False

    def items(self) -> dict[str, Item]:
        """Return the entries by key. Raises UnmergeableError if one is a clash."""
        found: dict[str, Item] = {}
        for entry in self.entries:
            if isinstance(entry, Clash):
                raise UnmergeableError
            found[entry.key] = entry
        return found


@record
class Page:
    """A document: lines above its map, the map, and the lines below. A map in braces has an opening and a closing."""

    head: Lines
    block: Block
    tail: Lines
    opening: Leaf | None = None
    closing: Leaf | None = None


def clashes(block: Block, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Clash]]:
    """Yield each clash of a map and of those below it, with its path."""
    for entry in block.entries:
        here = (*path, entry.key)
        if isinstance(entry, Clash):
            yield here, entry
        elif isinstance(entry.body, Branch):
            yield from clashes(entry.body.block, here)
