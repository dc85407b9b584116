"""Certificates from the web: who may have answered, and how long that may take."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import CERTIFICATE, SECRET, kubeseal, recording_console, sealwright
from tests.support.dribbling import (
    ENDLESS_BODY,
    ENDLESS_HEADER,
    ENDLESS_HEADERS,
    ENDLESS_STATUS,
    DribblingServer,
)
from tests.support.table_server import Reply, TableServer

from sealwright_cli.certificates import sources
from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.certificates.sources import obtain_certificate, read_certificate
from sealwright_cli.messages.errors import CertificateError
from sealwright_cli.messages.exitcodes import ExitStatus

PEM = CERTIFICATE.read_bytes()
FINGERPRINT = sealing_key().fingerprint
ELSEWHERE = "http://cert.example.test/cert.pem"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def obtained(source: str, **request: object) -> str:
    """Return what was warned of while a certificate was got."""
    console = recording_console()
    certificate = obtain_certificate(CertificateRequest(source, **request), console, NOW).certificate  # type: ignore[arg-type]
    assert certificate.fingerprint == FINGERPRINT
    return console.stderr.getvalue()  # type: ignore[attr-defined]


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[TableServer]:
    """Another machine that serves a certificate by plain http: a proxy stands for the way there."""
    with TableServer({f"GET {ELSEWHERE}": Reply(PEM)}) as server:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, server.url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield server


@pytest.fixture
def secure(tls_server: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A server whose certificate the system trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_server.files / "ca.crt"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    tls_server.table = {"GET /cert.pem": Reply(PEM)}
    return tls_server


# --- who may have answered ------------------------------------------------------------------------------------------


def test_plain_http_from_another_machine_is_refused_before_anything_is_asked(elsewhere: TableServer) -> None:
    with pytest.raises(CertificateError, match=f"^{ELSEWHERE}: plain http") as caught:
        read_certificate(ELSEWHERE)
    assert "--cert-fingerprint" in caught.value.hint
    assert "--insecure-http" in caught.value.hint
    assert elsewhere.asked == []


def test_a_pin_says_whose_key_it_is_whoever_answers(elsewhere: TableServer) -> None:
    assert obtained(ELSEWHERE, pins=[FINGERPRINT[:32]]) == ""
    elsewhere.table[f"GET {ELSEWHERE}"] = Reply(other_sealing_key().certificate.pem.encode())
    with pytest.raises(CertificateError, match="is not the pinned key"):
        obtained(ELSEWHERE, pins=[FINGERPRINT])


def test_it_may_be_asked_for_and_then_the_fingerprint_is_said(elsewhere: TableServer) -> None:
    words = obtained(ELSEWHERE, insecure_http=True)
    assert words.startswith(f"warning: {ELSEWHERE}: fetched over plain http")
    assert FINGERPRINT in words


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "localhost", "[::1]"])
def test_a_proxy_makes_this_machine_another_one(elsewhere: TableServer, host: str) -> None:
    elsewhere.table = {f"GET http://{host}/cert.pem": Reply(PEM)}
    with pytest.raises(CertificateError, match="plain http"):
        read_certificate(f"http://{host}/cert.pem")


def test_this_machine_needs_no_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with TableServer({"GET /cert.pem": Reply(PEM)}) as server:
        assert obtained(f"{server.url}/cert.pem") == ""
        assert obtained(f"http://localhost:{server.port}/cert.pem") == ""


def test_a_redirect_from_this_machine_to_another_one_is_refused(
    elsewhere: TableServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    elsewhere.table["GET /cert.pem"] = Reply(b"", 302, {"Location": ELSEWHERE})
    url = f"{elsewhere.url}/cert.pem"
    with pytest.raises(CertificateError, match=f"^{url}: plain http"):
        read_certificate(url)
    assert elsewhere.lines == ["GET /cert.pem"]


def test_https_needs_neither_pin_nor_flag(secure: StandIn) -> None:
    assert obtained(f"{secure.url}/cert.pem") == ""


@pytest.mark.parametrize("pins", [[], [FINGERPRINT]], ids=["no pin", "a pin"])
def test_a_redirect_from_https_to_plain_http_is_refused(secure: StandIn, pins: list[str]) -> None:
    with TableServer({"GET /cert.pem": Reply(PEM)}) as plain:
        secure.table["GET /moved"] = Reply(b"", 302, {"Location": f"{plain.url}/cert.pem"})
        with pytest.raises(CertificateError, match=f"^{secure.url}/…: redirects from https to plain http"):
            obtained(f"{secure.url}/moved", pins=pins)
        assert plain.asked == []
        assert "fetched over plain http" in obtained(f"{secure.url}/moved", insecure_http=True)


def test_a_redirect_within_https_is_followed(secure: StandIn) -> None:
    secure.table["GET /moved"] = Reply(b"", 301, {"Location": "/cert.pem"})
    assert obtained(f"{secure.url}/moved") == ""


@pytest.mark.parametrize(("redirects", "is_followed"), [(9, True), (10, True), (11, False)])
def test_redirects_have_a_limit(secure: StandIn, redirects: int, is_followed: bool) -> None:
    for step in range(redirects):
        secure.table[f"GET /{step}"] = Reply(b"", 302, {"Location": f"/{step + 1}"})
    secure.table[f"GET /{redirects}"] = Reply(PEM)
    if is_followed:
        assert obtained(f"{secure.url}/0") == ""
    else:
        with pytest.raises(CertificateError, match="the server answered 302"):
            obtained(f"{secure.url}/0")


def test_the_command_takes_the_flag_and_the_pin(elsewhere: TableServer) -> None:
    env = {"http_proxy": elsewhere.url, "HTTP_PROXY": elsewhere.url}
    refused = sealwright("seal", "--cert", ELSEWHERE, stdin=SECRET, env=env)
    assert (refused.status, refused.stdout) == (ExitStatus.CERTIFICATE, b"")
    pinned = sealwright("seal", "--cert", ELSEWHERE, "--cert-fingerprint", FINGERPRINT, stdin=SECRET, env=env)
    assert (pinned.status, "warning" in pinned.stderr) == (ExitStatus.OK, False)
    taken = sealwright("seal", "--cert", ELSEWHERE, "--insecure-http", stdin=SECRET, env=env)
    assert (taken.status, FINGERPRINT in taken.stderr) == (ExitStatus.OK, True)


def test_kubeseal_takes_plain_http_and_a_downgrade_with_a_warning(elsewhere: TableServer) -> None:
    run = kubeseal("--cert", ELSEWHERE, stdin=SECRET, http_proxy=elsewhere.url, HTTP_PROXY=elsewhere.url)
    assert run.status == ExitStatus.OK
    assert f"warning: {ELSEWHERE}: fetched over plain http" in run.stderr
    assert FINGERPRINT in run.stderr


# --- how long that may take -----------------------------------------------------------------------------------------

ENDLESS = {
    "a body": ENDLESS_BODY,
    "a header": ENDLESS_HEADER,
    "headers": ENDLESS_HEADERS,
    "a status": ENDLESS_STATUS,
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_server_that_never_ends_is_left_in_time(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(sources, "TIMEOUT_SECONDS", 0.5)
    with DribblingServer(*ENDLESS[what]) as server:
        with pytest.raises(CertificateError, match=r"the answer was not complete after 0\.5 seconds") as caught:
            read_certificate(f"{server.url}/cert.pem")
        assert caught.value.hint


def test_the_limit_is_a_sensible_one() -> None:
    assert 5 <= sources.TIMEOUT_SECONDS <= 20


@pytest.mark.parametrize("what", ENDLESS)
def test_an_api_server_that_never_ends_is_left_in_time(what: str, tmp_path: Path) -> None:
    with DribblingServer(*ENDLESS[what]) as server:
        run = sealwright("cert", "fetch", "--server", server.url, "--request-timeout", "1", env={"NO_PROXY": "*"})
    assert (run.status, run.stdout) == (ExitStatus.CLUSTER, b"")
    assert f"error: API server {server.url}: no answer in time\n" in run.stderr
