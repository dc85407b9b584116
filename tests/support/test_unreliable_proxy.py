"""The proxy does each harm that it names, and none when it is healed: between a plain client and the real API server."""

import http.client
import json
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.kubeapi import KubeApi
from tests.support.unreliable_proxy import Exchange, UnreliableProxy
from tests.support.wait import eventually
from tests.support.wire_faults import Asked, WireFaults, rates_of

ENDED = (http.client.HTTPException, OSError)


class One(WireFaults):
    """Strikes every request with one fault, at once."""

    def __init__(self, fault: str) -> None:
        super().__init__(0)
        self.fault = fault

    def strike(self, asked: Asked) -> tuple[str, float]:
        return ("" if self.is_healed else self.fault), 0.0


class Client:
    """Asks a proxy, with a new connection for each request; `close` ends them all."""

    def __init__(self, cluster: Any, proxy: UnreliableProxy, tmp_path: Any) -> None:
        kubeconfig = json.loads(proxy.kubeconfig(tmp_path / "kubeconfig").read_text())
        scheme, _, self._address = kubeconfig["clusters"][0]["cluster"]["server"].partition("://")
        self._token = kubeconfig["users"][0]["user"]["token"]
        self._context = ssl.create_default_context(cafile=cluster.ca_file) if scheme == "https" else None
        if self._context:
            self._context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self._opened: list[Any] = []

    def close(self) -> None:
        for each in self._opened:
            each.close()

    def ask(self, method: str, path: str, body: Any = None) -> http.client.HTTPResponse:
        if self._context:
            headers = {"Authorization": f"Bearer {self._token}"}
            connection: Any = http.client.HTTPSConnection(self._address, timeout=30, context=self._context)
        else:
            headers, connection = {}, http.client.HTTPConnection(self._address, timeout=30)
        self._opened.append(connection)
        sent = None if body is None else json.dumps(body).encode()
        connection.request(method, path, sent, headers | {"Content-Type": "application/json"})
        answer = connection.getresponse()
        self._opened.append(answer)
        return answer


@pytest.fixture
def through(control_plane, tmp_path) -> Iterator[Callable[..., Client]]:
    """Return a function that makes a client behind a proxy with one fault; `.faults` and `.seen` are the proxy's."""
    opened: list[UnreliableProxy] = []
    clients: list[Client] = []

    def make(fault: str, *, tls: bool = True) -> Client:
        seen: list[Exchange] = []
        proxy = UnreliableProxy(control_plane, One(fault), tls=tls, recorded=seen.append)
        opened.append(proxy.__enter__())
        client = Client(control_plane, proxy, tmp_path)
        clients.append(client)
        client.proxy, client.faults, client.seen = proxy, proxy.faults, seen
        return client

    yield make
    for client in clients:
        client.close()
    for proxy in opened:
        proxy.__exit__(None, None, None)


def maps(namespace: str, query: str = "") -> str:
    return f"/api/v1/namespaces/{namespace}/configmaps{query}"


