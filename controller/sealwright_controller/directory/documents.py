"""Files of a folder as plain data, and plain data as YAML. sealwright_manifests reads the text.

A file may be untrusted, hostile or half-written, and may hold a secret. So an error names the line and the kind of the
mistake, and never quotes the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sealwright_controller.gateway import Manifest
from sealwright_crypto import API_VERSION, KIND
from sealwright_manifests.errors import BadManifestError, SyntaxProblemError
from sealwright_manifests.kinds.finding import Manifest as FoundManifest
from sealwright_manifests.kinds.finding import find_manifests, is_almost_sealed, is_almost_secret
from sealwright_manifests.text import yamlwriter
from sealwright_manifests.text.bounds import Bounds
from sealwright_manifests.text.decoding import decoded
from sealwright_manifests.text.documents import Document, read_documents
from sealwright_manifests.text.plaindata import read_plain
from sealwright_manifests.text.tree import Scalar, native, native_scalar

_PLACEHOLDER = re.compile(r"""\s*\{\{[^{}"'`]*\}\}\s*""")
"""Such as {{ .Values.password }}; what has quotes in it may hold a value."""
BOUNDS = Bounds(documents=5_000, values=50_000, is_for_all=True, by_strangers=True)
"""How much of a file is read: some 1,500 SealedSecrets."""


@dataclass(frozen=True)
class OtherObject:
    """An object of another kind than the one that is looked for.

    `is_secret` is a Secret in plain text, `is_almost_sealed` a SealedSecret of another apiVersion or a misspelt kind.
    """

    is_secret: bool
    is_almost_sealed: bool = False


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
            yield native(found.node) if is_wanted else _other(found)
        except SyntaxProblemError as problem:
            found.document.fail(problem)


def _other(found: FoundManifest) -> OtherObject:
    """Describe an object of another kind. A Secret is one also when its apiVersion is missing or wrong."""
    is_secret = is_almost_secret(found.kind) and "/" not in found.api_version and not _waits_for_values(found)
    return OtherObject(
        is_secret, is_almost_sealed(found.kind) and (found.api_version, found.kind) != (API_VERSION, KIND)
    )


def _waits_for_values(found: FoundManifest) -> bool:
    """Tell whether a tool such as Helm has yet to fill in every value of a Secret, so that none is in the file."""
    try:
        fields = native(found.node)
    except SyntaxProblemError:  # what cannot be read counts as a value
        return False
    maps = [fields[name] for name in ("data", "stringData") if isinstance(fields.get(name), dict)]
    values = [value for items in maps for value in items.values()]
    return bool(values) and all(isinstance(value, str) and _PLACEHOLDER.fullmatch(value) for value in values)


def _is_text(document: Document) -> bool:
    """Tell whether a document is a single scalar, like the first letters of a manifest that is being written."""
    try:
        return isinstance(document.root, Scalar) and native_scalar(document.root) is not None
    except SyntaxProblemError as problem:
        document.fail(problem)
