"""Text of a Secret in block YAML → lines of its SealedSecret, keeping comments, order and quoting where possible.

Each entry of the source moves together with the comment lines above it and the comment behind it. An entry is copied
as it stands if it means the same in its new place; else it is written again. Sources in flow style, or that cannot be
split by lines, are not handled: `lay_out` returns None for them.
"""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sealwright_conventions.patterns import pattern
from sealwright_conventions.records import record
from sealwright_manifests.editing.comments import SECTIONS, without_removed
from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.tree import COLLECTIONS, Entry, Map, Scalar, key_of, native
from sealwright_manifests.text.yamlwriter import indented

_PLACE = ("name", "namespace")
_CONTENT = pattern(r"^[^\S\n]*+[^\s#]", re.MULTILINE)
_COMMENT_BEHIND = pattern(r"(?<![ \t])[ \t]*+#[^\r\n]*")
_COMMENT_BEHIND_KEY = pattern(r"(?<![ \t])[ \t]++#[^\r\n]*")  # a tag before it may hold a #


@record
class Layout:
    """The layout of a SealedSecret: `lines` from column 0, replacing the source's text up to offset `end`."""

    lines: list[str]
    end: int


class _Part(NamedTuple):
    """One entry of a block map, as lines relative to the column of its key.

    `above` are the comment lines over it, `own` its own lines. `tail` are comment lines after it that are indented more
    than its key. `behind` is the comment after its head or value, with the blanks before it. `key` is its key text.
    """

    name: str
    entry: Entry
    key: str
    above: list[str]
    own: list[str]
    tail: list[str]
    behind: str

    @property
    def comment(self) -> str:
        """The comment after its head or value, with the blank that it needs after a bare word."""
        return f" {self.behind}" if self.behind.startswith("#") else self.behind


def lay_out(source: str, cleaned: str, node: Map, sealed: Mapping[str, Any]) -> Layout | None:
    """Lay out the SealedSecret manifest `sealed` like the Secret at `node` of `source` from which it was made.

    `cleaned` is the source without comments that must not be kept (`comments.clean`). Returns None if the source is not
    in block style.
    """
    starts = _line_starts(source, node)
    if starts is None:
        return None
    start = blocks.begin(source, node)
    if not blocks.has_usual_lines(source, start, blocks.content_end(source, node)):
        return None
    end = end_with_comments(source, node, start - blocks.line_start(source, start))
    return Layout(_SealedLines(cleaned, node, starts, end).lines(sealed), end)


