"""docs/guides/migrate-from-sealed-secrets.md, typed as it stands there, over what sealed-secrets left; and back again."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support import upstream
from tests.support.installation import MANIFESTS, ROOT, SEALED_SECRET, UPSTREAM, Installation
from tests.support.typed_pages import TypedCluster
from tests.support.upstream import TEAM, recorded
from tests.support.wait import eventually

PAGE = (ROOT / "docs/guides/migrate-from-sealed-secrets.md").read_text()
THERE, BACK = PAGE.split("\n## Go back\n")


@pytest.fixture(scope="module")
def cluster(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TypedCluster]:
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
    typed = TypedCluster(installed, folder)
    yield typed
    typed.close()


@pytest.fixture(scope="module")
def there(cluster: TypedCluster) -> dict[str, str]:
    return cluster.type(THERE)


@pytest.fixture(scope="module")
def back(cluster: TypedCluster, there: dict[str, str]) -> dict[str, str]:
    cluster.installed.wait_for_condition(TEAM, "db", "True")
    eventually(lambda: len(status_of(cluster, "taken")["conditions"]) == 2, what="Stalled at what fails")
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

    def test_what_failed_is_not_stalled_for_ever(self, cluster, back):
        assert (cluster.folder / "stalled.txt").read_text() == f"{TEAM} taken Synced Stalled\n"
        assert [each["type"] for each in status_of(cluster, "taken")["conditions"]] == ["Synced"]

    def test_no_secret_was_written_all_the_while(self, cluster, back):
        command = next(line for line in re.findall(r"^\$ (.*) > after.txt$", PAGE, re.MULTILINE))
        assert cluster.run(command) == (cluster.folder / "before.txt").read_text()


def status_of(cluster: TypedCluster, name: str) -> dict[str, Any]:
    status: dict[str, Any] = cluster.installed.kube.get(SEALED_SECRET, name, TEAM)["status"]
    return status
