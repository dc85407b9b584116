"""Where the texts of a document before and after an edit may differ: at their differing values.

The hole of a value excludes the comment on the head of its block; the hole of a new entry includes its line or comma.
"""

from sealwright_conventions.patterns import pattern
from sealwright_manifests.editing.layout import end_with_comments
from sealwright_manifests.editing.removals import place_of_braces, stretches
from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.text import blocks
from sealwright_manifests.text.documents import Document
from sealwright_manifests.text.tree import (
    COLLECTIONS,
    Entry,
    Kind,
    Map,
    Node,
    Scalar,
    Seq,
    is_merge,
    key_of,
    native_scalar,
)

Span = tuple[int, int]
Names = dict[str, Entry]

_HEAD = pattern(r"[|>][-+\d]*")
_COMMA = pattern(r"[ \t]*,")


def find_holes(old: Document, new: Document) -> tuple[list[Span], list[Span]]:
    """Return the stretches, in the sources of two documents, of the values in which they differ."""
    found = _Holes(old, new)
    if old.root is not None and new.root is not None:
        found.compare(old.root, new.root)
    return found.before, found.after


def is_same(one: Scalar, other: Scalar) -> bool:
    """Tell whether two scalars mean the same, however they are written."""
    if Kind.FOREIGN in (one.kind, other.kind):
        return one.kind is other.kind and one.value == other.value
    first, second = native_scalar(one), native_scalar(other)
    return type(first) is type(second) and (first == second or one.value == other.value)


class _Holes:
    """Walks along two trees and records where their texts may differ."""

    def __init__(self, old: Document, new: Document) -> None:
        self._document = old
        self._old = old.source
        self._new = new.source
        self.before: list[Span] = []
        self.after: list[Span] = []

    def compare(self, old: Node, new: Node) -> None:
        """Record where the texts of two nodes may differ."""
        if self._document.is_replaced(old):
            self._add([_with_lines_behind(self._old, old)], [_with_lines_behind(self._new, new)])
        elif isinstance(old, Map) and isinstance(new, Map) and self._have_entries(old, new):
            self._compare_entries(old, new)
        elif isinstance(old, Seq) and isinstance(new, Seq) and len(old.items) == len(new.items):
            for one, other in zip(old.items, new.items, strict=True):
                self.compare(one, other)
        elif isinstance(old, Scalar) and isinstance(new, Scalar):
            if not is_same(old, new):
                self._add(_parts(self._old, old), _parts(self._new, new))
        elif isinstance(old, Scalar):
            self._add(_parts(self._old, old), [_whole(self._new, new)])
        elif type(old) is not type(new) or isinstance(old, COLLECTIONS):
            self._add([_whole(self._old, old)], [_whole(self._new, new)])

    def _have_entries(self, old: Map, new: Map) -> bool:
        """Tell whether two maps can be compared entry by entry; empty braces are replaced as a whole."""
        return old.flow == new.flow and _is_filled(self._old, old) and _is_filled(self._new, new)

    def _add(self, before: list[Span], after: list[Span]) -> None:
        """Record the stretches of a value, and the blank that keeps a comment off that touched it."""
        self.before += before
        self.after += after
        if any(self._old.startswith("#", end) for _, end in before):
            self.after += [(end, end + 1) for _, end in after if self._new.startswith(" #", end)]

    def _compare_entries(self, old: Map, new: Map) -> None:
        before, after = self._without_renamed(_by_name(old), _by_name(new))
        for name, entry in before.items():
            if name in after:
                self._compare_values(entry, after[name])
        gone = [entry for name, entry in before.items() if name not in after]
        added = [entry for name, entry in after.items() if name not in before]
        self.before += stretches(self._old, old, gone, is_replaced=bool(added))
        self.after += [_entry(self._new, entry) for entry in added]
        if old.flow and (gone or added):
            self.before += _commas(self._old, old)
            self.after += _commas(self._new, new)

    def _without_renamed(self, old: Names, new: Names) -> tuple[Names, Names]:
        """Return the entries of two maps without those that differ in their key alone, which are recorded."""
        renamed = [
            (name, other)
            for (name, entry), (other, kept) in zip(old.items(), new.items(), strict=False)
            if name not in new
            and other not in old
            and self._written(entry) == self._new[kept.value.start : kept.value.end]
        ]
        for name, other in renamed if len(old) == len(new) else ():
            self._add([_whole(self._old, old[name].key)], [_whole(self._new, new[other].key)])
            del old[name], new[other]
        return old, new

    def _written(self, entry: Entry) -> str:
        return self._old[entry.value.start : entry.value.end]

    def _compare_values(self, old: Entry, new: Entry) -> None:
        at = place_of_braces(self._old, old)
        if at is not None and isinstance(old.value, Map) and isinstance(new.value, Map) and not new.value.entries:
            self.before += stretches(self._old, old.value, old.value.entries)
            braces = blocks.behind_properties(self._new, new.value.start, new.value.end)
            self.after.append((blocks.with_blanks_before(self._new, braces), new.value.end))
            return
        is_unwritten = old.value.start == old.value.end
        is_written_inline = type(old.value) is not type(new.value) or not _is_block(new.value)
        if is_unwritten or (_is_block(old.value) and is_written_inline):
            self._add(_behind_key(self._old, old), _behind_key(self._new, new))
        else:
            self.compare(old.value, new.value)


