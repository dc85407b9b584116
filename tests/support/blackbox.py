"""Runs the black-box suite in tests/blackbox against the installed controller, over an API server of the suite's own.

python -m tests.support.blackbox [--two-replicas] [OPTION...]

Options are the suite's: --class compat, --only 'keys-*', --list. With --two-replicas, a second replica runs beside each
controller, which the suite does not know.
"""

import json
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.building.make_apiserver import build

ROOT = Path(__file__).resolve().parents[2]
SUITE = ROOT / "tests" / "blackbox"
CRD = ROOT / "manifests" / "crd.yaml"
CONTROLLER = str(Path(sys.executable).with_name("sealwright-controller"))
SECOND_REPLICA = Path(__file__).with_name("second_replica.py")
TWO_REPLICAS = "--two-replicas"


@dataclass(frozen=True)
class Outcome:
    """How a scenario ended: `reason` says what was seen, or what was missed."""

    passed: bool
    reason: str


def scenarios(kind: str) -> list[str]:
    """Return the names of all scenarios of a class, compat or beyond, as the suite's README lists them."""
    text = (SUITE / "README.md").read_text(encoding="utf-8")
    return re.findall(rf"^\| ([a-z0-9-]+) \| {kind} \|", text, re.MULTILINE)


def run_suite(assets: Path, *options: str) -> subprocess.Popen[str]:
    """Start the suite in a scratch folder that its end removes; its output is this process's."""
    controller = [sys.executable, str(SECOND_REPLICA), CONTROLLER] if TWO_REPLICAS in options else [CONTROLLER]
    command = [sys.executable, str(SUITE / "suite.py"), f"--controller={shlex.join(controller)}", f"--crd={CRD}"]
    command += [f"--assets={assets}", *(one for one in options if one != TWO_REPLICAS)]
    return subprocess.Popen(command, text=True)


def outcomes(assets: Path, *options: str) -> dict[str, Outcome]:
    """Run the suite to its end and return each scenario's outcome by its name."""
    with tempfile.TemporaryDirectory(prefix="sealwright-blackbox-") as work:
        results = Path(work) / "results.json"
        run_suite(assets, f"--work={work}", f"--json={results}", *options).wait()
        assert results.exists(), "the suite itself failed; see its output"
        found = json.loads(results.read_text(encoding="utf-8"))["scenarios"]
    return {entry["id"]: Outcome(entry["passed"], entry["reason"]) for entry in found}


def main(options: Sequence[str]) -> int:
    """Run the suite, building the API server's binaries first if need be; return its exit status."""
    with tempfile.TemporaryDirectory(prefix="sealwright-blackbox-") as work:
        return run_suite(build(), f"--work={work}", *options).wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
