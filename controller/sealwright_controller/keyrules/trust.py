"""Which keys are trusted (`--key-trust`): all that are labelled, or those alone that are the controller's own.

Whoever may write Secrets in the controller's namespace can label one as a sealing key. With `controller`, a key counts
if it carries a code over its certificate that nobody makes without the secret of this module, which the controller
keeps in a Secret beside the keys and never changes; or if an administrator wrote its fingerprint onto it.
"""

import base64
import hmac
import secrets
import threading
from collections.abc import Collection, Mapping
from typing import Any, Protocol

import structlog

from sealwright_controller import renewal
from sealwright_controller.gateway import (
    KEY_TRUST_NAME,
    AlreadyExistsError,
    Gateway,
    GatewayError,
    Manifest,
    ObjectKey,
    RefusedError,
    UnreadableError,
)
from sealwright_controller.keyrules import acknowledgement
from sealwright_controller.keyrules.acknowledgement import ACKNOWLEDGED_ANNOTATION
from sealwright_controller.keyrules.provenance import made_from_sealed_secret
from sealwright_controller.metadata import annotations_of
from sealwright_crypto import Fingerprint, SealingKey

CODE_ANNOTATION = "sealwright.dev/key-code"
"""On a key Secret: the code over its certificate."""
TRUST_TYPE = "sealwright.dev/key-trust"
"""The type of the Secret that holds the controller's own secret."""
_ITEM = "secret"
_SECRET_BYTES = 32
_PURPOSE = b"sealwright.dev/key-code/v1\0"

_log = structlog.get_logger()


class Trust(Protocol):
    """What the rules of admission ask about single keys."""

    def prepare(self, gateway: Gateway, stopping: threading.Event) -> bool:
        """Get ready before any key is looked at, however long it takes; False when `stopping` was set before."""
        ...

    def marks(self, key: SealingKey) -> Mapping[str, str]:
        """Return the annotations that a key made here is to carry."""
        ...

    def distrust(self, manifest: Manifest, key: SealingKey) -> str:
        """Return why a key is not trusted, for people; an empty text when it is."""
        ...


class EveryKey:
    """Trusts each key that is labelled, as sealed-secrets does."""

    def prepare(self, gateway: Gateway, stopping: threading.Event) -> bool:  # noqa: ARG002 - part of Trust
        """See Trust."""
        return True

    def marks(self, key: SealingKey) -> Mapping[str, str]:  # noqa: ARG002 - part of Trust
        """See Trust."""
        return {}

    def distrust(self, manifest: Manifest, key: SealingKey) -> str:  # noqa: ARG002 - part of Trust
        """See Trust."""
        return ""


class OwnKeys:
    """Trusts the keys that the controllers of this cluster made, and those that an administrator acknowledged."""

    def __init__(self, acknowledged: Collection[Fingerprint] = ()) -> None:
        """`acknowledged` are fingerprints of keys that count wherever they come from."""
        self._acknowledged = frozenset(acknowledged)
        self._knows_writers = False
        self._secret = b""

    def prepare(self, gateway: Gateway, stopping: threading.Event) -> bool:
        """See Trust: finds the secret, or makes it where there is none."""
        self._knows_writers = gateway.knows_writers
        failures = 0
        while not stopping.is_set():
            try:
                self._secret = _found_or_made(gateway)
            except GatewayError as error:
                failures += 1
                wait = renewal.retry_delay(failures)
                _log.error("sealing keys cannot be told apart, trying again", error=str(error))
                stopping.wait(wait.total_seconds())
            else:
                return True
        return False

    def marks(self, key: SealingKey) -> Mapping[str, str]:
        """See Trust."""
        return {CODE_ANNOTATION: self._code(key)}

    def distrust(self, manifest: Manifest, key: SealingKey) -> str:
        """See Trust."""
        if key.fingerprint in self._acknowledged or self._is_acknowledged(manifest, key):
            return ""
        given = annotations_of(manifest).get(CODE_ANNOTATION, "")
        if hmac.compare_digest(given.encode(errors="replace"), self._code(key).encode()):
            return ""
        cause = "does not carry the code of this controller" if not given else "carries the code of another controller"
        return f"the key {cause}; {self._way(manifest, key)}"

    def _is_acknowledged(self, manifest: Manifest, key: SealingKey) -> bool:
        named = acknowledgement.names(manifest, key.fingerprint)
        return named and self._knows_writers and acknowledgement.was_written_later(manifest)

    def _way(self, manifest: Manifest, key: SealingKey) -> str:
        """Return what to do when the key is a good one."""
        if not self._knows_writers:
            return f"if it is yours, acknowledge it: --acknowledged-keys={key.fingerprint}"
        namespace, name = ObjectKey.of(manifest)
        command = f"kubectl -n {namespace} annotate secret {name} {ACKNOWLEDGED_ANNOTATION}"
        if acknowledgement.names(manifest, key.fingerprint):
            return (
                "its acknowledgement was written by whoever wrote the key, which counts for nothing; if it is yours, "
                f"take it away, and write it again: {command}- && {command}={key.fingerprint}"
            )
        return f"if it is yours, acknowledge it: {command}={key.fingerprint}"

    def _code(self, key: SealingKey) -> str:
        if not self._secret:
            raise RuntimeError("keys are judged before the controller's own secret is known")
        return hmac.digest(self._secret, _PURPOSE + key.certificate.pem.encode(), "sha256").hex()


def _found_or_made(gateway: Gateway) -> bytes:
    """Return the secret that is kept in the cluster. Raises GatewayError; nothing that is there is ever replaced."""
    found = _find(gateway)
    if found is not None:
        return _read(found)
    try:
        made = gateway.create_sealing_key(_manifest(secrets.token_bytes(_SECRET_BYTES)))
    except AlreadyExistsError:  # another controller was faster
        made = _find(gateway) or {}
    else:
        _log.info("secret made by which sealing keys are told apart", secret=KEY_TRUST_NAME)
    return _read(made)


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


def _read(manifest: Manifest) -> bytes:
    if made_from_sealed_secret(manifest):
        raise RefusedError(f"Secret {KEY_TRUST_NAME}: it was made from a SealedSecret; delete both")
    try:
        secret = base64.b64decode(manifest["data"][_ITEM], validate=True)
    except (KeyError, TypeError, ValueError):
        secret = b""
    if manifest.get("type") != TRUST_TYPE or len(secret) != _SECRET_BYTES:
        raise RefusedError(
            f"Secret {KEY_TRUST_NAME}: it is not one that a controller made; restore it from a backup, or delete it"
        )
    return secret
