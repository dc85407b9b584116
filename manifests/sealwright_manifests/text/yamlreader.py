"""YAML text of one document → nodes, from the parser's events: offsets, anchors, tags and bounds in one pass."""

import binascii
from typing import Any

from yaml import MarkedYAMLError  # type: ignore[import-untyped] # PyYAML has no types
from yaml.events import (  # type: ignore[import-untyped]
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.blocks import skip_blanks
from sealwright_manifests.text.tree import (
    MAX_DEPTH,
    Alias,
    Entry,
    Kind,
    Map,
    Node,
    Scalar,
    Seq,
    add_child,
    behind,
    too_deep,
)
from sealwright_manifests.text.yamlevents import check_tag, events_of, problem, second_document, with_readable_tag

_MOST_REWRITTEN_TAGS = 10

_TAG = "tag:yaml.org,2002:"
_KIND_OF_TAG = {
    "!": Kind.TEXT,
    f"{_TAG}str": Kind.TEXT,
    f"{_TAG}int": Kind.PLAIN,
    f"{_TAG}float": Kind.PLAIN,
    f"{_TAG}bool": Kind.PLAIN,
    f"{_TAG}null": Kind.PLAIN,
}


def read_yaml(text: str) -> Node | None:
    """Read the one document of `text`; None when it holds nothing but comments. Raises SyntaxProblemError."""
    for tries_left in reversed(range(_MOST_REWRITTEN_TAGS + 1)):
        builder = _Builder(text)
        try:
            for event in events_of(text):
                builder.take(event)
        except MarkedYAMLError as error:
            rewritten = with_readable_tag(error, text)
            if rewritten is None or not tries_left:
                raise problem(error, text, builder.documents) from None
            text = rewritten
        else:
            break
    return builder.root


class _Builder:
    """Builds the tree of one document, event by event."""

    def __init__(self, text: str) -> None:
        self.root: Node | None = None
        self._text = text
        self._open: list[tuple[Map | Seq, str | None]] = []
        self._key: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self.documents = 0
        self._written = 0  # where the last leaf, or collection in braces, ended

    def take(self, event: Any) -> None:
        """Work one event in. Raises SyntaxProblemError."""
        if isinstance(event, ScalarEvent):
            check_tag(event, self._text)
            self._finish(self._placed(_scalar(event)), event.anchor)
        elif isinstance(event, AliasEvent):
            self._finish(self._alias(event), None)
        elif isinstance(event, CollectionStartEvent):
            self._start(event)
        elif isinstance(event, CollectionEndEvent):
            node, anchor = self._open.pop()
            self._key.pop()
            node.end = event.end_mark.index
            self._written = node.end if node.flow else self._written
            self._finish(node, anchor)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise second_document(event.start_mark.index)

    def _start(self, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            too_deep(event.start_mark.index)
        check_tag(event, self._text)
        kind = Map if isinstance(event, MappingStartEvent) else Seq
        node = kind(
            start=event.start_mark.index,
            end=event.end_mark.index,
            flow=bool(event.flow_style),
            movable=event.tag is None and event.anchor is None,
        )
        self._open.append((node, event.anchor))
        self._key.append(None)

    def _placed(self, node: Scalar) -> Scalar:
        """Put a value of which nothing is written right behind its key's colon: the parser has it at the next token."""
        is_value = bool(self._key) and self._key[-1] is not None
        if is_value and node.start == node.end:
            node.start = node.end = self._behind_colon(node.end)
        self._written = node.end
        return node

    def _behind_colon(self, limit: int) -> int:
        """Return the offset behind the colon of the key that was just read, behind the key when it has none."""
        at = skip_blanks(self._text, self._written, limit)
        return at + 1 if self._text[at:limit].startswith(":") else self._written

    def _alias(self, event: Any) -> Alias:
        start, end = event.start_mark.index, event.end_mark.index
        target = self._anchors.get(event.anchor)
        if target is None:
            reason = "an alias (*) names an anchor (&) that is not defined before it"
            raise SyntaxProblemError(Problem.ALIAS, reason, start)
        self._written = end
        return Alias(start=start, end=end, target=target, size=target.size, height=target.height, movable=False)

    def _finish(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = behind(node)
        if not self._open:
            self.root = node if not self._is_nothing(node) else None
            return
        parent, _ = self._open[-1]
        add_child(parent, node)
        if isinstance(parent, Seq):
            parent.items.append(node)
        elif (key := self._key[-1]) is None:
            self._key[-1] = node
        else:
            parent.entries.append(Entry(key, node))
            self._key[-1] = None

    def _is_nothing(self, node: Node) -> bool:
        return isinstance(node, Scalar) and node.kind is Kind.PLAIN and node.start == node.end


def _scalar(event: Any) -> Scalar:
    start, end, tag = event.start_mark.index, event.end_mark.index, event.tag
    value, kind = event.value, Kind.TEXT if event.style else Kind.PLAIN
    if tag == f"{_TAG}binary":
        value, kind = _decoded(value, start), Kind.TEXT
    elif tag is not None:
        kind = _KIND_OF_TAG.get(tag, Kind.FOREIGN)
    movable = tag is None and event.anchor is None
    return Scalar(start=start, end=end, value=value, kind=kind, block=event.style in ("|", ">"), movable=movable)


def _decoded(value: str, start: int) -> str:
    """Undo !!binary, whose content may be broken over lines. Raises SyntaxProblemError."""
    try:
        return binascii.a2b_base64("".join(value.split()), strict_mode=True).decode()
    except ValueError:
        raise SyntaxProblemError(Problem.BINARY, "a !!binary value is no base64 of UTF-8 text", start) from None
