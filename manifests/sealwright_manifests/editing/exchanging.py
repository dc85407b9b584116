"""Replaces the Secrets of a file by SealedSecrets, and removes comments that would reveal their values."""

from collections.abc import Iterable, Sequence
from typing import Any

from sealwright_conventions.records import field, record
from sealwright_manifests.editing.comments import beside_values, clean
from sealwright_manifests.editing.layout import lay_out
from sealwright_manifests.editing.spellings import Spellings
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.text.documents import Document, Form

_MOST_TOLD = 100  # comments of a document that are reported, each on its own line


@record
class Sealed:
    """The result for one Secret: `data` is the SealedSecret, `values` are the plaintexts in it."""

    manifest: Manifest
    data: dict[str, Any]
    values: Sequence[bytes] = field(repr=False)


def exchange(documents: Sequence[Document], made: Sequence[Sealed]) -> list[str]:
    """Replace each Secret by its SealedSecret, and remove comments that could hold a secret from all documents.

    `documents` are all documents of the file. Returns the messages about comments.
    """
    spellings = Spellings(value for one in made for value in one.values)
    by_document: dict[int, list[Sealed]] = {}
    for one in made:
        by_document.setdefault(id(one.manifest.document), []).append(one)
    told = []
    for document in documents:
        told += _exchange(document, by_document.get(id(document), []), spellings)
    return told


def lines_that_repeat(document: Document, values: Iterable[bytes]) -> list[int]:
    """Return the lines of the file on which a comment of a document repeats one of these values."""
    if document.form is Form.JSON:
        return []
    cleaned = clean(document.source, document.root, spellings=Spellings(values), beside=())
    return document.lines_at(start for start, _ in cleaned.removed)


def _exchange(document: Document, made: Sequence[Sealed], spellings: Spellings) -> list[str]:
    if document.form is Form.JSON:
        for one in made:
            one.manifest.replace(one.data)
        return []
    root, source = document.root, document.source
    beside = beside_values(source, root, [one.manifest.node for one in made]) if root and made else []
    cleaned = clean(source, root, spellings=spellings, beside=beside)
    for one in made:
        layout = lay_out(source, cleaned.text, one.manifest.node, one.data)
        if layout is None:
            one.manifest.replace(one.data)
        else:
            one.manifest.replace(one.data, layout.lines, layout.end)
    document.cut(cleaned.removed)
    lines = document.lines_at(start for start, _ in cleaned.removed)
    told = [
        f"{document.place}: left out a comment that could hold a secret (line {line})" for line in lines[:_MOST_TOLD]
    ]
    if more := lines[_MOST_TOLD:]:
        told.append(f"{document.place}: left out {len(more):,} more such comments, the last on line {more[-1]}")
    return told
