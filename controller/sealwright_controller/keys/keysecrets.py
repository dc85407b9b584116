"""Key Secrets as manifests: reading one, writing a new one, and which of several is the newest. Pure.

Following them as they come and go is `keystore`'s business, when a new one is due is `renewal`'s.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sealwright_controller.gateway import Manifest
from sealwright_controller.objects.metadata import annotations_of, labels_of
from sealwright_controller.settings import KeyOrder, KeySettings
from sealwright_crypto import Certificate, Fingerprint, KeyMaterialError, SealingKey, load_certificate, load_sealing_key
from sealwright_manifests.kinds import keysecrets
from sealwright_manifests.kinds.keysecrets import (
    ACTIVE,
    CERTIFICATE,
    LABEL,
    PRIVATE_KEY,
    certificate_in,
    private_key_in,
)

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
"""The annotation in which `kubectl apply` keeps a copy of the whole object."""
MAX_CLOCK_SKEW = timedelta(minutes=5)
"""A certificate that begins no later than this has begun: clocks differ, of whoever made it and of whoever seals."""


@dataclass(frozen=True)
class StoredKey:
    """A sealing key and when its Secret was created (aware).

    Of a Secret that does not tell (a file that somebody wrote), that is its certificate's NotBefore.
    """

    key: SealingKey
    created: datetime

    def has_begun(self, now: datetime) -> bool:
        """Tell whether the certificate has begun, so that those who seal take it."""
        return self.key.certificate.not_before <= now + MAX_CLOCK_SKEW

    def made(self, order: KeyOrder, now: datetime | None = None) -> datetime:
        """Return since when this key counts, for its age.

        As in sealed-secrets that is the time that `order` goes by, so that a key of one's own that is served for
        being stored last is not replaced at once for being old. It is never before NotBefore: where the API server's
        clock is behind, a key just made would be due for renewal, and so would its successors. Where that clock is
        ahead of `now`, NotBefore counts alone: a time to come tells no age.
        """
        not_before = self.key.certificate.not_before
        is_to_come = now is not None and self.created > now + MAX_CLOCK_SKEW
        return not_before if order == "CertNotBefore" or is_to_come else max(self.created, not_before)


def newest_first(keys: Iterable[StoredKey], order: KeyOrder, now: datetime | None = None) -> tuple[StoredKey, ...]:
    """Return the keys in the order of their certificates' NotBefore or of their Secrets' creation, each key once.

    Where the one is the same the other decides, and then the fingerprint: every controller, at every start, finds the
    same key the newest. With `now`, those whose certificates have not begun come last, the one that begins first in
    front: they open what was sealed to them, and nobody is to seal to them while there is another.
    """

    def rank(stored: StoredKey) -> tuple[datetime, datetime, str]:
        begins, created = stored.key.certificate.not_before, stored.created
        first, second = (begins, created) if order == "CertNotBefore" else (created, begins)
        return first, second, stored.key.fingerprint

    def begins(stored: StoredKey) -> tuple[datetime, str]:
        return stored.key.certificate.not_before, stored.key.fingerprint

    found: dict[Fingerprint, StoredKey] = {}
    ranked = sorted(keys, key=rank, reverse=True)
    begun = [stored for stored in ranked if now is None or stored.has_begun(now)]
    waiting = [stored for stored in ranked if now is not None and not stored.has_begun(now)]
    for stored in (*begun, *sorted(waiting, key=begins)):
        found.setdefault(stored.key.fingerprint, stored)
    return tuple(found.values())


def is_active(manifest: Manifest) -> bool:
    """Tell whether a key Secret is to be used: labelled `active`, or without any label but of the legacy name."""
    return keysecrets.is_active(manifest["metadata"]["name"], labels_of(manifest))


def is_exposed(manifest: Manifest) -> bool:
    """Tell whether the private key stands in an annotation as well, where whoever may list metadata reads it."""
    return "tls.key" in annotations_of(manifest).get(LAST_APPLIED, "")


def read_certificate(manifest: Manifest) -> Certificate:
    """Read the certificate of a key Secret, and nothing else of it. Raises KeyMaterialError."""
    return load_certificate(certificate_in(manifest))


def read_key(
    manifest: Manifest,
    *,
    accepts_bits: Callable[[int], bool] = lambda _: True,
    load: Callable[[bytes, bytes], SealingKey] = load_sealing_key,
) -> StoredKey:
    """Read a key Secret: an RSA certificate and its private key, PKCS#1 or PKCS#8. Raises KeyMaterialError.

    `accepts_bits` tells whether a key of that length may be used; one that may not is not looked at any further.
    `load` reads the pair.
    """
    certificate_pem, key_pem = certificate_in(manifest), private_key_in(manifest)
    bits = load_certificate(certificate_pem).bits
    if not accepts_bits(bits):
        raise KeyMaterialError(f"its modulus has {bits} bits, which --accept-key-sizes leaves out")
    key = load(certificate_pem, key_pem)
    return StoredKey(key, _created(manifest) or key.certificate.not_before)


def key_manifest(key: SealingKey, settings: KeySettings, marks: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the key Secret's manifest, as upstream writes it: certificate and PKCS#1 private key in PEM.

    The settings' labels do not replace the one that puts the key in use; `marks` are annotations beside the settings'.
    """
    metadata: dict[str, Any] = {
        "generateName": settings.name_prefix,
        "labels": {**settings.labels, LABEL: ACTIVE},
    }
    if settings.annotations or marks:
        metadata["annotations"] = {**settings.annotations, **(marks or {})}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "type": "kubernetes.io/tls",
        "data": {
            CERTIFICATE: base64.b64encode(key.certificate.pem.encode()).decode("ascii"),
            PRIVATE_KEY: base64.b64encode(key.private_key.pem()).decode("ascii"),
        },
    }


def _created(manifest: Manifest) -> datetime | None:
    """Return the Secret's creation time, None when it has none that can be read: anybody may have written a file."""
    written = manifest["metadata"].get("creationTimestamp")
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
