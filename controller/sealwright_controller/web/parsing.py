"""One request as a client sends it: what is accepted, what is refused, and how a refusal is answered.

waitress reads requests; here are the limits and the rules of RFC 9112 that it lacks. A request that two readers could
understand differently is refused, and so is one that takes disproportionate work to read.
"""

import re
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask
from waitress.utilities import BadRequest, Error, RequestHeaderFieldsTooLarge

from sealwright_controller.web.chunks import Chunks
from sealwright_controller.web.fields import trimmed

MAX_BODY_BYTES = 2 * 1024 * 1024
"""The limit of a request's body; the API server's limit for an object is 1.5 MiB."""

MAX_HEADER_BYTES = 32 * 1024
"""The limit of a request's first line and headers, and of the trailer after the last chunk of a body."""

MAX_HEADERS = 100
"""How many lines of headers a request may have."""

MAX_FRAMING_BYTES = 16 * 1024
"""By how much the chunk lengths of a body may exceed its content, because each chunk costs some microseconds."""

_MAX_CHUNK_LINE_BYTES = 1024
_VERSIONS = frozenset({b"1.0", b"1.1"})
_VERSION = re.compile(rb" HTTP/(\d\.\d)\Z")
_HOST = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=:\[\]-]*")
# A line break that HTTP does not allow, and characters that are not allowed before a body.
_FORBIDDEN = re.compile(rb"(?<!\r)\n|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# waitress strips all kinds of blanks before a request; only empty lines are allowed there (RFC 9112 §2.2).
_BEGINNING = re.compile(rb"(?:\r\n)*+(?:\r?\Z|[^\s\x1c-\x1f])")

_REFUSALS = {
    413: f"the body is too large: {MAX_BODY_BYTES // 2**20} MiB or more",
    431: f"the headers are too large: {MAX_HEADER_BYTES // 2**10} KiB or more",
    500: "internal error",
    503: "too many requests at the same time; try again in 1 s",
    505: "only HTTP/1.1 and HTTP/1.0 are supported",
}


class Overloaded(Error):  # noqa: N818 - named like waitress' errors
    """Too many requests wait for a thread."""

    code = 503
    reason = "Service Unavailable"


class _UnknownVersion(Error):  # noqa: N818 - as above
    code = 505
    reason = "HTTP Version Not Supported"


class _TooManyHeaders(RequestHeaderFieldsTooLarge):
    line = f"too many headers: more than {MAX_HEADERS}"


class RequestParser(HTTPRequestParser):
    """Reads one request; the app sees it only if it is unambiguous."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self._head_error: Error | None = None

    def received(self, data: bytes) -> int:
        """Take bytes, and return how many of them belong to this request."""
        before = self.header_plus[-1:]
        if not self.headers_finished and not _BEGINNING.match(self.header_plus + data):
            self._refuse(BadRequest("Blanks before the request"))
            return len(data)
        consumed: int = super().received(data)
        if self._head_error is not None:
            self.error = self._head_error
        elif not (self.headers_finished or self.completed):
            # Only what is new: of a line break that was judged before, just the second half is known here.
            if _FORBIDDEN.search(before + data, len(before)):
                self._refuse(BadRequest("Bare LF or control character"))
        elif self.error is None and not self.empty:
            self._check_chunks()
            if self.completed and self.error is None:
                self._check_host()
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Read the first line and the headers."""
        self._check_head(header_plus)
        try:
            first, *lines = header_plus.split(b"\r\n")
            super().parse_header(b"\r\n".join([first, *map(trimmed, lines)]))
        except ValueError:  # waitress would drop the connection and log a traceback
            raise ParsingError("Invalid request") from None
        if self.chunked and self.body_rcv is not None:
            self.body_rcv = Chunks(self.body_rcv.buf)

    def _refuse(self, error: Error) -> None:
        self.error, self.completed = error, True

    def _check_head(self, head: bytes) -> None:
        """Refuse what is repeated or ambiguous. Raises ParsingError."""
        if _FORBIDDEN.search(head):
            raise ParsingError("Bare LF or control character")
        first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
        if len(lines) > MAX_HEADERS:
            self._head_error = _TooManyHeaders("")
            raise ParsingError("Too many headers")
        if any(line[:1] in {b" ", b"\t"} for line in lines):
            raise ParsingError("Folded header")
        version = _VERSION.search(first)
        if version is None:
            raise ParsingError("Invalid first line")
        if version[1] not in _VERSIONS:
            self._head_error = _UnknownVersion("")
            raise ParsingError("Unknown version")
        headers = [line.partition(b":") for line in lines]
        self._check_framing(version[1], [(name.lower(), value.lower()) for name, _, value in headers])

    @staticmethod
    def _check_framing(version: bytes, headers: list[tuple[bytes, bytes]]) -> None:
        encodings = [value for name, value in headers if name == b"transfer-encoding"]
        if not encodings:
            return
        if version == b"1.0" or any(name == b"content-length" for name, _ in headers):
            raise ParsingError("Transfer-Encoding beside Content-Length or in HTTP/1.0")
        if b",".join(encodings).count(b"chunked") > 1:
            raise ParsingError("Chunked more than once")

    def _check_host(self) -> None:
        """Refuse a request without one host (RFC 9112 §3.2); two are a list here."""
        host = self.headers.get("HOST")
        if (host is None and self.version == "1.1") or (host is not None and not _HOST.fullmatch(host)):
            self._refuse(BadRequest("Invalid Host"))

    def _check_chunks(self) -> None:
        chunks = self.body_rcv
        if not isinstance(chunks, Chunks) or self.completed:
            return
        if len(chunks.trailer) > MAX_HEADER_BYTES or len(chunks.control_line) > _MAX_CHUNK_LINE_BYTES:
            self._refuse(BadRequest("Chunk line or trailer without end"))
        elif self.body_bytes_received - len(chunks) > MAX_FRAMING_BYTES + len(chunks):
            self._refuse(BadRequest("Chunks too small"))


class Refusal(ErrorTask):
    """Answers a refused request in one line, where waitress writes a paragraph that names itself."""

    def execute(self) -> None:
        """Write the answer; the connection ends with it."""
        error: Any = self.request.error  # type: ignore[attr-defined] # its stubs take a request for an error
        line = (
            getattr(error, "line", None)
            or _REFUSALS.get(error.code)
            or " ".join(f"{error.reason}: {error.body}".split())
        )
        body = f"{line}\n".encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
        if error.code == Overloaded.code:
            self.response_headers.append(("Retry-After", "1"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
