"""Kubeseal itself against our controller, and our two commands against sealed-secrets' controller, as a plain author."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.cli import COMMAND, KUBESEAL, Run, run_command
from tests.support.controller_process import ControllerProcess
from tests.support.installation import KEY_LABEL, NAME, NAMESPACE, Installation
from tests.support.wait import eventually

ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "author"}}
TEAM = "team-a"
SECONDS = 30.0
ITEMS = {"user": "x", "password": "correct horse\nbattery staple"}


class Pair:
    """A command of one side, a controller of the other, and the author who uses the first to reach the second."""

    def __init__(self, installed: Installation, command: str, controller: ControllerProcess, folder: Path) -> None:
        self.installed = installed
        self.controller = controller
        self._command = command
        token = installed.cluster.service_account_token(TEAM, "author")
        self._kubeconfig = installed.cluster.kubeconfig(folder / "config", token=token, namespace=TEAM)
        self.folder = folder

    def kubeseal(self, *arguments: str, stdin: str | bytes = "") -> Run:
        return self.run([self._command, *arguments], stdin)

    def sealwright(self, *arguments: str, stdin: str | bytes = "") -> Run:
        return self.run([*COMMAND, *arguments], stdin)

    def run(self, command: list[str], stdin: str | bytes = "") -> Run:
        environment = {"KUBECONFIG": str(self._kubeconfig), "HOME": str(self.folder), "PATH": os.environ["PATH"]}
        run = run_command(command, stdin, self.folder, environment)
        assert run.status >= 0
        return run

    def certificate(self) -> str:
        return self.controller.get("/v1/cert.pem")[1]

    def applied(self, sealed: bytes, name: str, items: dict[str, str]) -> None:
        self.installed.kubectl("-n", TEAM, "apply", "-f", "-", stdin=sealed.decode())
        self.installed.wait_for_items(TEAM, name, items, SECONDS)
        self.installed.wait_for_condition(TEAM, name, "True")


@pytest.fixture(scope="module", params=["kubeseal with our controller", "our commands with their controller"])
def pair(request, own_control_plane, theirs_over, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """One controller after the other, over the same objects."""
    folder = tmp_path_factory.mktemp("installation")
    installed = Installation(own_control_plane, folder, arguments=["--key-size=2048", "--rate-limit=100"])
    installed.install()
    theirs = theirs_over(installed)
    kube = installed.kube
    if kube.find("v1/Namespace", TEAM) is None:
        kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TEAM}})
        kube.create(ACCOUNT, TEAM)
    is_ours = request.param.endswith("our controller")
    controller = installed.controller if is_ours else theirs.controller
    command = theirs.kubeseal_path if is_ours else KUBESEAL
    try:
        (installed.controller if is_ours else theirs).start()
        installed.cluster.expose(NAMESPACE, NAME, "http", controller.port)
        yield Pair(installed, str(command), controller, tmp_path_factory.mktemp("author"))
    finally:
        controller.stop()
        print(f"the controller's log: {controller.log}")  # shown beside a failure


def secret(name: str, **special: Any) -> str:
    return json.dumps(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": ITEMS, **special}
    )


def test_the_certificate_is_fetched(pair: Pair) -> None:
    run = pair.kubeseal("--fetch-cert")
    assert run.status == 0, run.stderr
    assert run.stdout.decode().strip() == pair.certificate().strip()


@pytest.mark.parametrize("scope", ["strict", "namespace-wide", "cluster-wide"])
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_is_sealed_is_valid_and_opens(pair: Pair, scope: str, form: str) -> None:
    name = f"{scope}-{form}"
    sealed = pair.kubeseal("--scope", scope, "-o", form, stdin=secret(name, immutable=True))
    assert sealed.status == 0, sealed.stderr
    valid = pair.kubeseal("--validate", stdin=sealed.stdout)
    assert valid.status == 0, valid.stderr
    pair.applied(sealed.stdout, name, ITEMS)


def test_what_was_moved_is_not_valid(pair: Pair) -> None:
    sealed = pair.kubeseal("-o", "json", stdin=secret("here")).json
    sealed["metadata"]["name"] = "there"
    run = pair.kubeseal("--validate", stdin=json.dumps(sealed))
    assert run.status != 0
    assert "unable to decrypt" in run.stderr or "could not unseal" in run.stderr, run.stderr


@pytest.mark.parametrize("scope", ["strict", "namespace-wide", "cluster-wide"])
def test_what_is_sealed_again_is_to_the_newest_key_and_makes_the_same_secret(pair: Pair, scope: str) -> None:
    name = f"again-{scope}"
    labels = {"name": name, "labels": {"app": "shop"}, "annotations": {"example.com/owner": "team-a"}}
    sealed = pair.kubeseal("--scope", scope, "-o", "json", stdin=secret(name, metadata=labels, type="Opaque"))
    pair.applied(sealed.stdout, name, ITEMS)
    made = pair.installed.kube.get("v1/Secret", name, TEAM)
    before = pair.certificate()
    os.kill(pair.controller.pid, signal.SIGUSR1)
    eventually(lambda: pair.certificate() not in {"", before}, timeout=SECONDS, what="another key")
    again = pair.kubeseal("--re-encrypt", "-o", "json", stdin=sealed.stdout)
    assert again.status == 0, again.stderr
    before, after = (each["spec"]["encryptedData"] for each in (sealed.json, again.json))
    assert before.keys() == after.keys()
    assert all(before[item] != after[item] for item in before)
    pair.installed.kube.delete("v1/Secret", name, TEAM)
    pair.applied(again.stdout, name, ITEMS)
    eventually(lambda: pair.installed.items(TEAM, name) == ITEMS, what="the same items")
    now = pair.installed.kube.get("v1/Secret", name, TEAM)
    for field in ("labels", "annotations"):
        assert now["metadata"].get(field) == made["metadata"].get(field)
    assert now["type"] == made["type"]


@pytest.mark.parametrize("scope", ["strict", "namespace-wide", "cluster-wide"])
def test_a_raw_value_opens(pair: Pair, scope: str) -> None:
    name = f"raw-{scope}"
    options = {"strict": ["--name", name, "-n", TEAM], "namespace-wide": ["-n", TEAM], "cluster-wide": []}[scope]
    (pair.folder / "value").write_text("of a file\n")
    raw = pair.kubeseal("--raw", "--scope", scope, *options, "--from-file=value")
    assert raw.status == 0, raw.stderr
    notes = {} if scope == "strict" else {f"sealedsecrets.bitnami.com/{scope}": "true"}
    metadata = {"name": name, "namespace": TEAM, "annotations": notes}
    spec = {"encryptedData": {"value": raw.stdout.decode().strip()}, "template": {"metadata": metadata}}
    kind = {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret"}
    pair.applied(json.dumps({**kind, "metadata": metadata, "spec": spec}).encode(), name, {"value": "of a file\n"})


def test_an_item_is_merged_into_a_file(pair: Pair) -> None:
    path = pair.folder / "merged.json"
    path.write_bytes(pair.kubeseal("-o", "json", stdin=secret("merged")).stdout)
    run = pair.kubeseal("-o", "json", "--merge-into", str(path), stdin=secret("merged", stringData={"token": "t"}))
    assert run.status == 0, run.stderr
    pair.applied(path.read_bytes(), "merged", {**ITEMS, "token": "t"})


def test_a_backup_of_the_keys_opens_it(pair: Pair) -> None:
    backup = pair.folder / "keys.yaml"
    backup.write_text(pair.installed.kubectl("-n", NAMESPACE, "get", "secret", "-l", KEY_LABEL, "-o", "yaml"))
    sealed = pair.kubeseal("-o", "json", stdin=secret("lost"))
    run = pair.kubeseal("--recovery-unseal", "--recovery-private-key", str(backup), "-o", "json", stdin=sealed.stdout)
    assert run.status == 0, run.stderr
    assert run.json["data"].keys() == ITEMS.keys()


def test_the_verbs_work_with_either_controller(pair: Pair) -> None:
    metadata = {"name": "verbs", "namespace": TEAM}
    sealed = pair.sealwright("seal", "-o", "json", "-w", "verbs.json", stdin=secret("verbs", metadata=metadata))
    assert sealed.status == 0, sealed.stderr
    for verb in ("verify", "reencrypt", "verify"):
        run = pair.sealwright(verb, "verbs.json")
        assert run.status == 0, run.stderr
    pair.applied((pair.folder / "verbs.json").read_bytes(), "verbs", ITEMS)
