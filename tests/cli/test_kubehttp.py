"""Requests to an API server: who is said to speak, over which connection, and what is told when it fails."""

import base64
import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.support.pki import CLIENT
from tests.support.scripted_server import ScriptedServer
from tests.support.table_server import Reply, TableServer

from sealwright_cli.cluster.connection import Connection
from sealwright_cli.cluster.kubeconfig import Kubeconfig, load_kubeconfig
from sealwright_cli.messages.errors import ClusterError, KubeconfigError
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.kubeconfig.flags import ClusterFlags

HELLO = {"GET /hello": Reply(b"hello")}


def ask(kubeconfig: Kubeconfig) -> bytes:
    with Connection(kubeconfig) as connection:
        return connection.request("GET", "/hello").body


def jwt(expires: float) -> str:
    """Return a token as OIDC providers make them, as far as anybody here looks at it."""
    payload = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


# --- who speaks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ({}, None),
        ({"token": "sesame"}, "Bearer sesame"),
        ({"tokenFile": "token"}, "Bearer from-file"),
        ({"tokenFile": "token", "token": "stale"}, "Bearer from-file"),
        ({"tokenFile": "gone", "token": "stale"}, "Bearer stale"),
        ({"username": "ann", "password": "pw:x"}, "Basic YW5uOnB3Ong="),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": jwt(4e9)}}}, f"Bearer {jwt(4e9)}"),
        ({"token": "sesame", "exec": {"command": "/gone", "apiVersion": "x"}}, "Bearer sesame"),
    ],
)
def test_what_proves_the_user_is_sent_over_tls(tls_server: StandIn, user: dict[str, Any], sent: str | None) -> None:
    tls_server.table = HELLO
    (tls_server.folder / "token").write_text(" from-file\n")
    assert ask(tls_server.kubeconfig(user=user)) == b"hello"
    assert tls_server.asked[0].headers["Authorization"] == sent


@pytest.mark.parametrize("user", [{"token": "sesame"}, {"username": "ann", "password": "pw"}, {"tokenFile": "gone"}])
def test_nothing_of_it_is_sent_over_plain_http(plain_server: StandIn, user: dict[str, Any]) -> None:
    plain_server.table = HELLO
    assert ask(plain_server.kubeconfig(user=user)) == b"hello"
    assert plain_server.asked[0].headers["Authorization"] is None


def test_a_server_without_a_scheme_is_asked_over_plain_http(plain_server: StandIn) -> None:
    plain_server.table = {"GET /below/hello": Reply(b"hello")}
    server = f"{plain_server.url.removeprefix('http://')}/below/?x=1"
    assert ask(plain_server.kubeconfig(server=server)) == b"hello"


def test_as_whom_to_act_is_sent_with_every_group(plain_server: StandIn) -> None:
    plain_server.table = HELLO
    user = {"as-user-extra": {"dry/run": ["a", "b"]}}
    flags = {"impersonate_user": "ève", "impersonate_groups": ("a", "b"), "impersonate_uid": "7"}
    ask(plain_server.kubeconfig(user=user, **flags))
    headers = plain_server.asked[0].headers
    assert headers["Impersonate-User"].encode("latin-1").decode() == "ève"
    assert headers.get_all("Impersonate-Group") == ["a", "b"]
    assert headers["Impersonate-Uid"] == "7"
    assert headers.get_all("Impersonate-Extra-dry%2Frun") == ["a", "b"]


@pytest.mark.parametrize("form", ["files", "data", "flags"])
def test_a_client_certificate_is_shown(tls_server: StandIn, form: str) -> None:
    tls_server.table = HELLO
    certificate, key = tls_server.files / "client.crt", tls_server.files / "client.key"
    user, flags = {}, {}
    match form:
        case "files":
            user = {"client-certificate": str(certificate), "client-key": str(key)}
        case "data":
            encoded = [base64.b64encode(path.read_bytes()).decode() for path in (certificate, key)]
            user = dict(zip(("client-certificate-data", "client-key-data"), encoded, strict=True))
        case "flags":
            flags = {"client_certificate": str(certificate), "client_key": str(key)}
    assert ask(tls_server.kubeconfig(user=user, **flags)) == b"hello"
    assert tls_server.asked[0].headers["X-Client"] == CLIENT


