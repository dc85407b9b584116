import http.client
import logging
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.support.wait import eventually, stays_true

from sealwright_controller.options.addresses import ListenAddress, parse_listen_address
from sealwright_controller.web import connection as connection_module
from sealwright_controller.web import server as server_module
from sealwright_controller.web.connection import MAX_BODY_BYTES
from sealwright_controller.web.endpoints import controller_app
from sealwright_controller.web.server import MAX_HELD_BYTES, Server, ServerError

LOCAL = parse_listen_address("127.0.0.1:0")
LARGE = 20_000_000
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def echo(environ, start_response):
    """Answer with the request's path and body."""
    body = environ["PATH_INFO"].encode("latin-1") + b" " + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def large(environ, start_response):
    """Answer with more than the system's buffers hold."""
    start_response("200 OK", [("Content-Length", str(LARGE))])
    return [bytes(LARGE)]


def refuse(environ):
    """Answer to nobody."""
    raise AssertionError


@contextmanager
def serving(app=echo, address=LOCAL, **times):
    server = Server(address, app, **times)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def echo_server():
    with serving() as server:
        yield server


def connect(server, host="127.0.0.1"):
    return socket.create_connection((host, server.port), timeout=10)


@contextmanager
def connected(server, count):
    with ExitStack() as opened:
        yield [opened.enter_context(connect(server)) for _ in range(count)]


def client_of(server, host="127.0.0.1"):
    return http.client.HTTPConnection(host, server.port, timeout=10)


def get(server, path="/", host="127.0.0.1"):
    """Make one request; returns the response and its body."""
    with closing(client_of(server, host)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response, response.read()


def send(server, data):
    """Send bytes on a connection of their own; returns all that comes back until the server closes."""
    with connect(server) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return receive_all(client)


def receive_all(client):
    received = b""
    try:
        while chunk := client.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


def is_closed(client):
    """Tell whether the server has closed a connection on which it has nothing to say."""
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def held_bytes(server):
    return sum(connection.held_bytes for connection in server._connections())


def unsent_bytes(server):
    return sum(connection.total_outbufs_len for connection in server._connections())


class Gate:
    """An app whose requests stay in work until `open` is set."""

    def __init__(self):
        self.entered, self.open = threading.Semaphore(0), threading.Event()

    def __call__(self, environ, start_response):
        self.entered.release()
        self.open.wait(20)
        return echo(environ, start_response)


class TestServing:
    def test_requests_are_answered_and_connections_kept(self, echo_server):
        with closing(client_of(echo_server)) as connection:
            for number in range(3):
                connection.request("POST", f"/{number}", body=b"hello")
                assert connection.getresponse().read() == f"/{number} hello".encode()

    def test_several_requests_are_in_work_at_the_same_time(self):
        gate = Gate()
        with serving(gate) as server, ThreadPoolExecutor() as pool:
            answers = [pool.submit(get, server) for _ in range(3)]
            assert all(gate.entered.acquire(timeout=10) for _ in answers)
            gate.open.set()
            assert [answer.result(timeout=10)[0].status for answer in answers] == [200] * 3

    def test_answers_without_a_body_tell_of_it_all_the_same(self):
        app = controller_app(
            certificate=lambda: "PEM\n",
            why_not_ready=lambda: None,
            verify=refuse,
            rotate=refuse,
            observe=lambda *_: None,
        )
        with (
            serving(app) as server,
            closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)) as client,
        ):
            client.request("HEAD", "/v1/cert.pem")
            head = client.getresponse()
            assert (head.status, head.read(), head.headers["Content-Length"]) == (200, b"", "4")
            client.request("GET", "/v1/cert.pem", headers={"If-None-Match": head.headers["ETag"]})
            unchanged = client.getresponse()
            assert (unchanged.status, unchanged.read(), unchanged.headers["Content-Length"]) == (304, b"", None)
            client.request("GET", "/v1/cert.pem")
            assert client.getresponse().read() == b"PEM\n"

    def test_the_server_does_not_say_what_it_is(self, echo_server):
        response, _ = get(echo_server)
        assert {name.lower() for name, _ in response.getheaders()} == {"content-type", "content-length", "date"}
        refused = send(echo_server, b"GET / HTTP/1.1\r\nbad header\r\n\r\n").lower()
        assert b" 400 bad request" in refused
        assert b"waitress" not in refused

    def test_headers_for_proxies_are_not_believed(self):
        def who(environ, start_response):
            body = (
                f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']} {environ.get('HTTP_X_FORWARDED_FOR')}".encode()
            )
            start_response("200 OK", [("Content-Length", str(len(body)))])
            return [body]

        with serving(who) as server:
            lie = b"X-Forwarded-For: 203.0.113.1\r\nForwarded: for=203.0.113.1\r\nX-Forwarded-Proto: https\r\n"
            answer = send(server, b"GET / HTTP/1.0\r\n" + lie + b"\r\n")
        assert answer.endswith(b"\r\n\r\n127.0.0.1 http None")


