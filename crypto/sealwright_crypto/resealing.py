"""Re-encrypts a SealedSecret to another key, item by item, without showing a value; and checks that all items open.

Templates are not rendered here: their output would reveal plaintexts. Each new ciphertext has the label that opened
the old one, and only the object's own annotations name that label: a scope in the template, which no label protects,
widens nothing (CVE-2026-22728).
"""

from collections.abc import Mapping
from typing import Any

from sealwright_conventions.records import record, replace
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

_DECLARATION = b'"Secret"'


@record
class Resealed:
    """A SealedSecret whose items were sealed again, and for each old item the key that opened it.

    For editing a file's text: `sealed.items` maps each item to its new ciphertext, and `sealed.annotations` holds the
    new hint if there is to be one. For a whole object: `manifest`.
    """

    sealed: SealedSecret
    fingerprints: Mapping[str, Fingerprint]

    def manifest(self, old: Mapping[str, Any]) -> dict[str, Any]:
        """Return `old`, the previous manifest of the SealedSecret, with the new items: ready to be applied.

        All that its author wrote stays, unknown fields included. The status, the server's bookkeeping and last-applied
        copies are left out. Raises ManifestError when `old` is malformed.
        """
        metadata = without_bookkeeping(mapping_at(old, "metadata", "metadata"))
        metadata.pop("annotations", None)
        if annotations := without_last_applied(self.sealed.annotations):
            metadata["annotations"] = annotations
        spec = dict(mapping_at(old, "spec", "spec"))
        if spec.pop("data", None):  # the deprecated form holds its own template
            spec["template"] = self.sealed.to_dict()["spec"]["template"]
        spec["encryptedData"] = dict(self.sealed.items)
        others = {key: value for key, value in old.items() if key != "status"}
        return others | {"apiVersion": API_VERSION, "kind": KIND, "metadata": metadata, "spec": spec}


def reseal(sealed: SealedSecret, keyring: Keyring, certificate: Certificate) -> Resealed:
    """Open every item and seal it to `certificate` under the label that opened it: all of them, or none.

    Name, namespace, annotations and template stay; an existing hint is updated. The deprecated
    `spec.data` becomes the items, type, labels and annotations of the Secret in it, as upstream does it. Raises
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
    """Check that every item opens, without rendering; returns the key that opened each item.

    The deprecated form counts as one item, `spec.data`, whose content is not examined. Raises UnsealError naming all
    items that do not open, and ScopeError.
    """
    return {key: item.fingerprint for key, item in open_all(sealed, keyring).items()}


def _with_hint(annotations: Mapping[str, Any], fingerprints: Mapping[str, Fingerprint]) -> dict[str, Any]:
    """Return the annotations; their hint, if they have one, names these keys."""
    if HINT_ANNOTATION not in annotations:
        return dict(annotations)
    hint = {HINT_ANNOTATION: write_hints(fingerprints)} if fingerprints else {}
    return {key: value for key, value in annotations.items() if key != HINT_ANNOTATION} | hint


def _inner_secret(plaintext: bytes) -> Secret:
    """Read the Secret inside a deprecated ciphertext, with the metadata for a template.

    An item has the same label and could be moved to where the deprecated ciphertext belongs. The names, type and labels
    read here become clear text, so a value is read only if it declares itself a Secret. Raises UnsealError without a
    cause: a value that is not a Secret looks like one that does not open.
    """
    # A value that lacks the kind is not parsed, since the time would show whether it is JSON. No writer of JSON escapes
    # these letters.
    if _DECLARATION in plaintext:
        try:
            inner = Secret.from_dict(inner_manifest(plaintext) or {})
            return replace(inner, metadata=made_metadata(inner.metadata))
        except ManifestError:
            pass  # it quotes the value, so the error below is raised outside this block
    raise UnsealError([LEGACY_ITEM])
