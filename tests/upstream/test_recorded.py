"""What was recorded of sealed-secrets 0.38 is what it does today: kubeseal's cases and the controller's scenarios."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import blackbox
from tests.support.installation import Installation
from tests.support.repository import ROOT
from tests.support.sealedsecrets import SealedSecrets

CORPUS = ROOT / "tests" / "vectors" / "kubeseal"


@pytest.fixture(scope="module")
def theirs(theirs_over, control_plane, tmp_path_factory: pytest.TempPathFactory) -> SealedSecrets:
    return theirs_over(Installation(control_plane, tmp_path_factory.mktemp("theirs")))


def test_kubeseal_does_what_was_recorded(theirs: SealedSecrets) -> None:
    options = ["--quirks", "--cases", str(CORPUS / "cases"), "--keys", str(CORPUS / "keys")]
    command = [sys.executable, str(CORPUS / "run.py"), *options, "--", str(theirs.kubeseal_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^{len(list(CORPUS.glob('cases/*.json')))} passed, 0 failed$", done.stdout, re.MULTILINE)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="the suite mounts the account's folder, as root")
def test_the_controller_passes_the_scenarios_that_ours_has_to_pass(
    theirs: SealedSecrets, apiserver_assets: Path
) -> None:
    found = blackbox.outcomes(
        apiserver_assets, f"--controller={theirs.controller_path}", f"--crd={theirs.crd}", "--class=compat"
    )
    assert found.keys() == set(blackbox.scenarios("compat"))
    assert {name: outcome.reason for name, outcome in found.items() if not outcome.passed} == {}
