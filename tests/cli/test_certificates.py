"""Where certificates come from: files of all names, file URLs, and pages on the web that may be anything."""

import http.client
import http.server
import re
import socket
import ssl
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, recording_console, sealwright

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import get_valid_certificate, read_certificate
from sealwright_cli.messages.errors import CertificateError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import generate_sealing_key

PEM = CERTIFICATE.read_bytes()
AUTHORIZATION = f"Basic {b64encode(b'ann@x:p@ss:%word').decode()}"
FINGERPRINT = sealing_key().fingerprint
PAGES: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "/cert.pem": (200, PEM, {}),
    "/cert.pem?x=1": (200, PEM, {}),
    "/moved-to-the-closed": (301, b"", {"Location": "/closed"}),
    "/moved": (301, b"", {"Location": "/cert.pem"}),
    "/into-a-file": (302, b"", {"Location": CERTIFICATE.as_uri()}),
    "/loop": (302, b"", {"Location": "/loop"}),
    "/created": (201, PEM, {}),
    "/broken": (500, PEM, {}),
    "/empty": (200, b"", {}),
    "/words": (200, b"welcome", {}),
    "/huge": (200, b"x" * 1_500_000, {}),
}


class Pages(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body, headers = PAGES.get(self.path, (404, b"", {}))
        if self.path == "/closed":
            status, body = (200, PEM) if self.headers["Authorization"] == AUTHORIZATION else (401, b"")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture(autouse=True, scope="module")
def _no_names() -> Iterator[None]:
    """Nobody is asked for the address of a host: what a password is taken for is none's business."""

    def ask(host: str, *arguments: Any, really: Callable[..., Any] = socket.getaddrinfo, **more: Any) -> Any:
        if not host[:1].isdigit():
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return really(host, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", ask)
        yield


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("path", ["/cert.pem", "/cert.pem?x=1", "/moved"])
def test_a_page_may_hold_it(site: str, path: str) -> None:
    assert read_certificate(site + path).certificate.fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/none", "the server answered 404"),
        ("/created", "the server answered 201"),
        ("/broken", "the server answered 500"),
        ("/empty", "no PEM CERTIFICATE block"),
        ("/words", "no PEM CERTIFICATE block"),
        ("/huge", "larger than 1,048,576 bytes"),
        ("/loop", "answered 302"),
        ("/into-a-file", "answered 302"),
    ],
)
def test_a_page_may_hold_anything_else(site: str, path: str, words: str) -> None:
    with pytest.raises(CertificateError, match=f"^{re.escape(site)}/…: .*{words}"):
        read_certificate(site + path)


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(CertificateError, match=r"^http://127\.0\.0\.1:1/…: "):
        read_certificate("http://127.0.0.1:1/x")


@pytest.mark.parametrize("url", ["http://", "https://[::1", "http://a b/", "http://127.0.0.1:99999/"])
def test_a_url_that_is_none_is_told(url: str) -> None:
    with pytest.raises(CertificateError):
        read_certificate(url)


def test_a_name_and_a_password_in_a_url_open_what_is_closed(site: str) -> None:
    address = site.removeprefix("http://")
    assert read_certificate(f"http://ann%40x:p@ss:%25word@{address}/closed").certificate.fingerprint == FINGERPRINT
    for wrong in ("", "ann@", "ann:word@"):
        with pytest.raises(CertificateError, match=f"^http://{re.escape(address)}/…: the server answered 401"):
            read_certificate(f"http://{wrong}{address}/closed")


def test_a_page_that_points_elsewhere_gets_no_password_sent_there(site: str) -> None:
    with pytest.raises(CertificateError, match="answered 401"):
        read_certificate(site.replace("//", "//ann%40x:p@ss:%25word@") + "/moved-to-the-closed")


@pytest.mark.parametrize("scheme", ["http", "https"])
@given(
    user=st.text(st.characters(min_codepoint=33, max_codepoint=300), max_size=5),
    password=st.text("HUNTER@:/?#[]% \\É", min_size=4, max_size=12),
    end=st.sampled_from(["@127.0.0.1:9/x", "@127.0.0.1:x/x", "@[::1/x", "@127.0.0.1:9/a b", "@", "@127.0.0.1:99999"]),
)
@example(user="user", password="p@ss", end="@127.0.0.1:9/x")
@example(user="user", password="pa/ss", end="@127.0.0.1:9/x")
@example(user="user", password="hunter", end="@127.0.0.1:x/x")
def test_passwords_in_urls_are_not_shown(scheme: str, user: str, password: str, end: str) -> None:
    with pytest.raises(CertificateError) as caught:
        read_certificate(f"{scheme}://{user}:{password}{end}")
    shown = f"{caught.value.message} {caught.value.hint}".replace("127.0.0.1", "")
    assert not any(piece in shown for piece in re.split("[@:/?#]", password) if len(piece) > 3)


