"""What a kubeconfig says counts for the controller as for kubectl, or is refused in one sentence."""

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import NOW
from tests.support.cluster import Cluster
from tests.support.pki import CLIENT, write_control_plane_pki
from tests.support.table_server import Reply, TableServer

from sealwright_controller.gateway import ObjectKey, RefusedError, UnavailableError
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway
from sealwright_controller.kube.kubeconfig import TOKEN_SECONDS
from sealwright_controller.kube.transport import Request, Transport

GET = Request("GET", "/hello", "greeting")
V1 = "client.authentication.k8s.io/v1"
VALUE = "hunter2"


class Place:
    """A server over TLS, and kubeconfigs that lead there; `now` is the controller's clock in seconds."""

    def __init__(self, folder: Path, server: TableServer, pki: Path) -> None:
        self.folder, self.server, self.pki = folder, server, pki
        self.now = 1e9
        server.table = {"GET /hello": Reply({"kind": "Greeting"})}

    def write(self, user: dict[str, Any], name: str = "kubeconfig", **cluster: Any) -> Path:
        stanza = {"server": self.server.url, "certificate-authority": str(self.pki / "ca.crt")}
        stanza |= {key.replace("_", "-"): value for key, value in cluster.items()}
        content = {
            "current-context": "c",
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {key: value for key, value in stanza.items() if value is not None}}],
            "users": [{"name": "u", "user": user}],
        }
        path = self.folder / name
        path.write_text(json.dumps(content))
        return path

    def transport(self, user: dict[str, Any], **cluster: Any) -> Transport:
        client = connect(self.write(user, **cluster), clock=lambda: self.now, environ={"GIVEN": "x"})
        return Transport(client, request_timeout_seconds=10)

    def sent(self, user: dict[str, Any], **cluster: Any) -> Any:
        """Return the header fields of a request."""
        transport = self.transport(user, **cluster)
        assert transport.call(GET) == {"kind": "Greeting"}
        transport.close()
        return self.server.asked[-1].headers

    def refusal(self, user: dict[str, Any], **cluster: Any) -> str:
        with pytest.raises(RefusedError) as refused:
            self.transport(user, **cluster)
        said = str(refused.value)
        assert said.startswith(str(self.folder / "kubeconfig"))
        assert VALUE not in said
        return said


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pki")
    write_control_plane_pki(folder)
    return folder


@pytest.fixture
def place(tmp_path: Path, pki: Path) -> Iterator[Place]:
    certificate = (pki / "server.crt", pki / "server.key")
    with TableServer(certificate=certificate, client_authority=pki / "ca.crt") as server:
        yield Place(tmp_path, server, pki)


def plugin(program: str, **settings: Any) -> dict[str, Any]:
    command = {"apiVersion": V1, "command": sys.executable, "args": ["-c", program], "interactiveMode": "Never"}
    return {"exec": command | settings}


def answering(expression: str, **status: Any) -> str:
    """Return a program that answers with a token that it works out."""
    return (
        f"import json, os; status = {{'token': {expression}, **{status!r}}};"
        f"print(json.dumps({{'apiVersion': {V1!r}, 'kind': 'ExecCredential', 'status': status}}))"
    )


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ({}, None),
        ({"token": "sesame"}, "Bearer sesame"),
        ({"tokenFile": "token"}, "Bearer from-file"),
        ({"tokenFile": "token", "token": "stale"}, "Bearer from-file"),
        ({"username": "ann", "password": "pw:x"}, "Basic YW5uOnB3Ong="),
        (plugin(answering("os.environ['GIVEN']")), "Bearer x"),
        (plugin(answering("os.environ['OWN']"), env=[{"name": "OWN", "value": "1"}]), "Bearer 1"),
        ({"token": "sesame", **plugin("exit(1)")}, "Bearer sesame"),
    ],
)
def test_what_proves_the_user_is_sent(place: Place, user: dict[str, Any], sent: str | None) -> None:
    (place.folder / "token").write_text("from-file\n")
    assert place.sent(user)["Authorization"] == sent


def test_who_is_acted_as_is_sent(place: Place) -> None:
    headers = place.sent({"token": "t", "as": "eve", "as-uid": "7", "as-groups": ["staff"]})
    assert [headers[f"Impersonate-{name}"] for name in ("User", "Uid", "Group")] == ["eve", "7", "staff"]


@pytest.mark.parametrize("field", ["data", "file"])
def test_a_client_certificate_is_shown(place: Place, field: str) -> None:
    files = {"client-certificate": place.pki / "client.crt", "client-key": place.pki / "client.key"}
    if field == "file":
        user = {name: str(path) for name, path in files.items()}
    else:
        user = {f"{name}-data": base64.b64encode(path.read_bytes()).decode() for name, path in files.items()}
    assert place.sent(user)["X-Client"] == CLIENT


def test_an_authority_may_stand_in_the_file(place: Place) -> None:
    data = base64.b64encode((place.pki / "ca.crt").read_bytes()).decode()
    place.sent({}, certificate_authority=None, certificate_authority_data=data)


def test_a_server_that_nobody_vouches_for_is_spoken_to_only_where_the_kubeconfig_says_so(place: Place) -> None:
    with pytest.raises(UnavailableError, match="certificate verify failed"):
        place.transport({}, certificate_authority=None).call(GET)
    place.sent({}, certificate_authority=None, insecure_skip_tls_verify=True)


def test_the_name_that_the_certificate_has_to_carry_may_be_another(place: Place) -> None:
    place.sent({}, tls_server_name="localhost")
    with pytest.raises(UnavailableError, match="certificate verify failed"):
        place.transport({}, tls_server_name="elsewhere").call(GET)


