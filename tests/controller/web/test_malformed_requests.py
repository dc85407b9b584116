"""Requests that are none, or that two readers could take for two different ones: refused, told of, and forgotten."""

import contextlib
import logging
import re
import socket
from http import HTTPStatus

import pytest
from tests.support.costs import costs_at_most
from tests.support.request_reading import understood
from waitress.adjustments import Adjustments

from sealwright_controller.options.addresses import parse_listen_address
from sealwright_controller.web.endpoints import Response, controller_app
from sealwright_controller.web.parsing import MAX_HEADER_BYTES, RequestParser
from sealwright_controller.web.server import Server

CRLF = b"\r\n"
VALID = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
SMUGGLED = b"GET /v1/cert.pem HTTP/1.1\r\nHost: x\r\n\r\n"


def get(*headers: bytes, line: bytes = b"GET /livez HTTP/1.1", host: bytes = b"Host: x", rest: bytes = b"") -> bytes:
    return CRLF.join([line, *([host] if host else []), *headers, b"", rest])


def post(*headers: bytes, body: bytes = b"", **parts: bytes) -> bytes:
    return get(*headers, line=b"POST /v1/verify HTTP/1.1", rest=body, **parts)


def chunked(body: bytes, *headers: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", *headers, body=body)


REFUSED = [
    # two readers could disagree about where the request ends
    ("a length beside chunks", 400, post(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED)),
    ("chunks beside a length", 400, post(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n" + SMUGGLED)),
    ("two lengths", 400, post(b"Content-Length: 3", b"Content-Length: 40", body=b"abc" + SMUGGLED)),
    ("the same length twice", 400, post(b"Content-Length: 3", b"Content-Length: 3", body=b"abc")),
    ("a list of lengths", 400, post(b"Content-Length: 3, 40", body=b"abc" + SMUGGLED)),
    ("a negative length", 400, post(b"Content-Length: -1")),
    ("a length with a plus", 400, post(b"Content-Length: +3", body=b"abc")),
    ("a hexadecimal length", 400, post(b"Content-Length: 0x3", body=b"abc")),
    ("a length in Unicode digits", 400, post(b"Content-Length: \xd9\xa3", body=b"abc")),
    ("a length with a point", 400, post(b"Content-Length: 3.0", body=b"abc")),
    ("a length with an underscore", 400, post(b"Content-Length: 1_0", body=b"abc")),
    ("no length in its header", 400, post(b"Content-Length:", body=b"abc")),
    ("a length of words", 400, post(b"Content-Length: three", body=b"abc")),
    ("a length of 5,000 digits", 400, post(b"Content-Length: " + b"9" * 5000)),
    ("a length beyond 2 MiB", 413, post(b"Content-Length: 2097152")),
    ("a length beyond 64 bits", 413, post(b"Content-Length: 99999999999999999999")),
    ("chunks in HTTP/1.0", 400, get(b"Transfer-Encoding: chunked", line=b"POST /v1/verify HTTP/1.0", rest=b"0\r\n\r\n" + SMUGGLED)),
    ("chunks of chunks", 400, post(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n")),
    ("chunks announced twice", 400, post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n")),
    ("an encoding that nobody knows", 501, post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n")),
    ("gzip before chunks", 501, post(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n")),
    ("chunks before gzip", 501, post(b"Transfer-Encoding: chunked, gzip", body=b"0\r\n\r\n")),
    ("the identity as encoding", 501, post(b"Transfer-Encoding: identity", body=b"abc")),
    ("an encoding behind a vertical tab", 400, post(b"Transfer-Encoding: \x0bchunked", body=b"0\r\n\r\n")),
    ("an encoding behind another kind of blank", 501, post(b"Transfer-Encoding: \x85chunked", body=b"0\r\n\r\n")),
    ("a quoted encoding", 501, post(b'Transfer-Encoding: "chunked"', body=b"0\r\n\r\n")),
    # chunks
    ("a chunk without a length", 400, chunked(b"\r\n\r\nxyz\r\n;\r\n")),
    ("a chunk of a length that is none", 400, chunked(b"zz\r\nabc\r\n0\r\n\r\n")),
    ("a chunk of negative length", 400, chunked(b"-1\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's length with 0x", 400, chunked(b"0x3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's length behind a blank", 400, chunked(b" 3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's length before a blank", 400, chunked(b"3 \r\nabc\r\n0\r\n\r\n")),
    ("a chunk's length with an underscore", 400, chunked(b"0_3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk that is longer than it says", 400, chunked(b"3\r\nabcdef\r\n0\r\n\r\n")),
    ("a chunk without its line break", 400, chunked(b"3\r\nabc0\r\n\r\n" + SMUGGLED)),
    ("a chunk's extension that is none", 400, chunked(b"3;a=\x01\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's extension without a name", 400, chunked(b"3;=b\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's line without end", 400, chunked(b"3;a=" + b"b" * 5000)),
    ("a trailer without end", 400, chunked(b"0\r\n" + b"a: b\r\n" * 8000)),
    ("a lone LF in a trailer", 400, chunked(b"0\r\nA: b\n\r\nGET /healthz HTTP/1.1\r\nHost: y\r\n\r\n")),
    ("a lone LF in a trailer, from a request's end", 400, chunked(b"0\r\nA: b\n\n" + SMUGGLED)),
    ("a lone LF before a trailer", 400, chunked(b"0\r\n\nA: b\r\n\r\n")),
    ("a lone LF in the last of two trailers", 400, chunked(b"3\r\nabc\r\n0\r\nA: b\r\nC: d\ne\r\n\r\n")),
    ("a lone CR in a trailer", 400, chunked(b"0\r\nA: b\rC: d\r\n\r\n")),
    ("NUL in a trailer", 400, chunked(b"0\r\nA\0: b\r\n\r\n")),
    ("a request for a trailer", 400, chunked(b"0\r\nGET /v1/cert.pem HTTP/1.1\r\nHost: x\r\n\r\n")),
    ("a folded trailer", 400, chunked(b"0\r\nA: b\r\n c\r\n\r\n")),
    ("a blank before a trailer's colon", 400, chunked(b"0\r\nA : b\r\n\r\n")),
    ("a lone LF in a chunk's extension", 400, chunked(b"3;a\nb\r\nabc\r\n0\r\n\r\n")),
    ("a lone CR in a chunk's extension", 400, chunked(b"3;a\rb\r\nabc\r\n0\r\n\r\n")),
    ("a lone LF behind a chunk's length", 400, chunked(b"3\nabc\r\n0\r\n\r\n")),
    ("a lone LF behind the last chunk's length", 400, chunked(b"0\n\r\n")),
    ("a line break between chunks", 400, chunked(b"3\r\nabc\r\n\r\n0\r\n\r\n")),
    ("chunks of one byte without end", 400, chunked(b"1\r\nx\r\n" * 20_000)),
    ("a chunk of more than 2 MiB", 413, chunked(b"200000\r\n" + bytes(0x200000))),
    # the first line
    ("HTTP/0.9", 400, b"GET /livez\r\n\r\n"),
    ("HTTP/1.2", 505, get(line=b"GET /livez HTTP/1.2")),
    ("HTTP/2.0", 505, get(line=b"GET /livez HTTP/2.0")),
    ("HTTP/2's preface", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("HTTP/9.9", 505, get(line=b"GET /livez HTTP/9.9")),
    ("a version of two digits", 400, get(line=b"GET /livez HTTP/1.10")),
    ("another protocol", 400, get(line=b"GET /livez ICAP/1.1")),
    ("a protocol in lower case", 400, get(line=b"GET /livez http/1.1")),
    ("something behind the version", 400, get(line=b"GET /livez HTTP/1.1 x")),
    ("a method in lower case", 400, get(line=b"get /livez HTTP/1.1")),
    ("a method with a colon", 400, get(line=b"GE:T /livez HTTP/1.1")),
    ("a method of no characters", 400, get(line=b" /livez HTTP/1.1")),
    ("no target", 400, get(line=b"GET  HTTP/1.1")),
    ("a blank in the target", 400, get(line=b"GET /liv ez HTTP/1.1")),
    ("a blank behind a colon in the target", 400, get(line=b"GET /a: b HTTP/1.1")),
    ("a tab between the words", 400, get(line=b"GET\t/livez\tHTTP/1.1")),
    ("two blanks between the words", 400, get(line=b"GET  /livez HTTP/1.1")),
    ("NUL in the target", 400, get(line=b"GET /livez\0 HTTP/1.1")),
    ("no UTF-8 in the target", 400, get(line=b"GET /\xff\xfe HTTP/1.1")),
    ("a target that no URL can be", 400, get(line=b"GET http://[::1 HTTP/1.1")),
    ("a target without end", 431, get(line=b"GET /" + b"a" * 40_000 + b" HTTP/1.1")),
    ("garbage", 400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("a question of another protocol", 400, b"HELO example.com\r\n\r\n"),
    # before the first line, where only empty lines may be
    ("a lone LF first", 400, b"\n" + VALID),
    ("a lone LF before an empty line", 400, b"\n\r\n\r\n"),
    ("a blank first", 400, b" " + VALID),
    ("a vertical tab behind an empty line", 400, b"\r\n\x0b" + VALID),
    # headers
    ("a header without a colon", 400, get(b"bad header")),
    ("a header without a name", 400, get(b": x")),
    ("a blank before the colon", 400, get(b"X : y")),
    ("a blank before the colon of a length", 400, post(b"Content-Length : 3", body=b"abc")),
    ("a tab before the colon", 400, get(b"X\t: y")),
    ("a blank before the first header", 400, get(host=b" Host: x")),
    ("a folded header", 400, get(b"X: y", b" z")),
    ("a header folded by a tab", 400, get(b"X: y", b"\tz")),
    ("NUL in a name", 400, get(b"X\0Y: z")),
    ("NUL in a value", 400, get(b"X: y\0z")),
    ("a control character in a value", 400, get(b"X: y\x1b[2Jz")),
    ("a lone CR in a value", 400, get(b"X: y\rZ: z")),
    ("a lone LF in a value", 400, get(b"X: y\nTransfer-Encoding: chunked")),
    ("LF as line breaks", 400, b"GET /livez HTTP/1.1\nHost: x\n\n"),
    ("LF as the last line break", 400, b"GET /livez HTTP/1.1\r\nHost: x\r\n\n"),
    ("no Latin in a name", 400, get(b"X\xe9: y")),
    ("a quotation mark in a name", 400, get(b'X"Y: z')),
    ("101 headers", 431, get(*(b"X-%d: y" % number for number in range(100)))),
    ("10,000 headers", 431, get(*([b"a:b"] * 5_000))),
    ("32 KiB of headers", 431, get(b"X: " + b"y" * 33_000)),
    ("headers without end", 431, get(host=b"X: " + b"y" * 40_000)[:-4]),
    ("no host", 400, get(host=b"")),
    ("two hosts", 400, get(b"Host: y")),
    ("a host that is none", 400, get(host=b"Host: x/y@z")),
    ("a blank in the host", 400, get(host=b"Host: x y")),
]  # fmt: skip
HANDLED = [
    # what RFC 9110 and 9112 have a server take
    ("an empty line before the request", 200, b"\r\n" + VALID),
    ("a host of no characters", 200, get(host=b"Host:")),
    ("HTTP/1.0 without a host", 200, b"GET /livez HTTP/1.0\r\n\r\n"),
    ("the absolute form", 200, get(line=b"GET http://x/livez HTTP/1.1")),
    ("a header's name in capitals", 200, get(host=b"HOST: x")),
    ("blanks around a value", 200, get(b"X:  \t y \t ")),
    ("Latin in a value", 200, get(b"X: \xe9")),
    ("an upgrade to what nobody speaks", 200, get(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk")),
    ("an upgrade to a WebSocket", 200, get(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13")),
    ("an expectation of nothing known", 200, get(b"Expect: 200-ok")),
    ("an expectation without a body", 200, get(b"Expect: 100-continue")),
    ("an expectation of a body of no bytes", 200, post(b"Expect: 100-continue", b"Content-Length: 0")),
    ("a body of a GET", 200, get(b"Content-Length: 3", rest=b"abc")),
    ("a header with an underscore, which is passed over", 200, get(b"Content_Length: 3", b"Transfer_Encoding: chunked")),
    ("chunks", 200, chunked(b"3\r\nabc\r\n0\r\n\r\n")),
    ("chunks with extensions and a trailer", 200, chunked(b'3;a;b="c"\r\nabc\r\n000\r\nX: y\r\n\r\n')),
    ("a percent-encoded path", 200, get(line=b"GET /%6civez HTTP/1.1")),
    ("a query", 200, get(line=b"GET /livez?verbose HTTP/1.1")),
    ("slashes before the path", 200, get(line=b"GET //livez HTTP/1.1")),
    # what there is not
    ("a path up and down", 404, get(line=b"GET /v1/../livez HTTP/1.1")),
    ("an encoded path up", 404, get(line=b"GET /v1/%2e%2e/livez HTTP/1.1")),
    ("an encoded slash", 404, get(line=b"GET /v1%2fnothing HTTP/1.1")),
    ("an encoded NUL", 404, get(line=b"GET /livez%00 HTTP/1.1")),
    ("a percent sign alone", 404, get(line=b"GET /livez% HTTP/1.1")),
    ("a path in capitals", 404, get(line=b"GET /LIVEZ HTTP/1.1")),
    ("a slash too many", 404, get(line=b"GET /livez/ HTTP/1.1")),
    ("a relative path", 404, get(line=b"GET livez HTTP/1.1")),
    ("the whole server", 404, get(line=b"OPTIONS * HTTP/1.1")),
    ("a way through", 404, get(line=b"CONNECT example.com:443 HTTP/1.1")),
    ("a file", 404, get(line=b"GET file:///etc/passwd HTTP/1.1")),
    ("a long path", 404, get(line=b"GET /" + b"a" * 30_000 + b" HTTP/1.1")),
    ("a method that nobody knows", 405, get(line=b"BREW /livez HTTP/1.1")),
    ("TRACE", 405, get(line=b"TRACE /livez HTTP/1.1")),
    ("a GET of what is posted", 405, get(line=b"GET /v1/verify HTTP/1.1")),
    ("a POST of what is got", 405, get(b"Content-Length: 3", line=b"POST /livez HTTP/1.1", rest=b"abc")),
]  # fmt: skip


@pytest.fixture(scope="module")
def seen():
    """Path and method of all that the app was asked."""
    return []


@pytest.fixture(scope="module")
def server(seen):
    def read(environ):
        environ["wsgi.input"].read()
        return Response(HTTPStatus.OK, b"ok\n")

    app = controller_app(
        certificate=lambda: "PEM\n",
        why_not_ready=lambda: None,
        verify=read,
        rotate=read,
        observe=lambda path, method, *_: seen.append((path, method)),
    )
    started = Server(parse_listen_address("127.0.0.1:0"), app, is_quick=app.is_quick)
    started.start()
    yield started
    started.stop()


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def answer_to(client):
    """Return the status of the next answer, having read its body."""
    received = b""
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += some_of(client)
    length = int(re.search(rb"(?i)\r\ncontent-length: (\d+)\r\n", received[: end + 2])[1])
    while len(received) < end + 4 + length:
        received += some_of(client)
    assert len(received) == end + 4 + length, "nothing comes behind the answer"
    return int(received.split()[1])


def some_of(client):
    chunk = client.recv(65536)
    assert chunk, "the answer is there before the connection ends"
    return chunk


@pytest.fixture(autouse=True)
def nothing_is_logged_and_the_next_is_served(server, caplog):
    caplog.set_level(logging.DEBUG)
    yield
    with connect(server) as client:
        client.sendall(VALID)
        assert answer_to(client) == 200
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("status", "request_bytes"), [row[1:] for row in REFUSED], ids=[row[0].replace(" ", "-") for row in REFUSED]
)
def test_refused_is(server, seen, status, request_bytes):
    seen.clear()
    with connect(server) as client:
        with contextlib.suppress(ConnectionError):
            client.sendall(request_bytes)
        assert answer_to(client) == status
        with contextlib.suppress(ConnectionError):
            assert client.recv(1) == b"", "the connection ends, and nothing behind the request is answered"
    assert seen == []


@pytest.mark.parametrize(
    ("status", "request_bytes"), [row[1:] for row in HANDLED], ids=[row[0].replace(" ", "-") for row in HANDLED]
)
def test_handled_is(server, seen, status, request_bytes):
    seen.clear()
    with connect(server) as client:
        client.sendall(request_bytes)
        assert answer_to(client) == status
    assert len(seen) == 1


@pytest.mark.parametrize(
    "request_bytes", [row[2] for row in HANDLED], ids=[row[0].replace(" ", "-") for row in HANDLED]
)
def test_handled_is_what_arrives_line_by_line_or_byte_by_byte(request_bytes):
    lines, bytes_ = request_bytes.splitlines(keepends=True), [bytes([byte]) for byte in request_bytes]
    assert understood(lines) == understood(bytes_) == understood([request_bytes])
    assert understood(lines) not in ("refused", "unfinished")


def test_handled_is_a_request_of_which_each_line_is_sent_by_itself(server):
    with connect(server) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for line in get(b"Accept: */*", b"A: b").splitlines(keepends=True):
            client.sendall(line)
        assert answer_to(client) == 200


def test_there_are_seventy_of_them_and_more():
    assert len(REFUSED) + len(HANDLED) > 110


def test_what_comes_behind_a_valid_request_is_judged_by_itself(server):
    with connect(server) as client:
        client.sendall(VALID + b"\x00\xffgarbage\r\n\r\n" + VALID)
        received = b""
        while chunk := client.recv(65536):
            received += chunk
    assert [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d+)", received)] == [200, 400]


MAX_CPU_SECONDS = 2.0
LONG = 32_000
SLOW = [
    ("blanks before a value", get(b"X:" + b" " * LONG + b"y")),
    ("tabs before a value", get(b"X:" + b"\t" * LONG + b"y")),
    ("blanks behind a value", get(b"X: y" + b" " * LONG)),
    ("blanks and nothing else", get(b"X:" + b" " * LONG)),
    ("blanks in a value", get(b"X: y" + b" " * LONG + b"y")),
    ("a value of words", get(b"X: " + b"y " * (LONG // 2))),
    ("a value of commas", get(b"X: " + b"," * LONG)),
    ("a name without a colon", get(b"X" * LONG)),
    ("blanks without a colon", get(b"X" + b" " * LONG)),
    ("blanks before a colon", get(b"X" + b" " * LONG + b": y")),
    ("blanks before a host", get(host=b"Host:" + b" " * LONG + b"x")),
    ("a long host", get(host=b"Host: " + b"x" * LONG)),
    ("encodings", post(b"Transfer-Encoding: " + b", " * (LONG // 2))),
    ("a long method", get(line=b"G" * LONG + b" / HTTP/1.1")),
    ("blanks in the first line", get(line=b"GET" + b" " * LONG + b"/ HTTP/1.1")),
    ("blanks behind the target", get(line=b"GET /" + b" " * LONG + b"HTTP/1.1")),
    ("blanks behind the version", get(line=b"GET / HTTP/1.1" + b" " * LONG)),
    ("slashes", get(line=b"GET " + b"/" * LONG + b" HTTP/1.1")),
    ("percent signs", get(line=b"GET /" + b"%" * LONG + b" HTTP/1.1")),
    ("empty lines first", b"\r\n" * (LONG // 2) + VALID),
    ("blanks before a trailer's value", chunked(b"0\r\nX:" + b" " * LONG + b"y\r\n\r\n")),
    ("blanks behind a trailer's value", chunked(b"0\r\nX: y" + b" " * LONG + b"\r\n\r\n")),
    ("a chunk's extensions", chunked(b"3" + b";a" * (LONG // 2) + b"\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's extension in quotes", chunked(b'3;a="' + b'\\"' * (LONG // 2) + b"\r\nabc\r\n0\r\n\r\n")),
    ("a chunk's extension of equals signs", chunked(b"3;a" + b"=a" * (LONG // 2) + b"\r\nabc\r\n0\r\n\r\n")),
    ("chunks of one byte", chunked(b"1\r\nx\r\n" * 2_000 + b"0\r\n\r\n")),
]


@pytest.mark.parametrize("request_bytes", [row[1] for row in SLOW], ids=[row[0].replace(" ", "-") for row in SLOW])
def test_no_request_takes_long_to_read(request_bytes):
    """The interpreter does nothing else meanwhile, for no port."""

    def read():
        parser, rest = RequestParser(Adjustments(max_request_header_size=MAX_HEADER_BYTES)), request_bytes
        while rest and not parser.completed:
            rest = rest[parser.received(rest) :]
        assert parser.completed

    assert costs_at_most(MAX_CPU_SECONDS, read)


@pytest.mark.parametrize("expects", [b"100-continue", b"100-Continue"])
def test_who_asks_whether_to_send_its_body_is_told_so(server, expects):
    with connect(server) as client:
        client.sendall(post(b"Expect: " + expects, b"Content-Length: 3"))
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert answer_to(client) == 200
