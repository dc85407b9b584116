"""What the controller lives through: being killed, its API server going away, lost watches; and what it never tells."""

import base64
import json
import os
import signal
from urllib.parse import quote

import pytest
from tests.support.builders import sealed_secret
from tests.support.installation import NAMESPACE, SEALED_SECRET
from tests.support.wait import eventually, stays_true

PASSWORD = "Tr0ub4dor & more: the plaintext to look for"


def seal_and_apply(installed, namespace, name, password, **template):
    metadata = {"name": name, "namespace": namespace}
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": password}}
    sealed = json.loads(installed.sealwright("seal", "-o", "json", stdin=json.dumps(secret)))
    sealed["spec"]["template"] |= template
    installed.apply(json.dumps(sealed))


def versions(installed, namespace):
    """Return the resourceVersion of every SealedSecret and Secret: equal means that nobody wrote anything."""
    kinds = (SEALED_SECRET, "v1/Secret")
    found = [(kind, obj["metadata"]) for kind in kinds for obj in installed.kube.list(kind, namespace)]
    return {(kind, metadata["name"]): metadata["resourceVersion"] for kind, metadata in found}


class TestRestart:
    def test_killed_and_started_again_it_catches_up_and_writes_nothing_that_is_settled(
        self, own_installed, namespace_of
    ):
        installed = own_installed
        namespace = namespace_of(installed)
        for number in range(5):
            seal_and_apply(installed, namespace, f"settled-{number}", PASSWORD)
            installed.wait_for_condition(namespace, f"settled-{number}", "True")
        settled = versions(installed, namespace)
        certificate = installed.certificate.read_text()
        keys = len(installed.key_secrets())
        installed.controller.kill()
        seal_and_apply(installed, namespace, "while-away", PASSWORD)
        installed.kube.delete("v1/Secret", "settled-4", namespace)
        installed.controller.start()
        installed.wait_for_items(namespace, "while-away", {"password": PASSWORD})
        installed.wait_for_items(namespace, "settled-4", {"password": PASSWORD})
        now = versions(installed, namespace)
        untouched = {key: version for key, version in settled.items() if key[1] != "settled-4"}
        assert {key: now[key] for key in untouched} == untouched
        assert installed.controller.get("/v1/cert.pem") == (200, certificate)
        assert len(installed.key_secrets()) == keys

    def test_a_sigterm_ends_it_in_good_order(self, own_installed):
        assert own_installed.controller.stop() == 0
        assert "stopped" in own_installed.controller.log.read_text().splitlines()[-1]
        own_installed.controller.start()


class TestApiServer:
    def test_it_lives_through_a_restart_of_the_api_server(self, own_installed, namespace_of):
        installed = own_installed
        namespace = namespace_of(installed)
        installed.cluster.restart_apiserver()
        seal_and_apply(installed, namespace, "db", PASSWORD)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD}, seconds=60)

    def test_a_watch_that_expired_is_made_good_by_a_new_list(self, own_installed, namespace_of):
        installed = own_installed
        namespace = namespace_of(installed)
        seal_and_apply(installed, namespace, "gone", PASSWORD)
        installed.wait_for_condition(namespace, "gone", "True")
        os.kill(installed.controller.pid, signal.SIGSTOP)
        seal_and_apply(installed, namespace, "missed", PASSWORD)
        installed.kube.delete(SEALED_SECRET, "gone", namespace)
        for number in range(30):  # history for the new API server to have forgotten
            metadata = {"name": f"filler-{number}"}
            installed.kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}, namespace)
        installed.cluster.restart_apiserver()
        os.kill(installed.controller.pid, signal.SIGCONT)
        installed.wait_for_items(namespace, "missed", {"password": PASSWORD}, seconds=60)
        assert "watch expired, listing again" in installed.controller.log.read_text()

    def test_while_the_api_server_is_away_it_answers_and_waits(self, own_installed, namespace_of):
        installed = own_installed
        namespace = namespace_of(installed)
        installed.cluster.stop_apiserver()
        assert installed.controller.get("/healthz")[0] == 200
        stays_true(
            lambda: installed.controller.get("/v1/cert.pem")[0] == 200, seconds=2, what="it serves the certificate"
        )
        installed.cluster.start_apiserver()
        seal_and_apply(installed, namespace, "db", PASSWORD)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD}, seconds=60)

    def test_it_is_not_ready_before_it_has_seen_the_keys(self, own_installed):
        installed = own_installed
        installed.controller.stop()
        installed.cluster.stop_apiserver()
        installed.controller.start(wait=False)
        eventually(lambda: installed.controller.get("/healthz")[0] == 200, timeout=20, what="it is alive")
        stays_true(lambda: installed.controller.get("/readyz")[0] == 503, seconds=1, what="it is not ready")
        installed.cluster.start_apiserver()
        installed.controller.wait_until_ready()


@pytest.mark.parametrize(
    "encode",
    [str, quote, lambda text: base64.b64encode(text.encode()).decode(), lambda text: text.encode().hex()],
    ids=["as it is", "as in a URL", "in base64", "in hex"],
)
def test_neither_log_nor_events_nor_status_hold_a_plaintext(told, encode):
    for place, text in told.items():
        assert encode(PASSWORD) not in text, place


def test_neither_log_nor_events_nor_status_hold_a_private_key(told, own_installed):
    for secret in own_installed.key_secrets():
        pem = base64.b64decode(secret["data"]["tls.key"]).decode()
        lines = [line for line in pem.splitlines() if not line.startswith("-----")]
        for place, text in told.items():
            assert "PRIVATE KEY" not in text, place
            assert secret["data"]["tls.key"][:80] not in text, place
            assert not any(line in text for line in lines), place


@pytest.fixture(scope="module")
def told(own_installed, namespace_of):
    """Everything that the controller said about successes, updates and failures of every kind, by where it said it."""
    installed = own_installed
    namespace = namespace_of(installed)
    seal_and_apply(installed, namespace, "good", PASSWORD)
    installed.wait_for_condition(namespace, "good", "True")
    seal_and_apply(installed, namespace, "good", PASSWORD + "!")
    installed.wait_for_items(namespace, "good", {"password": PASSWORD + "!"})
    seal_and_apply(installed, namespace, "template", PASSWORD, data={"x": "{{ .password | fail }}"})
    seal_and_apply(installed, namespace, "refused", PASSWORD, metadata={"labels": {"bad": "label !"}})
    seal_and_apply(installed, namespace, "immutable", PASSWORD, immutable=True)
    installed.wait_for_condition(namespace, "immutable", "True")
    seal_and_apply(installed, namespace, "immutable", PASSWORD + "?", immutable=True)
    installed.apply(json.dumps(sealed_secret("foreign", namespace, certificate=None)))
    for name in ("template", "refused", "immutable", "foreign"):
        installed.wait_for_condition(namespace, name, "False")
    eventually(lambda: installed.events(namespace, "immutable"), what="an event")
    return {
        "log": installed.controller.log.read_text(),
        "metrics": installed.controller.metrics(),
        "events": json.dumps(installed.kube.list("v1/Event", namespace)),
        "key events": json.dumps(installed.kube.list("v1/Event", NAMESPACE)),
        "status": json.dumps([obj.get("status") for obj in installed.kube.list(SEALED_SECRET, namespace)]),
    }
