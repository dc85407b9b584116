"""YAML text of one document → nodes, from the parser's events: offsets, anchors, tags and bounds in one pass."""

import binascii
from typing import Any

from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.blocks import skip_blanks
from sealwright_manifests.text.bounds import MAX_DEPTH, USUAL, Tally
from sealwright_manifests.text.pyyaml import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    MarkedYAMLError,
    ScalarEvent,
)
from sealwright_manifests.text.scalars import Native, resolve
from sealwright_manifests.text.tree import (
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
_KIND_OF_TAG = {"!": Kind.TEXT, f"{_TAG}str": Kind.TEXT}
_TYPES_OF_TAG: dict[str, tuple[type, ...]] = {
    f"{_TAG}int": (int,),
    f"{_TAG}float": (int, float),
    f"{_TAG}bool": (bool,),
    f"{_TAG}null": (type(None),),
}
_MERGE_TAG = f"{_TAG}merge"


def read_yaml(text: str, tally: Tally | None = None) -> Node | None:
    """Read the one document of `text`; None if it holds only comments. Raises SyntaxProblemError."""
    tally = tally or Tally(USUAL)
    counted = tally.values
    # Kubernetes' decoder ends the last line before it parses, which matters to a block scalar.
    ended = text if text.endswith("\n") else f"{text}\n"
    for tries_left in reversed(range(_MOST_REWRITTEN_TAGS + 1)):
        builder = _Builder(ended, len(text), tally)
        try:
            for event in events_of(ended, by_strangers=tally.bounds.by_strangers):
                builder.take(event)
        except MarkedYAMLError as error:
            rewritten = with_readable_tag(error, ended)
            if rewritten is None or not tries_left:
                raise problem(error, ended[: len(text)], builder.documents) from None
            ended = rewritten
            if not tally.bounds.is_for_all:  # every reading of untrusted text counts
                tally.values = counted
        else:
            break
    return builder.root


class _Builder:
    """Builds the tree of one document, event by event. No node ends after `limit`, the end of the original text."""

    def __init__(self, text: str, limit: int, tally: Tally) -> None:
        self.root: Node | None = None
        self._text = text
        self._limit = limit
        self._tally = tally
        self._open: list[tuple[Map | Seq, str | None]] = []
        self._key: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self.documents = 0
        self._written = 0  # where the last leaf or flow collection ended

    def take(self, event: Any) -> None:
        """Process an event. Raises SyntaxProblemError."""
        if isinstance(event, ScalarEvent):
            check_tag(event, self._text)
            self._finish(self._placed(self._scalar(event)), event.anchor)
        elif isinstance(event, AliasEvent):
            self._finish(self._alias(event), None)
        elif isinstance(event, CollectionStartEvent):
            self._start(event)
        elif isinstance(event, CollectionEndEvent):
            node, anchor = self._open.pop()
            self._key.pop()
            node.end = min(event.end_mark.index, self._limit)
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
        start, end = self._span(event, 1)
        node = kind(
            start=start,
            end=end,
            flow=bool(event.flow_style),
            movable=event.tag is None and event.anchor is None,
        )
        self._open.append((node, event.anchor))
        self._key.append(None)

    def _placed(self, node: Scalar) -> Scalar:
        """Place a value that is not written directly after its key's colon: the parser places it at the next token."""
        is_value = bool(self._key) and self._key[-1] is not None
        if is_value and node.start == node.end:
            node.start = node.end = self._behind_colon(node.end)
        self._written = node.end
        return node

    def _behind_colon(self, limit: int) -> int:
        """Return the offset after the colon of the key just read, or after the key if it has no colon."""
        at = skip_blanks(self._text, self._written, limit)
        return at + 1 if self._text[at:limit].startswith(":") else self._written

    def _alias(self, event: Any) -> Alias:
        target = self._anchors.get(event.anchor)
        if target is None:
            reason = "an alias (*) names an anchor (&) that is not defined before it"
            raise SyntaxProblemError(Problem.ALIAS, reason, event.start_mark.index)
        start, end = self._span(event, target.size)
        self._written = end
        return Alias(start=start, end=end, target=target, size=target.size, height=target.height)

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

    def _span(self, event: Any, size: int) -> tuple[int, int]:
        """Count the values of an event, and return where it begins and ends. Raises SyntaxProblemError."""
        start, end = min(event.start_mark.index, self._limit), min(event.end_mark.index, self._limit)
        self._tally.add(size, start)
        return start, end

    def _scalar(self, event: Any) -> Scalar:
        start, end = self._span(event, 1)
        value, kind = event.value, Kind.TEXT if event.style else Kind.PLAIN
        if event.tag is not None:
            value, kind = _tagged(event.tag, value, start)
        movable = event.tag is None and event.anchor is None
        return Scalar(start=start, end=end, value=value, kind=kind, block=event.style in ("|", ">"), movable=movable)


def _tagged(tag: str, value: str, start: int) -> tuple[str, Kind]:
    """Return the value of a scalar with a tag. Raises SyntaxProblemError for a scalar that does not fit its tag."""
    if tag == f"{_TAG}binary":
        return _decoded(value, start), Kind.TEXT
    types = _TYPES_OF_TAG.get(tag)
    if types is not None and not _is_of(types, resolve(value)):
        raise SyntaxProblemError(Problem.TAG, f"a value does not fit its tag !!{tag.removeprefix(_TAG)}", start)
    if types is not None or (tag == _MERGE_TAG and value == "<<"):
        return value, Kind.PLAIN
    return value, _KIND_OF_TAG.get(tag, Kind.FOREIGN)


def _is_of(types: tuple[type, ...], value: Native) -> bool:
    return isinstance(value, types) and (not isinstance(value, bool) or bool in types)


def _decoded(value: str, start: int) -> str:
    """Decode !!binary, whose content may span several lines. Raises SyntaxProblemError."""
    try:
        return binascii.a2b_base64("".join(value.split()), strict_mode=True).decode()
    except ValueError:
        raise SyntaxProblemError(Problem.BINARY, "a !!binary value is not base64 of UTF-8 text", start) from None
