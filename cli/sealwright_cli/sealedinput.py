"""SealedSecrets in what a command reads: the documents, and the objects in them that the command is about."""

from collections.abc import Iterator, Sequence

from sealwright_cli.errors import InputError
from sealwright_cli.inputs import Source
from sealwright_cli.ui import Console
from sealwright_crypto import KIND
from sealwright_manifests.kinds.finding import Manifest, find_manifests, whole_documents
from sealwright_manifests.text.documents import Document, read_documents


def read_sealed(source: Source, console: Console, *, as_kubeseal: bool) -> tuple[list[Document], list[Manifest]]:
    """Return a source's documents and the SealedSecrets in them.

    A source that the user named has to hold one. `as_kubeseal` takes UTF-8 alone, and documents that are SealedSecrets
    alone. Raises InputError.
    """
    return find_sealed(source.read(console, utf16=not as_kubeseal), source, as_kubeseal=as_kubeseal)


def find_sealed(text: str, source: Source, *, as_kubeseal: bool) -> tuple[list[Document], list[Manifest]]:
    """Return the documents in a source's text and the SealedSecrets in them, as `read_sealed`. Raises InputError."""
    documents = read_documents(text, source.name)
    manifests = _only_sealed(documents) if as_kubeseal else find_manifests(documents)
    sealed = [manifest for manifest in manifests if manifest.is_sealed_secret]
    if not sealed and source.named:
        raise InputError(
            f"{source.name}: no {KIND} in it",
            hint=f"name a file with kind: {KIND}, as sealwright seal makes of a Secret",
        )
    return documents, sealed


def _only_sealed(documents: Sequence[Document]) -> Iterator[Manifest]:
    """Yield the one SealedSecret that each document is. Raises InputError for one that is something else."""
    for document, manifest in whole_documents(documents):
        if manifest is None or not manifest.is_sealed_secret:
            raise InputError(
                f"{document.place}: no {KIND}", hint="give SealedSecrets alone; sealwright takes mixed files"
            )
        yield manifest
