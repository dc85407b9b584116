"""Where the test API server's binaries come from: the person's own, a kept build, a new build; else a reason."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.building.gobuilds import NOT_POSSIBLE
from tools.building.make_apiserver import COMPONENTS, KUBECTL, MODULE, find_assets, why_not_found
from tools.checkout import ROOT

# Stands for the real one, which takes minutes: answers what version it is, and "builds" a file.
GO = """#!/bin/sh
echo "$@" >> "$GO_CALLS"
case $1 in
    env) echo "go$GO_VERSION" ;;
    build) echo "# what the compiler says"; test -z "$GO_FAILS" || exit 1
        while test "$1" != -o; do shift; done
        echo program > "$2"; chmod +x "$2" ;;
esac
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the API server for tests runs on Linux and macOS only")


class Machine:
    """A machine with a cache folder of its own and a Go that is as it is told to be."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.calls = folder / "calls"
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.environment = {
            "PATH": f"{self.programs}{os.pathsep}{os.defpath}",
            "SEALWRIGHT_DEV_CACHE": str(self.cache),
            "GO_CALLS": str(self.calls),
            "GO_VERSION": "1.99.1",
        }
        (self.programs / "go").write_text(GO)
        (self.programs / "go").chmod(0o755)

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script as `make apiserver` does."""
        command = [sys.executable, "-m", "tools.building.make_apiserver", *arguments]
        env = self.environment | environment
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)

    def builds(self) -> list[str]:
        """Return the command line of every build."""
        calls = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [call for call in calls if call.startswith("build")]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def assets(folder: Path, *names: str) -> str:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text("program")
        (folder / name).chmod(0o755)
    return str(folder)


def test_the_last_line_is_the_folder_that_holds_all_four(machine: Machine) -> None:
    done = machine.make()
    assert done.returncode == 0, done.stderr
    assert "building the API server" in done.stderr
    folder = Path(done.stdout.splitlines()[-1])
    assert folder.is_relative_to(machine.cache)
    assert sorted(path.name for path in folder.iterdir()) == sorted([*COMPONENTS, KUBECTL])


def test_what_was_built_once_is_found_again_without_go(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    first = machine.make()
    (machine.programs / "go").unlink()
    again = machine.make()
    assert (again.returncode, again.stdout, again.stderr) == (0, first.stdout, "")
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.setenv("SEALWRIGHT_DEV_CACHE", str(machine.cache))
    assert find_assets() == Path(first.stdout.strip())
    assert why_not_found() == ""


def test_two_that_want_it_at_once_build_it_once(machine: Machine) -> None:
    command, env = [sys.executable, "-m", "tools.building.make_apiserver"], machine.environment
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)]
    printed = {process.communicate()[0] for process in both}
    assert len(printed) == 1
    assert len(machine.builds()) == 1


def test_a_build_tells_its_version_by_go_mod(machine: Machine) -> None:
    machine.make()
    go_mod = (MODULE / "go.mod").read_text()
    (built,) = machine.builds()
    version = built.split("version.gitVersion=")[1].split()[0]
    assert f"k8s.io/kubernetes {version}\n" in go_mod


def test_an_interrupted_build_leaves_nothing_that_counts_as_built(machine: Machine) -> None:
    assert machine.make(GO_FAILS="yes").returncode == NOT_POSSIBLE
    assert machine.make().returncode == 0


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        pytest.param({"PATH": ""}, "there is no 'go' command; install Go 1.", id="there is no Go"),
        pytest.param({"GO_VERSION": "1.21.13"}, "Go 1.21.13 is too old", id="Go is too old"),
        pytest.param({"GO_FAILS": "yes"}, "# what the compiler says", id="the build fails"),
        pytest.param({"KUBEBUILDER_ASSETS": "/nowhere"}, "no program kube-apiserver, etcd", id="the folder is wrong"),
    ],
)
def test_the_reason_is_given_when_it_cannot_be(machine: Machine, environment: dict[str, str], said: str) -> None:
    required = machine.make(**environment)
    assert (required.returncode, required.stdout) == (NOT_POSSIBLE, "")
    assert said in required.stderr
    optional = machine.make("--optional", **environment)
    assert (optional.returncode, optional.stdout, optional.stderr) == (0, "", required.stderr)


def test_the_persons_own_binaries_go_first(machine: Machine, tmp_path: Path) -> None:
    own = assets(tmp_path / "own", *COMPONENTS, KUBECTL)
    assert machine.make(KUBEBUILDER_ASSETS=own).stdout == f"{own}\n"
    assert machine.builds() == []


@pytest.mark.parametrize("has_one", [True, False], ids=["kubectl on PATH", "no kubectl at all"])
def test_binaries_without_kubectl_do_where_the_machine_has_one(machine: Machine, tmp_path: Path, has_one: bool) -> None:
    own = assets(tmp_path / "own", *COMPONENTS)
    assets(machine.programs, *([KUBECTL] if has_one else []))
    made = machine.make(KUBEBUILDER_ASSETS=own, PATH=str(machine.programs))
    assert made.returncode == (0 if has_one else NOT_POSSIBLE)
    assert ("holds no kubectl, and there is none on PATH" in made.stderr) is not has_one


def test_binaries_without_a_controller_manager_are_refused_with_the_reason(machine: Machine, tmp_path: Path) -> None:
    own = assets(tmp_path / "own", "kube-apiserver", "etcd")
    refused = machine.make(KUBEBUILDER_ASSETS=own)
    assert refused.returncode == NOT_POSSIBLE
    assert "holds no kube-controller-manager, which collects garbage" in refused.stderr


def test_an_unknown_option_is_a_usage_error(machine: Machine) -> None:
    assert machine.make("--optinal").returncode == 2
