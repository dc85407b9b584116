"""Pages of the documentation, typed as they stand there into one shell, over a real API server.

There are neither nodes nor a controller of Deployments here. The shell plays their part: where the Deployment says that
Sealwright's controller is to run, it runs, and the Deployment's status says so. The same with sealed-secrets' own, if it
is given.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.support.installation import NAME, NAMESPACE, Installation
from tests.support.sealedsecrets import SealedSecrets
from tools.building.make_apiserver import search_path

SEALWRIGHT = "registry.example.com/platform/sealwright"
SEALED_SECRETS = "registry.example.com/sealed-secrets"
_END = "-- end of the command --"


def commands_of(part: str) -> list[str]:
    """Return the commands of a part of a page, in order."""
    return re.findall(r"^\$ (.*)$", part, re.MULTILINE)


class Shell:
    """One shell, in `folder`: what a command leaves (its folder, its umask, its variables) is there for the next."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            ["bash"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: str) -> str:
        """Type one command and return what it printed. It has to succeed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{{ {command}\n}} </dev/null; echo; echo '{_END}' $?\n")
        self._process.stdin.flush()
        printed: list[str] = []
        for line in self._process.stdout:
            if line.startswith(_END):
                text = "".join(printed).removesuffix("\n")
                assert line.split()[-1] == "0", f"{command}: {text}"
                return text
            printed.append(line)
        raise AssertionError(f"{command}: the shell ended: {''.join(printed)}")

    def close(self) -> None:
        """End the shell."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class TypedCluster:
    """A cluster that a page works on, and the shell that its commands are typed into."""

    def __init__(self, installed: Installation, folder: Path, theirs: SealedSecrets | None = None) -> None:
        self.installed = installed
        self.folder = folder
        self.runs = ""  # the beginning of the image whose controller runs
        self._starts = {SEALWRIGHT: self._start_ours}
        self._controllers = {SEALWRIGHT: installed.controller}
        if theirs is not None:
            self._starts[SEALED_SECRETS] = theirs.start
            self._controllers[SEALED_SECRETS] = theirs.controller
        self._stand_ins = folder / ".bin"
        self._stand_ins.mkdir()
        path = os.pathsep.join([str(self._stand_ins), str(Path(sys.executable).parent), search_path()])
        kubeconfig = str(installed.admin_kubeconfig)
        self._shell = Shell(folder, {"PATH": path, "HOME": str(folder), "KUBECONFIG": kubeconfig})

    def stand_in(self, program: str) -> None:
        """Let a program that is not here do nothing, and succeed."""
        path = self._stand_ins / program
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)

    def type(self, part: str) -> dict[str, str]:
        """Type the commands of a part of the page, and return what each printed."""
        return {command: self.run(command) for command in commands_of(part)}

    def run(self, command: str) -> str:
        """Type one command and let the cluster do what follows from it; returns what was printed."""
        printed = self._shell.run(command)
        self._play()
        return printed

    def deployment(self) -> dict[str, Any]:
        """Return the controller's Deployment, empty while there is none."""
        return self.installed.kube.find("apps/v1/Deployment", NAME, NAMESPACE) or {}

    def close(self) -> None:
        """End the shell and the controllers."""
        self._shell.close()
        for controller in self._controllers.values():
            controller.stop()

    def _play(self) -> None:
        """Do what the rest of a cluster would do about the Deployment."""
        deployment = self.deployment()
        if not deployment:
            return
        spec = deployment["spec"]
        (container,) = spec["template"]["spec"]["containers"]
        image = container["image"] if spec["replicas"] > 0 else ""
        wanted = next((begins for begins in self._starts if image.startswith(begins)), "")
        if self.runs and self.runs != wanted:
            assert self._controllers[self.runs].stop() == 0
        if wanted and self.runs != wanted:
            self._starts[wanted]()
            self.installed.cluster.expose(NAMESPACE, NAME, "http", self._controllers[wanted].port)
        self.runs = wanted
        self._tell(spec["replicas"])

    def _start_ours(self) -> None:
        self.installed.take_token()
        self.installed.controller.start()

    def _tell(self, replicas: int) -> None:
        counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        status = {"observedGeneration": self.deployment()["metadata"]["generation"]}
        status |= dict.fromkeys(counts, replicas)
        self.installed.kube.patch("apps/v1/Deployment", NAME, {"status": status}, NAMESPACE, subresource="status")
