"""The command line before a real API server: what each right is enough for, and every way to say who one is.

The controller is a stand-in that answers from a table: what is tested is the way to it.
"""

import base64
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.cli import CERTIFICATE, SECRET, Run, sealwright
from tests.support.kubeapi import KubeApi
from tests.support.pki import CLIENT_GROUP
from tests.support.shared_controlplane import SharedControlPlane
from tests.support.table_server import Reply, TableServer

from sealwright_cli.cluster.address import ControllerAddress
from sealwright_cli.cluster.controller import ControllerClient
from sealwright_cli.cluster.kubeconfig import load_kubeconfig
from sealwright_cli.messages.errors import ClusterError, UnsealingError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.surroundings import Surroundings
from sealwright_conventions.kubeconfig.flags import ClusterFlags

NAME = "sealed-secrets-controller"
PEM = CERTIFICATE.read_bytes()
# As in upstream's Role, and ours.
PROXYING = {
    "apiGroups": [""],
    "resources": ["services/proxy"],
    "resourceNames": [f"http:{NAME}:http", f"http:{NAME}:", NAME],
    "verbs": ["create", "get"],
}
READING = {"apiGroups": [""], "resources": ["services"], "resourceNames": [NAME], "verbs": ["get"]}
SECRETS = {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}


class Stage:
    """A namespace with a stand-in for the controller, and users with the rights that a test gives them."""

    def __init__(self, plane: SharedControlPlane, folder: Path, namespace: str, controller: TableServer) -> None:
        self.plane = plane
        self.kube: KubeApi = plane.kube()
        self.folder = folder
        self.namespace = namespace
        self.controller = controller

    def expose(self, port_name: str = "http") -> None:
        """Put the controller behind the Service."""
        self.plane.expose(self.namespace, NAME, port_name, self.controller.port)

    def user(self, *rules: dict[str, Any], name: str = "user") -> str:
        """Make a ServiceAccount with these rights and return a token for it."""
        self.kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}}, self.namespace)
        subject = {"kind": "ServiceAccount", "name": name, "namespace": self.namespace}
        self.grant(subject, *rules)
        return self.plane.service_account_token(self.namespace, name)

    def grant(self, subject: dict[str, Any], *rules: dict[str, Any]) -> None:
        """Give somebody rights in the namespace."""
        version, metadata = "rbac.authorization.k8s.io/v1", {"name": subject["name"]}
        role_ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": subject["name"]}
        role = {"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": list(rules)}
        binding = {"apiVersion": version, "kind": "RoleBinding", "metadata": metadata}
        self.kube.create(role, self.namespace)
        self.kube.create(binding | {"roleRef": role_ref, "subjects": [subject]}, self.namespace)

    def kubeconfig(self, token: str | None = None, **user: Any) -> Path:
        """Write a kubeconfig for a token (the administrator's without one), or for another kind of user."""
        path = self.plane.kubeconfig(self.folder / "kubeconfig", token=token)
        if user:
            content = json.loads(path.read_text())
            content["users"][0]["user"] = {key.replace("_", "-"): value for key, value in user.items()}
            path.write_text(json.dumps(content))
        return path

    def run(self, *arguments: str | Path, kubeconfig: Path | str | None = None, stdin: str = "") -> Run:
        """Run sealwright for the controller of this namespace; nothing that it says may show a token."""
        environment = {
            "KUBECONFIG": str(kubeconfig or self.kubeconfig()),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }
        run = sealwright(*arguments, "--controller-namespace", self.namespace, stdin=stdin, env=environment)
        assert self.plane.admin_token not in run.stderr
        assert "Traceback" not in run.stderr
        return run

    def client(self, kubeconfig: Path, **flags: Any) -> ControllerClient:
        """Return a client of the controller of this namespace."""
        loaded = load_kubeconfig(ClusterFlags(kubeconfig=str(kubeconfig), **flags), Surroundings({}, self.folder))
        return ControllerClient(loaded, ControllerAddress(self.namespace, NAME))


@pytest.fixture
def stage(control_plane: SharedControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stage]:
    """A fresh namespace, its controller not yet behind a Service."""
    metadata = {"generateName": "access-"}
    kube = control_plane.kube()
    made = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})["metadata"]["name"]
    table = {
        "GET /v1/cert.pem": Reply(PEM, headers={"Content-Type": "application/x-pem-file"}),
        "POST /v1/verify": Reply(b"no key could decrypt secret (password)", 409),
        "POST /v1/rotate": Reply({"kind": "SealedSecret"}),
    }
    with TableServer(table) as controller:
        yield Stage(control_plane, tmp_path, made, controller)
    kube.delete("v1/Namespace", made)


