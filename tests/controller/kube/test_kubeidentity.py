"""An answer that says nothing of whose it is: trouble, and neither an object, nor none, nor an empty collection."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support.scripted_server import ScriptedServer, answer

from sealwright_controller.gateway import ObjectKey, Resource, UnavailableError
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.gateway import KubeGateway
from sealwright_controller.kube.identity import IdentifiedObjects

KEY = ObjectKey("team-a", "db")
SECRET = {"metadata": {"namespace": "team-a", "name": "db", "uid": "u", "resourceVersion": "1"}}
WHOLE_LIST = {"metadata": {"resourceVersion": "7"}, "items": [SECRET]}

Serve = Callable[[Any], KubeGateway]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that makes a gateway to a server which answers everything with one body."""
    opened: list[KubeGateway | ScriptedServer] = []

    def start(body: Any) -> KubeGateway:
        server = ScriptedServer(answer(json.dumps(body).encode()))
        client = connect(server.kubeconfig(tmp_path))
        gateway = KubeGateway(client, own_namespace="n", clock=lambda: datetime.now(UTC), request_timeout_seconds=5)
        opened.extend([gateway, server])
        return gateway

    yield start
    for each in opened:
        each.close()


NAMELESS = [
    ("an empty object", {}),
    ("no metadata", {"metadata": None, "data": {}}),
    ("no name", {"metadata": {"uid": "u", "resourceVersion": "1"}}),
    ("no uid", {"metadata": {"name": "db", "resourceVersion": "1"}}),
    ("an empty version", {"metadata": {"name": "db", "uid": "u", "resourceVersion": ""}}),
    ("a version that is a number", {"metadata": {"name": "db", "uid": "u", "resourceVersion": 1}}),
]
CALLS: list[tuple[str, Callable[[KubeGateway], object]]] = [
    ("get_sealed_secret", lambda gateway: gateway.get_sealed_secret(KEY)),
    ("get_secret", lambda gateway: gateway.get_secret(KEY)),
    ("create_secret", lambda gateway: gateway.create_secret(SECRET)),
    ("replace_secret", lambda gateway: gateway.replace_secret(SECRET)),
    ("create_sealing_key", lambda gateway: gateway.create_sealing_key(SECRET)),
    ("write_status", lambda gateway: gateway.write_status(KEY, "u", {})),
]


@pytest.mark.parametrize("body", [row[1] for row in NAMELESS], ids=[row[0] for row in NAMELESS])
@pytest.mark.parametrize("call", [row[1] for row in CALLS], ids=[row[0] for row in CALLS])
def test_an_object_without_identity_is_trouble(serve: Serve, call: Callable[[KubeGateway], object], body: Any) -> None:
    with pytest.raises(UnavailableError, match=r"db|sealing key"):
        call(serve(body))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="an empty object"),
        pytest.param({"items": []}, id="no metadata"),
        pytest.param({"metadata": {}, "items": []}, id="no version"),
        pytest.param({"metadata": {"resourceVersion": ""}, "items": [SECRET]}, id="an empty version"),
        pytest.param({"metadata": {"resourceVersion": "7"}, "items": [SECRET, {}]}, id="an empty item"),
    ],
)
@pytest.mark.parametrize("resource", Resource)
def test_a_list_without_version_or_with_an_item_without_identity_is_trouble(
    serve: Serve, resource: Resource, body: Any
) -> None:
    with pytest.raises(UnavailableError, match=f"list of {resource.value}|list of S|list of sealing keys"):
        list(serve(body).list_page(resource).items)


def test_a_list_that_says_whose_it_is_is_taken(serve: Serve) -> None:
    page = serve(WHOLE_LIST).list_page(Resource.SECRETS)
    assert (list(page.items), page.resource_version) == ([SECRET], "7")


def test_a_part_of_a_list_is_looked_at_as_well() -> None:
    objects = IdentifiedObjects([SECRET, {}, SECRET], "list")
    assert len(objects) == 3
    assert list(objects[:1]) == [SECRET]
    with pytest.raises(UnavailableError):
        list(objects[:2])
