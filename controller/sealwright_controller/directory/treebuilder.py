"""Builds plain data out of YAML's parsing events: without recursion, within a number of nodes, in JSON's terms.

A loader of objects would first build whatever the file says: dates, sets, aliases of aliases without end. Here each
node is paid for before it is built, and what JSON has no word for is refused.
"""

import math
import re
from collections.abc import Iterable
from itertools import chain
from typing import Any

from yaml.events import (  # type: ignore[import-untyped] # PyYAML has no types
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

MAX_NODES = 50_000
"""How many texts, lists and maps a file may hold, those included that aliases repeat: some 1,500 SealedSecrets."""
MAX_DEPTH = 100
"""How deep lists and maps may be nested: libyaml's scanner takes quadratic time for nesting."""
MAX_TAG_CHARACTERS = 100
"""A longer tag is taken for one that its author forgot to end."""
MAX_DIGITS = 400
"""Of a whole number: Python takes quadratic time to read and write one."""

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")}
_INTEGER = re.compile(rf"[-+]?[0-9]{{1,{MAX_DIGITS}}}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]++|[0-9]++(\.[0-9]*+)?)([eE][-+]?[0-9]++)?")
_TAGS = frozenset({None, "!", *(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq"))})


class UnusableFileError(Exception):
    """A file's content cannot be used; the text says where and why, for people, and quotes nothing of it."""


class _MergeKey:
    """Stands for a plain `<<` as key of a map."""


_MERGE = _MergeKey()
_NO_KEY = object()


class _Frame:
    """A list or map under construction; `start` is the number of nodes when it began, for its weight as an alias."""

    def __init__(self, event: CollectionStartEvent, start: int) -> None:
        self.value: Any = {} if isinstance(event, MappingStartEvent) else []
        self.anchor = event.anchor
        self.start = start
        self.key: Any = _NO_KEY
        self.merged: list[Any] | None = None


class TreeBuilder:
    """Takes parsing events in their order; `documents` holds what is complete. Raises UnusableFileError."""

    def __init__(self, max_nodes: int = MAX_NODES) -> None:
        self.documents: list[Any] = []
        self._max_nodes = max_nodes
        self._nodes = 0
        self._open: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}

    def take(self, event: Any) -> None:
        """Take the next event of PyYAML's parser."""
        if isinstance(event, NodeEvent):
            self._pay(1, event)
            self._node(event)
        elif isinstance(event, CollectionEndEvent):
            self._end(event)
        elif isinstance(event, DocumentEndEvent):
            self._anchors.clear()

    def _node(self, event: Any) -> None:
        tag: Any = getattr(event, "tag", None)
        if tag not in _TAGS:
            raise _mistake(
                event, "a tag without end" if len(tag) > MAX_TAG_CHARACTERS else "a tag that is not used here"
            )
        if isinstance(event, CollectionStartEvent):
            if self._expects_key():
                raise _mistake(event, "a list or map as key")
            if len(self._open) == MAX_DEPTH:
                raise _mistake(event, f"nested more than {MAX_DEPTH} deep")
            self._open.append(_Frame(event, self._nodes))
        elif isinstance(event, AliasEvent):
            self._alias(event)
        else:
            self._scalar(event)

    def _scalar(self, event: ScalarEvent) -> None:
        if self._expects_key():
            # Whatever it looks like, a key is text in JSON.
            value: Any = _MERGE if event.value == "<<" and event.implicit[0] else event.value
        else:
            value = _resolved(event)
        if event.anchor:
            self._anchors[event.anchor] = (event.value if value is _MERGE else value, 1)
        self._place(value, event)

    def _alias(self, event: AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise _mistake(event, "an alias of nothing that is complete")
        value, weight = self._anchors[event.anchor]
        if self._expects_key() and not isinstance(value, str):
            raise _mistake(event, "an alias as key that is no text")
        self._pay(weight, event)
        self._place(value, event)

    def _end(self, event: Any) -> None:
        frame = self._open.pop()
        for merged in frame.merged or []:
            for key, value in merged.items():
                frame.value.setdefault(key, value)
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, self._nodes - frame.start + 1)
        self._place(frame.value, event)

    def _place(self, value: Any, event: Any) -> None:
        if not self._open:
            self.documents.append(value)
            return
        frame = self._open[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is _NO_KEY:
            if value in frame.value or (value is _MERGE and frame.merged is not None):
                raise _mistake(event, "a key that is there twice")
            frame.key = value
        else:
            self._put(frame, value, event)

    def _put(self, frame: _Frame, value: Any, event: Any) -> None:
        if frame.key is _MERGE:
            frame.merged = value if isinstance(value, list) else [value]
            if not all(isinstance(merged, dict) for merged in frame.merged):
                raise _mistake(event, "a merge of something that is no map")
        else:
            frame.value[frame.key] = value
        frame.key = _NO_KEY

    def _expects_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is _NO_KEY

    def _pay(self, weight: int, event: Any) -> None:
        self._nodes += weight
        if self._nodes > self._max_nodes:
            raise _mistake(event, f"more than {self._max_nodes} values, aliases expanded")


def check_size(value: Any, max_nodes: int = MAX_NODES) -> None:
    """Hold plain data that was built elsewhere to the same limits. Raises UnusableFileError."""
    level, depth, nodes = [value], 0, 1
    while level:
        parents = [node for node in level if isinstance(node, dict | list)]
        if parents and depth == MAX_DEPTH:
            raise UnusableFileError(f"nested more than {MAX_DEPTH} deep")
        level = [child for parent in parents for child in _children(parent)]
        depth, nodes = depth + 1, nodes + len(level)
        if nodes > max_nodes:
            raise UnusableFileError(f"more than {max_nodes} values")


def _children(parent: dict[str, Any] | list[Any]) -> Iterable[Any]:
    """Return the values in a list, or the keys and values in a map."""
    return chain(parent, parent.values()) if isinstance(parent, dict) else parent


def _resolved(event: ScalarEvent) -> Any:
    """Return the value that a scalar means by YAML 1.2's core schema, but for infinities, which stay texts."""
    text: str = event.value
    if not event.implicit[0]:  # quoted, a block, or tagged
        return text
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _mistake(event: Any, what: str) -> UnusableFileError:
    mark = event.start_mark
    return UnusableFileError(f"line {mark.line + 1}, column {mark.column + 1}: {what}")
