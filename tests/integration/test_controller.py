"""The main job over a real kube-apiserver: through `sealwright` and `kubectl`, with the ServiceAccount's own rights."""

import base64
import json
import os
import signal
from datetime import UTC, datetime

import pytest
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.installation import KEY_LABEL, SEALED_SECRET, Installation
from tests.support.wait import eventually, stays_true

PASSWORD = "correct horse battery staple"


def secret_manifest(namespace: str, name: str = "db", **items: str) -> str:
    metadata = {"name": name, "namespace": namespace}
    return json.dumps({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": items})


def seal_and_apply(installed: Installation, namespace: str, name: str = "db", *options: str, **items: str) -> str:
    sealed = installed.sealwright("seal", "-o", "json", *options, stdin=secret_manifest(namespace, name, **items))
    installed.apply(sealed)
    return sealed


def add_key(installed: Installation, key) -> str:
    made = installed.kube.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "generateName": "restored-key-",
                "namespace": installed.namespace,
                "labels": {KEY_LABEL: "active"},
            },
            "type": "kubernetes.io/tls",
            "data": {
                "tls.crt": base64.b64encode(key.certificate.pem.encode()).decode(),
                "tls.key": base64.b64encode(key.private_key.pem()).decode(),
            },
        }
    )
    return str(made["metadata"]["name"])


class TestKeys:
    bits = 4096

    def test_the_first_key_is_made_and_stored_as_upstream_stores_it(self, installed):
        (key,) = [key for key in installed.key_secrets() if key["metadata"].get("generateName") == "sealed-secrets-key"]
        assert key["type"] == "kubernetes.io/tls"
        assert key["metadata"]["labels"] == {KEY_LABEL: "active"}
        assert set(key["data"]) == {"tls.crt", "tls.key"}
        assert base64.b64decode(key["data"]["tls.key"]).startswith(b"-----BEGIN RSA PRIVATE KEY-----")
        assert base64.b64decode(key["data"]["tls.crt"]).decode() == installed.certificate.read_text()
        shown = json.loads(installed.sealwright("cert", "show", "-o", "json", str(installed.certificate)))
        assert shown["bits"] == self.bits

    def test_a_key_added_live_wakes_objects_that_failed(self, installed, namespace):
        key = other_sealing_key(7, datetime(2020, 1, 1, tzinfo=UTC))
        installed.kube.create(sealed_secret("db", namespace, certificate=key.certificate))
        installed.wait_for_condition(namespace, "db", "False", "no key could decrypt secret (password)")
        add_key(installed, key)
        installed.wait_for_items(namespace, "db", {"password": "hunter2"}, seconds=10)
        installed.wait_for_condition(namespace, "db", "True")

    def test_a_key_removed_live_is_not_used_any_more(self, installed, namespace):
        key = other_sealing_key(8, datetime(2020, 1, 2, tzinfo=UTC))
        add_key(installed, key)
        installed.kube.create(sealed_secret("before", namespace, certificate=key.certificate))
        installed.wait_for_items(namespace, "before", {"password": "hunter2"})
        for secret in installed.key_secrets():
            if base64.b64decode(secret["data"]["tls.crt"]).decode() == key.certificate.pem:
                installed.kube.delete("v1/Secret", secret["metadata"]["name"], installed.namespace)
        eventually(
            lambda: (
                installed.controller.log.read_text().count("sealing keys in use")
                and _is_refused(installed, namespace, key)
            ),
            what="an object sealed to the removed key is refused",
            timeout=20,
        )
        assert installed.items(namespace, "before") == {"password": "hunter2"}

    def test_an_unreadable_key_is_told_and_harms_nobody(self, installed, namespace):
        junk = installed.kube.create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {
                    "generateName": "junk-",
                    "namespace": installed.namespace,
                    "labels": {KEY_LABEL: "active"},
                },
                "data": {"tls.crt": "anVuaw==", "tls.key": "anVuaw=="},
            }
        )
        name = junk["metadata"]["name"]
        eventually(lambda: installed.events(installed.namespace, name), what="an event on the unreadable key")
        (event,) = installed.events(installed.namespace, name)
        assert (event["reason"], event["involvedObject"]["kind"]) == ("ErrKeyUnreadable", "Secret")
        assert 'sealwright_sealing_keys{state="unreadable"} 1.0' in installed.controller.metrics().splitlines()
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD})
        installed.kube.delete("v1/Secret", name, installed.namespace)

    def test_a_key_that_is_labelled_out_of_use_and_back_is_followed_without_a_restart(self, installed, namespace):
        key = other_sealing_key(9, datetime(2020, 1, 3, tzinfo=UTC))
        name = add_key(installed, key)
        installed.kube.create(sealed_secret("before", namespace, certificate=key.certificate))
        installed.wait_for_items(namespace, "before", {"password": "hunter2"})
        opened = f'sealwright_items_opened_total{{fingerprint="{key.fingerprint}"}} 1.0'
        assert opened in installed.controller.metrics().splitlines()
        label_key(installed, name, "compromised")
        eventually(lambda: key_count(installed, "inactive") == 1, what="a key out of use")
        installed.kube.create(sealed_secret("db", namespace, certificate=key.certificate))
        installed.wait_for_condition(namespace, "db", "False", "no key could decrypt secret (password)")
        label_key(installed, name, "active")
        installed.wait_for_items(namespace, "db", {"password": "hunter2"}, seconds=10)
        installed.wait_for_condition(namespace, "db", "True")
        assert key_count(installed, "inactive") == 0
        installed.kube.delete("v1/Secret", name, installed.namespace)

    def test_sigusr1_makes_a_key_that_is_served_and_leaves_the_old_one_in_use(self, installed, namespace):
        before = {key["metadata"]["name"] for key in installed.key_secrets()}
        os.kill(installed.controller.pid, signal.SIGUSR1)
        eventually(
            lambda: installed.controller.get("/v1/cert.pem")[1] != installed.certificate.read_text(),
            timeout=60,
            what="a new certificate",
        )
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD})
        (made,) = {key["metadata"]["name"] for key in installed.key_secrets()} - before
        installed.kube.delete("v1/Secret", made, installed.namespace)


