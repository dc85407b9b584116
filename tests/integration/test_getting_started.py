"""The cluster part of docs/getting-started.md, typed as it stands there, in order, from a clean place."""

import json
import re
import shutil
from collections.abc import Iterator

import pytest
from tests.support.installation import MANIFESTS, NAMESPACE, ROOT, Installation
from tests.support.typed_pages import TypedCluster, commands_of
from tests.support.wait import eventually

PAGE = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
PART = PAGE.split("\n## In a cluster\n")[1].split("\n## ")[0]
WALK, RESTORING = PART.split("\n### Restore the keys\n")
SECRET = PAGE.split("\n## In a folder\n")[1].split("```yaml\n")[1].split("```")[0]


@pytest.fixture(scope="module")
def cluster(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TypedCluster]:
    """Return a cluster with nothing in it, and a folder with what the page says that people have."""
    folder = tmp_path_factory.mktemp("people")
    installed = Installation(own_control_plane, tmp_path_factory.mktemp("cluster"))
    shutil.copytree(MANIFESTS, folder / "sealwright" / "manifests")
    (folder / "kustomization.yaml").write_text(PART.split("```yaml\n")[1].split("```")[0])
    (folder / ".gitconfig").write_text("[user]\nname = Ann\nemail = ann@example.com\n")
    typed = TypedCluster(installed, folder)
    typed.stand_in("podman")
    yield typed
    typed.close()


@pytest.fixture(scope="module")
def walked(cluster: TypedCluster) -> dict[str, str]:
    printed = {}
    for command in commands_of(WALK):
        if command.startswith("sealwright seal") and not (cluster.folder / "team-a/secret.yaml").exists():
            (cluster.folder / "team-a/secret.yaml").write_text(SECRET)
        printed[command] = cluster.run(command)
    return printed


def test_every_step_works_as_written(cluster: TypedCluster, walked: dict[str, str]) -> None:
    look = next(printed for command, printed in walked.items() if "get sealedsecret,secret db" in command)
    assert re.search(r"sealedsecret.bitnami.com/db\s+\S*\s*True", look)
    assert "secret/db" in look
    assert cluster.installed.items("team-a", "db") == {"password": "correct horse battery staple"}


def test_what_is_secret_is_not_left_behind(cluster: TypedCluster, walked: dict[str, str]) -> None:
    assert not (cluster.folder / "team-a/secret.yaml").exists()
    assert (cluster.folder / "sealing-keys.yaml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("page", ["http", "keys", "cluster-access"])
def test_the_commands_of_the_reference_work_in_this_cluster(
    cluster: TypedCluster, walked: dict[str, str], page: str
) -> None:
    (cluster.folder / "team-a/secret.yaml").write_text(SECRET)
    (key,) = cluster.installed.key_secrets()
    shown = cluster.run("cd ~/team-a && sealwright cert show -o json cert.pem")
    fingerprint = json.loads(shown)["fingerprint"]
    text = (ROOT / f"docs/reference/{page}.md").read_text(encoding="utf-8")
    commands = commands_of(text)
    assert commands
    for command in commands:  # with this cluster's names in the place of the page's
        mine = re.sub(r"sealed-secrets-key[a-z0-9]{5}\b", key["metadata"]["name"], command)
        cluster.run(re.sub(r"\b[0-9a-f]{32,64}\b", fingerprint, mine))


def test_keys_are_restored_without_their_values_in_an_annotation(cluster: TypedCluster, walked: dict[str, str]) -> None:
    before = {secret["metadata"]["name"] for secret in cluster.installed.key_secrets()}
    for name in before:
        cluster.installed.kube.delete("v1/Secret", name, NAMESPACE)
    (command,) = commands_of(RESTORING)
    cluster.run(f"cd ~ && {command}")
    restored = cluster.installed.key_secrets()
    assert before <= {secret["metadata"]["name"] for secret in restored}
    assert all("last-applied" not in str(secret["metadata"].get("annotations")) for secret in restored)
    active = re.compile(r'^sealwright_sealing_keys\{state="active"\} (\d+)', re.MULTILINE)

    def used() -> int:
        found = active.search(cluster.installed.controller.metrics())
        return int(found[1]) if found else 0

    eventually(lambda: used() == len(restored), what="all keys are in use")
