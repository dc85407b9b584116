"""Sealwright installed on a test API server as its users install it: manifests applied, own ServiceAccount, own process.

What people do is done through the processes that they use, `kubectl` and `sealwright`; what came of it is read by a
client of the tests' own.
"""

import base64
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.cli import sealwright
from tests.support.cluster import Cluster
from tests.support.controller_process import ControllerProcess
from tests.support.wait import eventually
from tools.building.make_apiserver import search_path

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "manifests"
UPSTREAM = ROOT / "tests" / "vectors" / "upstream"
NAMESPACE = "kube-system"
NAME = "sealed-secrets-controller"
SEALED_SECRET = "bitnami.com/v1alpha1/SealedSecret"
KEY_LABEL = "sealedsecrets.bitnami.com/sealed-secrets-key"
SYNC_SECONDS = 30.0


@dataclass(frozen=True)
class Variant:
    """One way to install it: what kubectl applies, call by call, and where and how the controller then runs."""

    about: str
    applied: tuple[tuple[str, str], ...]
    namespace: str = NAMESPACE
    arguments: tuple[str, ...] = ()


_CRD = ("-f", str(MANIFESTS / "crd.yaml"))
CLUSTER_WIDE = Variant("our rights", (("-k", str(MANIFESTS)),))
UPSTREAM_RIGHTS = Variant(
    "upstream's rights", (_CRD, ("-k", str(MANIFESTS / "controller")), ("-f", str(UPSTREAM / "rbac.yaml")))
)
ONE_NAMESPACE = Variant(
    "one namespace",
    (_CRD, ("-k", str(MANIFESTS / "one-namespace"))),
    namespace="default",
    arguments=("--all-namespaces=false",),
)


class Installation:
    """A cluster with Sealwright in it. Not started yet: `install`, then `controller.start`."""

    def __init__(
        self, cluster: Cluster, folder: Path, variant: Variant = CLUSTER_WIDE, arguments: Sequence[str] = ()
    ) -> None:
        """`arguments` are flags for the controller beside those of the variant."""
        self.variant = variant
        self.namespace = variant.namespace
        self.cluster = cluster
        self.kube = cluster.kube()
        self.folder = folder
        self.admin_kubeconfig = cluster.kubeconfig(folder / "admin.kubeconfig")
        self.controller_kubeconfig = folder / "controller.kubeconfig"
        self.controller = ControllerProcess(
            ["--kubeconfig", str(self.controller_kubeconfig), *variant.arguments, *arguments],
            folder=folder,
            environment={"POD_NAMESPACE": self.namespace},
        )
        self.certificate = folder / "cert.pem"

    def install(self) -> None:
        """Apply the manifests and take the ServiceAccount's token for the controller, as its pod would get it."""
        for arguments in self.variant.applied:
            self.kubectl("apply", *arguments)
        self.take_token()

    def take_token(self) -> None:
        """Give the controller a token of its ServiceAccount."""
        token = self.cluster.service_account_token(self.namespace, NAME)
        self.cluster.kubeconfig(self.controller_kubeconfig, token=token)

    def fetch_certificate(self) -> None:
        """Take the certificate through the API server's service proxy, as every client in a cluster does."""
        proxy = self.cluster.expose(self.namespace, NAME, "http", self.controller.port)
        self.certificate.write_text(self.kubectl("get", "--raw", f"{proxy}/v1/cert.pem"))

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator and return what it printed."""
        environment = {"PATH": search_path(), "HOME": str(self.folder), "KUBECONFIG": str(self.admin_kubeconfig)}
        return _run(["kubectl", *arguments], environment, stdin)

    def sealwright(self, *arguments: str, stdin: str | None = None) -> str:
        """Run the command with nothing but the certificate, as a fork where that is the same (see `forking`)."""
        environment = {"HOME": str(self.folder), "SEALWRIGHT_CERT": str(self.certificate)}
        run = sealwright(*arguments, stdin=stdin or "", env=environment)
        assert run.status == 0, f"sealwright {' '.join(arguments)} ended with {run.status}: {run.stderr}"
        return run.stdout.decode()

    def apply(self, text: str) -> None:
        """Apply a manifest."""
        self.kubectl("apply", "-f", "-", stdin=text)

    def items(self, namespace: str, name: str) -> dict[str, str] | None:
        """Return the decoded items of a Secret, or None when there is no such Secret."""
        secret = self.kube.find("v1/Secret", name, namespace)
        if secret is None:
            return None
        return {key: base64.b64decode(value).decode() for key, value in secret.get("data", {}).items()}

    def condition(self, namespace: str, name: str) -> dict[str, Any]:
        """Return the Synced condition of a SealedSecret, empty when there is none."""
        found = self.kube.find(SEALED_SECRET, name, namespace) or {}
        conditions = found.get("status", {}).get("conditions", [])
        return next((entry for entry in conditions if entry["type"] == "Synced"), {})

    def events(self, namespace: str, name: str) -> list[dict[str, Any]]:
        """Return the Events on a SealedSecret."""
        return self.kube.list("v1/Event", namespace, fields=f"involvedObject.name={name}")

    def key_secrets(self) -> list[dict[str, Any]]:
        """Return the key Secrets."""
        return self.kube.list("v1/Secret", self.namespace, labels=KEY_LABEL)

    def wait_for_items(self, namespace: str, name: str, items: dict[str, str], seconds: float = SYNC_SECONDS) -> None:
        """Wait until a Secret holds exactly these items."""
        eventually(lambda: self.items(namespace, name) == items, timeout=seconds, what=f"Secret {namespace}/{name}")

    def wait_for_condition(self, namespace: str, name: str, status: str, words: str = "") -> dict[str, Any]:
        """Wait until Synced is `status`, with a message that holds `words`; returns the condition."""

        def seen() -> dict[str, Any] | None:
            condition = self.condition(namespace, name)
            return condition if condition.get("status") == status and words in condition.get("message", "") else None

        return eventually(seen, timeout=SYNC_SECONDS, what=f"{namespace}/{name} is Synced={status}") or {}


def _run(command: list[str], environment: dict[str, str], stdin: str | None) -> str:
    done = subprocess.run(
        command, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}: {done.stderr}"
    return done.stdout