# --- which rights ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["the administrator", "a user who may use the service proxy for this Service alone"])
def test_everything_goes_for(stage: Stage, who: str) -> None:
    stage.expose()
    token = None if who == "the administrator" else stage.user(PROXYING)
    kubeconfig = stage.kubeconfig(token)
    with stage.client(kubeconfig) as controller:
        assert controller.fetch_certificate() == PEM
        assert json.loads(controller.rotate(b"{}")) == {"kind": "SealedSecret"}
        with pytest.raises(UnsealingError, match=r"no key could decrypt secret \(password\)"):
            controller.verify(b'{"kind": "SealedSecret"}')
        stage.controller.table["POST /v1/verify"] = Reply(b"")
        controller.verify(b'{"kind": "SealedSecret"}')
    assert stage.controller.asked[-1].body == b'{"kind": "SealedSecret"}'
    assert stage.run("cert", "fetch", kubeconfig=kubeconfig).stdout == PEM
    assert stage.run("seal", kubeconfig=kubeconfig, stdin=SECRET).yaml[0]["kind"] == "SealedSecret"


@pytest.mark.parametrize(
    ("resource_name", "is_enough"),
    [(f"http:{NAME}:http", True), (NAME, False), (f"http:{NAME}:", False), (f"{NAME}:http", False)],
)
def test_the_right_is_for_the_service_with_scheme_and_port(stage: Stage, resource_name: str, is_enough: bool) -> None:
    stage.expose()
    kubeconfig = stage.kubeconfig(stage.user({**PROXYING, "resourceNames": [resource_name]}))
    assert (stage.run("cert", "fetch", kubeconfig=kubeconfig).status == ExitStatus.OK) is is_enough


def test_who_may_do_nothing_is_told_which_right_is_missing(stage: Stage) -> None:
    stage.expose()
    kubeconfig = stage.kubeconfig(stage.user())
    run = stage.run("cert", "fetch", kubeconfig=kubeconfig)
    assert (run.status, run.stdout) == (ExitStatus.CLUSTER, b"")
    who = f"forbidden: user system:serviceaccount:{stage.namespace}:user may not"
    where = f"in namespace {stage.namespace}"
    assert run.stderr == (
        f"error: the cluster gave no certificate; service proxy: {who} get services/proxy on http:{NAME}:http {where}; "
        f"port-forward: {who} get services on {NAME} {where}; key Secret: {who} list secrets {where}\n"
        "hint: the Role sealed-secrets-service-proxier of the controller's manifests grants it\n"
    )
    with stage.client(kubeconfig) as controller:
        for call in (controller.verify, controller.rotate):
            with pytest.raises(ClusterError, match=f"{who} create services/proxy on http:{NAME}:http {where}"):
                call(b"{}")


def test_who_may_only_list_secrets_gets_the_certificate_of_the_key(stage: Stage) -> None:
    metadata = {"name": "key-1", "labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"}}
    data = {"tls.crt": base64.b64encode(PEM).decode(), "tls.key": base64.b64encode(b"hunter2").decode()}
    secret = {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": data}
    stage.kube.create(secret, stage.namespace)
    kubeconfig = stage.kubeconfig(stage.user(SECRETS))
    run = stage.run("cert", "fetch", kubeconfig=kubeconfig)
    assert (run.status, run.stdout, run.stderr) == (ExitStatus.OK, PEM, "")
    assert f"Secret {stage.namespace}/key-1".encode() in stage.run("cert", "show", kubeconfig=kubeconfig).stdout


@pytest.mark.parametrize("port_name", ["web", ""])
def test_another_port_is_found_by_who_may_read_the_service(stage: Stage, port_name: str) -> None:
    stage.expose(port_name)
    proxying = {**PROXYING, "resourceNames": [f"http:{NAME}:{port_name}"]}
    assert stage.run("cert", "fetch", kubeconfig=stage.kubeconfig(stage.user(proxying, READING))).stdout == PEM
    assert stage.run("cert", "fetch").stdout == PEM


# --- what can be wrong ----------------------------------------------------------------------------------------------


def test_a_controller_that_is_not_there_is_told_with_the_options_to_name_it(stage: Stage) -> None:
    run = stage.run("cert", "fetch")
    assert (run.status, run.stdout) == (ExitStatus.CLUSTER, b"")
    assert f"error: there is no Service {NAME} in namespace {stage.namespace}\n" in run.stderr
    assert "--controller-name and --controller-namespace" in run.stderr
    run = stage.run("cert", "fetch", kubeconfig=stage.kubeconfig(stage.user(PROXYING)))
    assert (
        f"service proxy: there is no Service {NAME} in namespace {stage.namespace}, or no pod behind it" in run.stderr
    )


def test_a_controller_that_does_not_run_is_told(stage: Stage) -> None:
    stage.expose("http")
    endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": NAME}}
    stage.kube.replace(endpoints, stage.namespace)
    for kubeconfig in (stage.kubeconfig(), stage.kubeconfig(stage.user(PROXYING))):
        run = stage.run("cert", "fetch", kubeconfig=kubeconfig)
        assert run.status == ExitStatus.CLUSTER
        assert (
            f"the Service {stage.namespace}/{NAME} has no endpoints (503): the controller is not running" in run.stderr
        )


def test_a_controller_that_listens_no_more_is_told(stage: Stage) -> None:
    with TableServer() as gone:
        pass
    stage.plane.expose(stage.namespace, NAME, "http", gone.port)
    run = stage.run("cert", "fetch", "--offline-ok")
    assert run.status == ExitStatus.CERTIFICATE
    assert "is cached (the cluster gave no certificate; service proxy: the API server could not reach" in run.stderr


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Reply(b"<html>Log in</html>", headers={"Content-Type": "text/html"}),
            "answers /v1/cert.pem with a web page",
        ),
        (Reply(b"<html>busy</html>", 503), "answered 503 to /v1/cert.pem; "),
        (Reply(b"gone", 404), "the Service .* has no /v1/cert.pem .404."),
        (Reply(b"slow down", 429), "accepts no more requests at present .429."),
    ],
    ids=["HTML", "503", "404", "429"],
)
def test_what_the_controller_answers_instead_is_told(stage: Stage, reply: Reply, words: str) -> None:
    stage.expose()
    stage.controller.table["GET /v1/cert.pem"] = reply
    run = stage.run("cert", "fetch")
    assert (run.status, run.stdout) == (ExitStatus.CLUSTER, b"")
    assert re.search(words, run.stderr), run.stderr


