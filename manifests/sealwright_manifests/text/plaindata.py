"""A file's documents as plain data in JSON's terms, for callers that do not need positions in the text."""

from typing import Any

from sealwright_manifests.errors import SyntaxProblemError
from sealwright_manifests.text.bounds import USUAL, Bounds
from sealwright_manifests.text.decoding import decoded
from sealwright_manifests.text.documents import read_documents
from sealwright_manifests.text.tree import native


def read_plain(content: bytes, name: str = "", bounds: Bounds = USUAL) -> list[Any]:
    """Return each document's content: maps, lists, texts, numbers, true, false, None; skips documents without content.

    `name` is what messages call the file. Raises BadManifestError.
    """
    found = []
    for document in read_documents(decoded(content, name), name, bounds):
        try:
            found += [] if document.root is None else [native(document.root)]
        except SyntaxProblemError as problem:
            document.fail(problem)
    return found
