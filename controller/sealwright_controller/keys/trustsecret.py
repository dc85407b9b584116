"""The Secret that distinguishes a controller's own keys from others': made once, with the keys, and never changed.

Users who may create Secrets there could make it first and know its content. So it is made at every start, long before
it is used, and one that another field manager wrote is not accepted. A manager's name is not a proof, because anyone
can use it; the protection is to be first.
"""

import base64
import secrets
from typing import Any

import structlog

from sealwright_controller.gateway import (
    KEY_MANAGER,
    KEY_TRUST_NAME,
    AlreadyExistsError,
    Gateway,
    Manifest,
    RefusedError,
    UnreadableError,
)
from sealwright_controller.keys.provenance import made_from_sealed_secret, writers_of

TRUST_TYPE = "sealwright.dev/key-trust"
"""The type of the Secret."""
_ITEM = "secret"
_SECRET_BYTES = 32
_RESTORE = f"restore it from a backup, or delete it (what restores is kubectl create --field-manager={KEY_MANAGER})"

_log = structlog.get_logger()


def found_or_made(gateway: Gateway) -> bytes:
    """Return the content of the Secret; an existing one is never replaced.

    Raises RefusedError if a controller did not make it or may not make it, and other GatewayErrors.
    """
    found = _find(gateway)
    if found is None:
        try:
            found = gateway.create_sealing_key(_manifest(secrets.token_bytes(_SECRET_BYTES)))
        except AlreadyExistsError:  # another controller has just made it
            found = _find(gateway) or {}
        else:
            _log.info("made the Secret that identifies the controller's own sealing keys", secret=KEY_TRUST_NAME)
    return _read(found, knows_writers=gateway.knows_writers)


def _find(gateway: Gateway) -> Manifest | None:
    try:
        return gateway.find_key_secret(KEY_TRUST_NAME)
    except UnreadableError as error:
        return error.rest


def _manifest(secret: bytes) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": KEY_TRUST_NAME},
        "type": TRUST_TYPE,
        "immutable": True,
        "data": {_ITEM: base64.b64encode(secret).decode("ascii")},
    }


def _read(manifest: Manifest, *, knows_writers: bool) -> bytes:
    if made_from_sealed_secret(manifest):
        raise RefusedError(f"Secret {KEY_TRUST_NAME}: it was made from a SealedSecret; delete both")
    try:
        secret = base64.b64decode(manifest["data"][_ITEM], validate=True)
    except (KeyError, TypeError, ValueError):
        secret = b""
    if manifest.get("type") != TRUST_TYPE or len(secret) != _SECRET_BYTES:
        raise RefusedError(f"Secret {KEY_TRUST_NAME}: a controller did not make it; {_RESTORE}")
    if knows_writers and writers_of(manifest) != {KEY_MANAGER}:
        raise RefusedError(f"Secret {KEY_TRUST_NAME}: it was not written by a controller; {_RESTORE}")
    return secret
