"""Whoever may create an object in one namespace cannot stop the controller for the others."""

import json

import pytest
from tests.support.builders import sealed_secret
from tests.support.controller_process import ControllerProcess
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.wait import eventually

NESTED = "spec.template.metadata.x: nested more than 64 deep"
HOSTILE = [
    pytest.param('{"a":' * 1_500 + "1" + "}" * 1_500, NESTED, id="maps without end"),
    pytest.param("[" * 1_500 + "]" * 1_500, NESTED, id="lists without end"),
    pytest.param(
        f"[{','.join(['[]'] * 300_000)}]",
        "one of metadata, spec and status holds more than 50000 values",
        id="values without end",
    ),
]


def synced(installed: Installation, namespace: str, name: str) -> tuple[str, ...]:
    """Return status, reason and message of the first condition; the tests' own reader of JSON cannot read such objects."""
    fields = [f"{{.status.conditions[0].{field}}}" for field in ("status", "reason", "message")]
    shown = installed.kubectl("get", "sealedsecret", name, "-n", namespace, f"-o=jsonpath={'|'.join(fields)}")
    return tuple(shown.split("|"))


def wait_malformed(installed: Installation, namespace: str, name: str, words: str) -> None:
    def is_told() -> bool:
        status, reason, message = synced(installed, namespace, name)
        return (status, reason) == ("False", "Malformed") and words in message

    eventually(is_told, timeout=30, what=f"{namespace}/{name} is malformed")


def seal(installed: Installation, namespace: str, name: str) -> str:
    metadata = {"name": name, "namespace": namespace}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"value": name}}
    return installed.sealwright("seal", "-o", "json", stdin=json.dumps(secret))


def create_hostile(installed: Installation, namespace: str, x: str) -> None:
    sealed = sealed_secret("evil", namespace, template={"metadata": {"x": "HERE"}})
    manifest = json.dumps(sealed).replace('"HERE"', x)
    installed.kubectl("create", "--validate=false", "-f", "-", stdin=manifest)


@pytest.mark.parametrize(("x", "words"), HOSTILE)
class TestAHostileObject:
    def test_it_is_told_so_and_the_others_go_on(self, installed, namespace, namespace_of, x, words):
        create_hostile(installed, namespace, x)
        elsewhere = namespace_of(installed)
        installed.apply(seal(installed, elsewhere, "good"))
        installed.wait_for_items(elsewhere, "good", {"value": "good"})
        wait_malformed(installed, namespace, "evil", words)
        (event,) = eventually(lambda: installed.events(namespace, "evil"), what="an event")
        assert (event["type"], event["reason"]) == ("Warning", "ErrUnsealFailed")
        assert "correct the field" in event["message"]
        assert installed.items(namespace, "evil") is None

    def test_a_controller_that_starts_finds_it_among_the_others_and_goes_on(self, installed, namespace, x, words):
        installed.controller.stop()
        create_hostile(installed, namespace, x)
        installed.apply(seal(installed, namespace, "after"))
        installed.controller.start()
        installed.wait_for_items(namespace, "after", {"value": "after"})
        wait_malformed(installed, namespace, "evil", words)
        installed.kubectl("delete", "sealedsecret", "evil", "-n", namespace)
        assert no_defect(installed.controller)


def no_defect(controller: ControllerProcess) -> bool:
    return "defect" not in controller.log.read_text()


@pytest.mark.parametrize(
    "fields", [b'{"f:a":' * 3_000 + b"{}" + b"}" * 3_000, b'{"f:\xff":{}}'], ids=["deep", "no UTF-8"]
)
def test_a_secret_with_strange_managed_fields_stops_nobody(installed, namespace, fields):
    managed = b'{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":%b}' % fields
    body = b'{"apiVersion":"v1","kind":"Secret","metadata":{"name":"evil","managedFields":[%b]}}' % managed
    installed.kube.request("POST", installed.kube.path("v1/Secret", namespace), body)
    installed.controller.stop()
    installed.controller.start()
    installed.apply(seal(installed, namespace, "good"))
    installed.wait_for_items(namespace, "good", {"value": "good"})
    installed.kube.delete("v1/Secret", "good", namespace)
    installed.wait_for_items(namespace, "good", {"value": "good"})
    assert installed.condition(namespace, "good")["status"] == "True"
    assert no_defect(installed.controller)
    installed.kube.delete("v1/Secret", "evil", namespace)
    installed.kube.delete(SEALED_SECRET, "good", namespace)
