"""Ciphertexts that are the same in every run, so that a seed makes the same inputs again."""

from typing import Any

from tests.support.builders import sealed_secret
from tests.vectors import seeded

from sealwright_crypto import Certificate

LABEL = b"team-a/db"


def item(value: bytes, certificate: Certificate) -> str:
    """Return a value sealed for team-a/db."""
    return seeded.seal(value, certificate.public_key, LABEL, seed=value.hex()).text


def manifest(items: dict[str, bytes], certificate: Certificate, **special: Any) -> dict[str, Any]:
    """Return a SealedSecret team-a/db with these items; `special` as for `sealed_secret`."""
    made: dict[str, Any] = sealed_secret("db", "team-a", items, certificate=certificate, **special)
    made["spec"]["encryptedData"] = {name: item(value, certificate) for name, value in items.items()}
    return made