def _is_block(node: Node) -> bool:
    return isinstance(node, COLLECTIONS) and not node.flow


def _is_filled(text: str, node: Map) -> bool:
    """Tell whether a map holds entries or comments."""
    return bool(node.entries or blocks.end_of_comments(text, node))


def _behind_key(text: str, entry: Entry) -> list[Span]:
    """Return the stretches of an entry's colon and value, without an anchor, a tag and a comment between the two."""
    colon = blocks.skip_blanks(text, entry.key.end, entry.value.start)
    if not text.startswith(":", colon):
        return []
    start, end = blocks.with_blanks_before(text, colon), _whole(text, entry.value)[1]
    first = blocks.begin(text, entry.value)
    if first <= blocks.line_end(text, colon):
        content = blocks.behind_properties(text, first, entry.value.end)
        return [(start, colon + 1), (max(colon + 1, blocks.with_blanks_before(text, content)), end)]
    return [(start, colon + 1), (blocks.line_end(text, colon), end)]


def _parts(text: str, node: Scalar) -> list[Span]:
    """Return the stretches of a scalar's value: for a block scalar, the head without its comment, and the lines."""
    if not node.block:
        return [(node.start, node.end)]
    start = blocks.behind_properties(text, node.start, node.end)
    head = _HEAD.match(text, start)
    return [(node.start, head.end() if head else start), blocks.block_lines(text, node)]


def _whole(text: str, node: Node) -> Span:
    is_block = isinstance(node, Scalar) and node.block
    return node.start, blocks.entry_end(text, node) if is_block else blocks.content_end(text, node)


def _with_lines_behind(text: str, node: Node) -> Span:
    """Return the stretch of an object, including the comment lines behind it that are laid out with it."""
    start = blocks.begin(text, node)
    if not isinstance(node, Map):
        return _whole(text, node)
    return start, end_with_comments(text, node, start - blocks.line_start(text, start))


def _entry(text: str, entry: Entry) -> Span:
    """Return the stretch of an entry, from the line break or the blanks before it."""
    last = blocks.last_leaf(entry.value)
    return blocks.with_blanks_before(text, entry.key.start), max(_whole(text, last)[1], entry.key.end)


def _commas(text: str, node: Map) -> list[Span]:
    """Return the stretches of the commas in a map in braces, with the blanks before them."""
    ends = [max(entry.value.end, entry.key.end) for entry in node.entries]
    skipped = [end if _COMMA.match(text, end) else blocks.skip_blanks(text, end) for end in ends]
    return [found.span() for at in skipped if (found := _COMMA.match(text, at))]


def _by_name(node: Map) -> Names:
    return {_name(entry, position): entry for position, entry in enumerate(node.entries)}


def _name(entry: Entry, position: int) -> str:
    try:
        return "<<" if is_merge(entry.key) else f"= {key_of(entry)}"
    except SyntaxProblemError:  # a key that is not text is identified by its place
        return f"{position}"
