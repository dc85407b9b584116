"""Where fields and comments stand in a text: each text and each map is looked through once, however often it is asked.

Whoever writes a file decides how many findings it has, so counting lines again for each would take quadratic time.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.text.documents import Document
from sealwright_manifests.text.tree import Entry, Map, Node, behind, entries_of


class Lines:
    """The lines of a text."""

    def __init__(self, text: str) -> None:
        self.all = text.split("\n")
        self._starts = [0]
        for line in self.all[:-1]:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, offset: int) -> tuple[int, int]:
        """Return how many lines are above an offset, and the column there, from 1, as editors count both."""
        above = bisect_right(self._starts, offset) - 1
        return above, offset - self._starts[above] + 1


class Places:
    """The fields of a file's objects, by their paths. The objects have to stay in use as long as this does."""

    def __init__(self) -> None:
        self._maps: dict[int, dict[str, Entry]] = {}
        self._lines: dict[int, Lines] = {}

    def of(self, manifest: Manifest, path: Sequence[str]) -> tuple[int, int]:
        """Return the line and column of the field at a path, or of the field above it that is there."""
        node, offset = manifest.node, None
        for entry in self._entries(node, path):
            offset = entry.key.start
        first = node.entries[0].key.start if node.entries and not node.flow else node.start
        above, column = self._lines_of(manifest.document).place(first if offset is None else offset)
        return manifest.document.line + above, column

    def node(self, manifest: Manifest, path: Sequence[str]) -> Node | None:
        """Return the node of the field at a path; None if there is none."""
        entries = list(self._entries(manifest.node, path))
        return behind(entries[-1].value) if len(entries) == len(path) else None

    def _entries(self, node: Map, path: Sequence[str]) -> Iterator[Entry]:
        """Yield the entries on the way to a field, as far as they are there."""
        found: Any = node
        for name in path:
            entry = self._map(found).get(name) if isinstance(found, Map) else None
            if entry is None:
                return
            yield entry
            found = behind(entry.value)

    def _map(self, node: Map) -> dict[str, Entry]:
        if id(node) not in self._maps:
            try:
                self._maps[id(node)] = dict(entries_of(node))
            except SyntaxProblemError:  # the object could not have been read
                self._maps[id(node)] = {}
        return self._maps[id(node)]

    def _lines_of(self, document: Document) -> Lines:
        if id(document) not in self._lines:
            self._lines[id(document)] = Lines(document.source)
        return self._lines[id(document)]
