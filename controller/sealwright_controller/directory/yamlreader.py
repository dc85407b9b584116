"""YAML text into plain data: libyaml reads it, `treebuilder` builds, and what would take either long is refused first.

libyaml takes linear time for all but three kinds of text. Two of them it would read in one call, while every other
thread waits for the interpreter: directives, each of which it compares with all before it, and blanks in a scalar,
whose buffer it wipes as a whole at every line break that follows. The third is nesting, which the builder bounds.
"""

import re
from typing import Any

# PyYAML is untyped. Its reader in Python is no substitute: it takes seconds where libyaml takes milliseconds.
import yaml  # type: ignore[import-untyped]

from sealwright_controller.directory.treebuilder import MAX_NODES, TreeBuilder, UnusableFileError

MAX_DIRECTIVES = 50
"""Lines that begin with a percent sign; YAML knows two directives, and a document needs neither."""
MAX_BLANKS = 4095
"""Spaces, tabs and line breaks in a row."""

_BLOCK = (MAX_BLANKS + 1) // 2  # a longer run of blanks fills one block of this length at least, wherever it begins
# YAML 1.1, which libyaml reads, knows four more line breaks than Python's `^`.
_LINE_BREAKS = "\n\r\x85\u2028\u2029"
_DIRECTIVE = re.compile(rf"(?:\A|(?<=[{_LINE_BREAKS}]))%")


def load_yaml(text: str, max_nodes: int = MAX_NODES) -> list[Any]:
    """Read the documents of a text. Raises UnusableFileError, also where PyYAML came without libyaml."""
    if not yaml.__with_libyaml__:
        raise UnusableFileError("PyYAML is installed without libyaml, so YAML is not read here; write JSON instead")
    _refuse_what_takes_long(text)
    builder = TreeBuilder(max_nodes)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:  # libyaml's texts are fixed ones and quote nothing
        if error.problem == "found incompatible YAML document":
            raise UnusableFileError("cannot be read as YAML: of a version other than 1.1 and 1.2") from None
        place = _place(error.problem_mark or error.context_mark, text)
        raise UnusableFileError(f"{place}{error.problem or 'not YAML'}") from None
    except yaml.YAMLError:  # a character that YAML does not allow
        raise UnusableFileError("not YAML text") from None
    return builder.documents


def _place(mark: Any, text: str) -> str:
    if mark is None:
        return ""
    line, column = mark.line, mark.column
    if mark.index >= len(text):  # libyaml takes the end for a line of its own
        line = _breaks(text, len(text))
        column = len(text) - max(text.rfind(each) for each in _LINE_BREAKS) - 1
    return f"line {line + 1}, column {column + 1}: "


def _breaks(text: str, end: int) -> int:
    """Count the line breaks before a place; CR and LF together are one."""
    return sum(text.count(each, 0, end) for each in _LINE_BREAKS) - text.count("\r\n", 0, end)


def _refuse_what_takes_long(text: str) -> None:
    if sum(1 for _ in _DIRECTIVE.finditer(text)) > MAX_DIRECTIVES:
        raise UnusableFileError(f"more than {MAX_DIRECTIVES} lines that begin with a percent sign")
    for start in range(0, len(text) - _BLOCK + 1, _BLOCK):
        if text[start : start + _BLOCK].isspace() and _blanks_around(text, start) > MAX_BLANKS:
            line = _breaks(text, start) + 1
            raise UnusableFileError(f"line {line}: more than {MAX_BLANKS} blanks in a row")


def _blanks_around(text: str, start: int) -> int:
    """Count the blanks in a row around a place, up to one more than are allowed."""
    before, after = text[max(0, start - MAX_BLANKS) : start], text[start : start + MAX_BLANKS + 1]
    return len(before) - len(before.rstrip()) + len(after) - len(after.lstrip())
