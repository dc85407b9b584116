"""Builds manifests and keys for tests: each function makes a valid object, and takes what a test wants to be special."""

import functools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sealwright_crypto import (
    Certificate,
    Keyring,
    Scope,
    SealingKey,
    Secret,
    generate_sealing_key,
    load_sealing_key,
    seal,
)

VECTORS = Path(__file__).parents[1] / "vectors"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@functools.cache
def sealing_key() -> SealingKey:
    """Return the test key of 2048 bits that is in use in most tests."""
    folder = VECTORS / "envelope"
    return load_sealing_key((folder / "key-2048.crt.pem").read_bytes(), (folder / "key-2048.key.pem").read_bytes())


@functools.cache
def other_sealing_key(number: int = 1, not_before: datetime = NOW) -> SealingKey:
    """Return a further key of 2048 bits, the same one for the same arguments within a test run."""
    return generate_sealing_key(now=not_before, bits=2048, common_name=f"test key {number}")


def keyring(*keys: SealingKey) -> Keyring:
    """Return a keyring of these keys, or of the usual test key."""
    return Keyring(key.private_key for key in keys or (sealing_key(),))


def sealed_secret(
    name: str = "db",
    namespace: str = "team-a",
    items: dict[str, bytes] | None = None,
    *,
    certificate: Certificate | None = None,
    scope: Scope = Scope.STRICT,
    template: dict[str, Any] | None = None,
    hints: bool = True,
    **metadata: Any,
) -> dict[str, Any]:
    """Return a sealed SealedSecret manifest; `template` is laid over the one that sealing made."""
    secret = Secret(name, namespace, {"password": b"hunter2"} if items is None else items)
    manifest = seal(secret, certificate or sealing_key().certificate, scope=scope, hints=hints).to_dict()
    manifest["metadata"] |= metadata
    manifest["spec"]["template"] |= template or {}
    return manifest


def stored(manifest: dict[str, Any], uid: str = "uid-1", generation: int = 1, version: str = "100") -> dict[str, Any]:
    """Return the manifest as an API server gives it back."""
    server_side = {"uid": uid, "generation": generation, "resourceVersion": version}
    return {**manifest, "metadata": {**manifest["metadata"], **server_side}}
