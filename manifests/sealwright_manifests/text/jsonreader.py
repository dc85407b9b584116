"""JSON text → nodes, with their offsets and number literals; several values may follow each other (RFC 8259 each)."""

import json

from sealwright_conventions.patterns import pattern
from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text.bounds import MAX_DEPTH, USUAL, Tally
from sealwright_manifests.text.tree import Entry, Kind, Map, Node, Scalar, Seq, add_child, too_deep

_SPACE = pattern(r"[ \t\r\n]*")
_LITERAL = pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
_STRING = json.JSONDecoder()


def read_json(text: str, start: int = 0, tally: Tally | None = None) -> list[Node]:
    """Read all values of `text` from offset `start` to its end; the first is counted. Raises SyntaxProblemError."""
    reader = _Reader(text, tally or Tally(USUAL))
    values: list[Node] = []
    at = _skip(text, start)
    while at < len(text):
        if values:
            reader.tally.begin_document(at)
        value = reader.value(at, 1)
        values.append(value)
        at = _skip(text, value.end)
    return values


class _Reader:
    """Reads one text, and counts what it reads."""

    def __init__(self, text: str, tally: Tally) -> None:
        self.tally = tally
        self._text = text

    def value(self, at: int, depth: int) -> Node:
        """Return the value at an offset. Raises SyntaxProblemError."""
        if depth > MAX_DEPTH:
            too_deep(at)
        match self._text[at : at + 1]:
            case "{":
                self.tally.add(1, at)
                return self._map(at, depth)
            case "[":
                self.tally.add(1, at)
                return self._list(at, depth)
            case '"':
                leaf = _string(self._text, at)
            case _:
                leaf = _literal(self._text, at)
        self.tally.add(1, at)
        return leaf

    def _map(self, at: int, depth: int) -> Map:
        text = self._text
        node = Map(start=at, end=at, flow=True)
        at = _skip(text, at + 1)
        while text[at : at + 1] != "}":
            if node.entries:
                at = _expect(text, at, ",")
            if text[at : at + 1] != '"':
                raise SyntaxProblemError(Problem.JSON, "expected a key in double quotes", at)
            self.tally.add(1, at)
            key = _string(text, at)
            value = self.value(_expect(text, _skip(text, key.end), ":"), depth + 1)
            node.entries.append(Entry(key, value))
            add_child(node, key)
            add_child(node, value)
            at = _skip(text, value.end)
        node.end = at + 1
        return node

    def _list(self, at: int, depth: int) -> Seq:
        text = self._text
        node = Seq(start=at, end=at, flow=True)
        at = _skip(text, at + 1)
        while text[at : at + 1] != "]":
            if node.items:
                at = _expect(text, at, ",")
            value = self.value(at, depth + 1)
            node.items.append(value)
            add_child(node, value)
            at = _skip(text, value.end)
        node.end = at + 1
        return node


def _string(text: str, at: int) -> Scalar:
    try:
        value, end = _STRING.raw_decode(text, at)
    except json.JSONDecodeError as error:
        reason = "a string that does not end, or holds a raw control character"
        raise SyntaxProblemError(Problem.JSON_TEXT, reason, error.pos) from None
    return Scalar(start=at, end=end, value=value, kind=Kind.TEXT)


def _literal(text: str, at: int) -> Scalar:
    match = _LITERAL.match(text, at)
    if not match:
        reason = "the text ends too early" if at >= len(text) else "expected a value"
        raise SyntaxProblemError(Problem.JSON, reason, at)
    return Scalar(start=at, end=match.end(), value=match[0], kind=Kind.LITERAL)


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] != sign:
        reason = f"expected {sign}" if at < len(text) else "the text ends too early"
        raise SyntaxProblemError(Problem.JSON, reason, at)
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