@pytest.mark.parametrize("name", ["plain.pem", "site:north.crt", "100%.crt", "~tilde.crt"])
def test_a_file_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(PEM)
    assert read_certificate(name).certificate.fingerprint == FINGERPRINT


def test_a_file_url_names_a_file() -> None:
    assert read_certificate(CERTIFICATE.as_uri()).certificate.fingerprint == FINGERPRINT
    with pytest.raises(CertificateError, match="no such file"):
        read_certificate(CERTIFICATE.with_name("gone").as_uri())


@pytest.mark.parametrize(
    "content",
    [
        b"words before\n" + PEM + b"words after\n",
        PRIVATE_KEY.read_bytes() + PEM,
        PEM.replace(b"\n", b"\r\n"),
        PEM + other_sealing_key().certificate.pem.encode(),
    ],
    ids=["words around", "a key before it", "Windows line ends", "another behind it"],
)
def test_the_first_certificate_of_a_file_counts(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert read_certificate(str(tmp_path / "x")).certificate.fingerprint == FINGERPRINT


def test_one_that_is_expired_or_not_valid_yet_is_refused_for_sealing(tmp_path: Path) -> None:
    start = datetime(2030, 1, 1, tzinfo=UTC)
    key = generate_sealing_key(now=start, lifetime=timedelta(days=30), bits=2048)
    path = tmp_path / "x.pem"
    path.write_text(key.certificate.pem)
    request, console = CertificateRequest(str(path)), recording_console()
    for day in (0, 30):
        assert get_valid_certificate(request, console, start + timedelta(days=day)).fingerprint == key.fingerprint
    with pytest.raises(CertificateError, match="expired on 2030-01-31 00:00 UTC") as caught:
        get_valid_certificate(request, console, start + timedelta(days=30, seconds=1))
    assert caught.value.hint
    assert get_valid_certificate(request, console, start - timedelta(minutes=4)).fingerprint == key.fingerprint
    with pytest.raises(CertificateError, match="not valid before 2030-01-01 00:00 UTC"):
        get_valid_certificate(request, console, start - timedelta(minutes=6))


BROKEN = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("rest", [BROKEN, PEM[: len(PEM) // 2], PEM + BROKEN], ids=["no DER", "cut off", "third"])
def test_a_file_with_another_block_that_is_broken_is_refused(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(PEM + rest)
    with pytest.raises(CertificateError, match="damaged"):
        read_certificate(str(path))


def test_a_chain_is_read_by_its_first(tmp_path: Path) -> None:
    path = tmp_path / "chain.pem"
    path.write_bytes(PEM + other_sealing_key().certificate.pem.encode())
    assert read_certificate(str(path)).certificate.fingerprint == FINGERPRINT


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "cannot be reached: connection refused"),
        (socket.gaierror(-2, "Name or service not known"), "the host name cannot be resolved"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"), "does not answer with TLS"),
        (TimeoutError("timed out"), "no answer in time"),
        (http.client.BadStatusLine("SSH-2.0"), "does not answer as a web server"),
    ],
)
def test_what_goes_wrong_on_the_way_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise urllib.error.URLError(error) if isinstance(error, OSError) else error

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", fail)
    with pytest.raises(CertificateError, match=words) as caught:
        read_certificate("https://example.org/v1/cert.pem")
    assert not re.search(r"Errno|_ssl|\[|SSH", str(caught.value))
    assert "download the certificate" in caught.value.hint


def test_what_may_be_a_value_is_called_by_what_names_it() -> None:
    for arguments, variables, called in (
        (["seal", "--cert", "hunter2"], {}, "the file that --cert names"),
        (["seal"], {"SEALWRIGHT_CERT": "hunter2"}, "the file that SEALWRIGHT_CERT names"),
        (["cert", "show", "hunter2"], {}, "argument 1"),
        (["unseal", "--key", "hunter2"], {}, "the file that --key names"),
        (["merge", "--cert", str(CERTIFICATE), "hunter2"], {}, "TARGET"),
        (["merge", "hunter2"], {"SEALWRIGHT_CERT": str(CERTIFICATE)}, "TARGET"),
    ):
        run = sealwright(*arguments, env=variables)
        assert run.status in (ExitStatus.CERTIFICATE, ExitStatus.INPUT)
        assert f"error: {called}: no such file or directory\n" in run.stderr
        assert "hunter2" not in run.stderr
