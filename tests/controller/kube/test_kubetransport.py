"""How the controller's HTTP behaves when the other side does not: silence, cuts, junk, redirects, and being closed.

The other side is a script on a socket here, for an API server cannot be made to misbehave on request.
"""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.scripted_server import END, STREAM_HEAD, ScriptedServer, answer, chunk
from tests.support.wait import eventually

from sealwright_controller.gateway import ExpiredError, NotFoundError, RefusedError, UnavailableError
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.transport import Request, Transport, _lines, resource_path
from sealwright_controller.pacing.ratelimit import TokenBucket

GET = Request("GET", "/thing", "the thing")
Serve = Callable[..., tuple[Transport, ScriptedServer]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that starts a scripted server and a transport to it; the request timeout is half a second."""
    opened: list[Transport | ScriptedServer] = []

    def start(*script: bytes | float | None, **options: Any) -> tuple[Transport, ScriptedServer]:
        server = ScriptedServer(*script)
        transport = Transport(connect(server.kubeconfig(tmp_path)), request_timeout_seconds=0.5, **options)
        opened.extend([transport, server])
        return transport, server

    yield start
    for each in opened:
        each.close()


def stream(transport: Transport, idle_timeout_seconds: float = 30) -> Iterator[bytes]:
    return transport.lines(GET, idle_timeout_seconds=idle_timeout_seconds)


# ---- paths


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("v1", "secrets", None), "/api/v1/secrets"),
        (("v1", "secrets", "team-a"), "/api/v1/namespaces/team-a/secrets"),
        (("v1", "secrets", "team-a", "db"), "/api/v1/namespaces/team-a/secrets/db"),
        (("g.io/v2", "things", "n", "x", "status"), "/apis/g.io/v2/namespaces/n/things/x/status"),
        (("v1", "secrets", "../..", "a/b?c"), "/api/v1/namespaces/..%2F../secrets/a%2Fb%3Fc"),
    ],
)
def test_paths_are_those_of_the_api(arguments: tuple[str, ...], path: str) -> None:
    assert resource_path(*arguments) == path


# ---- single requests


def test_a_request_names_the_controller_and_shows_no_token_over_plain_http(serve: Serve) -> None:
    transport, server = serve(answer({"kind": "Thing"}))
    assert transport.call(GET) == {"kind": "Thing"}
    head = server.requests[0].lower()
    assert b"authorization" not in head
    assert b"\r\nuser-agent: sealwright-controller/" in head


UNUSABLE = [
    ("a connection that is cut at once", (None,)),
    ("a body that is cut off", (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", None)),
    ("a body that is no JSON", (answer(b"<html>"),)),
    ("a body that is no object", (answer(b"[1, 2]"),)),
    ("something that is no HTTP", (b"220 ready\r\n", None)),
    ("no answer within the timeout", ()),
    ("a body that does not come", (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",)),
    ("a server that wants a pause", (answer(b"", "429 Too Many Requests", "Retry-After: 3600\r\n"),)),
    ("a proxy's error page", (answer(b"<html>", "502 Bad Gateway"),)),
]


@pytest.mark.parametrize("script", [row[1] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_what_is_no_answer_is_unavailable_at_once_and_not_asked_for_again(
    serve: Serve, script: tuple[Any, ...]
) -> None:
    transport, server = serve(*script)
    with pytest.raises(UnavailableError, match="the thing: "):
        transport.call(GET)
    assert len(server.requests) == 1


def test_an_error_page_that_is_no_status_is_judged_by_its_code(serve: Serve) -> None:
    transport, _ = serve(answer(b"404 page not found", "404 Not Found"))
    with pytest.raises(NotFoundError, match=r"refused \(HTTP 404\)"):
        transport.call(GET)


def test_a_redirect_is_not_followed_so_the_token_goes_nowhere_else(serve: Serve) -> None:
    _, elsewhere = serve(answer({}))
    transport, _ = serve(answer(b"", "307 Temporary Redirect", f"Location: {elsewhere.url}/\r\n"))
    with pytest.raises(UnavailableError):
        transport.call(GET)
    assert not elsewhere.requests


def test_a_confidential_body_is_not_quoted_when_the_server_repeats_it(serve: Serve) -> None:
    transport, _ = serve(answer({"message": "no hunter2 here", "reason": "Invalid"}, "422 Unprocessable Entity"))
    with pytest.raises(RefusedError) as refused:
        transport.call(Request("POST", "/thing", "the thing", body={"data": "hunter2"}, confidential=True))
    assert str(refused.value) == "the thing: Invalid (HTTP 422)"
    assert refused.value.__cause__ is None


def test_the_body_of_a_request_does_not_show_in_its_repr() -> None:
    assert "hunter2" not in repr(Request("POST", "/thing", "the thing", body={"data": "hunter2"}))


# ---- streams


def test_lines_arrive_as_they_were_sent_however_they_are_chunked(serve: Serve) -> None:
    transport, _ = serve(STREAM_HEAD, chunk(b"one\ntw"), chunk(b"o\n"), chunk(b"three\nfour\n"), END)
    assert list(stream(transport)) == [b"one", b"two", b"three", b"four"]


def test_a_stream_may_be_silent_for_longer_than_a_request(serve: Serve) -> None:
    transport, _ = serve(STREAM_HEAD, 1.0, chunk(b"late\n"), END)
    assert list(stream(transport)) == [b"late"]


BROKEN_STREAMS = [
    ("cut between lines", (STREAM_HEAD, chunk(b"one\n"), None)),
    ("cut within a chunk", (STREAM_HEAD, chunk(b"one\n"), b"10\r\ntw", None)),
    ("no chunk any more", (STREAM_HEAD, chunk(b"one\n"), b"hello\r\n")),
    ("silent for too long", (STREAM_HEAD, chunk(b"one\n"))),
]


@pytest.mark.parametrize("script", [row[1] for row in BROKEN_STREAMS], ids=[row[0] for row in BROKEN_STREAMS])
def test_a_stream_that_breaks_is_unavailable_after_what_did_arrive(serve: Serve, script: tuple[Any, ...]) -> None:
    transport, _ = serve(*script)
    lines = stream(transport, idle_timeout_seconds=0.3)
    assert next(lines) == b"one"
    with pytest.raises(UnavailableError, match="the thing: "):
        next(lines)


def test_a_stream_whose_head_does_not_come_within_the_requests_timeout_is_unavailable(serve: Serve) -> None:
    transport, _ = serve()
    with pytest.raises(UnavailableError, match="timed out"):
        next(stream(transport, idle_timeout_seconds=3600))


def test_a_stream_that_is_refused_says_why(serve: Serve) -> None:
    transport, _ = serve(answer({"message": "too old"}, "410 Gone"))
    with pytest.raises(ExpiredError, match="the thing: too old"):
        next(stream(transport))


def test_a_stream_whose_refusal_is_cut_off_is_unavailable(serve: Serve) -> None:
    transport, _ = serve(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n{", None)
    with pytest.raises(UnavailableError, match="the thing: no answer"):
        next(stream(transport))


def test_a_stream_that_nobody_reads_any_more_is_hung_up(serve: Serve) -> None:
    transport, server = serve(STREAM_HEAD, chunk(b"one\n"))
    lines = stream(transport)
    assert next(lines) == b"one"
    lines.close()  # type: ignore[attr-defined]  # it is a generator
    assert server.ended_by_client.wait(10)


# ---- closing


def test_closing_ends_a_blocked_stream_without_an_error(serve: Serve) -> None:
    transport, server = serve(STREAM_HEAD, chunk(b"one\n"))
    seen: list[bytes] = []
    ended: list[bool] = []

    def read() -> None:
        seen.extend(stream(transport))
        ended.append(True)

    reader = threading.Thread(target=read)
    reader.start()
    eventually(lambda: seen == [b"one"], what="the first line")
    transport.close()
    reader.join(5)
    assert ended == [True]
    assert server.ended_by_client.wait(10)


def test_a_closed_transport_refuses_requests_and_streams(serve: Serve) -> None:
    transport, server = serve(answer({}))
    transport.close()
    with pytest.raises(UnavailableError, match="closed"):
        transport.call(GET)
    with pytest.raises(UnavailableError, match="closed"):
        next(stream(transport))
    assert not server.requests


# ---- at a pace


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_what_must_not_be_written_is_not_sent(serve: Serve, method: str) -> None:
    def refuse(work_in: str | None) -> None:
        raise UnavailableError(f"another replica works in {work_in}")

    transport, server = serve(answer(b"{}"), before_write=refuse)
    with pytest.raises(UnavailableError, match="the thing: another replica works in team-a"):
        transport.call(Request(method, "/thing", "the thing", body={}, work_in="team-a"))
    assert server.requests == []
    transport.call(GET)
    assert len(server.requests) == 1


def test_requests_wait_for_their_turn(serve: Serve) -> None:
    said = answer({"kind": "Thing"}, headers="Connection: close\r\n")
    transport, server = serve(said, pace=TokenBucket(size=1, per_second=10, clock=time.monotonic))
    started = time.monotonic()
    for _ in range(3):
        transport.call(GET)
    assert time.monotonic() - started >= 0.2
    assert len(server.requests) == 3


def test_who_waits_for_a_turn_is_woken_by_closing(serve: Serve) -> None:
    transport, _ = serve(answer({"kind": "Thing"}), pace=TokenBucket(size=1, per_second=0.001, clock=time.monotonic))
    transport.call(GET)
    errors: list[Exception] = []

    def ask() -> None:
        try:
            transport.call(GET)
        except UnavailableError as error:
            errors.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    transport.close()
    thread.join(10)
    assert not thread.is_alive()
    assert "closed" in str(errors)


@given(st.lists(st.binary(max_size=30), max_size=20), st.integers(1, 12))
def test_lines_are_the_same_in_whatever_pieces_they_come(texts, size):
    lines = [text.replace(b"\n", b"") for text in texts]
    sent = b"".join(line + b"\n" for line in lines) + b"cut off"
    assert list(_lines(sent[at : at + size] for at in range(0, len(sent), size))) == lines
