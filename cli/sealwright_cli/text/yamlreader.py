"""YAML text of one document → nodes, from ruamel.yaml's events: offsets, anchors, tags and bounds in one pass."""

import binascii
import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scanner import Scanner, ScannerError

from sealwright_cli.text.blocks import LINE_BREAKS, skip_blanks
from sealwright_cli.text.tree import (
    MAX_DEPTH,
    Alias,
    Entry,
    Kind,
    Map,
    Node,
    Scalar,
    Seq,
    SyntaxProblemError,
    add_child,
    behind,
    too_deep,
)

MAX_TAG_CHARACTERS = 1000
"""How long a tag may be: the parser takes quadratic time for it."""

_HINT = "look at that line and the one above: indentation, brackets; text with : # * & % @ ` in it needs quotes"
_TAG_END = re.compile(rf"[\0 \t{LINE_BREAKS}]")
_TAG = "tag:yaml.org,2002:"
_KIND_OF_TAG = {
    "!": Kind.TEXT,
    f"{_TAG}str": Kind.TEXT,
    f"{_TAG}int": Kind.PLAIN,
    f"{_TAG}float": Kind.PLAIN,
    f"{_TAG}bool": Kind.PLAIN,
    f"{_TAG}null": Kind.PLAIN,
}
# The parser quotes the text at fault, which may be a secret. Single characters and its own tokens tell nothing.
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_TELLS_NOTHING = re.compile(r".(?:.|<(?:stream|document|block|flow)[- a-z]*>).", re.DOTALL)


def read_yaml(text: str) -> Node | None:
    """Read the one document of `text`; None when it holds nothing but comments. Raises SyntaxProblemError."""
    builder = _Builder(text)
    for event in _events(text):
        builder.take(event)
    return builder.root


class _Scanner(Scanner):
    """Refuses what takes the parser a time without bounds."""

    def scan_tag(self) -> Any:
        if not _TAG_END.search(self.reader.prefix(MAX_TAG_CHARACTERS + 1)):
            problem = f"a tag of more than {MAX_TAG_CHARACTERS:,} characters"
            raise ScannerError(None, None, problem, self.reader.get_mark())
        return super().scan_tag()


class _Builder:
    """Builds the tree of one document, event by event."""

    def __init__(self, text: str) -> None:
        self.root: Node | None = None
        self._text = text
        self._open: list[tuple[Map | Seq, str | None]] = []
        self._key: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0
        self._written = 0  # where the last leaf, or collection in braces, ended

    def take(self, event: Any) -> None:
        """Work one event in. Raises SyntaxProblemError."""
        if isinstance(event, ScalarEvent):
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
            self._documents += 1
            if self._documents > 1:
                raise SyntaxProblemError(
                    "holds a second document that does not begin with --- on a line of its own",
                    event.start_mark.index,
                    hint="put --- on a line of its own between the two",
                )

    def _start(self, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            too_deep(event.start_mark.index)
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
            raise SyntaxProblemError(
                "an alias (*) names an anchor (&) that is not defined before it",
                start,
                hint="put text that begins with * in quotes, or define the anchor",
            )
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


def _events(text: str) -> Iterator[Any]:
    try:
        parser = YAML(typ="safe", pure=True)
        parser.Scanner = _Scanner
        yield from parser.parse(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = _without_quotes(error.problem or error.context)
        raise SyntaxProblemError(words, mark.index if mark else 0, hint=_HINT) from None
    except ReaderError as error:
        hint = "remove it; binary values belong under data, in base64"
        raise SyntaxProblemError("holds a character that YAML does not allow", error.position, hint=hint) from None
    except SyntaxProblemError:
        raise
    except Exception:  # noqa: BLE001 - on some malformed texts the parser fails in ways that it does not declare
        raise SyntaxProblemError("cannot be read as YAML", 0, hint=_HINT) from None


def _without_quotes(problem: str | None) -> str:
    words = (problem or "cannot be read as YAML").replace("('<", "'<").replace(">',)", ">'")
    return _QUOTED.sub(lambda quoted: quoted[0] if _TELLS_NOTHING.fullmatch(quoted[0]) else "…", words)


def _scalar(event: Any) -> Scalar:
    start, end, tag = event.start_mark.index, event.end_mark.index, event.tag
    value, kind = event.value, Kind.PLAIN if event.style is None else Kind.TEXT
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
        hint = "put binary values under data, in base64"
        raise SyntaxProblemError("a !!binary value is no base64 of UTF-8 text", start, hint=hint) from None
