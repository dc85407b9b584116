"""Sealed-secrets itself: its controller as a process beside ours, and its kubeseal. `make upstream` builds both.

The controller finds its API server as every Pod does, by two variables and by files at one path. It gets these in a
user and mount namespace of its own, whose /run is empty but for them; so it needs Linux, and the right to make one.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ruamel.yaml import YAML
from tests.support.cli import Run, run_command
from tests.support.controller_process import ControllerProcess
from tests.support.installation import NAME, NAMESPACE, Installation
from tools.building.make_sealedsecrets import CHART, CONTROLLER, KUBESEAL

_NAMESPACES = (shutil.which("unshare") or "/usr/bin/unshare", "--user", "--map-root-user", "--mount")
_IN_A_POD = """
mount -t tmpfs -o mode=755 none "$(realpath /var/run)"
mkdir -p /var/run/secrets/kubernetes.io
cp -r "$1" /var/run/secrets/kubernetes.io/serviceaccount
shift
exec "$@"
"""


class SealedSecrets:
    """What was built of sealed-secrets, over one installation's API server; nothing runs yet."""

    def __init__(self, programs: Path, installed: Installation, arguments: Sequence[str] = ()) -> None:
        """`arguments` are flags for its controller."""
        self._programs = programs
        self._installed = installed
        self._account = installed.folder / "serviceaccount"
        folder = installed.folder / "sealed-secrets"
        folder.mkdir()
        cluster = installed.cluster
        self.controller = ControllerProcess(
            arguments,
            folder=folder,
            environment={
                "POD_NAMESPACE": NAMESPACE,
                "KUBERNETES_SERVICE_HOST": cluster.host,
                "KUBERNETES_SERVICE_PORT": str(cluster.port),
            },
            program=[*_NAMESPACES, "sh", "-ec", _IN_A_POD, "pod", str(self._account), str(self.controller_path)],
        )

    @property
    def crd(self) -> Path:
        """The file of its CustomResourceDefinition."""
        return next((self._programs / CHART / "crds").iterdir())

    @property
    def controller_path(self) -> Path:
        """The file of its controller."""
        return self._programs / CONTROLLER

    @property
    def kubeseal_path(self) -> Path:
        """The file of its kubeseal."""
        return self._programs / KUBESEAL

    def start(self) -> None:
        """Start its controller with the ServiceAccount that it shares with ours, and wait until it is ready."""
        self._account.mkdir(exist_ok=True)
        (self._account / "token").write_text(self._installed.cluster.service_account_token(NAMESPACE, NAME))
        (self._account / "ca.crt").write_bytes(self._installed.cluster.ca_file.read_bytes())
        self.controller.start()

    def log(self) -> str:
        """Return what its controller has logged."""
        return self.controller.log.read_text()

    def kubeseal(self, *arguments: str, stdin: str = "") -> Run:
        """Run kubeseal as the administrator."""
        installed = self._installed
        environment = {"KUBECONFIG": str(installed.admin_kubeconfig), "HOME": str(installed.folder), "PATH": os.defpath}
        return run_command([str(self.kubeseal_path), *arguments], stdin, installed.folder, environment)

    def rules(self, name: str) -> list[dict[str, list[str]]]:
        """Return the rules of the first role in a file of the chart, as they are without any values set."""
        text = (self._programs / CHART / "templates" / name).read_text()
        lines, depth = [], 0
        for line in text[text.index("\nrules:") :].split("\n---")[0].splitlines():
            if "{{" not in line:
                lines += [] if depth else [line]
            elif " if " in line:
                depth += 1
            elif " end " in line:
                depth -= 1
        rules: list[dict[str, list[str]]] = YAML(typ="safe").load("\n".join(lines))["rules"]
        return rules


def can_run() -> bool:
    """Tell whether this machine lets a user make the namespaces that the controller runs in."""
    command = [*_NAMESPACES, "mount", "-t", "tmpfs", "none", "/run"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