def label_key(installed: Installation, name: str, value: str) -> None:
    installed.kube.patch("v1/Secret", name, {"metadata": {"labels": {KEY_LABEL: value}}}, installed.namespace)


def key_count(installed: Installation, state: str) -> float:
    (line,) = (line for line in installed.controller.metrics().splitlines() if f'keys{{state="{state}"}}' in line)
    return float(line.split()[-1])


def _is_refused(installed, namespace, key) -> bool:
    name = f"after-{len(installed.kube.list(SEALED_SECRET, namespace))}"
    installed.kube.create(sealed_secret(name, namespace, certificate=key.certificate))
    condition = eventually(lambda: installed.condition(namespace, name), what="a condition")
    return condition["status"] == "False"


class TestSealing:
    def test_seal_commit_apply_secret(self, installed, namespace):
        sealed = seal_and_apply(installed, namespace, password=PASSWORD, user="shop")
        assert PASSWORD not in sealed
        installed.wait_for_items(namespace, "db", {"password": PASSWORD, "user": "shop"})
        assert installed.wait_for_condition(namespace, "db", "True")["message"] == ""
        found = installed.kube.get(SEALED_SECRET, "db", namespace)
        assert found["status"]["observedGeneration"] == found["metadata"]["generation"]
        secret = installed.kube.get("v1/Secret", "db", namespace)
        (owner,) = secret["metadata"]["ownerReferences"]
        assert (owner["uid"], owner["controller"]) == (found["metadata"]["uid"], True)
        eventually(lambda: installed.events(namespace, "db"), what="an event")
        (event,) = installed.events(namespace, "db")
        assert (event["reason"], event["type"], event["source"]["component"]) == (
            "Unsealed",
            "Normal",
            "sealed-secrets",
        )

    def test_an_update_reaches_the_secret(self, installed, namespace):
        seal_and_apply(installed, namespace, password="old", stale="x")
        installed.wait_for_items(namespace, "db", {"password": "old", "stale": "x"})
        seal_and_apply(installed, namespace, password="new")
        installed.wait_for_items(namespace, "db", {"password": "new"})
        installed.wait_for_condition(namespace, "db", "True")

    @pytest.mark.parametrize("scope", ["namespace-wide", "cluster-wide"])
    def test_a_wider_scope_opens_under_another_name(self, installed, namespace, scope):
        sealed = installed.sealwright(
            "seal", "-o", "json", "--scope", scope, stdin=secret_manifest(namespace, password=PASSWORD)
        )
        renamed = json.loads(sealed)
        renamed["metadata"]["name"] = "renamed"
        installed.apply(json.dumps(renamed))
        installed.wait_for_items(namespace, "renamed", {"password": PASSWORD})

    def test_a_strict_ciphertext_moved_to_another_name_is_refused(self, installed, namespace):
        moved = json.loads(
            installed.sealwright("seal", "-o", "json", stdin=secret_manifest(namespace, password=PASSWORD))
        )
        moved["metadata"]["name"] = "stolen"
        installed.apply(json.dumps(moved))
        condition = installed.wait_for_condition(namespace, "stolen", "False", "no key could decrypt secret (password)")
        assert condition["reason"] == "NoKey"
        assert installed.items(namespace, "stolen") is None

    def test_the_scope_annotation_of_the_template_does_not_widen_anything(self, installed, namespace):
        moved = json.loads(
            installed.sealwright("seal", "-o", "json", stdin=secret_manifest(namespace, password=PASSWORD))
        )
        moved["metadata"]["name"] = "stolen"
        annotations = {"sealedsecrets.bitnami.com/cluster-wide": "true"}
        moved["spec"]["template"]["metadata"]["annotations"] = annotations
        installed.apply(json.dumps(moved))
        installed.wait_for_condition(namespace, "stolen", "False", "no key could decrypt secret")

    def test_one_template_text_over_the_items(self, installed, namespace):
        sealed = json.loads(
            installed.sealwright("seal", "-o", "json", stdin=secret_manifest(namespace, password="s3cret"))
        )
        sealed["spec"]["template"]["data"] = {"url": "db://shop:{{ .password }}@db"}
        installed.apply(json.dumps(sealed))
        installed.wait_for_items(namespace, "db", {"password": "s3cret", "url": "db://shop:s3cret@db"})


