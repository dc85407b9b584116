"""Changing single fields of an object in its text: everything else, comments and order included, stays byte for byte.

Knows blocks, braces and JSON, not what the fields mean. Where the text cannot be changed in place (anchors, aliases,
merge keys, a list where a map is wanted), the object is written anew as a whole.
"""

import json
from collections.abc import Mapping
from typing import Any

from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.documents import INDENT, Document, Form, Splice
from sealwright_manifests.text.tree import Entry, Map, Node, Scalar, is_merge, key_of, native


def merge_fields(document: Document, node: Map, changes: Mapping[str, Any]) -> None:
    """Set fields of the object at `node`: maps are merged into maps, everything else replaces what was there.

    New fields go behind the last of their map. Raises BadManifestError for a text that cannot be understood.
    """
    try:
        data = _merged(native(node), changes)
        splices = _Splices(document)
        splices.merge(node, changes)
    except SyntaxProblemError as problem:
        document.fail(problem)
    except _NotInPlaceError:
        document.replace(node, data)
    else:
        document.edit(node, data, splices.made)


class _NotInPlaceError(Exception):
    """The text has a form that must not be changed piecemeal."""


def _merged(data: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(data) if isinstance(data, dict) else {}
    for key, value in changes.items():
        merged[key] = _merged(merged.get(key), value) if isinstance(value, Mapping) else value
    return merged


class _Splices:
    """Finds the stretches of text to exchange."""

    def __init__(self, document: Document) -> None:
        self._text = document.source
        self._is_json = document.form is Form.JSON
        self._line_break = blocks.line_break(document.source)
        self.made: list[Splice] = []

    def merge(self, node: Map, changes: Mapping[str, Any]) -> None:
        """Collect what changes in the map at `node`. Raises _NotInPlaceError and SyntaxProblemError."""
        if any(is_merge(entry.key) for entry in node.entries):
            raise _NotInPlaceError
        entries = {key_of(entry): entry for entry in node.entries}
        added: dict[str, Any] = {}
        for key, value in changes.items():
            entry = entries.get(key)
            if entry is None:
                added[key] = value
            elif isinstance(entry.value, Map) and isinstance(value, Mapping):
                self.merge(entry.value, value)
            else:
                self._exchange(entry, value)
        if added:
            self._insert(node, added)

    def _exchange(self, entry: Entry, value: Any) -> None:
        old = entry.value
        if not isinstance(old, Scalar) or not old.movable:
            raise _NotInPlaceError
        if native(old) == value:
            return
        end = blocks.entry_end(self._text, old) if old.block else old.end
        is_unwritten = old.start == end
        if is_unwritten and self._text[end - 1] != ":":  # {a, b}: a key without one
            raise _NotInPlaceError
        self.made.append(Splice(old.start, end, " " * is_unwritten + self._inline(value, old)))

    def _inline(self, value: Any, old: Scalar) -> str:
        """Return a value on one line, a text between the quotes that the old one had."""
        if self._is_json or isinstance(value, Mapping):
            return yamlwriter.flow(value)
        text = yamlwriter.scalar(value)
        quote = self._text[old.start : old.start + 1]
        return f"{quote}{text}{quote}" if quote in ("'", '"') and text == value else text

    def _insert(self, node: Map, added: Mapping[str, Any]) -> None:
        if not node.flow:
            self._insert_lines(node, added)
        elif node.entries:
            self._insert_behind(node.entries[-1], node, added)
        else:
            self._fill(node, added)

    def _insert_lines(self, node: Map, added: Mapping[str, Any]) -> None:
        """Add entries to a block map, each from the column of the map's keys."""
        first, last = node.entries[0].key, node.entries[-1].value
        margin = self._line_break + " " * (first.start - blocks.line_start(self._text, first.start))
        lines = [line for key, value in added.items() for line in yamlwriter.entry(key, value)]
        at = blocks.entry_end(self._text, last)
        self.made.append(Splice(at, at, "".join(margin + line for line in lines)))

    def _insert_behind(self, last: Entry, node: Map, added: Mapping[str, Any]) -> None:
        """Add entries to a map in braces, in the line or on lines of their own as its last entry is."""
        margin = self._margin(last.key)
        on_own_line = margin is not None and blocks.line_start(self._text, last.key.start) > node.start
        gap = f",{self._line_break}{margin}" if on_own_line else ", "
        text = "".join(gap + self._pair(key, value, margin if on_own_line else None) for key, value in added.items())
        self.made.append(Splice(last.value.end, last.value.end, text))

    def _fill(self, node: Map, added: Mapping[str, Any]) -> None:
        """Put entries into empty braces."""
        start = blocks.line_start(self._text, node.start)
        margin = self._text[start : node.start]
        margin = margin[: len(margin) - len(margin.lstrip())]
        if not self._is_json or "\n" not in self._text:
            self.made.append(Splice(node.start, node.end, yamlwriter.flow(added)))
            return
        self.made.append(Splice(node.start, node.end, self._spread(added, margin)))

    def _margin(self, key: Node) -> str | None:
        before = self._text[blocks.line_start(self._text, key.start) : key.start]
        return None if before.strip() else before

    def _pair(self, key: str, value: Any, margin: str | None) -> str:
        written = (
            yamlwriter.flow(value) if margin is None or not isinstance(value, Mapping) else self._spread(value, margin)
        )
        return f"{yamlwriter.flow(key)}: {written}"

    def _spread(self, value: Mapping[str, Any], margin: str) -> str:
        return json.dumps(value, indent=INDENT, ensure_ascii=False).replace("\n", self._line_break + margin)
