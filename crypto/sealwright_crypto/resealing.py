"""Brings a SealedSecret to another key, item by item, without anybody seeing a value; and checks that all items open.

Nothing is rendered here: a template's output would tell of the plaintexts that it was made from. The label of what
comes out is the very one that opened what went in, and the object's own annotations alone name it: a scope that
somebody wrote into the template, which no label protects, widens nothing (CVE-2026-22728).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sealwright_crypto.envelope import seal_item
from sealwright_crypto.errors import ManifestError, UnsealError
from sealwright_crypto.fields import mapping_at
from sealwright_crypto.keyhints import HINT_ANNOTATION, write_hints
from sealwright_crypto.keyring import Keyring
from sealwright_crypto.keys import Certificate, Fingerprint
from sealwright_crypto.sealedsecret import (
    API_VERSION,
    KIND,
    LEGACY_ITEM,
    SealedSecret,
    Template,
    inner_manifest,
    made_metadata,
    open_all,
)
from sealwright_crypto.secret import Secret, without_bookkeeping, without_last_applied


@dataclass(frozen=True)
class Resealed:
    """A SealedSecret after its items were sealed anew, and per item of the old one the key that opened it.

    For who edits the text of a file: `sealed.items` maps each item to its new ciphertext, and
    `sealed.annotations` holds the new hint if there is to be one. For who wants an object: `manifest`.
    """

    sealed: SealedSecret
    fingerprints: Mapping[str, Fingerprint]

    def manifest(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return the manifest `old`, of the SealedSecret before, with what is new in it: ready to be applied.

        What its author wrote stays, whether known here or not. Left out are the status, the server's bookkeeping and
        last-applied copies. Raises ManifestError when `old` is malformed.
        """
        metadata = without_bookkeeping(mapping_at(old, "metadata", "metadata"))
        metadata.pop("annotations", None)
        if annotations := without_last_applied(self.sealed.annotations):
            metadata["annotations"] = annotations
        spec = dict(mapping_at(old, "spec", "spec"))
        if spec.pop("data", None):  # the deprecated form held a template of its own within
            spec["template"] = self.sealed.to_dict()["spec"]["template"]
        spec["encryptedData"] = dict(self.sealed.items)
        others = {key: value for key, value in old.items() if key != "status"}
        return others | {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}


def reseal(sealed: SealedSecret, keyring: Keyring, certificate: Certificate) -> Resealed:
    """Open every item and seal it to `certificate`, under the label that opened it: all of them, or none.

    Name, namespace, annotations and template stay; a hint is brought up to date where there was one. The deprecated
    `spec.data` becomes the items, type, labels and annotations of the Secret in it, as with upstream. Raises
    UnsealError naming all items that do not open, ScopeError, and KeyMaterialError when the new key is too short.
    """
    opened = open_all(sealed, keyring)
    fingerprints = {key: item.fingerprint for key, item in opened.items()}
    plaintexts: Mapping[str, bytes] = {key: item.plaintext for key, item in opened.items()}
    template = sealed.template
    if sealed.legacy is not None:
        inner = _inner_secret(plaintexts[LEGACY_ITEM])
        plaintexts, template = inner.items, Template(inner.metadata, inner.type, inner.immutable)
    items = {key: seal_item(value, certificate, sealed.label) for key, value in plaintexts.items()}
    annotations = _with_hint(sealed.annotations, dict.fromkeys(items, certificate.fingerprint))
    made = replace(sealed, items=items, legacy=None, annotations=annotations, template=template)
    return Resealed(made, fingerprints)


def check_opens(sealed: SealedSecret, keyring: Keyring) -> dict[str, Fingerprint]:
    """Check that every item opens, and render nothing; returns which key opened which item.

    The deprecated form counts as one item, `spec.data`; what is in it is not looked at. Raises UnsealError naming all
    items that do not open, and ScopeError.
    """
    return {key: item.fingerprint for key, item in open_all(sealed, keyring).items()}


def _with_hint(annotations: Mapping[str, Any], fingerprints: Mapping[str, Fingerprint]) -> dict[str, Any]:
    """Return the annotations with their hint, if they have one, saying these keys."""
    if HINT_ANNOTATION not in annotations:
        return dict(annotations)
    hint = {HINT_ANNOTATION: write_hints(fingerprints)} if fingerprints else {}
    return {key: value for key, value in annotations.items() if key != HINT_ANNOTATION} | hint


def _inner_secret(plaintext: bytes) -> Secret:
    """Read the Secret within a deprecated ciphertext, with the metadata that a template for it needs.

    An item has the same label and can be put where the deprecated ciphertext belongs. Names, type and labels that are
    read here come out in clear text, so nothing is read of a value that does not say itself that it is a Secret.
    Raises UnsealError, which gives no cause: whether it is one is not told from whether it opens.
    """
    try:
        inner = Secret.from_dict(inner_manifest(plaintext) or {})
        return replace(inner, metadata=made_metadata(inner.metadata))
    except ManifestError:
        pass  # it names what it found: the error below is raised outside of this block
    raise UnsealError([LEGACY_ITEM])
