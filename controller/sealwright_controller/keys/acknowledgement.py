"""Whether an administrator vouched for a key Secret, by an annotation that names its fingerprint. Pure.

Users who may create Secrets may write any annotation onto their own. So an annotation counts only if a later change of
the Secret wrote it. The API server records the writer of each field in metadata.managedFields, and all fields of a
create request belong to one manager, whatever the request says. Users who may change Secrets in that namespace count as
administrators.
"""

from collections.abc import Mapping
from typing import Any

from sealwright_controller.gateway import Manifest
from sealwright_controller.objects.metadata import annotations_of, metadata_of
from sealwright_crypto import Fingerprint

ACKNOWLEDGED_ANNOTATION = "sealwright.dev/acknowledged-key"
"""On a key Secret: the fingerprint, written by an administrator who acknowledges the key."""
_ITEMS = ("f:tls.crt", "f:tls.key")


def names(manifest: Manifest, fingerprint: Fingerprint) -> bool:
    """Tell whether a Secret's annotation names that key, whoever wrote it."""
    return annotations_of(manifest).get(ACKNOWLEDGED_ANNOTATION) == fingerprint


def was_written_later(manifest: Manifest) -> bool:
    """Tell whether the annotation has another writer than the Secret's certificate and private key.

    Only for objects whose managedFields an API server wrote; an author could forge them elsewhere.
    """
    found = metadata_of(manifest).get("managedFields")
    entries = found if isinstance(found, list) else []
    fields = [_map(_map(entry).get("fieldsV1")) for entry in entries]
    writers = [_writes_annotation(each) for each in fields]
    makers = [_writes_key(each) for each in fields]
    is_both = any(writer and maker for writer, maker in zip(writers, makers, strict=True))
    return any(writers) and any(makers) and not is_both


def _writes_annotation(fields: Mapping[str, Any]) -> bool:
    return f"f:{ACKNOWLEDGED_ANNOTATION}" in _map(_map(fields.get("f:metadata")).get("f:annotations"))


def _writes_key(fields: Mapping[str, Any]) -> bool:
    data = _map(fields.get("f:data"))
    return any(item in data for item in _ITEMS)


def _map(found: object) -> Mapping[Any, Any]:
    return found if isinstance(found, Mapping) else {}
