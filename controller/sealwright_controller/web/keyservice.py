"""POST /v1/verify and POST /v1/rotate: the two uses of the private keys that are open to clients.

Safe against clients: items are decrypted and never rendered, so that a template cannot reveal a plaintext; the result
is sealed under the same label that opened the input; and a failure only names the items that do not open. The API
server decides who may call (the role of the service proxy), `pacing.ratelimit` how much.
"""

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from wsgiref.types import WSGIEnvironment

from sealwright_controller.gateway import Manifest
from sealwright_controller.keys.keystore import Keys
from sealwright_controller.objects.decide import read_sealed_secret
from sealwright_controller.pacing.ratelimit import Admitted, KeyWorkLimit, TooManyRequestsError, TooMuchWorkError
from sealwright_controller.web.bodies import BadBodyError, TooLargeBodyError, manifest_in
from sealwright_controller.web.connection import MAX_BODY_BYTES
from sealwright_controller.web.endpoints import NO_KEY_YET, Response, text_response
from sealwright_crypto import (
    Certificate,
    Keyring,
    ManifestError,
    ScopeError,
    SealedSecret,
    UnsealError,
    check_opens,
    reseal,
)

Work = Callable[[Manifest, SealedSecret, Keyring, Certificate], Response]


class KeyService:
    """The handlers of both endpoints. May be used from any thread."""

    def __init__(
        self, keys: Callable[[], Keys | None], limit: KeyWorkLimit, *, accept_legacy_data: bool = True
    ) -> None:
        """`keys` gives the sealing keys as they are now, or None while there are none; see `read_sealed_secret`."""
        self._keys = keys
        self._limit = limit
        self._accept_legacy_data = accept_legacy_data
        # Parsing keeps one core busy with any number of threads; one at a time needs the memory only once.
        self._parsing = threading.Lock()

    def verify(self, environ: WSGIEnvironment) -> Response:
        """Answer 200 if every item opens, else 409."""
        return self._answer(environ, _verify)

    def rotate(self, environ: WSGIEnvironment) -> Response:
        """Answer 200 with the object sealed to the newest key, as JSON; 409 if an item does not open."""
        return self._answer(environ, _rotate)

    def _answer(self, environ: WSGIEnvironment, work: Work) -> Response:
        keys = self._keys()
        if keys is None or keys.newest is None:
            return NO_KEY_YET
        try:
            with self._limit.admit() as admitted:
                manifest = self._read(environ, admitted)
                sealed = read_sealed_secret(manifest, accept_legacy_data=self._accept_legacy_data)
                return work(manifest, sealed, Keyring(keys.keyring, admitted), keys.newest)
        except TooManyRequestsError as error:
            return text_response(HTTPStatus.TOO_MANY_REQUESTS, str(error), ("Retry-After", str(error.seconds)))
        except BadBodyError as error:
            return text_response(error.status, str(error))
        except UnsealError as error:
            # Only the names: details of a failure are for those who may read the object's status.
            return text_response(HTTPStatus.CONFLICT, str(UnsealError(error.items)))
        except (ManifestError, ScopeError, TooMuchWorkError) as error:
            return text_response(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))

    def _read(self, environ: WSGIEnvironment, admitted: Admitted) -> Manifest:
        body = environ["wsgi.input"].read(MAX_BODY_BYTES)
        if len(body) == MAX_BODY_BYTES:
            raise TooLargeBodyError(f"the body is too large: {MAX_BODY_BYTES // 2**20} MiB or more")
        admitted.pay_for_body(len(body))
        with self._parsing:
            return manifest_in(body)


def _verify(_: Manifest, sealed: SealedSecret, keyring: Keyring, __: Certificate) -> Response:
    check_opens(sealed, keyring)
    return text_response(HTTPStatus.OK, "ok")


def _rotate(manifest: Manifest, sealed: SealedSecret, keyring: Keyring, newest: Certificate) -> Response:
    made = reseal(sealed, keyring, newest).manifest(manifest)
    return Response(HTTPStatus.OK, f"{json.dumps(made)}\n".encode(), "application/json")
