"""Files of a folder as plain data, and plain data as YAML. sealwright_manifests reads the text.

A file may be untrusted, hostile or half-written, and may hold a secret. So an error names the line and the kind of the
mistake, and never quotes the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sealwright_controller.gateway import Manifest
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import find_manifests
from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.bounds import Bounds
from sealwright_manifests.text.decoding import decoded
from sealwright_manifests.text.documents import Document, read_documents
from sealwright_manifests.text.plaindata import read_plain
from sealwright_manifests.text.tree import Scalar, native, native_scalar

BOUNDS = Bounds(documents=5_000, values=50_000, is_for_all=True, by_strangers=True)
"""How much of a file is read: some 1,500 SealedSecrets."""


@dataclass(frozen=True)
class OtherObject:
    """An object of another kind than the one that is looked for."""

    is_secret: bool


class UnusableFileError(Exception):
    """A file's content cannot be used; the text says where and why, for people, without quoting it."""


def load_document(content: bytes) -> Any:
    """Return the content of a file's only document. Raises UnusableFileError."""
    try:
        documents = read_plain(content, bounds=BOUNDS)
    except BadManifestError as error:
        raise UnusableFileError(error.for_others) from None
    if len(documents) != 1:
        raise UnusableFileError("not one document")
    return documents[0]


def load_objects(content: bytes, api_version: str, kind: str) -> list[Manifest | OtherObject]:
    """Return the objects of a file, including those in lists; those of another kind are not read.

    Raises UnusableFileError.
    """
    try:
        documents = read_documents(decoded(content, ""), "", BOUNDS)
        if any(_is_text(document) for document in documents):
            raise UnusableFileError("text, not a manifest")
        return list(_objects(documents, (api_version, kind)))
    except BadManifestError as error:
        raise UnusableFileError(error.for_others) from None


def dump_document(value: Any) -> bytes:
    """Return plain data as one YAML document, keys in their order, in UTF-8."""
    return "\n".join([*yamlwriter.lines(value), ""]).encode()


def _objects(documents: list[Document], wanted: tuple[str, str]) -> Iterator[Manifest | OtherObject]:
    for found in find_manifests(documents):
        try:
            is_wanted = (found.api_version, found.kind) == wanted
            yield native(found.node) if is_wanted else OtherObject(_is_secret(found.api_version, found.kind))
        except SyntaxProblemError as problem:
            found.document.fail(problem)


def _is_secret(api_version: str, kind: str) -> bool:
    """Tell whether an object is a Secret of Kubernetes, also when its apiVersion is missing or wrong."""
    return kind == "Secret" and "/" not in api_version


def _is_text(document: Document) -> bool:
    """Tell whether a document is a single scalar, like the first letters of a manifest that is being written."""
    try:
        return isinstance(document.root, Scalar) and native_scalar(document.root) is not None
    except SyntaxProblemError as problem:
        document.fail(problem)
