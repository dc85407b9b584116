"""docs/guides/several-clusters.md: every command works in the order of the page, against two clusters."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.cli.test_cluster import CERTIFICATE
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import environment
from tests.support.repository import ROOT
from tests.support.table_server import Reply, TableServer

PAGE = (ROOT / "docs/guides/several-clusters.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(console|yaml)\n(.*?)```", PAGE, re.DOTALL)
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: correct}\n"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")


@pytest.fixture
def clusters() -> Iterator[dict[str, TableServer]]:
    keys = {"staging": sealing_key(), "production": other_sealing_key()}
    with TableServer() as one, TableServer() as other:
        servers = dict(zip(keys, (one, other), strict=True))
        for name, server in servers.items():
            server.table = {CERTIFICATE: Reply(keys[name].certificate.pem.encode())}
        yield servers


def kubeconfig(clusters: dict[str, TableServer], path: Path) -> Path:
    content = {
        "contexts": [{"name": name, "context": {"cluster": name, "user": "u"}} for name in clusters],
        "clusters": [{"name": name, "cluster": {"server": server.url}} for name, server in clusters.items()],
        "users": [{"name": "u", "user": {}}],
    }
    path.write_text(json.dumps(content))
    return path


def test_every_command_works_in_its_order(tmp_path: Path, clusters: dict[str, TableServer]) -> None:
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "secret.yaml").write_text(SECRET)
    (folder / "more.yaml").write_text(SECRET.replace("password: correct", "user: admin"))
    env = environment(KUBECONFIG=str(kubeconfig(clusters, tmp_path / "kubeconfig")), HOME=str(tmp_path))
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    said = {}
    for language, block in BLOCKS:
        if language == "yaml":
            (folder / ".sealwright.yaml").write_text(block)
            continue
        for command in re.findall(r"^\$ (.*)$", block, re.MULTILINE):
            done = subprocess.run(
                ["bash", "-c", command], cwd=folder, env=env, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            said[command] = done.stdout
    assert "target:       production" in said["sealwright config show overlays/production/secret.yaml"]
    assert said["sealwright cert check"].count("the one that its cluster serves") == 2
    keys = {"staging": sealing_key(), "production": other_sealing_key()}
    for name, key in keys.items():
        for path in (f"overlays/{name}/secret.yaml", f"sealed-{name}.yaml"):
            made = YAML(typ="safe").load(folder / path)
            assert made["metadata"]["annotations"]["sealwright.dev/key-fingerprints"] == key.fingerprint
            assert made["metadata"]["namespace"] == "shop"
    project = (folder / ".sealwright.yaml").read_text()
    assert project.replace(f'    pin: "{keys["staging"].fingerprint}"\n', "").count("pin:") == 1


def test_a_newer_key_of_a_cluster_is_told_by_the_exit_status(tmp_path: Path, clusters: dict[str, TableServer]) -> None:
    (tmp_path / "staging.pem").write_text(sealing_key().certificate.pem)
    clusters["staging"].table = {CERTIFICATE: Reply(other_sealing_key().certificate.pem.encode())}
    (tmp_path / ".sealwright.yaml").write_text(
        "targets: {staging: {certificate: staging.pem, context: staging}}\nrules: [{path: '*', target: staging}]\n"
    )
    env = environment(KUBECONFIG=str(kubeconfig(clusters, tmp_path / "kubeconfig")), HOME=str(tmp_path))
    command = [sys.executable, "-m", "sealwright_cli", "cert", "check"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 8, done.stderr
    assert "its cluster serves" in done.stdout
