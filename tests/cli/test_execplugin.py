"""Exec plug-ins: real programs that are started as kubectl starts them, and what becomes of their answers."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.support.cli import COMMAND, environment

from sealwright_cli.cluster.execplugin import run_plugin
from sealwright_cli.messages.errors import ClusterError
from sealwright_conventions.kubeconfig.stanzas import Cluster

V1 = "client.authentication.k8s.io/v1"
BETA = "client.authentication.k8s.io/v1beta1"
CLUSTER = Cluster(
    "https://far.test",
    tls_server_name="inside",
    certificate_authority_data=b"CA",
    extensions=({"name": "client.authentication.k8s.io/exec", "extension": {"audience": "us"}},),
)


def answer(version: str = V1, **status: Any) -> str:
    return json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": status})


def plugin(program: str, version: str = V1, **settings: Any) -> dict[str, Any]:
    """Return the settings of a plug-in that is a Python program."""
    return {
        "apiVersion": version,
        "command": sys.executable,
        "args": ["-c", program],
        "interactiveMode": "Never",
        **settings,
    }


def printing(text: str, version: str = V1, **settings: Any) -> dict[str, Any]:
    return plugin(f"print({text!r})", version, **settings)


@pytest.mark.parametrize("version", [V1, BETA])
def test_a_token_is_taken(version: str) -> None:
    assert run_plugin(printing(answer(version, token="sesame"), version), CLUSTER, {}).token == "sesame"


@pytest.mark.parametrize("what", ["token", "clientCertificateData"])
def test_half_a_character_in_an_answer_is_read_as_by_go_programs(what: str) -> None:
    got = run_plugin(
        printing(answer(**{"token": "t", "clientKeyData": "k", "clientCertificateData": "c", what: "a\ud800"})),
        CLUSTER,
        {},
    )
    assert "a\ufffd" in (got.token, got.certificate.decode())


def test_a_client_certificate_with_its_key_is_taken() -> None:
    got = run_plugin(printing(answer(clientCertificateData="CERT", clientKeyData="KEY")), CLUSTER, {})
    assert (got.token, got.certificate, got.key) == ("", b"CERT", b"KEY")


def test_a_plug_in_gets_the_environment_its_own_variables_and_what_is_asked_of_it() -> None:
    program = (
        "import json, os, sys\n"
        "seen = {'info': json.loads(os.environ['KUBERNETES_EXEC_INFO']), 'stdin': sys.stdin.read()}\n"
        "seen |= {name: os.environ.get(name) for name in ('GIVEN', 'OWN', 'HOME')}\n"
        "seen = json.dumps(seen)\n"
        f"print(json.dumps({{'apiVersion': {V1!r}, 'kind': 'ExecCredential', 'status': {{'token': seen}}}}))"
    )
    settings = plugin(program, env=[{"name": "OWN", "value": "1"}, {"name": "GIVEN", "value": "2"}, {"name": ""}])
    told = json.loads(run_plugin(settings, CLUSTER, {"GIVEN": "x"}).token)
    assert (told["GIVEN"], told["OWN"], told["HOME"], told["stdin"]) == ("2", "1", None, "")
    assert told["info"] == {"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": False}}
    told = json.loads(run_plugin(settings | {"provideClusterInfo": True}, CLUSTER, {}).token)
    assert told["info"]["spec"]["cluster"] == {
        "server": "https://far.test",
        "tls-server-name": "inside",
        "certificate-authority-data": base64.b64encode(b"CA").decode(),
        "config": {"audience": "us"},
    }


def test_the_authority_is_read_for_a_plug_in_that_wants_to_know_the_cluster(tmp_path: Path) -> None:
    (tmp_path / "ca.crt").write_bytes(b"CA")
    program = (
        "import json, os; cluster = json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']['cluster']\n"
        "status = {'token': cluster['certificate-authority-data']}\n"
        f"print(json.dumps({{'apiVersion': {V1!r}, 'kind': 'ExecCredential', 'status': status}}))"
    )
    cluster = Cluster("https://far.test", certificate_authority=str(tmp_path / "ca.crt"))
    got = run_plugin(plugin(program, provideClusterInfo=True), cluster, {})
    assert got.token == base64.b64encode(b"CA").decode()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (printing("hunter2"), "is not an ExecCredential"),
        (printing("[1]"), "is not an ExecCredential"),
        (printing(answer(BETA, token="hunter2")), "answered in another apiVersion than .*/v1$"),
        (printing(answer()), "neither a token nor a client certificate"),
        (printing(answer(clientCertificateData="hunter2")), "neither a token nor a client certificate"),
        (printing(answer(token="hunter2", clientKeyData="x")), "neither a token nor a client certificate"),
        (plugin("print('hunter2'); exit(3)"), "failed with status 3"),
        (printing("", "client.authentication.k8s.io/v1alpha1"), "is of apiVersion .*v1alpha1"),
        ({"command": "/nowhere/plug-in", "apiVersion": V1, "interactiveMode": "Never"}, "no such file or directory"),
        (printing("", args=5), "args is not a list"),
        (printing("", args={"a": "hunter2"}), "args is not a list"),
        (printing("", env="hunter2"), "env is not a list"),
        (printing("", args=["hunter2\0"]), "cannot be run"),
        (printing("", env=[{"name": "hunter2=", "value": "x"}]), "cannot be run"),
    ],
)
def test_what_is_no_answer_is_told_without_a_word_of_it(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ClusterError, match=words) as caught:
        run_plugin(settings, CLUSTER, {})
    assert settings["command"] in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_how_to_install_a_missing_plug_in_is_told() -> None:
    settings = {"command": "/nowhere/p", "apiVersion": V1, "interactiveMode": "Never", "installHint": "get it there"}
    with pytest.raises(ClusterError) as caught:
        run_plugin(settings, CLUSTER, {})
    assert caught.value.hint == "get it there"


def test_a_plug_in_that_fails_may_do_better_at_another_time() -> None:
    with pytest.raises(ClusterError) as caught:
        run_plugin(plugin("exit(1)"), CLUSTER, {})
    assert (caught.value.unreachable, caught.value.final) == (True, True)


@pytest.mark.parametrize("settings", [{"interactiveMode": "Always"}, {"interactiveMode": None}])
def test_a_plug_in_that_needs_a_terminal_is_not_started_without_one(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(ClusterError, match="needs a terminal on standard input"):
        run_plugin(printing(answer(token="x")) | settings, CLUSTER, {})


def test_a_plug_in_cannot_read_what_is_to_be_sealed(tmp_path: Path) -> None:
    """Its standard input is not the Secret; its complaints reach the user."""
    script = tmp_path / "plug-in"
    script.write_text(f"#!{sys.executable}\nimport sys\nprint('read:', sys.stdin.read(), file=sys.stderr)\nexit(1)\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    kubeconfig = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"exec": {"command": "./plug-in", "apiVersion": BETA}}}],
    }
    (tmp_path / "kubeconfig").write_text(json.dumps(kubeconfig))
    done = subprocess.run(
        [*COMMAND, "seal", "--kubeconfig", str(tmp_path / "kubeconfig")],
        input=b"stringData: {password: hunter2}",
        capture_output=True,
        cwd=os.sep,
        env=environment(),
        check=False,
        timeout=60,
    )
    assert done.returncode == 6
    assert done.stderr.decode().splitlines()[0].rstrip() == "read:"
    assert b"plug-in failed with status 1" in done.stderr
