"""Reads SealedSecrets from a command's inputs: the documents, and the objects in them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sealwright_cli.files.disk import read_original
from sealwright_cli.files.inputs import Source
from sealwright_cli.files.templatefiles import concerns, found_instead, is_action, recognised, template_file
from sealwright_cli.manners import Manners
from sealwright_cli.messages.errors import CliError, InputError
from sealwright_cli.messages.ui import Console, visible
from sealwright_conventions.records import replace
from sealwright_conventions.words import is_plain_word
from sealwright_crypto import KIND, Scope, SealedSecret
from sealwright_manifests.kinds.finding import Manifest, find_manifests, whole_documents
from sealwright_manifests.kinds.reading import read_sealed_secret, read_unknown_fields
from sealwright_manifests.text.documents import Document, read_documents
from sealwright_manifests.text.tree import native

_PATCHED = re.compile(r"""/spec/encryptedData/([-\w.~]+)""")


def read_sealed(source: Source, console: Console, manners: Manners) -> tuple[list[Document], list[Manifest]]:
    """Return a source's documents and the SealedSecrets in them.

    A source that the user named has to hold at least one. Raises InputError.
    """
    text = source.read(console, utf16=manners.reads_utf16)
    for item in patched_items(text):
        console.warn(f"{source.name}: the ciphertext of {item} is in a JSON patch, which is not read")
    return find_sealed(text, source, console, manners)


def find_sealed(text: str, source: Source, console: Console, manners: Manners) -> tuple[list[Document], list[Manifest]]:
    """Return the documents in a source's text and the SealedSecrets in them, as `read_sealed`. Raises InputError.

    A file found in a folder whose text does not mention SealedSecret is skipped; a template that may make a Secret is
    reported.
    """
    if not ("Secret" in text and is_action(text)) and not concerns(text, source, KIND, console):
        return [], []
    with recognised(text, source.name):
        documents = read_documents(text, source.name)
        manifests = list(find_manifests(documents) if manners.takes_mixed_files else _only_sealed(documents))
        sealed = [manifest for manifest in manifests if manifest.is_sealed_secret]
    if not sealed and source.named:
        raise InputError(
            f"{source.name}: no {KIND} in it ({found_instead((one.kind for one in manifests), documents)})",
            hint=f"name a file with kind: {KIND} (capitals count), as sealwright seal makes of a Secret",
        )
    return documents, sealed


def _only_sealed(documents: Sequence[Document]) -> Iterator[Manifest]:
    """Yield each document's SealedSecret. Raises InputError for a document that is something else."""
    for document, manifest in whole_documents(documents):
        if manifest is None or not manifest.is_sealed_secret:
            raise InputError(
                f"{document.place}: no {KIND}", hint="give only SealedSecrets; sealwright takes mixed files"
            )
        yield manifest


def read_object(manifest: Manifest, namespace: str, default: str = "") -> SealedSecret:
    """Read a SealedSecret, with the namespace that it is sealed for: its own, else `namespace`, else `default`.

    In Git, objects often name no namespace: Kustomize or Argo CD adds it. Raises BadManifestError, and InputError if
    the two differ, or if a name or namespace that the scope needs is missing or is a template tool's placeholder.
    """
    document = manifest.document
    with recognised(document.source, document.name):
        sealed = read_sealed_secret(manifest)
    if sealed.scope is Scope.CLUSTER_WIDE:
        return sealed
    if is_action(sealed.namespace) or (sealed.scope is Scope.STRICT and is_action(sealed.name)):
        raise template_file(document.name)
    sealed = with_namespace(sealed, namespace, manifest.place, default)
    _check_place(sealed, manifest.place)
    return sealed


def check_fields(manifest: Manifest, console: Console, manners: Manners, *, is_strict: bool = False) -> None:
    """Warn about a SealedSecret's unknown fields. Raises InputError for one that is an error.

    In `spec`, an unknown field may be a misspelt one with ciphertexts. If `is_strict`, every field with which a cluster
    refuses the object is an error. Raises BadManifestError, and TemplateFileError for a template.
    """
    with recognised(manifest.document.source, manifest.document.name):
        unknown = read_unknown_fields(manifest)
    for name, is_taken in unknown:
        if manners.refuses_unknown_fields and not is_taken and (is_strict or name.startswith("spec.")):
            called = " ".join(filter(None, [KIND, place_of(read_sealed_secret(manifest))]))
            raise InputError(
                f"{manifest.place}: {called}: {visible(name)} is not a field of a {KIND}; a cluster refuses it",
                hint="correct its name; the fields of spec are encryptedData and template",
            )
        console.warn(f"{manifest.place}: {visible(name)} is not a field of a {KIND}, and has no effect")


def place_of(sealed: SealedSecret) -> str:
    """Return the name of a SealedSecret in messages: namespace/name, as far as known."""
    return "/".join(filter(None, [sealed.namespace, sealed.name]))


def with_namespace(sealed: SealedSecret, namespace: str, place: str, default: str = "") -> SealedSecret:
    """Return a SealedSecret with its own namespace, else `namespace`, else `default`.

    Raises InputError if the first two differ.

    `place` is what messages call the place of the object. Of a cluster-wide one, the namespace does not matter.
    """
    if sealed.scope is Scope.CLUSTER_WIDE:
        return sealed
    if namespace and sealed.namespace and namespace != sealed.namespace:
        another = f"is {namespace}" if is_plain_word(namespace) else "names another"
        raise InputError(
            f"{_called(sealed, place)}: metadata.namespace is {sealed.namespace}, --namespace {another}",
            hint="leave out --namespace, or correct the file",
        )
    return replace(sealed, namespace=sealed.namespace or namespace or default)


def _check_place(sealed: SealedSecret, place: str) -> None:
    if not sealed.namespace:
        raise InputError(
            f"{_called(sealed, place)}: no namespace; {sealed.scope} scope needs one",
            hint="give the namespace that it was sealed for: --namespace, or metadata.namespace in the file",
        )
    if sealed.scope is Scope.STRICT and not sealed.name:
        raise InputError(f"{_called(sealed, place)}: no metadata.name", hint="add the name that it was sealed for")


def _called(sealed: SealedSecret, place: str) -> str:
    return " ".join(filter(None, [f"{place}: {KIND}", place_of(sealed)]))


def native_in(manifest: Manifest, sealed: SealedSecret) -> dict[str, Any]:
    """Return a manifest as plain data, in the namespace with which it was read."""
    data: dict[str, Any] = native(manifest.node)
    if not sealed.namespace:
        return data
    return data | {"metadata": {**(data.get("metadata") or {}), "namespace": sealed.namespace}}


def patched_items(text: str) -> list[str]:
    """Return the items whose ciphertext a JSON patch (RFC 6902) sets, as in Kustomize: `/spec/encryptedData/x`."""
    return [item for _, item in patches_in(text)]


def patches_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset of each path in a text by which a JSON patch sets a ciphertext, and the item."""
    if "/spec/encryptedData/" in text:
        for found in _PATCHED.finditer(text):
            yield found.start(), found[1].replace("~1", "/").replace("~0", "~")


def may_hold(source: Source) -> bool:
    """Tell whether a file may hold a SealedSecret: otherwise, neither a key nor a cluster is needed."""
    if source.path is None:
        return True
    try:
        content = read_original(source.path, is_named=source.named)[0].replace(b"\0", b"").lower()
    except CliError:
        return False
    return b"sealed" in content and b"secret" in content  # however the kind is written
