"""Asks a WSGI app, by the rules of PEP 3333, without any socket."""

import io
from collections.abc import Iterable
from typing import Any, NamedTuple
from wsgiref.types import WSGIApplication
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(app: WSGIApplication, path: str, method: str = "GET", body: bytes = b"", **environ: Any) -> Answer:
    """Make a request; `environ` adds to what the app is told, such as HTTP_IF_NONE_MATCH."""
    told = {"SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": "", "REQUEST_METHOD": method, **environ}
    told["wsgi.input"] = io.BytesIO(body)
    setup_testing_defaults(told)
    begun: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        begun.update(status=int(status.partition(" ")[0]), headers=dict(headers))
        return lambda data: None

    chunks: Iterable[bytes] = validator(app)(told, start_response)
    received = b"".join(chunks)
    chunks.close()  # type: ignore[attr-defined] # the validator's iterator has it, and insists on it
    return Answer(begun["status"], begun["headers"], received)
