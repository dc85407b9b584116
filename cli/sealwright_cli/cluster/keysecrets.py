"""The newest certificate among the sealing keys' Secrets, for who may read them; of their content, only `tls.crt`."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from sealwright_cli.cluster.connection import JSON, Connection
from sealwright_cli.cluster.refusals import Right, refusal
from sealwright_cli.errors import ClusterError
from sealwright_crypto import Certificate, KeyMaterialError, load_certificate

_LABEL = "sealedsecrets.bitnami.com/sealed-secrets-key=active"


def newest_certificate(connection: Connection, namespace: str) -> tuple[bytes, str]:
    """Return the PEM of the active key whose certificate is valid from the latest moment on, and its Secret's name.

    That is the one that the controller seals with, unless it is told to order keys otherwise; every active key is
    opened by it. Raises ClusterError, naming the right that is missing.
    """
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/secrets?{urlencode({'labelSelector': _LABEL})}"
    answer = connection.request("GET", path, accept=JSON)
    if not answer.is_success:
        raise refusal(answer, Right("list", "secrets", namespace))
    found = list(_certificates(answer.object("the list of key Secrets")))
    if not found:
        raise ClusterError(f"there is no sealing key in namespace {namespace}: no Secret is labelled {_LABEL}")
    _, pem, name = max(found, key=lambda one: one[0].not_before)
    return pem, name


def _certificates(listed: Mapping[str, Any]) -> Iterator[tuple[Certificate, bytes, str]]:
    """Yield each certificate with its PEM and its Secret's name; a Secret without a usable one harms no other."""
    items = listed.get("items")
    for item in items if isinstance(items, list) else ():
        try:
            pem = base64.b64decode(item["data"]["tls.crt"], validate=True)
            yield load_certificate(pem), pem, str(item["metadata"]["name"])
        except (LookupError, TypeError, binascii.Error, KeyMaterialError):
            continue