class TestSecretsThatAreThere:
    def test_an_unmanaged_secret_is_untouched(self, installed, namespace):
        installed.apply(secret_manifest(namespace, mine="hands off"))
        before = installed.kube.get("v1/Secret", "db", namespace)
        seal_and_apply(installed, namespace, password=PASSWORD)
        message = 'Resource "db" already exists and is not managed by SealedSecret'
        assert installed.wait_for_condition(namespace, "db", "False", message)["reason"] == "NotManaged"
        eventually(lambda: installed.events(namespace, "db"), what="an event")
        assert {event["reason"] for event in installed.events(namespace, "db")} == {"ErrUpdateFailed"}
        assert installed.kube.get("v1/Secret", "db", namespace) == before

    def test_a_secret_that_is_annotated_as_managed_is_taken_over(self, installed, namespace):
        theirs = json.loads(secret_manifest(namespace, theirs="x"))
        theirs["metadata"]["annotations"] = {"sealedsecrets.bitnami.com/managed": "true"}
        installed.kube.create(theirs)
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD})
        (owner,) = installed.kube.get("v1/Secret", "db", namespace)["metadata"]["ownerReferences"]
        assert owner["uid"] == installed.kube.get(SEALED_SECRET, "db", namespace)["metadata"]["uid"]

    def test_removing_the_blocking_secret_frees_the_way_at_once(self, installed, namespace):
        installed.apply(secret_manifest(namespace, mine="in the way"))
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_condition(namespace, "db", "False")
        installed.kube.delete("v1/Secret", "db", namespace)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD}, seconds=10)

    def test_a_secret_deleted_by_hand_comes_back(self, installed, namespace):
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_condition(namespace, "db", "True")
        uid = installed.kube.get("v1/Secret", "db", namespace)["metadata"]["uid"]
        installed.kube.delete("v1/Secret", "db", namespace)
        eventually(
            lambda: (
                (installed.kube.find("v1/Secret", "db", namespace) or {}).get("metadata", {}).get("uid", uid) != uid
            ),
            what="a new Secret",
        )
        assert installed.items(namespace, "db") == {"password": PASSWORD}

    def test_a_secret_edited_by_hand_is_put_back(self, installed, namespace):
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_condition(namespace, "db", "True")
        installed.kube.patch("v1/Secret", "db", {"stringData": {"password": "edited", "more": "x"}}, namespace)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD})

    def test_deleting_the_sealed_secret_lets_the_garbage_collector_have_the_secret(self, installed, namespace):
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_condition(namespace, "db", "True")
        installed.kube.delete(SEALED_SECRET, "db", namespace)
        eventually(lambda: installed.items(namespace, "db") is None, timeout=30, what="the Secret is collected")
        stays_true(lambda: installed.items(namespace, "db") is None, seconds=1, what="it does not come back")

    def test_a_namespace_goes_with_all_that_is_in_it(self, installed, namespace):
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_condition(namespace, "db", "True")
        installed.kubectl("delete", "namespace", namespace, "--wait=true", "--timeout=60s")
        assert installed.kube.find("v1/Namespace", namespace) is None
        installed.controller.check_running()

    def test_what_the_api_server_refuses_is_told_in_the_status(self, installed, namespace):
        sealed = json.loads(installed.sealwright("seal", "-o", "json", stdin=secret_manifest(namespace, password="x")))
        sealed["spec"]["template"]["metadata"]["labels"] = {"app": "no label at all!"}
        installed.apply(json.dumps(sealed))
        assert installed.wait_for_condition(namespace, "db", "False")["reason"] == "Refused"


