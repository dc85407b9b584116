"""Key Secrets: how to recognise one, and the items with its certificate and private key.

Callers decide which keys are used, and which one seals.
"""

import binascii
from collections.abc import Mapping
from typing import Any

from sealwright_crypto import KeyMaterialError

LABEL = "sealedsecrets.bitnami.com/sealed-secrets-key"
"""The label of key Secrets, in use or not."""
ACTIVE = "active"
"""The one value of LABEL that puts a key in use."""
LEGACY_NAME = "sealed-secrets-key"
"""A Secret of this name is a key Secret even without a label: the first versions of sealed-secrets made it so."""
CERTIFICATE = "tls.crt"
"""The item with the certificate, in PEM."""
PRIVATE_KEY = "tls.key"
"""The item with the private key, in PEM."""
MAX_TEXT_CHARACTERS = 96 * 1024
"""The limit for a certificate or private key in base64."""


def is_key_secret(name: object, labels: Mapping[str, Any]) -> bool:
    """Tell whether a Secret of this name, with these labels, holds a sealing key, in use or not."""
    return LABEL in labels or name == LEGACY_NAME


def is_active(name: object, labels: Mapping[str, Any]) -> bool:
    """Tell whether a key Secret is to be used: labelled `active`, or without the label and with the legacy name."""
    return labels.get(LABEL) == ACTIVE or (LABEL not in labels and name == LEGACY_NAME)


def certificate_in(secret: Mapping[str, Any]) -> bytes:
    """Return the certificate, in PEM, of a key Secret from an API server. Raises KeyMaterialError."""
    return _item(secret, CERTIFICATE)


def private_key_in(secret: Mapping[str, Any]) -> bytes:
    """Return the private key, in PEM, of a key Secret from an API server. Raises KeyMaterialError."""
    return _item(secret, PRIVATE_KEY)


def _item(secret: Mapping[str, Any], name: str) -> bytes:
    data = secret.get("data")
    text = data.get(name) if isinstance(data, Mapping) else None
    if isinstance(text, str) and len(text) > MAX_TEXT_CHARACTERS:
        raise KeyMaterialError(f"{name} is longer than {MAX_TEXT_CHARACTERS} characters of base64")
    try:
        if isinstance(text, str):
            return binascii.a2b_base64(text.replace("\r", "").replace("\n", ""), strict_mode=True)
    except ValueError:
        pass
    raise KeyMaterialError(f"{name} is missing or not base64")
