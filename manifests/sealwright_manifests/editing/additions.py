"""Adds entries at the end of a map, in the map's own style."""

from collections.abc import Mapping
from typing import Any

from sealwright_conventions.patterns import pattern
from sealwright_manifests.errors import Problem, SyntaxProblemError
from sealwright_manifests.text import blocks, yamlwriter
from sealwright_manifests.text.documents import INDENT
from sealwright_manifests.text.splices import Splice
from sealwright_manifests.text.tree import Entry, Map

_REST_OF_LINE = pattern(r"[ \t]*(,?)[ \t]*(?:#[^\r\n]*)?(?=\r?\n)")
_INDENT = pattern(r"[ \t]*")


def add_entries(text: str, node: Map, added: Mapping[str, Any], *, is_json: bool) -> list[Splice]:
    """Return what to insert into a text to add entries (plain data) at the end of the map at `node`."""
    if not node.flow:
        return [_lines(text, node, added)]
    if node.entries:
        return _behind(text, node, added)
    if comments_end := blocks.end_of_comments(text, node):
        return [_below(text, node, comments_end, added)]
    start = blocks.behind_properties(text, node.start, node.end)
    return [Splice(start, node.end, _filled(text, node, added, is_json=is_json))]


def _lines(text: str, node: Map, added: Mapping[str, Any]) -> Splice:
    """Add entries to a block map, each at the column of the map's keys."""
    start = blocks.begin(text, node)
    column = start - blocks.line_start(text, start)
    at = blocks.behind_deeper_comments(text, blocks.entry_end(text, node.entries[-1].value), column)
    if blocks.ends_unusually(text, node.entries[-1].value, at):
        reason = "the text above ends with a line break that only YAML 1.1 knows"
        raise SyntaxProblemError(Problem.LAST_LINE_BREAK, reason, at)
    margin = blocks.line_break(text, at) + " " * column
    lines = [line for key, value in added.items() for line in yamlwriter.entry(key, value)]
    return Splice(at, at, "".join(margin + line for line in lines))


def _behind(text: str, node: Map, added: Mapping[str, Any]) -> list[Splice]:
    """Add entries to a map in braces: on lines of their own if the last entry ends its line, else on that line."""
    last = node.entries[-1]
    end = max(last.value.end, last.key.end)
    rest = _REST_OF_LINE.match(text, end)
    if not rest:
        gap = " " if text[end - 1] == ":" else ""  # the key has no written value
        return [Splice(end, end, f"{gap}, {on_one_line(added)}")]
    margin = _margin(text, last)
    line_break = blocks.line_break(text, end)
    lines = on_lines(text, node, margin, added) + rest[1]
    return [
        *([] if rest[1] else [Splice(end, end, ",")]),
        Splice(rest.end(), rest.end(), f"{line_break}{margin}{lines}"),
    ]


def on_lines(text: str, node: Map, margin: str, added: Mapping[str, Any]) -> str:
    """Return entries for a map in braces, each on a line of its own with this indentation, which the first has."""
    step = _step(text, node, margin)
    line_break = blocks.line_break(text, node.end)
    entries = [f"{yamlwriter.flow(key)}: {_spread(value, margin, step, line_break)}" for key, value in added.items()]
    return f",{line_break}{margin}".join(entries)


def _below(text: str, node: Map, at: int, added: Mapping[str, Any]) -> Splice:
    """Add entries to a map in braces that holds only comments, below those comments."""
    margin = _indent_at(text, node.end - 1) + yamlwriter.INDENT
    gap = blocks.line_break(text, at) + margin
    return Splice(at, at, gap + f",{gap}".join(on_one_line({key: value}) for key, value in added.items()))


def _filled(text: str, node: Map, added: Mapping[str, Any], *, is_json: bool) -> str:
    """Return the replacement for empty braces."""
    if not is_json or "\n" not in text:
        return yamlwriter.flow(added)
    return _spread(added, _indent_at(text, node.start), INDENT, blocks.line_break(text, node.start))


def _indent_at(text: str, offset: int) -> str:
    """Return the indentation of the line at an offset."""
    found = _INDENT.match(text, blocks.line_start(text, offset), offset)
    return found[0] if found else ""


def _margin(text: str, entry: Entry) -> str:
    """Return the indentation of an entry's line, up to its key."""
    start = blocks.line_start(text, entry.key.start)
    before = text[start : entry.key.start]
    return before if not before.strip() else " " * len(before)


def _step(text: str, node: Map, margin: str) -> str | int:
    """Return the indentation step of a map in braces."""
    return margin.removeprefix(_indent_at(text, node.end - 1)) or INDENT


def on_one_line(added: Mapping[str, Any]) -> str:
    """Return entries for a map in braces, on one line."""
    return yamlwriter.flow(added)[1:-1]


def _spread(value: Any, margin: str, step: str | int, line_break: str) -> str:
    """Return a value as JSON; a map is spread over several lines."""
    if not isinstance(value, Mapping):
        return yamlwriter.flow(value)
    return yamlwriter.flow(value, indent=step).replace("\n", line_break + margin)