def test_nothing_of_a_client_key_is_left_on_the_disk(
    tls_server: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    tls_server.table = HELLO
    user = {
        name: str(tls_server.files / name.replace("-certificate", ".crt").replace("-key", ".key"))
        for name in ("client-certificate", "client-key")
    }
    ask(tls_server.kubeconfig(user=user))
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ({"tokenFile": "gone"}, r"tokenFile .*gone: no such file"),
        ({"token": "hunter2\nX-Evil: 1"}, "what is to be sent as Authorization holds a line break"),
        (
            {"client-certificate-data": "eA==", "client-key-data": "eA=="},
            "do not match, are not PEM, or the key has a passphrase",
        ),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": jwt(1e9)}}}, "oidc has expired"),
        ({"auth-provider": {"name": "oidc", "config": {"id-token": "hunter2"}}}, "oidc has expired"),
        ({"auth-provider": {"name": "oidc"}}, "oidc has expired"),
        ({"auth-provider": {"name": "gcp"}}, "the auth-provider gcp is not known"),
        ({"auth-provider": {"name": {"token": "hunter2"}}}, "the auth-provider has no name, or one that is not text"),
        ({"exec": {"command": {"token": "hunter2"}, "apiVersion": "x"}}, "the command of .* exec plug-in is not text"),
        ({"exec": {"command": "x", "apiVersion": ["hunter2"]}}, "the apiVersion of .* exec plug-in is not text"),
        ({"exec": {"command": "x", "apiVersion": "x", "installHint": {"a": "hunter2"}}}, "the installHint of"),
    ],
)
def test_a_user_that_cannot_be_proved_is_told(tls_server: StandIn, user: dict[str, Any], words: str) -> None:
    with pytest.raises((KubeconfigError, ClusterError), match=words) as caught:
        Connection(tls_server.kubeconfig(user=user))
    assert "hunter2" not in caught.value.message


# --- TLS ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tls_server_name": "localhost"},
        {"cluster_tls-server-name": "127.0.0.1"},
        {"insecure_skip_tls_verify": True},
        {"cluster_insecure-skip-tls-verify": True, "cluster_tls-server-name": "other.test"},
    ],
)
def test_a_server_is_trusted_when_its_certificate_fits(tls_server: StandIn, settings: dict[str, Any]) -> None:
    tls_server.table = HELLO
    assert ask(tls_server.kubeconfig(**settings)) == b"hello"


def test_the_servers_own_certificate_may_vouch_for_it(tls_server: StandIn) -> None:
    tls_server.table = HELLO
    assert ask(tls_server.kubeconfig(certificate_authority=str(tls_server.files / "server.crt"))) == b"hello"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"certificate_authority": "client.crt"}, "its TLS certificate is signed by an unknown authority"),
        (
            {"tls_server_name": "other.test"},
            "its TLS certificate is not for the name that --tls-server-name or the kubeconfig asks for",
        ),
    ],
)
def test_a_server_that_is_not_trusted_is_told(tls_server: StandIn, settings: dict[str, Any], words: str) -> None:
    if "certificate_authority" in settings:
        settings = {"certificate_authority": str(tls_server.files / settings["certificate_authority"])}
    with pytest.raises(ClusterError, match=words) as caught:
        ask(tls_server.kubeconfig(**settings))
    assert (caught.value.final, caught.value.unreachable) == (True, False)
    assert tls_server.asked == []


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        ({"certificate-authority-data": "eA=="}, "holds no PEM certificate"),
        (
            {"certificate-authority-data": "eA==", "insecure-skip-tls-verify": True},
            "exclude each other",
        ),
    ],
)
def test_contradictions_about_trust_are_told(tmp_path: Path, cluster: dict[str, Any], words: str) -> None:
    content = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1", **cluster}}],
    }
    (tmp_path / "kc").write_text(json.dumps(content))
    loaded = load_kubeconfig(ClusterFlags(kubeconfig=str(tmp_path / "kc")), Surroundings({}, tmp_path))
    with pytest.raises(KubeconfigError, match=words):
        Connection(loaded)


# --- the way there --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ["ftp://x", "https://", "/etc/passwd", "https://user:hunter2@"])
def test_a_server_that_is_no_url_is_told(plain_server: StandIn, server: str) -> None:
    with pytest.raises(KubeconfigError, match="is not an http or https URL") as caught:
        Connection(plain_server.kubeconfig(server=server))
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_is_not_there_is_told(plain_server: StandIn, scheme: str) -> None:
    with pytest.raises(ClusterError, match=rf"^API server {scheme}://127.0.0.1:1: cannot be reached: ") as caught:
        ask(plain_server.kubeconfig(server=f"{scheme}://127.0.0.1:1"))
    assert caught.value.unreachable
    assert caught.value.final