class _SealedLines:
    """Composes the lines of a SealedSecret from the parts of its Secret."""

    def __init__(self, text: str, node: Map, starts: list[int], end: int) -> None:
        self._text = text
        self._parts = {part.name: part for part in _parts(text, node, starts, [], end)}
        self._inner: dict[str, list[_Part]] = {}
        self._metadata = self._children("metadata")

    def lines(self, sealed: Mapping[str, Any]) -> list[str]:
        """Return the lines of the manifest, from column 0."""
        spec = sealed["spec"]
        return [
            *self._rewritten("apiVersion", sealed["apiVersion"]),
            *self._rewritten("kind", sealed["kind"]),
            *self._heading("metadata"),
            *indented(self._place(sealed["metadata"])),
            "spec:",
            *indented(self._encrypted(spec["encryptedData"])),
            "  template:",
            *indented(self._template(spec["template"]), "    "),
        ]

    def _children(self, name: str) -> list[_Part]:
        if name not in self._inner:
            part = self._parts.get(name)
            self._inner[name] = _child_parts(self._text, part) if part else []
        return self._inner[name]

    def _rewritten(self, name: str, value: str) -> list[str]:
        part = self._parts.get(name)
        return _written(part, value) if part else yamlwriter.entry(name, value)

    def _heading(self, name: str, written: str | None = None) -> list[str]:
        part = self._parts.get(name)
        return [*part.above, f"{written or part.key}:{part.comment}"] if part else [f"{written or name}:"]

    def _place(self, metadata: Mapping[str, Any]) -> list[str]:
        """Return the SealedSecret's own metadata: name, namespace and annotations."""
        return _merged(self._text, [part for part in self._metadata if part.name in _PLACE], metadata)

    def _encrypted(self, items: Mapping[str, str]) -> list[str]:
        """Return the ciphertexts, each in the place of its value and under its comments."""
        sections = [part for name, part in self._parts.items() if name in SECTIONS]
        if not items:
            return [*(line for part in sections for line in part.above), "encryptedData: {}"]
        overriding = {part.name for part in self._children("stringData")}
        left, body = dict(items), []
        for position, section in enumerate(sections):
            if position:
                body += [*section.above, *filter(None, [section.behind.strip()])]
            for part in self._children(section.name):
                if part.name in left and not (section.name == "data" and part.name in overriding):
                    body += _written(part, left.pop(part.name))
            body += [line.lstrip() for line in section.tail]
        body += [line for name, ciphertext in left.items() for line in yamlwriter.entry(name, ciphertext)]
        head = self._heading(sections[0].name, "encryptedData") if sections else ["encryptedData:"]
        return [*head, *indented(body)]

    def _template(self, template: Mapping[str, Any]) -> list[str]:
        metadata = [_without_comments(part) if part.name in _PLACE else part for part in self._metadata]
        step = _column(self._text, metadata[0].entry) if metadata else 0
        tail = self._parts["metadata"].tail if metadata else []
        rest = {name: value for name, value in template.items() if name != "metadata"}
        parts = [part for name, part in self._parts.items() if name in ("type", "immutable")]
        return [
            "metadata:",
            *indented(_merged(self._text, metadata, template["metadata"])),
            *indented([_dedented(line, step) for line in tail]),
            *_merged(self._text, parts, rest),
        ]


def _merged(text: str, parts: Sequence[_Part], target: Mapping[str, Any]) -> list[str]:
    """Return the lines of `target`: entries with a part in the parts' order and layout, then the others."""
    left, lines = dict(target), []
    for part in parts:
        if part.name in left:
            lines += _entry(text, part, left.pop(part.name))
    return lines + [line for name, value in left.items() for line in yamlwriter.entry(name, value)]


def _entry(text: str, part: _Part, value: Any) -> list[str]:
    entry = part.entry
    if (
        entry.key.movable
        and entry.value.movable
        and part.name == native(entry.key)
        and same(native(entry.value), value)
    ):
        return [*part.above, *part.own, *part.tail]
    children = _child_parts(text, part)
    if children and isinstance(value, Mapping) and value:
        step = " " * max(1, _column(text, children[0].entry) - _column(text, entry))
        return [*part.above, f"{part.key}:{part.comment}", *indented(_merged(text, children, value), step), *part.tail]
    return _written(part, value)


def _written(part: _Part, value: Any) -> list[str]:
    """Return a part's key with a new value, between the part's comments."""
    first, *rest = yamlwriter.entry(part.name, value, part.key)
    return [*part.above, first + part.comment, *rest, *part.tail]


def _without_comments(part: _Part) -> _Part:
    own = [line.removesuffix(part.behind) for line in part.own[:1]] if len(part.own) == 1 else part.own
    return _Part(part.name, part.entry, part.key, [], own, [], "")


def _parts(text: str, node: Map, starts: list[int], above: list[str], end: int) -> list[_Part]:
    """Split a block map into its entries.

    `starts` are where their lines begin, `above` the lines over the first; the last entry ends at `end`.
    """
    parts: list[_Part] = []
    for entry, start, following in zip(node.entries, starts, [*starts[1:], end + 1], strict=True):
        own_end = blocks.entry_end(text, entry.value)
        column = entry.key.start - start
        first, *rest = _lines(text[entry.key.start : own_end])
        own = [first, *(_dedented(line, column) for line in rest)] if rest else [first]
        # Usually the next entry begins on the next line.
        gap = _lines(text[own_end : following - 1])[1:] if own_end < following - 1 else []
        cut = _tail_length(gap, column) if gap else 0
        parts.append(
            _Part(
                name=key_of(entry),
                entry=entry,
                key=_key_text(text, entry),
                above=above,
                own=_cleared(own),
                tail=_cleared([_dedented(line, column) if line.strip() else "" for line in gap[:cut]]) if cut else [],
                behind=_comment_behind(text, entry, own_end),
            )
        )
        above = _cleared([line.lstrip() for line in gap[cut:]]) if gap else []
    return parts


