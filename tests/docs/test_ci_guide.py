"""docs/guides/ci-without-secrets.md, typed as it stands there; the steps of both pipelines are run too."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE, VERIFY
from tests.support.builders import sealing_key
from tests.support.cli import SECRET, environment, sealwright
from tests.support.repository import ROOT
from tests.support.table_server import Reply
from tests.support.typed_pages import commands_of

PAGE = (ROOT / "docs/guides/ci-without-secrets.md").read_text(encoding="utf-8")
COMMANDS = commands_of(PAGE)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")


def run(command: str, folder: Path, kubeconfig: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    variables = environment(KUBECONFIG=str(kubeconfig), PATH=path)
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=variables, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_every_command_works_as_written(tmp_path: Path) -> None:
    with StandIn(tmp_path) as server:
        server.table = {VERIFY: Reply(b"ok"), CERTIFICATE: Reply(sealing_key().certificate.pem.encode())}
        kubeconfig = server.write_kubeconfig()
        folder = tmp_path / "repository"
        (folder / "apps").mkdir(parents=True)
        (folder / "cert.pem").write_text(sealing_key().certificate.pem)
        sealwright("seal", "--cert", folder / "cert.pem", "-w", folder / "apps/db.yaml", stdin=SECRET)
        (folder / "cert.pem").unlink()
        for command in COMMANDS:
            if command.startswith("sealwright seal"):
                (folder / "secret.yaml").write_text(SECRET.replace("name: db", "name: web"))
            run(command, folder, kubeconfig)
        steps = pipeline_steps()
        assert len(steps) == 5
        (folder / "secret.yaml").unlink()
        for step in steps:
            run(step, folder, kubeconfig)
        assert {"lint.sarif", "lint.json"} <= {path.name for path in folder.iterdir()}


def pipeline_steps() -> list[str]:
    """Return what the pipelines of the page run of Sealwright."""
    github, gitlab = (yaml.safe_load(block) for block in re.findall(r"```yaml\n(# \.git.*?)```", PAGE, re.DOTALL))
    commands = [step["run"] for step in github["jobs"]["lint"]["steps"] if "run" in step]
    commands += gitlab["sealed-secrets"]["script"]
    return [command for command in commands if command.startswith("sealwright")]
