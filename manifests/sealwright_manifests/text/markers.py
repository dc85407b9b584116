"""Where one document of a stream ends and the next begins: the lines `---` and `...`."""

import re
from collections.abc import Iterator

from sealwright_conventions.patterns import pattern

# A line that begins with --- or ... is always a document marker: YAML 1.2.2 §9.1.2 forbids such lines inside all
# content, scalars included, so documents can be separated before they are parsed.
_MARKER = pattern(r"\n(---|\.\.\.)(?=[ \t\r\n]|\Z)")  # a search for its first character is quick
_BEFORE_MARKER = r"(?:[ \t]*(?:#[^\n]*)?\r?\n|%[^\n]*\n)*"  # comments, blank lines and directives
_ONLY_PREFIX = pattern(_BEFORE_MARKER + r"\Z")
_MARKED = pattern(_BEFORE_MARKER + r"---(?=[ \t\r\n]|\Z)")
_DIRECTIVE = pattern(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*%")
_ENDED = pattern(r"^\.\.\.[^\n]*\n\Z", re.MULTILINE)


def is_marked(text: str) -> bool:
    """Tell whether a document begins with `---`, behind comments, blank lines and directives."""
    return _MARKED.match(text) is not None


def is_empty(text: str) -> bool:
    """Tell whether a text holds comments, blank lines and directives alone."""
    return _ONLY_PREFIX.match(text) is not None


def is_ended(text: str) -> bool:
    """Tell whether a document ends with `...`."""
    return _ENDED.search(text) is not None


def between(before: str, after: str) -> str:
    """Return the separator of two documents: a line break, and an end marker before directives."""
    gap = "" if before.endswith("\n") else "\n"
    return gap + "...\n" if _DIRECTIVE.match(after) and not is_ended(before) else gap


def chunks(text: str) -> Iterator[str]:
    """Split a text at its markers, so that each piece holds one YAML document or several JSON ones."""
    start = 0
    for marker in _MARKER.finditer(f"\n{text}"):
        cut = marker.start()
        if marker[1] == "...":
            line_break = text.find("\n", cut)
            cut = len(text) if line_break < 0 else line_break + 1
        elif _ONLY_PREFIX.match(text, start, cut):
            continue
        yield text[start:cut]
        start = cut
    if start < len(text):
        yield text[start:]
