"""The certificates in the Secrets of the sealing keys, and the newest; only `tls.crt` is read of their content."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from sealwright_cli.cluster.connection import JSON, Connection
from sealwright_cli.cluster.refusals import Right, refusal
from sealwright_cli.messages.errors import ClusterError
from sealwright_crypto import KIND, Certificate, Fingerprint, KeyMaterialError, load_certificate, weaknesses_of
from sealwright_manifests.kinds.keysecrets import ACTIVE, LABEL, certificate_in

_LABEL = f"{LABEL}={ACTIVE}"
_UNSEALER = "sealwright-unsealer"  # the controller's name in the managedFields of Secrets that it makes


def newest_certificate(connection: Connection, namespace: str, now: datetime) -> tuple[bytes, str, int]:
    """Return the PEM of the active key whose certificate became valid last, its Secret's name, and how many there are.

    The controller seals with that key, unless it is told to order keys otherwise; it opens with every active key. A
    certificate that is unfit to seal with at `now` (aware) is used only if there is no other. A certificate that was
    made from a SealedSecret is never used: the author of the SealedSecret chose the key. Raises ClusterError, naming
    the right that is missing.
    """
    found = _listed(connection, namespace)
    if not found:
        raise ClusterError(f"there is no sealing key in namespace {namespace}: no Secret is labelled {_LABEL}")
    _, pem, name = max(found, key=lambda one: (not weaknesses_of(one[0], now), one[0].not_before))
    return pem, name, len(found)


def existing_keys(connection: Connection, namespace: str) -> frozenset[Fingerprint]:
    """Return the keys whose Secrets exist. Raises ClusterError, naming the right that is missing."""
    return frozenset(certificate.fingerprint for certificate, _, _ in _listed(connection, namespace))


def _listed(connection: Connection, namespace: str) -> list[tuple[Certificate, bytes, str]]:
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/secrets?{urlencode({'labelSelector': _LABEL})}"
    answer = connection.request("GET", path, accept=JSON)
    if not answer.is_success:
        raise refusal(answer, Right("list", "secrets", namespace))
    return list(_certificates(answer.object("the list of key Secrets")))


def _certificates(listed: Mapping[str, Any]) -> Iterator[tuple[Certificate, bytes, str]]:
    """Yield each certificate with its PEM and its Secret's name; Secrets without a usable one are skipped."""
    items = listed.get("items")
    for item in items if isinstance(items, list) else ():
        try:
            pem = certificate_in(item)
            if not _was_unsealed(item["metadata"]):
                yield load_certificate(pem), pem, str(item["metadata"]["name"])
        except (LookupError, TypeError, AttributeError, KeyMaterialError):
            continue


def _was_unsealed(metadata: Mapping[str, Any]) -> bool:
    """Tell whether a Secret was made from a SealedSecret, by its owner or its field manager."""
    owners, managers = metadata.get("ownerReferences") or (), metadata.get("managedFields") or ()
    return any(owner.get("kind") == KIND for owner in owners) or any(
        entry.get("manager") == _UNSEALER for entry in managers
    )
