"""Where a node begins and ends as lines of text: what a person would select to cut it out."""

import re
from collections.abc import Iterator

from sealwright_conventions.patterns import pattern
from sealwright_manifests.text.tree import COLLECTIONS, Map, Node, Scalar, Seq

LINE_BREAKS_OF_YAML_1_1 = "\x85\u2028\u2029"
LINE_BREAKS = f"\n\r{LINE_BREAKS_OF_YAML_1_1}"  # only the first two occur in practice
_END = rf"(?=[{LINE_BREAKS}]|\Z)"
_BREAK = rf"(?:\r\n|(?!\r\n)[{LINE_BREAKS}])"  # only one way to read each, so that a search takes linear time
_FIRST_LOOK = 256  # characters
_LINE_BREAK = pattern(f"[{LINE_BREAKS}]")
_UNUSUAL_BREAK = pattern(r"\r(?!\n)|[\x85\u2028\u2029]")
_BLANKS_AND_COMMENTS = pattern(rf"(?:[ \t{LINE_BREAKS}]++|#[^{LINE_BREAKS}]*+)*+")
_BLANKS = pattern(rf"[ \t{LINE_BREAKS}]*+")
_BLANKS_BEFORE = pattern(rf"(?:\r\n|[{LINE_BREAKS}])?[ \t]*(?:\?[ \t]+)?\Z")
_PROPERTY = pattern(r"&[\w-]+|!<[^>]*>|![^\s,\[\]{}]*")


def begin(text: str, node: Node) -> int:
    """Return the offset of a node's first character; for a block map, of its first key, without tag and anchor.

    A key in explicit form begins at its `?`.
    """
    if not isinstance(node, Map) or node.flow or not node.entries:
        return node.start
    return behind_properties(text, node.start, node.entries[0].key.start)


def behind_properties(text: str, start: int, limit: int) -> int:
    """Return the start of a node's content, after its anchor and tag; `limit` if there is nothing else."""
    at = start
    for _, end in properties(text, start, limit):
        at = skip_blanks(text, end, limit)
    return at


def properties(text: str, start: int, limit: int) -> Iterator[tuple[int, int]]:
    """Yield the start and end of the anchor and the tag before a node's content."""
    at = start
    while at < limit and (found := _PROPERTY.match(text, at, limit)):
        yield found.span()
        at = skip_blanks(text, found.end(), limit)


def content_end(text: str, node: Node) -> int:
    """Return the offset behind a node's last character; for a block collection, the end of its last entry's line."""
    is_block = isinstance(node, COLLECTIONS) and not node.flow
    return entry_end(text, node) if is_block else node.end


def behind_tabs(text: str, end: int) -> int:
    """Return the end of the last line of blanks with a tab after an object; only bare text may have it there."""
    found = _BLANKS.match(text, end)
    tab = text.rfind("\t", end, found.end()) if found else -1
    return end if tab < 0 else line_end(text, tab)


def with_blanks_before(text: str, at: int) -> int:
    """Return the start of the blanks before an offset, including one line break and the `?` of an explicit key."""
    found = _BLANKS_BEFORE.search(text, max(line_start(text, at) - 2, 0), at)
    return found.start() if found else at


def entry_end(text: str, value: Node) -> int:
    """Return the end of the line on which the entry with this value ends, before the line break."""
    last = last_leaf(value)
    if isinstance(last, Scalar) and last.block:
        head = behind_properties(text, last.start, last.end)
        return _block_scalar_end(text, last, keeps_empty_lines="+" in text[head : head + 3])
    return line_end(text, last.end)


def behind_deeper_comments(text: str, end: int, column: int) -> int:
    """Return the end of the comment lines behind the end of a line that are indented by more than a column, or a tab.

    They belong to the entry above them.
    """
    pattern = rf"(?:(?:{_BREAK}[ \t]*+{_END})*{_BREAK}(?: {{{column + 1}}}| *+\t)[ \t]*+#[^{LINE_BREAKS}]*+)*"
    found = re.compile(pattern).match(text, end)
    return found.end() if found else end


def block_lines(text: str, node: Scalar) -> tuple[int, int]:
    """Return the start of a block scalar's lines, before their first line break, and their end, before empty ones."""
    top = line_end(text, behind_properties(text, node.start, node.end))
    return top, max(top, _block_scalar_end(text, node, keeps_empty_lines=False))


