"""The demo's surroundings: a folder with a controller over it, or a real kube-apiserver with the manifests applied."""

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from ruamel.yaml import YAML
from tests.support.controller_process import ControllerProcess
from tests.support.controlplane import ControlPlane

from tools.building.make_apiserver import find_assets
from tools.demo.narrator import Narrator

NAMESPACE = "team-a"
CONTROLLER_NAMESPACE = "kube-system"
CONTROLLER = "sealed-secrets-controller"


class World(Protocol):
    """What the story needs of its surroundings; a context manager that ends what it started."""

    certificate: str
    """The file or URL of the certificate."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def start(self) -> None:
        """Install and start the controller."""

    def apply(self, file: Path, instead_of: Path | None = None) -> None:
        """Apply a sealed file; in a folder, it replaces another one."""

    def value(self, name: str, item: str) -> str | None:
        """Return an item of a made Secret, None if it does not exist."""

    def condition(self, name: str) -> dict[str, Any]:
        """Return the Synced condition; empty if it does not exist."""

    def show_secret(self, name: str) -> None:
        """Show the Secret to the user."""

    def show_status(self, name: str) -> None:
        """Show the status to the user."""

    def check_alive(self) -> None:
        """Raise ComponentDiedError if a started process has ended."""


class DirectoryWorld:
    """The controller over a folder, without a cluster: sealed files in, Secrets out."""

    def __init__(self, tell: Narrator, folder: Path) -> None:
        self.tell = tell
        self.cluster = folder / "cluster"
        self.controller = ControllerProcess(["--directory", str(self.cluster)], folder=folder)
        self.certificate = f"{self.controller.url}/v1/cert.pem"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.controller.stop()

    def start(self) -> None:
        """Start the controller."""
        self.tell.step("Start the controller over a folder that stands for a cluster; it makes its first key")
        (self.cluster / "sealed").mkdir(parents=True)
        self.tell.say(f"$ sealwright-controller --directory {self._typed(self.cluster)} &")
        self.controller.start()
        self.tell.run("sealwright", "cert", "show", self.certificate)

    def apply(self, file: Path, instead_of: Path | None = None) -> None:
        """Copy a sealed file to the controller's folder."""
        target = self.cluster / "sealed" / (instead_of or file).name
        self.tell.say(f"$ cp {self._typed(file)} {self._typed(target)}")
        shutil.copy(file, target)

    def value(self, name: str, item: str) -> str | None:
        """Return an item of a made Secret."""
        return decoded(self._read("secrets", name), item)

    def condition(self, name: str) -> dict[str, Any]:
        """Return the Synced condition."""
        return synced(self._read("status", name).get("status") or {})

    def show_secret(self, name: str) -> None:
        """Show the Secret's file."""
        file = self._file("secrets", name)
        self.tell.show(file, self._typed(file))

    def show_status(self, name: str) -> None:
        """Show the file of the status."""
        file = self._file("status", name)
        self.tell.show(file, self._typed(file))

    def check_alive(self) -> None:
        """Raise ComponentDiedError if the controller has ended."""
        self.controller.check_running()

    def _file(self, kind: str, name: str) -> Path:
        return self.cluster / kind / NAMESPACE / f"{name}.yaml"

    def _read(self, kind: str, name: str) -> dict[str, Any]:
        try:
            content = self._file(kind, name).read_text()
        except FileNotFoundError:
            return {}
        return dict(YAML(typ="safe").load(content) or {})

    def _typed(self, path: Path) -> str:
        return path.relative_to(self.tell.root).as_posix()


class ClusterWorld:
    """A real kube-apiserver: the manifests are applied, the controller runs with its ServiceAccount's own token."""

    def __init__(self, tell: Narrator, folder: Path) -> None:
        self.tell = tell
        self.folder = folder
        self.certificate = folder.relative_to(tell.root).joinpath("cert.pem").as_posix()
        self.kubeconfig = folder / "controller.kubeconfig"
        self.controller = ControllerProcess(
            ["--kubeconfig", str(self.kubeconfig)], folder=folder, environment={"POD_NAMESPACE": CONTROLLER_NAMESPACE}
        )
        assets = find_assets()
        if assets is None:
            raise SystemExit("no API server to play on; 'make apiserver' builds one")
        # A Unix socket lies in this folder, and its path has to be short.
        self._short = tempfile.TemporaryDirectory(prefix="sw")
        self.assets = assets
        self.plane = ControlPlane(assets, Path(self._short.name))

    def __enter__(self) -> Self:
        self.tell.step("Start a real kube-apiserver, apply the manifests, start the controller with its own rights")
        self.plane.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.controller.stop()
        self.plane.stop()
        self._short.cleanup()

    def start(self) -> None:
        """Install, start the controller, fetch the certificate through the API server's service proxy."""
        self.tell.environment["PATH"] += f"{os.pathsep}{self.assets}"  # for machines without kubectl
        self.tell.environment["KUBECONFIG"] = str(self.plane.kubeconfig(self.folder / "admin.kubeconfig"))
        self.tell.run("kubectl", "apply", "-k", "manifests")
        self.tell.run("kubectl", "create", "namespace", NAMESPACE)
        token = self.plane.service_account_token(CONTROLLER_NAMESPACE, CONTROLLER)
        self.plane.kubeconfig(self.kubeconfig, token=token)
        self.tell.say(f"$ sealwright-controller --kubeconfig {self.kubeconfig.relative_to(self.tell.root)} &")
        self.controller.start()
        self.plane.expose(CONTROLLER_NAMESPACE, CONTROLLER, "http", self.controller.port)
        self.tell.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.tell.run("sealwright", "cert", "fetch", "-w", self.certificate)

    def apply(self, file: Path, instead_of: Path | None = None) -> None:  # noqa: ARG002 - objects have names of their own
        """Apply a sealed file."""
        self.tell.run("kubectl", "apply", "-f", file.relative_to(self.tell.root).as_posix())

    def value(self, name: str, item: str) -> str | None:
        """Return an item of a made Secret."""
        return decoded(self._get("secret", name), item)

    def condition(self, name: str) -> dict[str, Any]:
        """Return the Synced condition."""
        return synced(self._get("sealedsecret", name).get("status") or {})

    def show_secret(self, name: str) -> None:
        """Show the Secret."""
        self.tell.run("kubectl", "-n", NAMESPACE, "get", "secret", name, "-o", "yaml")

    def show_status(self, name: str) -> None:
        """Show what an operator would look at first."""
        self.tell.run("kubectl", "-n", NAMESPACE, "get", "sealedsecret", name)

    def check_alive(self) -> None:
        """Raise ComponentDiedError if the controller or the API server has ended."""
        self.controller.check_running()
        self.plane.check_running()

    def _get(self, kind: str, name: str) -> dict[str, Any]:
        done = self.tell.run_quietly("kubectl", "-n", NAMESPACE, "get", kind, name, "-o", "json")
        return dict(json.loads(done.stdout)) if done.returncode == 0 else {}


def decoded(secret: Mapping[str, Any], item: str) -> str | None:
    """Return the text of a Secret's item, or None if it does not exist."""
    value = (secret.get("data") or {}).get(item)
    return None if value is None else base64.b64decode(value).decode()


def synced(status: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Synced condition of a status; empty if it does not exist."""
    return next((entry for entry in status.get("conditions") or [] if entry.get("type") == "Synced"), {})