class TestAddresses:
    @pytest.mark.parametrize("text", [":0", "[::]:0", "0.0.0.0:0", "localhost:0"])
    def test_ipv4_clients_reach_every_address_that_means_them(self, text):
        with serving(address=parse_listen_address(text)) as server:
            assert get(server, "/here")[1] == b"/here "

    @pytest.mark.parametrize("text", [":0", "[::]:0", "[::1]:0"])
    def test_ipv6_clients_do_where_there_is_ipv6(self, text):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as error:
            pytest.skip(f"no IPv6 here: {error}")
        with serving(address=parse_listen_address(text)) as server:
            assert get(server, "/here", host="::1")[1] == b"/here "

    def test_without_ipv6_every_interface_means_ipv4(self, monkeypatch):
        monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
        with serving(address=parse_listen_address(":0")) as server:
            assert get(server, "/here")[1] == b"/here "

    def test_a_port_in_use_is_an_error_that_says_so(self, echo_server):
        address = ListenAddress("127.0.0.1", echo_server.port)
        with pytest.raises(ServerError) as caught:
            Server(address, echo).start()
        assert str(caught.value) == f"cannot listen on {address}: address already in use"

    @pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
    def test_an_address_that_is_not_ours_is_an_error_that_names_it(self, host):
        with pytest.raises(ServerError, match=f"^cannot listen on {host}:0: .+"):
            Server(ListenAddress(host, 0), echo).start()


