"""docs/guides/migrate-from-sealed-secrets.md, typed as it stands there, over what sealed-secrets left; and back again.

There are neither nodes nor a controller of Deployments here. The test plays their part: where the Deployment says that
Sealwright's controller is to run, it runs, and the Deployment's status says so.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support import upstream
from tests.support.installation import MANIFESTS, NAME, NAMESPACE, ROOT, SEALED_SECRET, UPSTREAM, Installation
from tests.support.upstream import TEAM, recorded
from tests.support.wait import eventually
from tools.building.make_apiserver import search_path

PAGE = (ROOT / "docs/guides/migrate-from-sealed-secrets.md").read_text()
THERE, BACK = PAGE.split("\n## Go back\n")


class Cluster:
    """What the page works on, and the shell that its commands are typed into."""

    def __init__(self, installed: Installation, folder: Path) -> None:
        self.installed = installed
        self.folder = folder
        self.runs = False
        self._umask = 0o022

    def type(self, part: str) -> dict[str, str]:
        """Type the commands of a part of the page, and return what each printed."""
        return {command: self._run(command) for command in re.findall(r"^\$ (.*)$", part, re.MULTILINE)}

    def deployment(self) -> dict[str, Any]:
        return self.installed.kube.get("apps/v1/Deployment", NAME, NAMESPACE)

    def _run(self, command: str) -> str:
        path = f"{Path(sys.executable).parent}{os.pathsep}{search_path()}"
        environment = {"PATH": path, "HOME": str(self.folder), "KUBECONFIG": str(self.installed.admin_kubeconfig)}
        if command.startswith("umask "):  # every command has a shell of its own here
            self._umask = int(command.split()[1], 8)
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environment,
            umask=self._umask,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        self._play()
        return done.stdout

    def _play(self) -> None:
        """Do what the rest of a cluster would do about the Deployment."""
        spec = self.deployment()["spec"]
        (container,) = spec["template"]["spec"]["containers"]
        wanted = spec["replicas"] > 0 and container["image"].startswith("registry.example.com/platform/sealwright")
        if wanted and not self.runs:
            self.installed.take_token()
            self.installed.controller.start()
            self.installed.cluster.expose(NAMESPACE, NAME, "http", self.installed.controller.port)
        if self.runs and not wanted:
            assert self.installed.controller.stop() == 0
        self.runs = wanted
        self._tell(spec["replicas"])

    def _tell(self, replicas: int) -> None:
        counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        status = {"observedGeneration": self.deployment()["metadata"]["generation"]}
        status |= dict.fromkeys(counts, replicas)
        self.installed.kube.patch("apps/v1/Deployment", NAME, {"status": status}, NAMESPACE, subresource="status")


@pytest.fixture(scope="module")
def cluster(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Return sealed-secrets' cluster, and a folder with what the page says that people have."""
    folder = tmp_path_factory.mktemp("people")
    arguments = ["--key-renew-period=720h"]
    installed = Installation(own_control_plane, tmp_path_factory.mktemp("cluster"), arguments=arguments)
    upstream.install(installed)
    shutil.copytree(MANIFESTS, folder / "sealwright" / "manifests")
    (folder / "kustomization.yaml").write_text(PAGE.split("```yaml\n")[1].split("```")[0])
    parts = [(UPSTREAM / name).read_text() for name in ("crd.yaml", "rbac.yaml", "controller.yaml")]
    (folder / "sealed-secrets.yaml").write_text("---\n".join(parts))
    YAML(typ="safe").dump({**recorded("sealedsecrets.yaml")[0], "status": {}}, folder / "db.yaml")
    yield Cluster(installed, folder)
    installed.controller.stop()


@pytest.fixture(scope="module")
def there(cluster: Cluster) -> dict[str, str]:
    return cluster.type(THERE)


@pytest.fixture(scope="module")
def back(cluster: Cluster, there: dict[str, str]) -> dict[str, str]:
    cluster.installed.wait_for_condition(TEAM, "db", "True")
    return cluster.type(BACK)


class TestThere:
    def test_the_keys_are_backed_up(self, cluster, there):
        backup = YAML(typ="safe").load((cluster.folder / "sealing-keys.yaml").read_text())
        assert len(backup["items"]) == len(cluster.installed.key_secrets()) == 2
        assert (cluster.folder / "sealing-keys.yaml").stat().st_mode & 0o077 == 0

    def test_no_secret_was_written(self, cluster, there):
        before, after = ((cluster.folder / f"{name}.txt").read_text() for name in ("before", "after"))
        assert before == after
        assert len(before.splitlines()) == 1 + 3 + 2

    def test_the_deployment_is_ours_with_the_flags_of_the_page(self, cluster, there):
        (container,) = cluster.deployment()["spec"]["template"]["spec"]["containers"]
        assert container["args"] == ["--key-renew-period=720h"]

    def test_all_that_was_synced_is_so_and_the_record_is_kept(self, cluster, there):
        for name in ("db", "shared"):
            eventually(lambda name=name: "secret" in status_of(cluster, name), what="the record of what was made")
            assert cluster.installed.condition(TEAM, name)["status"] == "True"
        assert "db" in there["kubectl get sealedsecrets -A"]


class TestBack:
    def test_the_deployment_and_the_kind_are_those_of_sealed_secrets(self, cluster, back):
        spec = cluster.deployment()["spec"]
        (theirs,) = [each for each in recorded("controller.yaml") if each["kind"] == "Deployment"]
        (container,) = spec["template"]["spec"]["containers"]
        assert container["image"] == theirs["spec"]["template"]["spec"]["containers"][0]["image"]
        assert spec["strategy"] == theirs["spec"]["strategy"]
        eventually(
            lambda: status_of(cluster, "db").keys() == {"conditions", "observedGeneration"}, what="what is known"
        )

    def test_no_secret_was_written_all_the_while(self, cluster, back):
        command = next(line for line in re.findall(r"^\$ (.*) > after.txt$", PAGE, re.MULTILINE))
        assert cluster._run(command) == (cluster.folder / "before.txt").read_text()


def status_of(cluster: Cluster, name: str) -> dict[str, Any]:
    status: dict[str, Any] = cluster.installed.kube.get(SEALED_SECRET, name, TEAM)["status"]
    return status
