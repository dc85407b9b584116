"""Sealed-secrets' programs are built once, in one run of Go, with the chart of the module beside them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tools.building.gobuilds import NOT_POSSIBLE
from tools.building.make_sealedsecrets import CHART, CONTROLLER, KUBESEAL, version
from tools.checkout import ROOT

# Stands for the real one, which takes minutes: "builds" each command, and says where the module is.
GO = """#!/bin/sh
echo "$@" >> "$GO_CALLS"
case $1 in
    env) echo go1.99.1 ;;
    list) echo "$GO_MODULE" ;;
    build) while test "$1" != -o; do shift; done
        target=$2; shift 2
        for command; do echo program > "$target/${command##*/}"; done ;;
esac
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sealed-secrets' controller runs on Linux only, as in a Pod")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A machine with a Go of its own, whose module has a chart."""
    crds = tmp_path / "module" / "helm" / "sealed-secrets" / "crds"
    crds.mkdir(parents=True)
    (crds / "kind.yaml").write_text("kind")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "go").write_text(GO)
    (tmp_path / "bin" / "go").chmod(0o755)
    return {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.defpath}",
        "SEALWRIGHT_DEV_CACHE": str(tmp_path / "cache"),
        "GO_CALLS": str(tmp_path / "calls"),
        "GO_MODULE": str(tmp_path / "module"),
    }


def make(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tools.building.make_sealedsecrets"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_both_programs_and_the_chart_are_there_after_one_build(environment: dict[str, str]) -> None:
    folders = {make(environment).stdout.strip() for _ in range(2)}
    (folder,) = map(Path, folders)
    assert {each.name for each in folder.iterdir()} == {CONTROLLER, KUBESEAL, CHART}
    assert (folder / CHART / "crds" / "kind.yaml").read_text() == "kind"
    (build,) = [call for call in Path(environment["GO_CALLS"]).read_text().splitlines() if call.startswith("build")]
    assert f"main.VERSION={version()}" in build


def test_without_go_it_says_what_to_install(environment: dict[str, str]) -> None:
    done = make({**environment, "PATH": os.defpath})
    assert done.returncode == NOT_POSSIBLE
    assert "install Go 1.26 or newer" in done.stderr
