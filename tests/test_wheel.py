"""What people install: the wheel, and the tree by `pip install .`, each in an empty environment, without a network.

The packages that Sealwright needs come from the wheels that `make venv` keeps.
"""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from tests.support.repository import PACKAGES, ROOT
from tools.building.make_venv import wheelhouse

from sealwright_crypto import __version__

pytestmark = pytest.mark.wheel

VECTORS = ROOT / "tests/vectors/envelope"
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "namespace": "team-a"},
    "stringData": {"password": "hunter2"},
}


class Environment:
    """A virtual environment with nothing in it but what a test installs."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=os.name != "nt")
        self._bin = folder / ("Scripts" if os.name == "nt" else "bin")

    def install(self, what: Path) -> None:
        """Install a wheel or a source tree, and all that it needs, from the kept wheels."""
        offline = ["--no-index", "--find-links", str(wheelhouse())]
        pip("--python", str(self._bin / "python"), "install", "--no-compile", *offline, str(what))

    def run(self, command: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run one of the environment's commands, knowing nothing of the tree or the person's settings."""
        environment = {name: value for name, value in os.environ.items() if name in {"PATH", "SYSTEMROOT", "HOME"}}
        return subprocess.run(
            [str(self._bin / command), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=self._bin.parent,
        )


def pip(*arguments: str) -> None:
    """Run this environment's pip; its words are in the failure if it fails."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-index", "--no-build-isolation", "--no-deps", "--wheel-dir", str(folder), str(ROOT))
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module", params=["the wheel", "the tree"])
def installed(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("environment"))
    environment.install(wheel if request.param == "the wheel" else ROOT)
    return environment


def test_the_wheel_holds_the_four_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == set(PACKAGES)
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]


def test_the_commands_run(installed: Environment) -> None:
    version = installed.run("python", "-c", "import sealwright_crypto; print(sealwright_crypto.__version__)").stdout
    for command in ("sealwright", "sealwright-controller"):
        done = installed.run(command, "--version")
        assert (done.returncode, done.stderr) == (0, "")
        assert version.strip() in done.stdout


def test_kubeseals_flags_are_taken(installed: Environment) -> None:
    done = installed.run("sealwright-kubeseal", "--version")
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"kubeseal version: v{__version__}\n"


def test_a_secret_is_sealed_and_unsealed_without_a_network(installed: Environment) -> None:
    certificate, key = str(VECTORS / "key-2048.crt.pem"), str(VECTORS / "key-2048.key.pem")
    sealed = installed.run("sealwright", "seal", "--cert", certificate, "-o", "json", stdin=json.dumps(SECRET))
    assert sealed.returncode == 0, sealed.stderr
    assert json.loads(sealed.stdout)["kind"] == "SealedSecret"
    assert "hunter2" not in sealed.stdout + sealed.stderr

    unsealed = installed.run("sealwright", "unseal", "--key", key, "-o", "json", stdin=sealed.stdout)
    assert unsealed.returncode == 0, unsealed.stderr
    assert json.loads(unsealed.stdout)["data"] == {"password": "aHVudGVyMg=="}
