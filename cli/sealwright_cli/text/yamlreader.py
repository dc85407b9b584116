"""YAML text of one document → nodes, from libyaml's events: offsets, anchors, tags and bounds in one pass."""

import binascii
import re
from collections.abc import Iterator
from typing import Any

from yaml import MarkedYAMLError, __with_libyaml__  # type: ignore[import-untyped] # PyYAML has no types
from yaml.events import (  # type: ignore[import-untyped]
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)
from yaml.reader import ReaderError  # type: ignore[import-untyped]

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
"""How long a tag may be: nobody's is longer, and some readers of YAML take quadratic time for it."""
_MOST_REWRITTEN_TAGS = 10

_HINT = "look at that line and the one above: indentation, brackets; text with : # * & % @ ` in it needs quotes"
_LONG_TAG = re.compile(rf"(?:&[^ \t{LINE_BREAKS}]+[ \t{LINE_BREAKS}]+)?![^ \t{LINE_BREAKS}]{{{MAX_TAG_CHARACTERS}}}")
_REST_OF_TAG = re.compile(rf"[ \t{LINE_BREAKS},\[\]{{}}>]")
_HALF_PAIR = re.compile(r"\\u[dD][89a-fA-F]")
_NO_MARKER = "did not find expected <document start>"
_NO_TOKEN = "found character that cannot start any token"  # noqa: S105 - the parser's tokens are no secrets
_NO_CHARACTER = "found invalid Unicode character escape code"
_SAID = {
    "did not find expected node content": "expected the node content",
    "mapping values are not allowed in this context": "mapping values are not allowed here",
}
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
    for tries_left in reversed(range(_MOST_REWRITTEN_TAGS + 1)):
        builder = _Builder(text)
        try:
            for event in _events(text):
                builder.take(event)
        except MarkedYAMLError as error:
            rewritten = _with_readable_tag(error, text)
            if rewritten is None or not tries_left:
                raise _problem(error, text, builder.documents) from None
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
            self._check_tag(event)
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
                raise _second_document(event.start_mark.index)

    def _start(self, event: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            too_deep(event.start_mark.index)
        self._check_tag(event)
        kind = Map if isinstance(event, MappingStartEvent) else Seq
        node = kind(
            start=event.start_mark.index,
            end=event.end_mark.index,
            flow=bool(event.flow_style),
            movable=event.tag is None and event.anchor is None,
        )
        self._open.append((node, event.anchor))
        self._key.append(None)

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and _LONG_TAG.match(self._text, event.start_mark.index):
            raise _long_tag(event.start_mark.index)

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
    """Yield the events of a text. Raises SyntaxProblemError, and MarkedYAMLError for what the parser found wrong."""
    if not __with_libyaml__:
        hint = "install it from a wheel: pip install --force-reinstall --only-binary :all: PyYAML"
        raise SyntaxProblemError("cannot be read: PyYAML was installed without libyaml", 0, hint=hint, bounded=True)
    from yaml.cyaml import CParser  # type: ignore[import-untyped] # noqa: PLC0415 - there is none otherwise

    parser = CParser(text)
    try:
        while parser.check_event():
            yield parser.get_event()
    except ReaderError:
        found = _NOT_ALLOWED.search(text)
        hint = "remove it; binary values belong under data, in base64"
        at = found.start() if found else 0
        raise SyntaxProblemError("holds a character that YAML does not allow", at, hint=hint) from None
    finally:
        parser.dispose()


def _with_readable_tag(error: MarkedYAMLError, text: str) -> str | None:
    """Return a text with the # in a tag exchanged, which YAML 1.2 allows and libyaml does not know; None without one.

    Every other character stays at its place, and what a tag with # says is nothing to us.
    """
    is_tag = (error.context or "").startswith(("while scanning a tag", "while scanning a %TAG"))
    at = error.problem_mark.index
    if not is_tag or text[at : at + 1] != "#" or text[at - 1 : at].isspace():
        return None
    end = at + len(_REST_OF_TAG.split(text[at : at + MAX_TAG_CHARACTERS], maxsplit=1)[0])
    return text[:at] + text[at:end].replace("#", "_") + text[end:]


def _problem(error: MarkedYAMLError, text: str, documents: int) -> SyntaxProblemError:
    """Return what the parser found wrong, in words that quote nothing of the text."""
    mark = error.problem_mark or error.context_mark
    at = mark.index if mark else 0
    begin = error.context_mark.index if error.context_mark else at
    if documents and error.problem == _NO_MARKER:
        return _second_document(at)
    if _LONG_TAG.match(text, begin):
        return _long_tag(begin)
    words = _without_quotes(_SAID.get(error.problem, error.problem) or error.context)
    if error.problem == _NO_TOKEN:
        words = f"found character {text[at : at + 1]!r} that cannot start any token"
    elif error.problem == _NO_CHARACTER and _HALF_PAIR.match(text, at - 2):
        words = "holds half a surrogate pair, which is no character"
    return SyntaxProblemError(words, at, hint=_HINT)


def _second_document(offset: int) -> SyntaxProblemError:
    return SyntaxProblemError(
        "holds a second document that does not begin with --- on a line of its own",
        offset,
        hint="put --- on a line of its own between the two",
    )


def _long_tag(offset: int) -> SyntaxProblemError:
    return SyntaxProblemError(f"a tag of more than {MAX_TAG_CHARACTERS:,} characters", offset, hint=_HINT)


def _without_quotes(problem: str | None) -> str:
    words = (problem or "cannot be read as YAML").replace("('<", "'<").replace(">',)", ">'")
    return _QUOTED.sub(lambda quoted: quoted[0] if _TELLS_NOTHING.fullmatch(quoted[0]) else "…", words)


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
        hint = "put binary values under data, in base64"
        raise SyntaxProblemError("a !!binary value is no base64 of UTF-8 text", start, hint=hint) from None
