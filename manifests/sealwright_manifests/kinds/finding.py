"""Finds Kubernetes objects in a document, also those inside lists, and replaces them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sealwright_conventions.records import field, record, replace
from sealwright_crypto import API_VERSION, KIND
from sealwright_manifests.errors import BadManifestError, Problem, SyntaxProblemError
from sealwright_manifests.text.documents import Document
from sealwright_manifests.text.tree import (
    Alias,
    Entry,
    Map,
    Node,
    Scalar,
    Seq,
    behind,
    entries_of,
    is_merge,
    native,
    native_scalar,
    repeated,
)


@record
class Manifest:
    """One object in a document; `place` tells where (`secrets.yaml: document 2, item 3`).

    `list_kinds` are the `kind` fields of the SecretLists that contain it.
    """

    document: Document
    node: Map
    api_version: str
    kind: str
    place: str
    list_kinds: tuple[Scalar, ...] = field(default=(), repr=False)

    @property
    def is_secret(self) -> bool:
        """Tell whether this is a v1 Secret.

        Raises BadManifestError for a Secret of a version that does not exist, and for a misspelt kind.
        """
        if "/" in self.api_version or not is_almost_secret(self.kind):
            return False
        if self.kind != "Secret":
            raise BadManifestError(self.place, f"an object of kind {self.kind}", Problem.SECRET_KIND)
        if self.api_version not in ("", "v1"):
            reason = f"a Secret of apiVersion {self.api_version}"
            raise BadManifestError(self.place, reason, Problem.SECRET_VERSION)
        return True

    @property
    def is_untyped(self) -> bool:
        """Tell whether the object has neither apiVersion nor kind: upstream assumes the kind that it expects."""
        return not self.kind and self.api_version in ("", "v1")

    @property
    def is_sealed_secret(self) -> bool:
        """Tell whether this is a SealedSecret.

        Raises BadManifestError for one that no cluster takes: of another apiVersion, or of a misspelt kind.
        """
        if (self.api_version, self.kind) == (API_VERSION, KIND):
            return True
        if is_almost_sealed(self.kind):
            of = f"of apiVersion {self.api_version}" if self.api_version else "without apiVersion"
            reason = f"a {KIND} {of}" if self.kind == KIND else f"an object of kind {self.kind}"
            raise BadManifestError(self.place, reason, Problem.SEALED_SECRET_TYPE)
        return False

    def plain(self) -> dict[str, Any]:
        """Return the object as plain data. Raises BadManifestError for what no cluster reads, such as unknown tags."""
        try:
            data: dict[str, Any] = native(self.node)
        except SyntaxProblemError as problem:
            self.document.fail(problem)
        return data

    def replace(self, data: dict[str, Any], lines: list[str] | None = None, end: int | None = None) -> None:
        """Replace this object by another one (see Document.replace); a SecretList around it becomes a List."""
        self.document.replace(self.node, data, lines, end)
        for kind in self.list_kinds:
            if not self.document.is_replaced(kind):
                self.document.replace(kind, "List")


def is_almost_sealed(kind: str) -> bool:
    """Tell whether a kind is SealedSecret, or that with a mistake in its capitals, a dash or a plural."""
    return _letters(kind) == "sealedsecret"


def is_almost_secret(kind: str) -> bool:
    """Tell whether a kind is Secret, or that with such a mistake."""
    return _letters(kind) == "secret"


def _letters(kind: str) -> str:
    return re.sub(r"[\s_-]", "", kind.lower()).removesuffix("s")


def whole_documents(documents: Iterable[Document]) -> Iterator[tuple[Document, Manifest | None]]:
    """Yield each document with content and its one object, a List as such; None if it is not an object.

    Raises BadManifestError.
    """
    for document in documents:
        if isinstance(document.root, Map):
            try:
                fields = _header(document.root)
                kind, api_version = (_text_field(fields, name) for name in ("kind", "apiVersion"))
            except SyntaxProblemError as problem:
                document.fail(problem)
            yield document, Manifest(document, document.root, api_version, kind, document.place)
        elif document.root is not None:
            yield document, None


def find_manifests(documents: Iterable[Document]) -> Iterator[Manifest]:
    """Yield the objects of a file's documents, those inside lists one by one. Raises BadManifestError."""
    for document in documents:
        try:
            yield from _objects(document, document.root, document.place, ())
        except SyntaxProblemError as problem:
            document.fail(problem)


def find_secrets(documents: Iterable[Document]) -> Iterator[Manifest]:
    """Yield the Secrets of a backup. Raises BadManifestError.

    Objects without apiVersion and kind count too: alone, in a bare list, or under the `items` of a list without
    `kind`, as Go programs write them.
    """
    for document in documents:
        try:
            for place, node in _of_bare_list(document):
                for manifest in _objects(document, node, place, ()):
                    if manifest.is_secret:
                        yield manifest
                    elif manifest.is_untyped:
                        yield replace(manifest, api_version="v1", kind="Secret")
        except SyntaxProblemError as problem:
            document.fail(problem)


def _of_bare_list(document: Document) -> Iterator[tuple[str, Node]]:
    """Yield what a document holds if it is a list without `kind`, else the document's object."""
    root = document.root
    if isinstance(root, Map):
        fields = _header(root)
        items = behind(fields["items"].value) if "items" in fields and "kind" not in fields else None
        root = items if isinstance(items, Seq) else root
    if not isinstance(root, Seq):
        yield from [(document.place, root)] if root else []
        return
    for number, item in enumerate(root.items, start=1):
        yield f"{document.place}, item {number}", behind(item)


def _objects(document: Document, node: Node | None, place: str, around: tuple[Scalar, ...]) -> Iterator[Manifest]:
    if not isinstance(node, Map):
        return
    fields = _header(node)
    kind, api_version = (_text_field(fields, name) for name in ("kind", "apiVersion"))
    if around and not kind and not api_version:
        kind, api_version = "Secret", "v1"
    items = behind(fields["items"].value) if "items" in fields else None
    if kind != "List" and not (kind.endswith("List") and isinstance(items, Seq)):
        yield Manifest(document, node, api_version, kind, place, around)
        return
    own_kind = behind(fields["kind"].value)
    inside = (*around, own_kind) if kind == "SecretList" and isinstance(own_kind, Scalar) else ()
    for number, item in enumerate(items.items if isinstance(items, Seq) else [], start=1):
        where = f"{place}, item {number}" if place else f"item {number}"
        for manifest in _objects(document, behind(item), where, inside):
            if isinstance(item, Alias) and manifest.is_secret:
                reason = "a Secret that is an alias of another one"
                raise BadManifestError(manifest.place, reason, Problem.SECRET_IS_ALIAS)
            yield manifest


def _header(node: Map) -> dict[str, Entry]:
    """Return the fields that identify an object, without checking the others."""
    if any(is_merge(entry.key) for entry in node.entries):
        return dict(entries_of(node))
    found: dict[str, Entry] = {}
    for entry in node.entries:
        key = behind(entry.key)
        if isinstance(key, Scalar) and key.value in ("apiVersion", "kind", "items"):
            if key.value in found:
                raise repeated(key.value, key.start)
            found[key.value] = entry
    return found


def _text_field(fields: dict[str, Entry], name: str) -> str:
    value = behind(fields[name].value) if name in fields else None
    text = native_scalar(value) if isinstance(value, Scalar) else None
    return text if isinstance(text, str) else ""
