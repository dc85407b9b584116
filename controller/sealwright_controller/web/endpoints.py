"""The HTTP endpoints as WSGI apps over a table of routes. Independent of sockets (see `server`) and Kubernetes.

Paths and answers are upstream's: `/healthz`, `/v1/cert.pem`, `/v1/verify`, `/v1/rotate`, and `/metrics` in a separate
app for a separate port. `/livez` and `/readyz` are Kubernetes' names for "do not restart me" and "send me requests".
`keyservice` implements verify and rotate.
"""

import hashlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog

from sealwright_controller.metrics.registry import CONTENT_TYPE
from sealwright_controller.process.logs import defect

Observe = Callable[[str, str, int, float], None]
"""Receives path, method, status code and seconds of each request; path and method are from a small set."""

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"}
_OTHER_PATH, _OTHER_METHOD = "other", "unknown"

_log = structlog.get_logger()


@dataclass(frozen=True)
class Response:
    """An answer. `headers` are sent in addition to those about the body."""

    status: HTTPStatus
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()

    def head(self) -> list[tuple[str, str]]:
        """Return all headers; a 304 has no headers about a body (RFC 9110 §15.4.5)."""
        if self.status is HTTPStatus.NOT_MODIFIED:
            return list(self.headers)
        length = str(len(self.body))
        of_body = [
            ("Content-Type", self.content_type),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Length", length),
        ]
        return [*of_body, *self.headers]


def text_response(status: HTTPStatus, line: str, *headers: tuple[str, str]) -> Response:
    """Return an answer of one line of text."""
    return Response(status, f"{line}\n".encode(), headers=headers)


NO_KEY_YET: Final = text_response(HTTPStatus.SERVICE_UNAVAILABLE, "there is no sealing key yet", ("Retry-After", "5"))
"""The answer of every endpoint that needs a key, while there is none."""

SWITCHED_OFF: Final = text_response(HTTPStatus.FORBIDDEN, "this controller does not do that: --key-endpoints=false")
"""The answer of verify and rotate if they are switched off."""

Handler = Callable[[WSGIEnvironment], Response]
Routes = Mapping[str, Mapping[str, Handler]]
"""Path → method → handler. HEAD is answered wherever GET is."""


class App:
    """A WSGI app over `routes`: 404 for other paths, 405 for other methods, 500 for a handler that raises.

    Clients' mistakes are not logged, and an answer says only its status about ours.
    """

    def __init__(
        self,
        routes: Routes,
        *,
        slow: Collection[str] = (),
        observe: Observe | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`slow` are the paths whose handlers may take longer than a millisecond; `clock` never goes back (seconds)."""
        self._routes = routes
        self._slow = frozenset(slow)
        self._observe = observe
        self._clock = clock

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        """Answer a request (PEP 3333)."""
        started = self._clock()
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        response = self._answer(path, method, environ)
        if self._observe is not None:
            known_path = path if path in self._routes else _OTHER_PATH
            known_method = method.lower() if method in _METHODS else _OTHER_METHOD
            self._observe(known_path, known_method, response.status.value, self._clock() - started)
        start_response(f"{response.status.value} {response.status.phrase}", response.head())
        return [] if method == "HEAD" else [response.body]

    def is_quick(self, path: str, method: str) -> bool:
        """Tell whether the answer is immediate and does not block."""
        return path not in self._slow or ("GET" if method == "HEAD" else method) not in self._routes[path]

    def endpoints(self) -> Iterator[tuple[str, str]]:
        """Yield path and method of all endpoints, as they are observed; HEAD is not listed."""
        for path, methods in self._routes.items():
            for method in methods:
                yield path, method.lower()

    def _answer(self, path: str, method: str, environ: WSGIEnvironment) -> Response:
        methods = self._routes.get(path)
        if methods is None:
            return text_response(HTTPStatus.NOT_FOUND, "there is nothing at this path")
        handler = methods.get("GET" if method == "HEAD" else method)
        if handler is None:
            allowed = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])
            return text_response(HTTPStatus.METHOD_NOT_ALLOWED, f"allowed here: {allowed}", ("Allow", allowed))
        try:
            return handler(environ)
        except Exception as error:  # noqa: BLE001 - a defect in one handler affects only that request
            _log.error("defect in the controller", path=path, **defect(error))
            return text_response(HTTPStatus.INTERNAL_SERVER_ERROR, "internal error")


def controller_app(
    *,
    certificate: Callable[[], str | None],
    why_not_ready: Callable[[], str | None],
    verify: Handler,
    rotate: Handler,
    observe: Observe,
) -> App:
    """Build the app of the public port.

    `certificate` gives the newest certificate in PEM, or None while there is none; `why_not_ready` gives None when
    ready, else the reason in one line; `verify` and `rotate` are those of a KeyService.
    """
    return App(
        {
            **_probes(why_not_ready),
            "/v1/cert.pem": {"GET": lambda environ: _certificate(certificate(), environ)},
            "/v1/verify": {"POST": verify},
            "/v1/rotate": {"POST": rotate},
        },
        slow=("/v1/verify", "/v1/rotate"),
        observe=observe,
    )


def metrics_app(exposition: Callable[[], bytes]) -> App:
    """Build the app of the metrics port; `exposition` gives the metrics as text."""
    return App({"/metrics": {"GET": lambda _: Response(HTTPStatus.OK, exposition(), CONTENT_TYPE)}}, slow=("/metrics",))


def probes_app(*, why_not_ready: Callable[[], str | None]) -> App:
    """Build the app of the port for probes; `why_not_ready` as for the public port."""
    return App(_probes(why_not_ready))


def _probes(why_not_ready: Callable[[], str | None]) -> Routes:
    return {
        "/healthz": {"GET": _alive},
        "/livez": {"GET": _alive},
        "/readyz": {"GET": lambda _: _ready(why_not_ready())},
    }


def _alive(_: WSGIEnvironment) -> Response:
    return text_response(HTTPStatus.OK, "ok")


def _ready(why_not: str | None) -> Response:
    return (
        text_response(HTTPStatus.OK, "ok")
        if why_not is None
        else text_response(HTTPStatus.SERVICE_UNAVAILABLE, why_not)
    )


def _certificate(pem: str | None, environ: WSGIEnvironment) -> Response:
    if pem is None:
        return NO_KEY_YET
    body = pem.encode("ascii")
    tag = f'"{hashlib.sha256(body).hexdigest()}"'
    # no-cache: keep it, but ask every time, so that a renewed key is used at once.
    headers = (("ETag", tag), ("Cache-Control", "no-cache"))
    unchanged = _matches(tag, environ.get("HTTP_IF_NONE_MATCH", ""))
    status, body = (HTTPStatus.NOT_MODIFIED, b"") if unchanged else (HTTPStatus.OK, body)
    return Response(status, body, "application/x-pem-file", headers)


def _matches(tag: str, if_none_match: str) -> bool:
    """Compare weakly, as RFC 9110 §13.1.2 says for If-None-Match. Our tags have no comma, so commas separate tags."""
    tags = {candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")}
    return bool(tags & {tag, "*"})
