"""The Containerfile says what the manifests and the package say; no container engine is needed to see that."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.support.repository import ROOT

TEXT = (ROOT / "Containerfile").read_text()


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", TEXT, re.MULTILINE)


def copied() -> list[str]:
    """Return what the build is given of the repository."""
    lines = [line for line in instructions("COPY") if not line.startswith("--from")]
    return [source for line in lines for source in line.split()[:-1]]


def pod() -> dict:
    deployment = YAML(typ="safe").load((ROOT / "manifests/controller/deployment.yaml").read_text())
    return deployment["spec"]["template"]["spec"]


def test_the_base_is_a_name_without_a_registry():
    assert {line.split()[0] for line in instructions("FROM")} == {"python:3.13-slim"}


def test_it_runs_the_controller_as_the_user_that_the_pod_is_given():
    context = pod()["securityContext"]
    assert instructions("USER") == [f"{context['runAsUser']}:{context['runAsGroup']}"]
    assert instructions("ENTRYPOINT") == ['["sealwright-controller"]']


def test_it_exposes_the_ports_of_the_pod():
    (container,) = pod()["containers"]
    assert instructions("EXPOSE") == [" ".join(str(port["containerPort"]) for port in container["ports"])]


@pytest.mark.wheel
def test_the_wheel_can_be_built_from_what_is_copied(tmp_path: Path):
    source, wheels = tmp_path / "source", tmp_path / "wheels"
    source.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name)
        else:
            shutil.copy(ROOT / name, source)
    command = [
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-build-isolation",
        "--no-deps",
        "--wheel-dir",
        str(wheels),
        str(source),
    ]
    subprocess.run([sys.executable, *command], check=True)
    (wheel,) = wheels.iterdir()
    assert wheel.name.startswith("sealwright-")
