"""Key Secrets as manifests: reading one, writing a new one, and which of several is the newest. Pure.

Following them as they come and go is `keystore`'s business, when a new one is due is `renewal`'s.
"""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sealwright_controller.gateway import KEY_LABEL, LEGACY_KEY_NAME, Manifest
from sealwright_controller.metadata import labels_of
from sealwright_controller.settings import KeyOrder, KeySettings
from sealwright_crypto import Fingerprint, KeyMaterialError, SealingKey, load_sealing_key

ACTIVE = "active"
"""The one value of KEY_LABEL that puts a key in use."""


@dataclass(frozen=True)
class StoredKey:
    """A sealing key and when its Secret was created (aware).

    Of a Secret that does not tell (a file that somebody wrote), that is its certificate's NotBefore.
    """

    key: SealingKey
    created: datetime

    def made(self, order: KeyOrder) -> datetime:
        """Return since when this key counts, for its age.

        As in sealed-secrets that is the time that `order` goes by, so that a key of one's own that is served for
        being stored last is not replaced at once for being old. It is never before NotBefore: where the API server's
        clock is behind, a key just made would be due for renewal, and so would its successors.
        """
        not_before = self.key.certificate.not_before
        return not_before if order == "CertNotBefore" else max(self.created, not_before)


def newest_first(keys: Iterable[StoredKey], order: KeyOrder) -> tuple[StoredKey, ...]:
    """Return the keys in the order of their certificates' NotBefore or of their Secrets' creation, each key once.

    Where the one is the same the other decides, and then the fingerprint: every controller, at every start, finds the
    same key the newest.
    """

    def rank(stored: StoredKey) -> tuple[datetime, datetime, str]:
        begins, created = stored.key.certificate.not_before, stored.created
        first, second = (begins, created) if order == "CertNotBefore" else (created, begins)
        return first, second, stored.key.fingerprint

    found: dict[Fingerprint, StoredKey] = {}
    for stored in sorted(keys, key=rank, reverse=True):
        found.setdefault(stored.key.fingerprint, stored)
    return tuple(found.values())


def is_active(manifest: Manifest) -> bool:
    """Tell whether a key Secret is to be used: labelled `active`, or without any label but of the legacy name."""
    labels = labels_of(manifest)
    unlabelled_legacy = KEY_LABEL not in labels and manifest["metadata"]["name"] == LEGACY_KEY_NAME
    return labels.get(KEY_LABEL) == ACTIVE or unlabelled_legacy


def read_key(manifest: Manifest) -> StoredKey:
    """Read a key Secret: an RSA certificate and its private key, PKCS#1 or PKCS#8. Raises KeyMaterialError."""
    key = load_sealing_key(*_pems(manifest))
    return StoredKey(key, _created(manifest) or key.certificate.not_before)


def key_manifest(key: SealingKey, settings: KeySettings) -> dict[str, Any]:
    """Return the key Secret's manifest, as upstream writes it: certificate and PKCS#1 private key in PEM.

    The settings' labels do not replace the one that puts the key in use.
    """
    metadata: dict[str, Any] = {
        "generateName": settings.name_prefix,
        "labels": {**settings.labels, KEY_LABEL: ACTIVE},
    }
    if settings.annotations:
        metadata["annotations"] = dict(settings.annotations)
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "kubernetes.io/tls",
        "data": {
            "tls.crt": base64.b64encode(key.certificate.pem.encode()).decode("ascii"),
            "tls.key": base64.b64encode(key.private_key.pem()).decode("ascii"),
        },
    }


def _pems(manifest: Manifest) -> tuple[bytes, bytes]:
    data = manifest.get("data")
    entries: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    pems = []
    for name in ("tls.crt", "tls.key"):
        try:
            pems.append(base64.b64decode(entries[name]))
        except (KeyError, TypeError, ValueError):
            raise KeyMaterialError(f"{name} is missing or not base64") from None
    return pems[0], pems[1]


def _created(manifest: Manifest) -> datetime | None:
    """Return the Secret's creation time, None when it has none that can be read: anybody may have written a file."""
    written = manifest["metadata"].get("creationTimestamp")
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
