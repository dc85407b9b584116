"""`sealwright cert fetch`, and every command that asks the cluster for its certificate, as processes."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE, NO_ENDPOINTS, NO_PROXYING, NO_READING, SERVICE, forbidden
from tests.support.builders import sealing_key
from tests.support.cli import CERTIFICATE as CERTIFICATE_FILE
from tests.support.cli import SECRET, Run, sealwright
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import generate_sealing_key

PEM = CERTIFICATE_FILE.read_bytes()
FINGERPRINT = sealing_key().fingerprint
SECRETS = "GET /api/v1/namespaces/kube-system/secrets?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active"
KEY_SECRET = Reply(
    {
        "items": [
            {
                "metadata": {"name": "key-1"},
                "data": {"tls.crt": base64.b64encode(PEM).decode(), "tls.key": "aHVudGVyMg=="},
            }
        ]
    }
)
NO_SECRETS = forbidden("secrets", "list", "secrets")


class Desk:
    """A user with a kubeconfig for the stand-in, and a cache of their own."""

    def __init__(self, server: StandIn) -> None:
        self.server = server
        self.kubeconfig = server.write_kubeconfig(user={"token": "hunter2"})
        self.cache = server.folder / "cache"

    def run(self, *arguments: str | Path, stdin: str = "", **env: str) -> Run:
        """Run the command; nothing that it says may show the token."""
        environment = {"KUBECONFIG": str(self.kubeconfig), "XDG_CACHE_HOME": str(self.cache), **env}
        run = sealwright(*arguments, stdin=stdin, env=environment)
        assert "hunter2" not in run.stderr
        assert "Traceback" not in run.stderr
        return run

    def remembered(self) -> list[Path]:
        """The files of the cache."""
        return list((self.cache / "sealwright").glob("*")) if self.cache.exists() else []


@pytest.fixture
def desk(plain_server: StandIn) -> Iterator[Desk]:
    """The controller serves its certificate."""
    plain_server.table = {CERTIFICATE: Reply(PEM, headers={"Content-Type": "application/x-pem-file"})}
    return Desk(plain_server)


# --- fetching -------------------------------------------------------------------------------------------------------


def test_the_certificate_is_printed(desk: Desk) -> None:
    run = desk.run("cert", "fetch")
    assert (run.status, run.stdout, run.stderr) == (ExitStatus.OK, PEM, "")


def test_or_written_to_a_file(desk: Desk, tmp_path: Path) -> None:
    run = desk.run("cert", "fetch", "-w", tmp_path / "cert.pem", SEALWRIGHT_CERT="/nowhere")
    assert (run.status, run.stdout, (tmp_path / "cert.pem").read_bytes()) == (ExitStatus.OK, b"", PEM)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (b"<html>Please log in</html>", "answers /v1/cert.pem with a web page"),
        (b"", "no PEM CERTIFICATE block"),
        (b"-----BEGIN CERTIFICATE-----\nx\n", "CERTIFICATE block"),
    ],
)
def test_what_is_no_certificate_is_an_error_and_written_nowhere(
    desk: Desk, tmp_path: Path, page: bytes, words: str
) -> None:
    desk.server.table = {CERTIFICATE: Reply(page, headers={"Content-Type": "text/html"}), SECRETS: NO_SECRETS}
    run = desk.run("cert", "fetch", "-w", tmp_path / "cert.pem")
    assert (run.status, run.stdout, (tmp_path / "cert.pem").exists()) == (ExitStatus.CLUSTER, b"", False)
    assert "service proxy: " in run.stderr
    assert words in run.stderr
    assert desk.remembered() == []


def test_the_key_secret_is_read_where_the_proxy_is_not_allowed(desk: Desk) -> None:
    desk.server.table = {CERTIFICATE: NO_PROXYING, SERVICE: NO_READING, SECRETS: KEY_SECRET}
    assert desk.run("cert", "fetch").stdout == PEM
    shown = desk.run("cert", "show", "-o", "json").json
    assert (shown["source"], shown["fingerprint"]) == ("Secret kube-system/key-1", FINGERPRINT)


def test_who_may_do_nothing_is_told_every_right_that_would_do(desk: Desk) -> None:
    desk.server.table = {CERTIFICATE: NO_PROXYING, SERVICE: NO_READING, SECRETS: NO_SECRETS}
    run = desk.run("seal", stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.CLUSTER, b"")
    error, hint = run.stderr.splitlines()
    for words in (
        "service proxy: forbidden: user ann may not get services/proxy on http:sealed-secrets-controller:http in",
        "port-forward: forbidden: user ann may not get services on sealed-secrets-controller in",
        "key Secret: forbidden: user ann may not list secrets in namespace kube-system",
    ):
        assert words in error
    assert hint == "hint: the Role sealed-secrets-service-proxier of the controller's manifests grants it"


def test_a_cluster_that_cannot_be_reached_is_asked_once(desk: Desk) -> None:
    run = desk.run("cert", "fetch", "--server", "https://127.0.0.1:1")
    assert run.status == ExitStatus.CLUSTER
    assert run.stderr.startswith("error: API server https://127.0.0.1:1: cannot be reached: connection refused\n")


def test_a_controller_elsewhere_is_named_by_options(desk: Desk) -> None:
    line = "GET /api/v1/namespaces/vault/services/http:sealer:http/proxy/v1/cert.pem"
    desk.server.table = {line: Reply(PEM)}
    options = ["--controller-name", "sealer", "--controller-namespace", "vault"]
    assert desk.run("cert", "fetch", *options).stdout == PEM
    assert "--controller-name and --controller-namespace" in desk.run("cert", "fetch", "--offline-ok").stderr


# --- sealing --------------------------------------------------------------------------------------------------------


def test_sealing_without_a_certificate_asks_the_cluster(desk: Desk) -> None:
    run = desk.run("seal", stdin=SECRET)
    assert (run.status, run.yaml[0]["kind"]) == (ExitStatus.OK, "SealedSecret")
    assert FINGERPRINT[:16] in run.stderr
    run = desk.run("raw", "--scope", "cluster-wide", stdin="x")
    assert (run.status, len(run.stdout) > 300) == (ExitStatus.OK, True)
    assert desk.server.lines == [CERTIFICATE, CERTIFICATE]


@pytest.mark.parametrize(
    "arguments",
    [
        ("seal", "--cert", CERTIFICATE_FILE),
        ("raw", "--scope", "cluster-wide", "--cert", CERTIFICATE_FILE),
        ("cert", "show", CERTIFICATE_FILE),
    ],
    ids=["seal", "raw", "cert show"],
)
def test_with_a_certificate_nobody_is_asked_and_no_kubeconfig_is_read(
    desk: Desk, tmp_path: Path, arguments: tuple[str | Path, ...]
) -> None:
    (tmp_path / "broken").write_text("{{{")
    run = desk.run(*arguments, "--kubeconfig", tmp_path / "broken", "--request-timeout", "soon", stdin=SECRET)
    assert run.status == ExitStatus.OK, run.stderr
    assert (desk.server.asked, desk.remembered()) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--kubeconfig", "/nowhere"], ExitStatus.INPUT, "error: the file that --kubeconfig names: no such file"),
        (["--context", "x"], ExitStatus.INPUT, "the context that --context names does not exist; there are: c"),
        (["--request-timeout", "soon"], ExitStatus.USAGE, "--request-timeout: not a duration"),
    ],
)
def test_a_configuration_that_is_wrong_is_told(
    desk: Desk, arguments: list[str], status: ExitStatus, words: str
) -> None:
    run = desk.run("seal", *arguments, stdin=SECRET)
    assert run.status == status
    assert words in run.stderr


# --- what is remembered ---------------------------------------------------------------------------------------------


def test_every_answer_is_remembered_for_its_cluster_and_controller(desk: Desk) -> None:
    desk.run("cert", "fetch")
    (path,) = desk.remembered()
    entry = json.loads(path.read_text())
    assert (entry["server"], entry["controller"]) == (desk.server.url, "kube-system/sealed-secrets-controller")
    assert entry["certificate"].encode() == PEM
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_offline_asks_nobody_and_says_what_it_takes(desk: Desk) -> None:
    desk.run("cert", "fetch")
    age(desk, days=3)
    asked = len(desk.server.asked)
    run = desk.run("seal", "--offline", stdin=SECRET)
    assert (run.status, run.yaml[0]["kind"]) == (ExitStatus.OK, "SealedSecret")
    assert (
        f"warning: using the certificate that the controller kube-system/sealed-secrets-controller at {desk.server.url} served 3 days "
        f"ago, with key {FINGERPRINT} (--offline)\n"
    ) in run.stderr
    assert len(desk.server.asked) == asked


@pytest.mark.parametrize("options", [["--controller-name", "other"], ["--server", "https://other.test"]])
def test_what_one_controller_answered_is_not_taken_for_another(desk: Desk, options: list[str]) -> None:
    desk.run("cert", "fetch")
    run = desk.run("seal", "--offline", *options, stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert "is cached (--offline)\nhint: fetch it once while the cluster can be reached" in run.stderr


@pytest.mark.parametrize("answers", [NO_ENDPOINTS, Reply(b"bad gateway", 502)], ids=["no endpoints", "bad gateway"])
def test_when_the_controller_is_away_memory_helps_only_if_it_was_allowed(desk: Desk, answers: Reply) -> None:
    desk.run("cert", "fetch")
    desk.server.table = {CERTIFICATE: answers, SERVICE: NO_READING, SECRETS: NO_SECRETS}
    assert desk.run("seal", stdin=SECRET).status == ExitStatus.CLUSTER
    run = desk.run("seal", "--offline-ok", stdin=SECRET)
    assert run.status == ExitStatus.OK
    assert "warning: using the certificate that the controller" in run.stderr
    assert f"with key {FINGERPRINT} (the cluster gave no certificate; " in run.stderr


def test_when_the_cluster_is_away_memory_helps_too(tmp_path: Path) -> None:
    with StandIn(tmp_path, table={CERTIFICATE: Reply(PEM)}) as server:
        desk = Desk(server)
        desk.run("cert", "fetch")
    assert desk.run("cert", "fetch").status == ExitStatus.CLUSTER
    run = desk.run("cert", "fetch", "--offline-ok")
    assert (run.status, run.stdout) == (ExitStatus.OK, PEM)
    assert f"served 0 days ago, with key {FINGERPRINT} (API server {server.url}: " in run.stderr


@pytest.mark.parametrize(
    "table", [{CERTIFICATE: NO_PROXYING, SERVICE: NO_READING, SECRETS: NO_SECRETS}, {CERTIFICATE: Reply(b"who?", 401)}]
)
def test_a_refusal_is_no_reason_to_use_memory(desk: Desk, table: dict[str, Reply]) -> None:
    desk.run("cert", "fetch")
    desk.server.table = table
    assert desk.run("seal", "--offline-ok", stdin=SECRET).status == ExitStatus.CLUSTER


def test_an_expired_certificate_is_never_taken_from_memory(desk: Desk) -> None:
    start = datetime.now(UTC) - timedelta(days=30)
    expired = generate_sealing_key(now=start, lifetime=timedelta(days=1), bits=2048).certificate
    desk.server.table = {CERTIFICATE: Reply(expired.pem.encode())}
    assert desk.run("cert", "fetch").stdout == expired.pem.encode()
    for command in ("seal", "raw"):
        run = desk.run(command, "--scope", "cluster-wide", stdin=SECRET)
        assert (run.status, "expired on" in run.stderr) == (ExitStatus.CERTIFICATE, True)
    run = desk.run("cert", "show", "--offline")
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert ", remembered: the certificate expired on" in run.stderr


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"certificate": 1, "server": "x"}', "\0"])
def test_a_damaged_memory_is_none(desk: Desk, content: str) -> None:
    desk.run("cert", "fetch")
    (path,) = desk.remembered()
    path.write_text(content)
    assert "is cached (--offline)" in desk.run("seal", "--offline", stdin=SECRET).stderr
    assert desk.run("cert", "fetch").status == ExitStatus.OK


def test_a_password_in_the_servers_url_is_remembered_nowhere(desk: Desk) -> None:
    server = desk.server.url.replace("//", "//ann:hunter2@")
    assert desk.run("cert", "fetch", "--server", server).status == ExitStatus.OK
    (path,) = desk.remembered()
    assert "hunter2" not in path.read_text()


def test_a_cache_that_cannot_be_written_is_no_error(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = desk.run("cert", "fetch", XDG_CACHE_HOME=str(tmp_path / "file"))
    assert (run.status, run.stdout, run.stderr) == (ExitStatus.OK, PEM, "")


def test_offline_and_a_page_on_the_web_contradict_each_other(desk: Desk) -> None:
    run = desk.run("seal", "--offline", "--cert", "https://example.test/cert.pem", stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.USAGE, b"")
    assert desk.run("seal", "--offline", "--cert", CERTIFICATE_FILE, stdin=SECRET).status == ExitStatus.OK


# --- pins -----------------------------------------------------------------------------------------------------------

PAIRS = ":".join(FINGERPRINT[at : at + 2] for at in range(0, 64, 2)).upper()


@pytest.mark.parametrize("pin", [FINGERPRINT, FINGERPRINT[:32], FINGERPRINT.upper(), PAIRS, f" {FINGERPRINT[:40]} "])
def test_a_pin_that_fits_changes_nothing(desk: Desk, pin: str) -> None:
    assert desk.run("seal", "--cert-fingerprint", pin, stdin=SECRET).status == ExitStatus.OK
    assert desk.run("cert", "show", "--cert-fingerprint", "0" * 64, "--cert-fingerprint", pin).status == ExitStatus.OK


@pytest.mark.parametrize("source", ["file", "cluster", "memory"])
def test_a_pin_refuses_any_other_key_wherever_it_comes_from(desk: Desk, source: str) -> None:
    desk.run("cert", "fetch")
    options: list[str | Path] = {"file": ["--cert", CERTIFICATE_FILE], "cluster": [], "memory": ["--offline"]}[source]
    run = desk.run("seal", *options, "--cert-fingerprint", "0" * 64, stdin=SECRET)
    assert (run.status, run.stdout) == (ExitStatus.CERTIFICATE, b"")
    assert f"the certificate's key {FINGERPRINT} is not the pinned key (--cert-fingerprint)\n" in run.stderr


def test_what_a_pin_refuses_is_not_remembered(desk: Desk) -> None:
    desk.run("cert", "fetch", "--cert-fingerprint", "0" * 64)
    assert desk.remembered() == []


def test_pins_may_stand_in_the_environment(desk: Desk) -> None:
    pins = f"{'0' * 64} {FINGERPRINT}"
    assert desk.run("cert", "fetch", SEALWRIGHT_CERT_FINGERPRINT=pins).status == ExitStatus.OK
    assert desk.run("cert", "fetch", SEALWRIGHT_CERT_FINGERPRINT="1" * 64).status == ExitStatus.CERTIFICATE


@pytest.mark.parametrize("pin", ["", "abc", FINGERPRINT[:16], FINGERPRINT[:31], FINGERPRINT + "0", "x" * 64])
def test_what_is_no_fingerprint_is_a_usage_error_before_anything_else(desk: Desk, pin: str) -> None:
    run = desk.run("seal", "--cert-fingerprint", pin, stdin=SECRET)
    assert (run.status, run.stdout, desk.server.asked) == (ExitStatus.USAGE, b"", [])
    assert "not a fingerprint: 32 to 64 hexadecimal digits are expected" in run.stderr
    assert not pin or pin not in run.stderr.replace("cert", "")


def age(desk: Desk, *, days: int) -> None:
    """Make what is remembered older."""
    for path in desk.remembered():
        entry: dict[str, Any] = json.loads(path.read_text())
        entry["fetched"] = (datetime.fromisoformat(entry["fetched"]) - timedelta(days=days)).isoformat()
        path.write_text(json.dumps(entry))
