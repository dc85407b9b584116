"""Reads an edited file's text again before it is kept: its data is what was meant, and nothing else changed.

Does not depend on how the text was made. `Document.data_of` gives what was meant; the rest is found by comparing the
two texts and the positions of their values. Messages quote neither text.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NoReturn

from sealwright_conventions.patterns import pattern
from sealwright_manifests.editing.holes import find_holes, is_same
from sealwright_manifests.errors import BadManifestError, NotAsMeantError, SyntaxProblemError
from sealwright_manifests.text.blocks import LINE_BREAKS
from sealwright_manifests.text.documents import Document, read_documents
from sealwright_manifests.text.tree import Alias, Map, Node, Scalar, Seq, native

_COMMENT = pattern(rf"(?:(?<=[\s,{{}}\[\]\"'])|\A)#[^{LINE_BREAKS}]*")


def check_as_meant(documents: Sequence[Document], text: str, *, is_converted: bool = False) -> None:
    """Read the text that was made from all documents of a file, and compare it with what was meant.

    The data has to be what was set. Outside the values that differ, and outside replaced objects, each byte has to
    stay: other documents, comments, markers, line ends. If the file `is_converted` to another form, only data is
    compared. If objects were replaced, blanks are not compared, and comments are counted. Raises NotAsMeantError.
    """
    name = documents[0].name if documents else ""
    try:
        found: Sequence[Document] = read_documents(text, name)
    except BadManifestError:
        raise NotAsMeantError(name, "it cannot be read again") from None
    if is_converted or any(one.cuts for one in documents):  # a document that was only a comment may be gone
        documents, found = _with_content(documents), _with_content(found)
    if len(documents) != len(found):
        raise NotAsMeantError(name, "it does not hold the same documents")
    for old, new in zip(documents, found, strict=True):
        if is_converted:
            _check_data(old, new)
        elif old.changed or old.text != new.text:
            _check_meaning(old, new)
            _check_text(old, new)


def _with_content(documents: Sequence[Document]) -> list[Document]:
    return [one for one in documents if one.root is not None]


def _check_meaning(old: Document, new: Document) -> None:
    """Raise NotAsMeantError when data differs from what was set."""
    if old.root is None or new.root is None:
        _fail(old, "a document without content changed")
    _Meaning(old).compare(old.root, new.root)


def _check_data(old: Document, new: Document) -> None:
    """Raise NotAsMeantError when the data of a converted document differs: its form may spell keys otherwise."""
    if old.root is None or new.root is None:
        _fail(old, "a document without content changed")
    try:
        is_as_meant = _dumped(old.data_of(old.root)) == _dumped(native(new.root))
    except SyntaxProblemError:  # an unknown tag's value, which only its text can be compared by
        is_as_meant = False
    if not is_as_meant:
        _Meaning(old).compare(old.root, new.root)


class _Meaning:
    """Compares the data of nodes with what the nodes of a document were meant to hold."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def compare(self, old: Node, new: Node) -> None:
        """Raise NotAsMeantError when two nodes differ in more than the fields that were set."""
        if self._document.is_set(old) or isinstance(old, Alias) or isinstance(new, Alias):
            self._compare_data(old, new)
        elif isinstance(old, Map) and isinstance(new, Map) and len(old.entries) == len(new.entries):
            for before, after in zip(old.entries, new.entries, strict=True):
                self.compare(before.key, after.key)
                self.compare(before.value, after.value)
        elif isinstance(old, Seq) and isinstance(new, Seq) and len(old.items) == len(new.items):
            for one, other in zip(old.items, new.items, strict=True):
                self.compare(one, other)
        elif not (isinstance(old, Scalar) and isinstance(new, Scalar) and is_same(old, new)):
            _fail(self._document, "another value changed")

    def _compare_data(self, old: Node, new: Node) -> None:
        try:
            is_as_meant = _dumped(self._document.data_of(old)) == _dumped(native(new))
        except SyntaxProblemError:  # an unknown tag's value cannot be compared
            is_as_meant = isinstance(old, Alias) and isinstance(new, Alias)
        if not is_as_meant:
            _fail(self._document, "its data is not what was set")


def _check_text(old: Document, new: Document) -> None:
    """Raise NotAsMeantError when text changed outside the values that differ."""
    if old.root is None or new.root is None or old.is_written_anew:
        return
    before, after = find_holes(old, new)
    kept = _without(old, [*before, *old.cuts]), _without(new, after)
    if old.is_replaced_in and not _has_comments_of(kept[0], new.text):
        _fail(old, "a comment is gone")
    if old.is_replaced_in:  # the blanks and comments around an object are laid out with it
        kept = _without_comments(kept[0]), _without_comments(kept[1])
    if kept[0] != kept[1]:
        _fail(old, "text beside what was set changed")


def _has_comments_of(before: str, after: str) -> bool:
    return Counter(_COMMENT.findall(before)) <= Counter(_COMMENT.findall(after))


def _without_comments(text: str) -> str:
    return "".join(_COMMENT.sub("", text).split())


def _without(document: Document, holes: Sequence[tuple[int, int]]) -> str:
    pieces, at = [], document.start
    for start, end in sorted(holes):
        if start > at:
            pieces.append(document.source[at:start])
        at = max(at, end)
    return "".join([*pieces, document.source[at : document.end]])


def _dumped(data: Any) -> str:
    return json.dumps(data, sort_keys=True)


def _fail(document: Document, words: str) -> NoReturn:
    raise NotAsMeantError(document.place, words)
