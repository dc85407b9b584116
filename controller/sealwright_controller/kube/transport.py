"""Requests and streams over the official client's connection: plain dicts out and in, and only gateway errors.

Owns the timeouts and the ending of blocked streams; knows nothing of the content of requests. It is handed the client
and imports nothing from it, so every exception of the client or its libraries counts as foreign here.
"""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from sealwright_controller.gateway import GatewayError, Manifest, UnavailableError
from sealwright_controller.kube.boundedjson import read_json
from sealwright_controller.kube.errors import answer_error, connection_error, status_of
from sealwright_controller.pacing.ratelimit import TokenBucket

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"


def resource_path(api_version: str, plural: str, namespace: str | None, name: str = "", subresource: str = "") -> str:
    """Return the URL path of an object or, without `name`, of a collection; `namespace` None means all."""
    prefix = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
    parts = ["namespaces", namespace] if namespace is not None else []
    return "/".join([prefix, *(quote(part, safe="") for part in [*parts, plural, name, subresource] if part)])


@dataclass(frozen=True)
class Request:
    """One request. `about` describes it in words, for errors.

    `confidential` says that an error must not quote `body`, not even in the server's words. `work_in` is the namespace
    whose SealedSecrets a write belongs to, None if it belongs to the sealing keys.
    """

    method: str
    path: str
    about: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Manifest | None = field(default=None, repr=False)
    accept: str = JSON
    content_type: str = JSON
    confidential: bool = False
    work_in: str | None = None

    @property
    def writes(self) -> bool:
        """Tell whether it changes something in the cluster."""
        return self.method != "GET"


class Transport:
    """Sends requests to one API server; may be used from several threads.

    `client` is a `kubernetes.client.ApiClient`; `request_timeout_seconds` limits connecting and each wait for bytes.
    Each request, and the start of each stream, waits for a token of `pace`. `before_write` is called right before each
    request that changes something, with its `work_in`, and raises a GatewayError if it must not be sent.
    """

    def __init__(
        self,
        client: Any,
        *,
        request_timeout_seconds: float,
        pace: TokenBucket | None = None,
        before_write: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._before_write = before_write
        self._pace = pace
        self._timeout_seconds = request_timeout_seconds
        self._streams: set[Any] = set()
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def call(self, request: Request) -> dict[str, Any]:
        """Return the object in the answer. Raises the GatewayError that the answer, or its absence, means."""
        try:
            answer = read_json(self.fetch(request))
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise UnavailableError(f"{request.about}: the API server's answer is not an object")
        return answer

    def fetch(self, request: Request) -> bytes:
        """Return the body of the answer, unparsed. Raises the GatewayError that the answer, or its absence, means."""
        response = self._send(request)
        body = _body(response, request)
        if not 200 <= response.status < 300:
            raise _refusal(response.status, body, request)
        return body

    def lines(self, request: Request, *, idle_timeout_seconds: float) -> Iterator[bytes]:
        """Yield the lines of an endless answer as they come, until the server or `close` ends it.

        A silence of `idle_timeout_seconds` counts as a dead connection: UnavailableError.
        """
        response = self._send(request)
        try:
            self._register(response)
            if response.status != 200:
                raise _refusal(response.status, _body(response, request), request)
            # Only the answer's head has to arrive within the request's timeout.
            if response.connection is not None and response.connection.sock is not None:
                response.connection.sock.settimeout(idle_timeout_seconds)
            yield from _lines(self._chunks(response, request.about))
        finally:
            with self._lock:
                self._streams.discard(response)
            response.close()

    def close(self) -> None:
        """End running streams at once, even blocked ones, and refuse new requests with UnavailableError."""
        with self._lock:
            self._closed.set()
            for response in self._streams:
                # A stream may end by itself at this moment.
                with contextlib.suppress(OSError, RuntimeError, ValueError):
                    response.shutdown()
        self._client.close()

    def _send(self, request: Request) -> Any:
        """Return urllib3's response, its body unread."""
        if self._pace is not None:
            self._closed.wait(self._pace.reserve())
        if self._closed.is_set():
            raise UnavailableError(f"{request.about}: the connection was closed")
        try:
            call = self._client.param_serialize(
                request.method,
                request.path,
                query_params=dict(request.query),
                header_params={"Accept": request.accept, "Content-Type": request.content_type},
                body=request.body,
                auth_settings=["BearerToken"],
            )
            if request.writes:
                self._before_write(request.work_in)
            return self._client.call_api(*call, _request_timeout=self._timeout_seconds).response
        except UnavailableError as error:  # the credentials are not available, or it must not be sent
            raise UnavailableError(f"{request.about}: {error}") from None
        except Exception as error:  # noqa: BLE001 - see the module's docstring: no foreign exception leaves
            raise connection_error(error, request.about) from None

    def _register(self, response: Any) -> None:
        with self._lock:
            if self._closed.is_set():
                raise UnavailableError("the connection was closed")
            self._streams.add(response)

    def _chunks(self, response: Any, about: str) -> Iterator[bytes]:
        """Yield bytes as they arrive; a stream that `close` has cut off ends without an error."""
        try:
            yield from response.stream(amt=None)
        except Exception as error:  # noqa: BLE001 - see the module's docstring: no foreign exception leaves
            if not self._closed.is_set():
                raise connection_error(error, about) from None


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines in chunks; a line of a megabyte, which arrives in hundreds of chunks, is joined only once."""
    pieces: list[bytes] = []
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        pieces.append(first)
        for line in others:
            yield b"".join(pieces)
            pieces = [line]


def _body(response: Any, request: Request) -> bytes:
    try:
        body: bytes = response.data
    except Exception as error:  # noqa: BLE001 - see the module's docstring: no foreign exception leaves
        raise connection_error(error, request.about) from None
    return body


def _refusal(code: int, body: bytes, request: Request) -> GatewayError:
    return answer_error(code, status_of(body), request.about, confidential=request.confidential)