def _child_parts(text: str, part: _Part) -> list[_Part]:
    """Split the block map that is a part's value; empty if it is not one, or stands elsewhere (an alias)."""
    value = part.entry.value
    starts = _line_starts(text, value) if isinstance(value, Map) else None
    if not isinstance(value, Map) or starts is None:
        return []
    head_end = blocks.line_end(text, part.entry.key.end)
    above = [line.lstrip() for line in _lines(text[head_end : starts[0] - 1])[1:]]
    return _parts(text, value, starts, _cleared(above), blocks.entry_end(text, value))


def _line_starts(text: str, node: Map) -> list[int] | None:
    """Return the start of the line of each entry in a map.

    Returns None unless each entry begins its line, and its key is on one line.
    """
    if node.flow or not node.entries:
        return None
    starts: list[int] = []
    for entry in node.entries:
        key = entry.key
        start = blocks.line_start(text, key.start)
        if text[start : key.start].strip(" " if starts else "- ") or "\n" in text[key.start : key.end]:
            return None
        starts.append(start)
    return starts


def end_with_comments(text: str, node: Map, column: int) -> int:
    """Return the end of a block map, including following comment lines that are indented more than its keys."""
    end = blocks.behind_tabs(text, blocks.content_end(text, node))
    start = text.find("\n", end) + 1
    if not start:
        return end
    following = _CONTENT.search(text, start)
    limit = following.start() if following else len(text)
    deepest = _last_line_beyond(column).match(text, start, limit)
    return blocks.line_end(text, deepest.end()) if deepest else end


@functools.cache
def _last_line_beyond(column: int) -> re.Pattern[str]:
    """Return a pattern that matches up to the last line that is indented more than a column."""
    return re.compile(rf".*^ {{{column + 1}}}[^\n]*\S", re.DOTALL | re.MULTILINE)


def _tail_length(gap: Sequence[str], column: int) -> int:
    """Return how many lines between two entries belong to the first: up to the last one that is indented more."""
    deeper = [position for position, line in enumerate(gap) if line.strip() and _indent(line) > column]
    return deeper[-1] + 1 if deeper else 0


def _key_text(text: str, entry: Entry) -> str:
    key = entry.key
    if key.movable and isinstance(key, Scalar) and native(key) == key.value:
        return text[key.start : key.end]
    return yamlwriter.scalar(key_of(entry))


def _comment_behind(text: str, entry: Entry, own_end: int) -> str:
    """Return the comment after an entry's value, or after the head of a block, with the blanks before it."""
    value = entry.value
    is_block = not value.flow if isinstance(value, COLLECTIONS) else isinstance(value, Scalar) and value.block
    start = entry.key.end if is_block else value.end
    if text.find("#", start, own_end) < 0:
        return ""
    pattern = _COMMENT_BEHIND_KEY if is_block else _COMMENT_BEHIND
    match = pattern.search(text, start, blocks.line_end(text, start))
    if match is None and isinstance(value, Scalar) and value.block:
        head = blocks.behind_properties(text, value.start, value.end)
        match = _COMMENT_BEHIND.search(text, head, blocks.line_end(text, head))
    return match[0] if match else ""


def same(one: Any, other: Any) -> bool:
    """Tell whether two pieces of data are equal in value and type: `true` and `1` differ."""
    if isinstance(one, dict) and isinstance(other, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


def _cleared(lines: Iterable[str]) -> list[str]:
    return [kept for line in lines if (kept := without_removed(line)) is not None]


def _lines(text: str) -> list[str]:
    return [line.removesuffix("\r") for line in text.split("\n")]


def _column(text: str, entry: Entry) -> int:
    return entry.key.start - blocks.line_start(text, entry.key.start)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _dedented(line: str, column: int) -> str:
    return line[min(column, _indent(line)) :]