class TestLimits:
    def test_a_body_that_is_too_large_is_refused_before_it_is_read(self, echo_server):
        with connect(echo_server) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % MAX_BODY_BYTES)
            assert receive_all(client).startswith(b"HTTP/1.1 413 ")

    @pytest.mark.parametrize("framing", [b"Content-Length: 20000000", b"Transfer-Encoding: chunked"])
    def test_a_client_that_does_not_look_up_from_sending_finds_the_answer_afterwards(self, echo_server, framing):
        with connect(echo_server) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % framing)
            for _ in range(20):
                client.sendall(b"100000\r\n" + bytes(0x100000) + b"\r\n")
            assert receive_all(client).startswith(b"HTTP/1.1 413 ")

    def test_a_client_that_sends_for_ever_is_sent_away(self, monkeypatch):
        monkeypatch.setattr(connection_module, "LINGER_SECONDS", 0.2)
        with serving() as server, connect(server) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000000\r\n\r\n")

            def sent_away():
                try:
                    client.sendall(b"x")
                except ConnectionError:
                    return True
                return not server._connections()

            eventually(sent_away, what="the connection closed")

    def test_a_body_that_grows_too_large_in_chunks_is_refused(self, echo_server):
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        with connect(echo_server) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            client.sendall(chunk * (MAX_BODY_BYTES // 0x10000))
            assert receive_all(client).startswith(b"HTTP/1.1 413 ")

    def test_a_body_just_below_the_limit_is_taken(self, echo_server):
        with closing(client_of(echo_server)) as connection:
            connection.request("POST", "/", body=bytes(MAX_BODY_BYTES - 1))
            assert len(connection.getresponse().read()) == MAX_BODY_BYTES + 1

    def test_large_requests_and_answers_need_no_temporary_file(self, echo_server, monkeypatch):
        monkeypatch.setattr(tempfile, "tempdir", "/nothing/here")  # as with a read-only root file system
        with closing(client_of(echo_server)) as connection:
            connection.request("POST", "/", body=bytes(MAX_BODY_BYTES - 1))
            assert len(connection.getresponse().read()) == MAX_BODY_BYTES + 1

    def test_a_crowd_of_requests_is_served_and_not_logged(self, caplog):
        gate = Gate()
        with serving(gate) as server, ThreadPoolExecutor(20) as pool:
            answers = [pool.submit(get, server) for _ in range(20)]
            assert gate.entered.acquire(timeout=10)
            eventually(lambda: len(server._connections()) == 20, what="all requests there")
            gate.open.set()
            assert [answer.result(timeout=10)[0].status for answer in answers] == [200] * 20
        assert [record.message for record in caplog.records] == []

    def test_headers_without_end_are_refused(self, echo_server):
        with connect(echo_server) as client:
            client.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 40_000)
            assert receive_all(client).startswith(b"HTTP/1.0 431 ")

    def test_clients_that_never_finish_their_request_keep_nobody_out(self):
        with serving() as server, connected(server, 300) as slow:
            for client in slow:
                client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nX-Slow: ")
            for _ in range(5):
                assert get(server)[0].status == 200
            eventually(lambda: sum(map(is_closed, slow)) >= 99, what="the oldest connections closed")
            assert not is_closed(slow[-1])

    def test_bodies_that_never_end_take_a_bounded_amount_of_memory(self):
        part = bytes(MAX_BODY_BYTES // 2)
        with serving() as server, connected(server, 40) as slow:
            for client in slow:
                client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY_BYTES - 1))
                with suppress(ConnectionError):
                    client.sendall(part)
            eventually(lambda: sum(map(is_closed, slow)) >= 8, what="the oldest connections closed")
            # The loop reads, then closes: between the two, there may be a little more.
            eventually(lambda: held_bytes(server) <= MAX_HELD_BYTES, what="the bodies within their limit")
            assert not is_closed(slow[-1])
            assert get(server)[0].status == 200

    def test_answers_that_are_not_taken_take_a_bounded_amount_of_memory(self, monkeypatch):
        monkeypatch.setattr(server_module, "MAX_UNSENT_BYTES", 4 * LARGE)
        with serving(large) as server, connected(server, 8) as lazy:
            for client in lazy:
                client.sendall(GET)
                client.recv(1)
            eventually(lambda: unsent_bytes(server) <= 4 * LARGE, what="those that take longest are closed")
            assert get(server)[1] == bytes(LARGE)

    def test_an_answer_alone_may_be_as_large_as_it_is(self, monkeypatch):
        monkeypatch.setattr(server_module, "MAX_UNSENT_BYTES", LARGE // 2)
        with serving(large) as server, connect(server) as client:
            client.sendall(GET.replace(b"Host", b"Connection: close\r\nHost"))
            eventually(lambda: unsent_bytes(server) > LARGE // 2, what="the answer is there")
            assert len(receive_all(client)) > LARGE


class TestRefusals:
    """What the app never sees is answered with one line as well."""

    @pytest.mark.parametrize(
        ("request_bytes", "answer"),
        [
            pytest.param(
                b"POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n",
                (413, "the body is too large: 2 MiB or more"),
                id="a body that is too large",
            ),
            pytest.param(
                b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000,
                (431, "the headers are too large: 32 KiB or more"),
                id="headers without end",
            ),
            pytest.param(
                b"GET / HTTP/1.1\r\nbad header\r\n\r\n", (400, "Bad Request: Invalid header"), id="a bad header"
            ),
            pytest.param(
                b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
                (501, "Not Implemented: Transfer-Encoding requested is not supported."),
                id="an encoding that nobody here knows",
            ),
            pytest.param(
                b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                (400, "Bad Request: Invalid chunk size"),
                id="chunks that are none",
            ),
        ],
    )
    def test_a_refusal_is_one_line_of_text(self, echo_server, request_bytes, answer):
        head, _, body = send(echo_server, request_bytes).partition(b"\r\n\r\n")
        assert (int(head.split()[1]), body) == (answer[0], f"{answer[1]}\n".encode())
        assert b"Content-Type: text/plain; charset=utf-8" in head

    def test_an_app_that_fails_is_answered_for_and_its_text_kept(self):
        def broken(environ, start_response):
            raise ValueError("hunter2")

        with serving(broken) as server:
            response, body = get(server)
        assert (response.status, body) == (500, b"internal error\n")


class TestTimeouts:
    @pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\nX-Slow: "], ids=["says nothing", "goes on and on"])
    def test_a_client_that_takes_too_long_is_sent_away_whatever_it_goes_on_sending(self, first):
        with serving(read_seconds=0.2) as server, connect(server) as client:
            client.sendall(first)

            def sent_away():
                if first:
                    client.setblocking(True)
                    try:
                        client.sendall(b"x")
                    except (BrokenPipeError, ConnectionResetError):
                        return True
                return is_closed(client)

            eventually(sent_away, what="the connection closed")

    def test_a_body_has_to_be_there_in_time_as_well(self):
        with serving(read_seconds=0.2) as server, connect(server) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
            assert receive_all(client) == b""

    def test_each_request_of_a_connection_has_its_own_time(self):
        with serving(read_seconds=0.5, write_seconds=0.5) as server, closing(client_of(server)) as client:
            started, answers = time.monotonic(), 0
            while time.monotonic() - started < 2:
                client.request("GET", "/")
                answers += client.getresponse().read() == b"/ "
            assert answers > 10

    def test_a_client_that_does_not_take_its_answer_is_sent_away(self):
        with serving(large, write_seconds=0.2) as server, connect(server) as client:
            client.sendall(GET)
            client.recv(1)
            eventually(lambda: not server._connections(), what="the connection closed")
            assert len(receive_all(client)) < LARGE

    def test_one_that_has_asked_often_and_takes_nothing_keeps_no_thread(self):
        """Beyond 16 MiB of answers the thread that works for a connection waits for its client."""
        in_work = threading.Semaphore(0)

        def counted(environ, start_response):
            in_work.release()
            return large(environ, start_response)

        threads = 16
        with serving(counted, write_seconds=0.2) as server, connected(server, threads) as lazy:
            for client in lazy:
                client.sendall(GET * 3)
            assert all(in_work.acquire(timeout=20) for _ in lazy)
            eventually(lambda: not server._connections(), timeout=20, what="all are sent away")
            assert get(server)[1] == bytes(LARGE)

    def test_the_time_to_take_an_answer_is_not_that_for_a_request(self):
        with serving(large, read_seconds=0.5, write_seconds=60) as server, connect(server) as client:
            client.sendall(GET)
            client.recv(1)
            eventually(lambda: unsent_bytes(server) > 0, what="more of the answer than the client takes")
            stays_true(lambda: unsent_bytes(server) > 0, seconds=2.5, what="the connection is kept")
            assert len(receive_all(client)) >= LARGE

    def test_a_request_in_work_may_take_longer_than_a_client_may(self):
        gate = Gate()
        with serving(gate, read_seconds=0.05, write_seconds=0.05) as server, ThreadPoolExecutor() as pool:
            answer = pool.submit(get, server)
            assert gate.entered.acquire(timeout=10)
            idle = connect(server)
            eventually(lambda: is_closed(idle), what="the time for clients over")
            idle.close()
            gate.open.set()
            assert answer.result(timeout=10)[0].status == 200


class TestStop:
    def test_after_stop_the_port_is_free_and_the_threads_are_gone(self, monkeypatch):
        monkeypatch.setattr(server_module, "STOP_SECONDS", 60.0)  # an idle client is not waited for
        before = set(threading.enumerate())
        server = Server(LOCAL, echo)
        server.start()
        with connect(server) as idle, ThreadPoolExecutor() as pool:
            pool.submit(server.stop).result(timeout=30)
            assert receive_all(idle) == b""
        eventually(lambda: set(threading.enumerate()) <= before, what="all threads gone")
        with socket.create_server(("127.0.0.1", server.port)):
            pass

    def test_requests_in_work_are_answered_first(self, monkeypatch):
        monkeypatch.setattr(server_module, "STOP_SECONDS", 60.0)
        gate = Gate()
        with serving(gate) as server, ThreadPoolExecutor() as pool:
            answer = pool.submit(get, server)
            assert gate.entered.acquire(timeout=10)
            stopped = pool.submit(server.stop)
            eventually(lambda: refuses(server), what="no new connections")
            gate.open.set()
            assert answer.result(timeout=10)[0].status == 200
            stopped.result(timeout=10)

    def test_a_request_that_does_not_end_holds_nobody_up_for_long(self):
        gate = Gate()
        server = Server(LOCAL, gate)
        server.start()
        with connect(server) as client, ThreadPoolExecutor() as pool:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert gate.entered.acquire(timeout=10)
            pool.submit(server.stop).result(timeout=30)
            assert receive_all(client) == b""
        gate.open.set()

    def test_stopping_twice_or_without_a_start_does_nothing(self):
        server = Server(LOCAL, echo)
        server.stop()
        with serving() as started:
            started.stop()


def refuses(server):
    try:
        connect(server).close()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it was let in just before the port closed
        return True
    return False


# Pieces of which mistaken and hostile requests are made.
PIECES = [
    b"GET / HTTP/1.1\r\n",
    b"POST /x HTTP/1.1\r\n",
    b"get http://host/ HTTP/9.9\r\n",
    b"\x00\xff\r\n",
    b"Host: x\r\n",
    b"Content-Length: 5\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: keep-alive\r\n",
    b"X: y\rz\r\n",
    b": \r\n",
    b"\r\n",
    b"hello",
    b"5\r\nhello\r\n0\r\n\r\n",
    b"zz\r\n",
    b"\n",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PIECES) | st.binary(max_size=20), max_size=10).map(b"".join))
@example(b"GET http://[::1 HTTP/1.1\r\n\r\n")
@example(b"GET / HTTP/1.1\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n")
@example(b"GET //\xff%ff%00 HTTP/1.1\r\nHost: \xff\r\n\r\n")
@example(b"CONNECT : HTTP/1.1\r\n\r\n")
def test_no_client_s_mistake_is_logged_answered_with_a_traceback_or_keeps_the_server_from_the_next(
    echo_server, caplog, request_bytes
):
    caplog.set_level(logging.DEBUG)
    answer = send(echo_server, request_bytes)
    assert b"Traceback" not in answer
    assert get(echo_server, "/next")[1] == b"/next "
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
