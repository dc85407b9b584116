"""Which keys are trusted (`--key-trust`): all that are labelled, or only the controller's own.

Users who may write Secrets in the controller's namespace can label one as a sealing key. With `controller`, a key
counts if it carries an authentication code of its certificate, or if an administrator wrote its fingerprint onto it.
The code needs this module's secret, which the controller keeps in a Secret with the keys and never changes.
"""

import hmac
import threading
from collections.abc import Collection, Mapping
from typing import Protocol

import structlog

from sealwright_controller.gateway import Gateway, GatewayError, Manifest, ObjectKey, RefusedError
from sealwright_controller.keys import acknowledgement, renewal, trustsecret
from sealwright_controller.keys.acknowledgement import ACKNOWLEDGED_ANNOTATION
from sealwright_controller.objects.metadata import annotations_of
from sealwright_crypto import Certificate, Fingerprint, KeyMaterialError, SealingKey

CODE_ANNOTATION = "sealwright.dev/key-code"
"""On a key Secret: the code over its certificate."""
_PURPOSE = b"sealwright.dev/key-code/v1\0"

_log = structlog.get_logger()


class Trust(Protocol):
    """What the rules of admission need to know about a key."""

    def prepare(self, gateway: Gateway, stopping: threading.Event) -> bool:
        """Prepare before the first key is judged, however long it takes; False if `stopping` was set first."""
        ...

    def check(self, gateway: Gateway) -> bool:
        """Check the trust Secret, from time to time; True if all keys have to be judged again."""
        ...

    def marks(self, key: SealingKey) -> Mapping[str, str]:
        """Return the annotations for a key made here. Raises KeyMaterialError if it would not count."""
        ...

    def distrust(self, manifest: Manifest, certificate: Certificate) -> str:
        """Return why a key is not trusted, for people; an empty text if it is."""
        ...


class EveryKey:
    """Trusts every labelled key, as sealed-secrets does; makes the secret in case `--key-trust` is changed later."""

    def __init__(self) -> None:
        self._is_settled = False

    def prepare(self, gateway: Gateway, stopping: threading.Event) -> bool:  # noqa: ARG002 - part of Trust
        """See Trust."""
        return True

    def check(self, gateway: Gateway) -> bool:
        """See Trust: makes the secret before others can, as the server records who made it."""
        if self._is_settled or not gateway.knows_writers:
            return False
        try:
            trustsecret.found_or_made(gateway)
        except RefusedError as error:
            _log.warning("--key-trust=controller would not work", error=str(error))
        except GatewayError:
            return False
        self._is_settled = True
        return False

    def marks(self, key: SealingKey) -> Mapping[str, str]:  # noqa: ARG002 - part of Trust
        """See Trust."""
        return {}

    def distrust(self, manifest: Manifest, certificate: Certificate) -> str:  # noqa: ARG002 - part of Trust
        """See Trust."""
        return ""


class OwnKeys:
    """Trusts the keys that the controllers of this cluster made, and those that an administrator acknowledged.

    If a controller did not make the secret, only acknowledged keys are trusted, and keys are not made.
    """

    def __init__(self, acknowledged: Collection[Fingerprint] = ()) -> None:
        """`acknowledged` are fingerprints of keys that count whatever their origin."""
        self._acknowledged = frozenset(acknowledged)
        self._knows_writers = False
        self._secret = b""
        self._trouble = ""  # why the secret is missing

    def prepare(self, gateway: Gateway, stopping: threading.Event) -> bool:
        """See Trust: finds the secret, or makes it if there is none."""
        self._knows_writers = gateway.knows_writers
        failures = 0
        while not stopping.is_set():
            try:
                self._secret = trustsecret.found_or_made(gateway)
            except RefusedError as error:
                self._refuse(error)
            except GatewayError as error:
                failures += 1
                wait = renewal.retry_delay(failures)
                _log.error("cannot identify the controller's own sealing keys, trying again", error=str(error))
                stopping.wait(wait.total_seconds())
                continue
            return True
        return False

    def check(self, gateway: Gateway) -> bool:
        """See Trust: looks for the secret again while it is missing."""
        if self._secret:
            return False
        try:
            self._secret = trustsecret.found_or_made(gateway)
        except RefusedError as error:
            self._refuse(error)
        except GatewayError as error:
            _log.warning("cannot identify the controller's own sealing keys, trying again", error=str(error))
        else:
            self._trouble = ""
            _log.info("can identify the controller's own sealing keys again")
        return bool(self._secret)

    def _refuse(self, error: RefusedError) -> None:
        if str(error) != self._trouble:
            _log.error(
                "cannot identify the controller's own sealing keys, only acknowledged keys are used", error=str(error)
            )
        self._trouble = str(error)

    def marks(self, key: SealingKey) -> Mapping[str, str]:
        """See Trust."""
        if self._trouble:
            raise KeyMaterialError(self._trouble)
        return {CODE_ANNOTATION: self._code(key.certificate)}

    def distrust(self, manifest: Manifest, certificate: Certificate) -> str:
        """See Trust."""
        if certificate.fingerprint in self._acknowledged or self._is_acknowledged(manifest, certificate):
            return ""
        if self._trouble:
            return f"nothing tells whose key it is: {self._trouble}; {self._way(manifest, certificate)}"
        given = annotations_of(manifest).get(CODE_ANNOTATION, "")
        if hmac.compare_digest(given.encode(errors="replace"), self._code(certificate).encode()):
            return ""
        cause = "does not carry the code of this controller" if not given else "carries the code of another controller"
        return f"the key {cause}; {self._way(manifest, certificate)}"

    def _is_acknowledged(self, manifest: Manifest, certificate: Certificate) -> bool:
        named = acknowledgement.names(manifest, certificate.fingerprint)
        return named and self._knows_writers and acknowledgement.was_written_later(manifest)

    def _way(self, manifest: Manifest, certificate: Certificate) -> str:
        """Return what to do if the key should be trusted."""
        if not self._knows_writers:
            return f"if it is yours, acknowledge it: --acknowledged-keys={certificate.fingerprint}"
        namespace, name = ObjectKey.of(manifest)
        command = f"kubectl -n {namespace} annotate secret {name} {ACKNOWLEDGED_ANNOTATION}"
        if acknowledgement.names(manifest, certificate.fingerprint):
            return (
                "its acknowledgement was written together with the key, and does not count; if the key is yours, "
                f"remove it, and write it again: {command}- && {command}={certificate.fingerprint}"
            )
        return f"if it is yours, acknowledge it: {command}={certificate.fingerprint}"

    def _code(self, certificate: Certificate) -> str:
        if not self._secret:
            raise RuntimeError("keys are judged before the controller's own secret is known")
        return hmac.digest(self._secret, _PURPOSE + certificate.pem.encode(), "sha256").hex()