def test_a_proxy_is_asked_with_its_name_and_password(place: Place, tmp_path: Path) -> None:
    with TableServer() as proxy:
        address = proxy.url.replace("http://", f"http://ann:{VALUE}@")
        transport = place.transport({}, server="http://far.test", certificate_authority=None, proxy_url=address)
        proxy.table = {"GET http://far.test/hello": Reply({"kind": "Greeting"})}
        assert transport.call(GET) == {"kind": "Greeting"}
        assert proxy.asked[0].headers["Proxy-Authorization"] == "Basic YW5uOmh1bnRlcjI="


def test_a_file_of_tokens_is_read_again_and_its_loss_told(place: Place) -> None:
    token = place.folder / "token"
    token.write_text("first\n")
    transport = place.transport({"tokenFile": "token"})
    for text, pause, sent in (("second\n", 0, "first"), ("second\n", TOKEN_SECONDS, "second")):
        token.write_text(text)
        place.now += pause
        transport.call(GET)
        assert place.server.asked[-1].headers["Authorization"] == f"Bearer {sent}"
    token.unlink()
    place.now += TOKEN_SECONDS
    with pytest.raises(UnavailableError, match=r"greeting: .*tokenFile .*: No such file"):
        transport.call(GET)


def test_a_plug_in_is_asked_again_when_its_token_ends(place: Place) -> None:
    count = place.folder / "count"
    program = f"n = open({str(count)!r}, 'a+'); n.write('x'); n.seek(0);" + answering(
        "n.read()", expirationTimestamp="2001-09-09T02:46:40Z"
    )
    transport = place.transport(plugin(program))
    for now, sent in ((1e9 + 1, "x"), (1e9 + 3580, "x"), (1e9 + 3600, "xx")):
        place.now = now
        transport.call(GET)
        assert place.server.asked[-1].headers["Authorization"] == f"Bearer {sent}"


REFUSED: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("several groups", {"token": VALUE, "as": "eve", "as-groups": ["a", "b"]}, {}, "cannot act as several groups"),
    ("a group alone", {"as-groups": ["a"]}, {}, "but not as a user"),
    ("a plug-in that fails", plugin("exit(3)"), {}, "failed with status 3"),
    ("arguments of a plug-in that are none", plugin("", args=5), {}, "args is not a list"),
    ("variables of a plug-in that are none", plugin("", env=5), {}, "env is not a list"),
    ("an argument that no program can get", plugin("", args=["\0"]), {}, "cannot be run"),
    ("a path that no file can have", {"client-certificate": "\0", "client-key": "k"}, {}, "client-certificate"),
    ("a plug-in that is not there", plugin("", command="/gone"), {}, "the exec plug-in /gone cannot be run"),
    ("a plug-in that needs a terminal", plugin("", interactiveMode="Always"), {}, "needs a terminal"),
    (
        "a plug-in's certificate",
        plugin(answering("''", clientCertificateData="C", clientKeyData="K")),
        {},
        "only tokens",
    ),
    ("a provider", {"auth-provider": {"name": "gcp"}}, {}, "the auth-provider gcp is not known"),
    ("a token file that is gone", {"tokenFile": "gone"}, {}, "tokenFile"),
    ("a certificate that is gone", {"client-certificate": "gone", "client-key": "gone"}, {}, "client-certificate"),
    ("an authority that is gone", {}, {"certificate_authority": "gone"}, "certificate-authority"),
    ("no server", {"token": VALUE}, {"server": None}, "has no server"),
    ("a server that is none", {"token": VALUE}, {"server": f"ftp://{VALUE}"}, "not an http or https URL"),
    ("a proxy that is none", {"token": VALUE}, {"proxy_url": f"http://[{VALUE}"}, "not the URL of a proxy"),
    ("an unknown kind of proxy", {}, {"proxy_url": f"ftp://{VALUE}"}, "proxy-url"),
    ("trust in two ways", {}, {"insecure_skip_tls_verify": True}, "insecure-skip-tls-verify says not to look at it"),
    ("a token and a password", {"token": VALUE, "username": "a", "password": VALUE}, {}, "only one of them"),
]


@pytest.mark.parametrize(("user", "cluster", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_carried_out_is_refused(
    place: Place, user: dict[str, Any], cluster: dict[str, Any], words: str
) -> None:
    assert words in place.refusal(user, **cluster)


def test_of_several_files_the_first_to_set_a_value_wins_and_missing_ones_are_passed_over(place: Place) -> None:
    first = place.folder / "first"
    first.write_text(json.dumps({"users": [{"name": "u", "user": {"token": "first"}}]}))
    paths = (place.folder / "gone", first, place.write({"token": "second"}))
    transport = Transport(connect(paths), request_timeout_seconds=10)
    transport.call(GET)
    assert place.server.asked[-1].headers["Authorization"] == "Bearer first"


def test_an_api_server_hears_as_whom_the_controller_acts(
    control_plane: Cluster, namespace: str, tmp_path: Path
) -> None:
    path = control_plane.kubeconfig(tmp_path / "kubeconfig")
    content = json.loads(path.read_text())
    content["users"][0]["user"]["as"] = f"system:serviceaccount:{namespace}:nobody"
    path.write_text(json.dumps(content))
    gateway = KubeGateway(connect(path), own_namespace=namespace, clock=lambda: NOW)
    with pytest.raises(RefusedError, match=f"system:serviceaccount:{namespace}:nobody"):
        gateway.get_secret(ObjectKey(namespace, "db"))
    gateway.close()