def made(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


@pytest.mark.parametrize("tls", [True, False])
def test_what_is_not_struck_comes_through(through, kube: KubeApi, namespace: str, tls: bool):
    client = through("", tls=tls)
    assert client.ask("POST", maps(namespace), made("a")).status == 201
    assert kube.find("v1/ConfigMap", "a", namespace)
    assert [(each.asked.method, each.status, b'"a"' in each.body) for each in client.seen] == [("POST", 201, True)]


def test_a_lost_request_has_no_effect_and_a_lost_answer_has(through, kube: KubeApi, namespace: str):
    with pytest.raises(ENDED):
        through("lost request").ask("POST", maps(namespace), made("a"))
    with pytest.raises(ENDED):
        through("lost answer").ask("POST", maps(namespace), made("b"))
    eventually(lambda: kube.find("v1/ConfigMap", "b", namespace), what="it had its effect")
    assert kube.find("v1/ConfigMap", "a", namespace) is None


@pytest.mark.parametrize("status", ["409", "410", "429", "500", "503"])
def test_a_status_is_answered_in_the_servers_place(through, kube: KubeApi, namespace: str, status: str):
    answer = through(status).ask("POST", maps(namespace), made("a"))
    assert (str(answer.status), str(json.loads(answer.read())["code"])) == (status, status)
    assert kube.find("v1/ConfigMap", "a", namespace) is None


def test_an_answer_is_cut_or_truncated(through, namespace: str):
    with pytest.raises(http.client.IncompleteRead):
        through("cut answer").ask("GET", maps(namespace)).read()
    with pytest.raises(json.JSONDecodeError):
        json.loads(through("truncated").ask("GET", maps(namespace)).read())


def test_a_list_shows_what_was_before(through, kube: KubeApi, namespace: str):
    client = through("")
    before = json.loads(client.ask("GET", maps(namespace)).read())["metadata"]["resourceVersion"]
    kube.create(made("new"), namespace)
    client.ask("GET", maps(namespace, f"?watch=true&timeoutSeconds=1&resourceVersion={before}"))
    client.faults.fault = "stale list"
    old = json.loads(client.ask("GET", maps(namespace, "?limit=500")).read())
    assert (old["metadata"]["resourceVersion"], [each["metadata"]["name"] for each in old["items"]]) == (before, [])


def test_a_watch_repeats_what_was_before(through, kube: KubeApi, namespace: str):
    client = through("")
    before = json.loads(client.ask("GET", maps(namespace)).read())["metadata"]["resourceVersion"]
    now = kube.create(made("new"), namespace)["metadata"]["resourceVersion"]
    client.ask("GET", maps(namespace, f"?watch=true&timeoutSeconds=1&resourceVersion={before}"))
    client.faults.fault = "stale watch"
    (line, *_) = client.ask("GET", maps(namespace, f"?watch=true&timeoutSeconds=3&resourceVersion={now}"))
    assert json.loads(line)["object"]["metadata"]["name"] == "new"


def test_a_watch_is_cut_within_an_event(through, kube: KubeApi, namespace: str):
    stream = through("cut watch").ask("GET", maps(namespace, "?watch=true&resourceVersion=0"))
    with pytest.raises(ENDED):
        stream.read()


def test_a_watch_ends_in_good_order_or_expires(through, namespace: str):
    through("ended watch").ask("GET", maps(f"{namespace}-empty", "?watch=true")).read()
    (last,) = list(through("expired watch").ask("GET", maps(f"{namespace}-empty", "?watch=true")))
    assert (json.loads(last)["type"], json.loads(last)["object"]["code"]) == ("ERROR", 410)


def test_a_silent_watch_says_nothing_until_it_is_healed(through, kube: KubeApi, namespace: str):
    client = through("silent watch")
    stream = client.ask("GET", maps(f"{namespace}-empty", "?watch=true"))
    client.faults.heal()
    with pytest.raises(ENDED):
        stream.read()


def test_a_partition_ends_everything_until_it_is_over(through, namespace: str):
    client = through("")
    stream = client.ask("GET", maps(namespace, "?watch=true"))
    client.proxy.part()
    with pytest.raises(ENDED):
        stream.read()
    with pytest.raises(ENDED):
        client.ask("GET", maps(namespace))
    client.proxy.join()
    assert client.ask("GET", maps(namespace)).status == 200


def test_a_seed_draws_the_same_faults_whatever_others_ask():
    asked = [Asked("GET", "/api/v1/secrets?limit=25"), Asked("PUT", "/api/v1/x"), Asked("GET", "/x?watch=true")]
    one, other = (WireFaults(7, harshness=2) for _ in range(2))
    drawn = [[one.strike(each) for _ in range(200)] for each in asked]
    mixed = [[other.strike(each) for each in asked] for _ in range(200)]
    assert drawn == [list(each) for each in zip(*mixed, strict=True)]
    assert {fault for one in drawn for fault, _ in one} == {
        "",
        *rates_of("list"),
        *rates_of("write"),
        *rates_of("watch"),
    }
    one.heal()
    assert {one.strike(each)[0] for each in asked for _ in range(100)} == {""}