def end_of_comments(text: str, node: Map) -> int | None:
    """Return the end of the comments in braces that hold nothing else; None if there are none."""
    start = behind_properties(text, node.start, node.end) + 1
    inner = text[start : node.end - 1].rstrip()
    return start + len(inner) if inner else None


def last_leaf(node: Node) -> Node:
    """Return the last leaf of a node: the node itself or, within blocks, the last value (a flow collection is one)."""
    while True:
        if isinstance(node, Map) and not node.flow and node.entries:
            node = node.entries[-1].value
        elif isinstance(node, Seq) and not node.flow and node.items:
            node = node.items[-1]
        else:
            return node


def skip_blanks(text: str, offset: int, limit: int | None = None) -> int:
    """Return the offset of the first character from `offset` that is not blank and not in a comment, or `limit`."""
    end = len(text) if limit is None else limit
    match = _BLANKS_AND_COMMENTS.match(text, offset, end)
    return match.end() if match else offset


def line_start(text: str, offset: int) -> int:
    """Return the start of the line at an offset."""
    breaks = "\n\r" if text.isascii() else LINE_BREAKS
    end, width = offset, _FIRST_LOOK
    # Usually most kinds do not occur, so searching the whole text for each would reach its top every time.
    while end > 0:
        begin = max(0, end - width)
        found = max(text.rfind(each, begin, end) for each in breaks)
        if found >= 0:
            return found + 1
        end, width = begin, 2 * width
    return 0


def line_end(text: str, offset: int) -> int:
    """Return the end of the line at an offset: before its line break, or at the end of the text."""
    found = _LINE_BREAK.search(text, offset)
    return found.start() if found else len(text)


def place_in(text: str, offset: int) -> tuple[int, int]:
    """Return how many lines of a text are above an offset, and the column there, from 1, as editors count both."""
    return text.count("\n", 0, offset), offset - text.rfind("\n", 0, offset)


def has_usual_lines(text: str, start: int, end: int) -> bool:
    """Tell whether the only line breaks in a stretch of text are those of Unix and Windows."""
    return not _UNUSUAL_BREAK.search(text, start, end)


def line_break(text: str, at: int = 0) -> str:
    """Return the line break used at a place: that of its line, or for the last line, of the one above."""
    for found in (text.find("\n", at), text.rfind("\n", 0, at)):
        if found >= 0:
            return "\r\n" if text[found - 1 : found] == "\r" else "\n"
    return "\n"


def ends_unusually(text: str, value: Node, end: int) -> bool:
    """Tell whether a value that ends at `end`, as `entry_end` says, is a block scalar with an unusual last line break.

    Nothing can be written below it that leaves its value as it is.
    """
    last = last_leaf(value)
    return isinstance(last, Scalar) and last.block and bool(_UNUSUAL_BREAK.search(text, max(0, end - 1), last.end))


def margin_of(text: str, node: Scalar) -> int | None:
    """Return the indentation of a block scalar's lines; None if all of them are blank."""
    lines = re.split(r"\r?\n|\r", text[line_end(text, behind_properties(text, node.start, node.end)) : node.end])
    written = next((line for line in lines if line.strip()), None)
    read = next((line for line in node.value.split("\n") if line.strip()), None)
    if written is None or read is None:
        return None
    return len(written) - len(written.lstrip(" ")) - (len(read) - len(read.lstrip(" ")))


def _block_scalar_end(text: str, node: Scalar, *, keeps_empty_lines: bool) -> int:
    """Find the last line of a block scalar: the parser's mark lies behind it, past empty lines and indentation."""
    end = node.end
    if end < len(text) or text.endswith("\n"):
        end = line_start(text, end) - 1
    margin = margin_of(text, node)
    is_blank = margin is None and bool(node.value.strip("\n"))  # its lines are all blank, and all of them count
    while not (keeps_empty_lines or is_blank) and end > node.start:
        line = text[line_start(text, end) : end].removesuffix("\r")
        if line.strip(" ") or len(line) > (margin or 0):
            break
        end = line_start(text, end) - 1
    return end - 1 if text[end - 1 : end] == "\r" and end < len(text) else end