def test_a_token_that_nobody_knows_is_told(stage: Stage) -> None:
    run = stage.run("cert", "fetch", kubeconfig=stage.kubeconfig("hunter2"))
    assert (run.status, "hunter2" in run.stderr) == (ExitStatus.CLUSTER, False)
    assert run.stderr.startswith("error: the API server rejected your credentials (401): Unauthorized\n")


# --- who one is -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["a file of tokens", "an exec plug-in", "a client certificate", "impersonation"])
def test_one_may_say_who_one_is_by(stage: Stage, way: str) -> None:
    stage.expose()
    options: list[str] = []
    match way:
        case "a file of tokens":
            (stage.folder / "token").write_text(stage.user(PROXYING) + "\n")
            kubeconfig = stage.kubeconfig(tokenFile="token")
        case "an exec plug-in":
            status = {"token": stage.user(PROXYING)}
            kind = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
            (stage.folder / "answer").write_text(json.dumps(kind | {"status": status}))
            program = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1]), sys.stdout)"
            arguments = ["-c", program, str(stage.folder / "answer")]
            plugin = {"apiVersion": kind["apiVersion"], "command": sys.executable, "args": arguments}
            kubeconfig = stage.kubeconfig(exec=plugin | {"interactiveMode": "Never"})
        case "a client certificate":
            stage.grant({"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": CLIENT_GROUP}, PROXYING)
            files = {name: str(stage.plane.folder / f"client.{name}") for name in ("crt", "key")}
            kubeconfig = stage.kubeconfig(client_certificate=files["crt"], client_key=files["key"])
        case _:
            stage.user(PROXYING)
            kubeconfig = stage.kubeconfig()
            options = ["--as", f"system:serviceaccount:{stage.namespace}:user"]
    assert stage.run("cert", "fetch", *options, kubeconfig=kubeconfig).stdout == PEM


def test_who_acts_as_somebody_has_their_rights_alone(stage: Stage) -> None:
    stage.expose()
    run = stage.run("cert", "fetch", "--as", "eve", "--as-group", "nobodies")
    assert run.status == ExitStatus.CLUSTER
    assert run.stderr.count("forbidden: user eve may not ") == 3


def test_the_kubeconfig_may_be_spread_over_files(stage: Stage) -> None:
    stage.expose()
    whole = json.loads(stage.kubeconfig().read_text())
    parts = []
    for name in ("clusters", "users", "contexts", "current-context"):
        path = stage.folder / f"{name}.yaml"
        path.write_text(json.dumps({name: whole[name]}))
        parts.append(str(path))
    run = stage.run("cert", "fetch", kubeconfig=os.pathsep.join([str(stage.folder / "gone"), *parts]))
    assert run.stdout == PEM


def test_in_a_pod_its_service_account_is_taken(stage: Stage) -> None:
    stage.expose()
    pod = stage.folder / "pod"
    pod.mkdir()
    (pod / "token").write_text(stage.user(PROXYING))
    (pod / "namespace").write_text(stage.namespace)
    shutil.copy(stage.plane.ca_file, pod / "ca.crt")
    environ = {"KUBERNETES_SERVICE_HOST": stage.plane.host, "KUBERNETES_SERVICE_PORT": str(stage.plane.port)}
    loaded = load_kubeconfig(ClusterFlags(), Surroundings(environ, stage.folder, pod))
    assert (loaded.in_cluster, loaded.namespace) == (True, stage.namespace)
    with ControllerClient(loaded, ControllerAddress(stage.namespace, NAME)) as controller:
        assert controller.fetch_certificate() == PEM