def test_a_name_that_nobody_knows_is_told(plain_server: StandIn) -> None:
    with pytest.raises(ClusterError, match="cannot be reached"):
        ask(plain_server.kubeconfig(server="https://nowhere.invalid"))


def test_a_server_that_speaks_something_else_is_told(plain_server: StandIn) -> None:
    with pytest.raises(ClusterError, match="cannot be reached"):
        ask(plain_server.kubeconfig(server=plain_server.url.replace("http", "https")))


def test_a_silent_server_is_waited_for_as_long_as_the_user_says(plain_server: StandIn) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ClusterError, match="no answer in time") as caught:
            ask(plain_server.kubeconfig(server=server, request_timeout="200ms"))
    assert caught.value.unreachable


@pytest.mark.parametrize(
    ("settings", "environ", "through"),
    [
        ({"proxy_url": "PROXY"}, {}, True),
        ({"cluster_proxy-url": "PROXY"}, {"NO_PROXY": "*"}, True),
        ({}, {"HTTP_PROXY": "PROXY"}, True),
        ({}, {"http_proxy": "PROXY", "NO_PROXY": "other.test"}, True),
        ({}, {"HTTP_PROXY": "PROXY", "no_proxy": ".test"}, False),
        ({}, {"HTTPS_PROXY": "PROXY"}, False),
    ],
)
def test_proxies_are_asked_that_the_kubeconfig_or_the_environment_names(
    plain_server: StandIn, settings: dict[str, str], environ: dict[str, str], through: bool
) -> None:
    with TableServer({"GET http://kube.test/hello": Reply(b"by proxy")}) as proxy:
        url = proxy.url.replace("//", "//me:hunter2@")
        settings, environ = (
            {key: one.replace("PROXY", url) for key, one in given.items()} for given in (settings, environ)
        )
        kubeconfig = plain_server.kubeconfig(server="http://kube.test", environ=environ, **settings)
        if not through:
            with pytest.raises(ClusterError, match="cannot be reached"):
                ask(kubeconfig)
            return
        assert ask(kubeconfig) == b"by proxy"
        assert proxy.asked[0].headers["Proxy-Authorization"] == "Basic bWU6aHVudGVyMg=="


def test_a_proxy_that_is_not_there_is_told_without_its_password(tls_server: StandIn) -> None:
    with pytest.raises(ClusterError, match="the proxy in front of it refused the connection") as caught:
        ask(tls_server.kubeconfig(proxy_url="http://me:hunter2@127.0.0.1:1"))
    assert "hunter2" not in caught.value.message + caught.value.hint
    assert caught.value.unreachable


def test_a_socks_proxy_needs_a_package(plain_server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3.contrib.socks", None)
    with pytest.raises(KubeconfigError, match="SOCKS proxy needs the package PySocks"):
        Connection(plain_server.kubeconfig(proxy_url="socks5://127.0.0.1:1"))


def test_a_socks_proxy_is_asked(plain_server: StandIn) -> None:
    proxy = ScriptedServer(b"\x05\x00", None)
    try:
        kubeconfig = plain_server.kubeconfig(server="http://kube.test", proxy_url=proxy.url.replace("http", "socks5"))
        with pytest.raises(ClusterError, match="cannot be reached") as caught:
            ask(kubeconfig)
        assert (proxy.requests[0][:1], caught.value.unreachable) == (b"\x05", True)
    finally:
        proxy.close()


def test_an_answer_without_end_is_cut_off(plain_server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sealwright_cli.cluster.connection.MAX_ANSWER_BYTES", 4)
    plain_server.table = HELLO
    with pytest.raises(ClusterError, match="larger than"):
        ask(plain_server.kubeconfig())


def test_redirects_are_not_followed_with_a_token(tls_server: StandIn) -> None:
    tls_server.table = {"GET /hello": Reply(b"", 302, {"Location": "https://elsewhere.test/"})}
    with Connection(tls_server.kubeconfig(user={"token": "sesame"})) as connection:
        assert connection.request("GET", "/hello").status == 302
