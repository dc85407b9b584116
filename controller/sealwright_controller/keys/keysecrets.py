"""Key Secrets as manifests: reading one, writing a new one, and which of several is the newest. Pure.

`keystore` follows their changes; `renewal` decides when a new one is due.
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
"""A certificate that begins within this time counts as valid, because clocks of its maker and of clients differ."""


@dataclass(frozen=True)
class StoredKey:
    """A sealing key and when its Secret was created (aware).

    If a Secret does not say (a file written by hand), its certificate's NotBefore counts.
    """

    key: SealingKey
    created: datetime

    def has_begun(self, now: datetime) -> bool:
        """Tell whether the certificate is already valid, so that clients accept it for sealing."""
        return self.key.certificate.not_before <= now + MAX_CLOCK_SKEW

    def made(self, order: KeyOrder, now: datetime | None = None) -> datetime:
        """Return the time from which this key's age counts.

        As in sealed-secrets it is the time that `order` uses, so that an imported key, served because it was stored
        last, is not replaced at once because it is old. It is never before NotBefore: if the API server's clock is
        behind, a new key would be due for renewal, and so would its successors. If that clock is ahead of `now`, only
        NotBefore counts, because a future time gives no age.
        """
        not_before = self.key.certificate.not_before
        is_to_come = now is not None and self.created > now + MAX_CLOCK_SKEW
        return not_before if order == "CertNotBefore" or is_to_come else max(self.created, not_before)


def newest_first(keys: Iterable[StoredKey], order: KeyOrder, now: datetime | None = None) -> tuple[StoredKey, ...]:
    """Return the keys in the order of their certificates' NotBefore or of their Secrets' creation, each key once.

    If one time is equal the other decides, then the fingerprint, so that every controller at every start finds the same
    newest key. With `now`, keys whose certificates are not valid yet come last, the earliest first: they open what was
    sealed to them, but clients should not seal to them while there is another.
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
    """Tell whether a key Secret should be used: it is labelled `active`, or has the legacy name and no label."""
    return keysecrets.is_active(manifest["metadata"]["name"], labels_of(manifest))


def is_exposed(manifest: Manifest) -> bool:
    """Tell whether an annotation also holds the private key, where anyone who may list metadata can read it."""
    return PRIVATE_KEY in annotations_of(manifest).get(LAST_APPLIED, "")


def read_certificate(manifest: Manifest) -> Certificate:
    """Read only the certificate of a key Secret. Raises KeyMaterialError."""
    return load_certificate(certificate_in(manifest))


def read_key(
    manifest: Manifest,
    *,
    accepts_bits: Callable[[int], bool] = lambda _: True,
    load: Callable[[bytes, bytes], SealingKey] = load_sealing_key,
) -> StoredKey:
    """Read a key Secret: an RSA certificate and its private key, PKCS#1 or PKCS#8. Raises KeyMaterialError.

    `accepts_bits` tells whether a key of that length may be used; otherwise the key is not read any further. `load`
    reads the pair.
    """
    certificate_pem, key_pem = certificate_in(manifest), private_key_in(manifest)
    bits = load_certificate(certificate_pem).bits
    if not accepts_bits(bits):
        raise KeyMaterialError(f"its modulus has {bits} bits, which --accept-key-sizes leaves out")
    key = load(certificate_pem, key_pem)
    return StoredKey(key, _created(manifest) or key.certificate.not_before)


def key_manifest(key: SealingKey, settings: KeySettings, marks: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the key Secret's manifest, as upstream writes it: certificate and PKCS#1 private key in PEM.

    The settings' labels do not replace the label that activates the key; `marks` are annotations besides the settings'.
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
    """Return the Secret's creation time, None if it is missing or invalid, as in a file written by hand."""
    written = manifest["metadata"].get("creationTimestamp")
    try:
        return datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
