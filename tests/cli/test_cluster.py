"""What the controller is asked through the service proxy, at which port, and what each refusal is told as."""

import json
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.support.table_server import Reply

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.controller import MAX_WAITS, ControllerClient
from sealwright_cli.messages.errors import CliError, ClusterError, InputError, UnsealingError

SERVICES = "/api/v1/namespaces/kube-system/services"
SERVICE = f"GET {SERVICES}/sealed-secrets-controller"
CERTIFICATE = f"GET {SERVICES}/http:sealed-secrets-controller:http/proxy/v1/cert.pem"
VERIFY = f"POST {SERVICES}/http:sealed-secrets-controller:http/proxy/v1/verify"
ROTATE = f"POST {SERVICES}/http:sealed-secrets-controller:http/proxy/v1/rotate"


def status(code: int, message: str = "") -> Reply:
    """Return an answer of the API server itself."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return Reply(body, code, {"Content-Type": "application/json"})


def forbidden(what: str, verb: str, resource: str) -> Reply:
    words = f'{what} is forbidden: User "ann" cannot {verb} resource "{resource}" in API group "" in the namespace "x"'
    return status(403, words)


def service(*ports: dict[str, Any]) -> Reply:
    return Reply({"kind": "Service", "spec": {"ports": list(ports)}})


NO_ENDPOINTS = status(503, 'no endpoints available for service "http:sealed-secrets-controller:http"')
NO_SERVICE = status(404, 'services "sealed-secrets-controller" not found')
NO_PROXYING = forbidden('services "http:sealed-secrets-controller:http"', "get", "services/proxy")
NO_READING = forbidden('services "sealed-secrets-controller"', "get", "services")
USUAL_PORT = service({"name": "http", "port": 8080})


def client(stand_in: StandIn, **flags: Any) -> ControllerClient:
    return ControllerClient(stand_in.kubeconfig(**flags), ControllerAddress())


# --- what is asked --------------------------------------------------------------------------------------------------


def test_the_usual_port_is_asked_without_a_look_at_the_service(plain_server: StandIn) -> None:
    plain_server.table = {CERTIFICATE: Reply(b"PEM"), VERIFY: Reply(b""), ROTATE: Reply(b"{}")}
    with client(plain_server) as controller:
        assert controller.fetch_certificate() == b"PEM"
        controller.verify(b"sealed")
        assert controller.rotate(b"sealed") == b"{}"
    assert plain_server.lines == [CERTIFICATE, VERIFY, ROTATE]
    assert [asked.body for asked in plain_server.asked] == [b"", b"sealed", b"sealed"]


@pytest.mark.parametrize(
    "first", [NO_ENDPOINTS, NO_SERVICE, NO_PROXYING, Reply(b"no such page", 404)], ids=["503", "404", "403", "a page"]
)
@pytest.mark.parametrize(("port", "name"), [({"name": "web", "port": 80}, "web"), ({"port": 80}, "")])
def test_another_port_is_looked_up_once(plain_server: StandIn, first: Reply, port: dict[str, Any], name: str) -> None:
    other = f"GET {SERVICES}/http:sealed-secrets-controller:{name}/proxy/v1/cert.pem"
    plain_server.table = {CERTIFICATE: first, SERVICE: service(port, {"name": "http"}), other: Reply(b"PEM")}
    with client(plain_server) as controller:
        assert (controller.fetch_certificate(), controller.fetch_certificate()) == (b"PEM", b"PEM")
    assert plain_server.lines == [CERTIFICATE, SERVICE, other, other]


def test_another_name_and_namespace_are_asked_as_they_are_given(plain_server: StandIn) -> None:
    line = "GET /api/v1/namespaces/vault/services/http:a/b:http/proxy/v1/cert.pem"
    plain_server.table = {line: Reply(b"PEM")}
    with ControllerClient(plain_server.kubeconfig(), ControllerAddress("vault", "a/b")) as controller:
        assert controller.fetch_certificate() == b"PEM"


def test_a_server_below_a_path_is_asked_there(plain_server: StandIn) -> None:
    plain_server.table = {CERTIFICATE.replace("GET ", "GET /k8s/clusters/c-1"): Reply(b"PEM")}
    with client(plain_server, server=f"{plain_server.url}/k8s/clusters/c-1/") as controller:
        assert controller.fetch_certificate() == b"PEM"


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            {CERTIFICATE: NO_PROXYING, SERVICE: NO_READING},
            "forbidden: user ann may not get services/proxy on http:.*:http in namespace kube-system$",
        ),
        (
            {CERTIFICATE: NO_PROXYING, SERVICE: USUAL_PORT},
            "forbidden: user ann may not get services/proxy on http:sealed-secrets-controller:http",
        ),
        (
            {CERTIFICATE: NO_PROXYING, SERVICE: service({"name": "web"})}
            | {CERTIFICATE.replace(":http/", ":web/"): NO_PROXYING},
            "may not get services/proxy on http:sealed-secrets-controller:web",
        ),
        ({SERVICE: NO_READING}, "forbidden: user ann may not get services on sealed-secrets-controller in namespace"),
        ({SERVICE: status(403, "services is forbidden")}, "forbidden: you may not get services on .*: services is"),
        ({CERTIFICATE: NO_SERVICE, SERVICE: NO_SERVICE}, "there is no Service sealed-secrets-controller in namespace"),
        ({CERTIFICATE: NO_SERVICE, SERVICE: NO_READING}, "there is no Service .*, or no pod behind it"),
        ({CERTIFICATE: NO_SERVICE, SERVICE: USUAL_PORT}, "there is no Service .*, or no pod behind it"),
        ({CERTIFICATE: NO_ENDPOINTS, SERVICE: USUAL_PORT}, "has no endpoints .503.: the controller is not running"),
        ({CERTIFICATE: NO_ENDPOINTS, SERVICE: NO_READING}, "has no endpoints .503.: the controller is not running"),
        (
            {CERTIFICATE: status(503, "error trying to reach service: EOF"), SERVICE: USUAL_PORT},
            "could not reach the controller .*: it answered 503: error trying to reach service: EOF",
        ),
        ({CERTIFICATE: Reply(b"no endpoints", 503)}, "the controller .* answered 503 to /v1/cert.pem: no endpoints"),
        ({CERTIFICATE: status(401, "Unauthorized")}, "the API server rejected your credentials .401.: Unauthorized"),
        ({CERTIFICATE: Reply(b"who?", 401)}, "rejected your credentials"),
        ({CERTIFICATE: Reply(b"", 429)}, "accepts no more requests at present .429."),
        ({CERTIFICATE: Reply(b" <html>Log in</html>")}, "answers /v1/cert.pem with a web page"),
        ({CERTIFICATE: Reply(b"<html>oops</html>", 500)}, "answered 500 to /v1/cert.pem$"),
        ({CERTIFICATE: Reply(b"a\x1b[2J\nb", 500)}, "answered 500 to /v1/cert.pem: a\x1b.2J b$"),
        ({CERTIFICATE: Reply(b"x" * 5000, 500)}, "answered 500 to /v1/cert.pem: x{300}…$"),
        ({SERVICE: USUAL_PORT}, "the Service .* has no /v1/cert.pem .404."),
        ({SERVICE: service()}, "has no ports"),
        ({SERVICE: Reply(b"hello")}, "the API server's answer for the controller's Service is not an object"),
        ({SERVICE: status(500, "etcd is away")}, "the API server answered 500: etcd is away"),
    ],
)
def test_what_is_refused_is_told(plain_server: StandIn, table: dict[str, Reply], words: str) -> None:
    plain_server.table = table
    with client(plain_server) as controller, pytest.raises(ClusterError, match=words):
        controller.fetch_certificate()


@pytest.mark.parametrize(
    ("answers", "is_final", "is_unreachable"),
    [
        (NO_ENDPOINTS, False, True),
        (NO_PROXYING, False, False),
        (NO_SERVICE, False, False),
        (status(401), True, False),
        (Reply(b"", 502), False, True),
        (Reply(b"", 500), False, False),
    ],
    ids=["no endpoints", "forbidden", "no service", "unknown user", "bad gateway", "a defect"],
)
def test_it_is_told_whether_another_way_or_another_time_may_help(
    plain_server: StandIn, answers: Reply, is_final: bool, is_unreachable: bool
) -> None:
    plain_server.table = {CERTIFICATE: answers, SERVICE: NO_READING}
    with client(plain_server) as controller, pytest.raises(ClusterError) as caught:
        controller.fetch_certificate()
    assert (caught.value.final, caught.value.unreachable) == (is_final, is_unreachable)


@pytest.mark.parametrize("table", [{CERTIFICATE: NO_SERVICE, SERVICE: NO_SERVICE}, {SERVICE: USUAL_PORT}])
def test_a_controller_elsewhere_is_asked_for_by_two_options(plain_server: StandIn, table: dict[str, Reply]) -> None:
    plain_server.table = table
    with client(plain_server) as controller, pytest.raises(ClusterError) as caught:
        controller.fetch_certificate()
    assert "--controller-name and --controller-namespace" in caught.value.hint


@pytest.mark.parametrize(
    ("answers", "kind", "words"),
    [
        (
            Reply(b"no key could decrypt secret (password, user)", 409),
            UnsealingError,
            "could not unseal it .409.: no key could decrypt secret .password, user.$",
        ),
        (Reply(b"", 409), UnsealingError, "could not unseal it .409.$"),
        (Reply(b"not a SealedSecret", 422), InputError, "does not accept it .422.: not a SealedSecret"),
        (
            forbidden('services "http:sealed-secrets-controller:http"', "create", "services/proxy"),
            ClusterError,
            "user ann may not create services/proxy on http:sealed-secrets-controller:http",
        ),
        (Reply(b"", 429), ClusterError, "429"),
    ],
)
def test_an_object_that_is_not_verified_is_told(
    plain_server: StandIn, answers: Reply, kind: type[CliError], words: str
) -> None:
    plain_server.table = {VERIFY: answers, SERVICE: USUAL_PORT}
    with client(plain_server) as controller, pytest.raises(kind, match=words):
        controller.verify(json.dumps({"kind": "SealedSecret"}).encode())


# --- a controller that is too busy ----------------------------------------------------------------------------------


def busy(seconds: str) -> Reply:
    return Reply(b"too many requests\n", 429, {"Retry-After": seconds})


def waiting(stand_in: StandIn, waits: list[float], then: Reply) -> ControllerClient:
    """Return a client whose waits are kept instead of waited; after the second one the controller has time again."""

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            stand_in.table = {VERIFY: then}

    return ControllerClient(stand_in.kubeconfig(), ControllerAddress(), wait)


def test_it_comes_again_when_it_is_told_to(plain_server: StandIn) -> None:
    plain_server.table, waits = {VERIFY: busy("3")}, list[float]()
    with waiting(plain_server, waits, then=Reply(b"ok")) as controller:
        controller.verify(b"sealed")
    assert waits == [3, 3]
    assert plain_server.lines == [VERIFY] * 3


def test_it_gives_up_in_the_end(plain_server: StandIn) -> None:
    plain_server.table, waits = {VERIFY: busy("1")}, list[float]()
    with waiting(plain_server, waits, then=busy("1")) as controller, pytest.raises(ClusterError, match="429"):
        controller.verify(b"sealed")
    assert len(plain_server.lines) == MAX_WAITS


@pytest.mark.parametrize("pause", ["", "31", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_it_does_not_wait_for_what_is_no_short_time(plain_server: StandIn, pause: str) -> None:
    plain_server.table, waits = {VERIFY: busy(pause)}, list[float]()
    with waiting(plain_server, waits, then=Reply(b"ok")) as controller, pytest.raises(ClusterError, match="429"):
        controller.verify(b"sealed")
    assert waits == []