class TestTrouble:
    @pytest.fixture
    def bad_objects(self, installed, namespace):
        """Objects that the API server lets in and nobody can unseal."""
        good = sealed_secret("x", namespace)
        broken = {
            "not-base64": {"encryptedData": {"a": "!!!"}},
            "empty-item": {"encryptedData": {"a": ""}},
            "cut-off": {"encryptedData": {"a": good["spec"]["encryptedData"]["password"][:100]}},
            "both-forms": {"encryptedData": {"a": "AAAA"}, "data": "AAAA"},
            "broken-template": {**good["spec"], "template": {"data": {"t": "{{ .a | nonsense }}"}}},
        }
        for name, spec in broken.items():
            metadata = {"name": name, "namespace": namespace}
            installed.kube.create(
                {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": metadata, "spec": spec}
            )
        return tuple(broken)

    def test_bad_objects_are_refused_each_and_good_ones_go_on(self, installed, namespace, bad_objects):
        seal_and_apply(installed, namespace, password=PASSWORD)
        installed.wait_for_items(namespace, "db", {"password": PASSWORD})
        for name in bad_objects:
            assert installed.wait_for_condition(namespace, name, "False")["message"]
            assert installed.items(namespace, name) is None

    def test_200_objects_at_once(self, installed, namespace):
        sealed = installed.sealwright(
            "seal",
            "-o",
            "yaml",
            stdin="\n---\n".join(secret_manifest(namespace, f"s{n}", value=f"v{n}") for n in range(200)),
        )
        installed.apply(sealed)
        names = {f"s{n}" for n in range(200)}
        eventually(
            lambda: names <= {secret["metadata"]["name"] for secret in installed.kube.list("v1/Secret", namespace)},
            timeout=90,
            what="200 Secrets",
            interval=0.5,
        )
        assert all(installed.items(namespace, f"s{n}") == {"value": f"v{n}"} for n in (0, 57, 199))
