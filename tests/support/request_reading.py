"""What the controller's HTTP server understands of a request that arrives in pieces, without sockets."""

from collections.abc import Sequence
from typing import Any

from waitress.adjustments import Adjustments

from sealwright_controller.web.parsing import MAX_BODY_BYTES, MAX_HEADER_BYTES, RequestParser

_LIMITS = Adjustments(
    max_request_body_size=MAX_BODY_BYTES, max_request_header_size=MAX_HEADER_BYTES, inbuf_overflow=MAX_BODY_BYTES
)


def understood(pieces: Sequence[bytes]) -> Any:
    """Return what an app would see of the first request: a tuple, or "empty", "refused" or "unfinished".

    Empty lines before it are a request of their own, which a connection passes over.
    """
    parser = RequestParser(_LIMITS)
    for piece in pieces:
        rest = piece
        while rest and (parser.empty or not parser.completed):
            if parser.empty:
                parser = RequestParser(_LIMITS)
            consumed = parser.received(rest)
            assert 0 < consumed <= len(rest), "bytes are neither taken nor refused"
            rest = rest[consumed:]
    if parser.error is not None:
        return "refused"
    if not parser.completed or parser.empty:
        return "empty" if parser.empty else "unfinished"
    body = parser.get_body_stream().read() if parser.body_rcv is not None else b""
    return parser.command, parser.path, parser.query, parser.version, sorted(parser.headers.items()), body
