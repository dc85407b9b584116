"""The commands leave no core files."""

import os
import subprocess

import pytest
from tests.cli.test_stopping import is_reading
from tests.support.cli import CERTIFICATE, COMMAND, KUBESEAL, environment
from tests.support.corefiles import check_leaves_no_core
from tests.support.wait import eventually


@pytest.mark.skipif(os.name == "nt", reason="there are no such limits")
@pytest.mark.parametrize("command", [[*COMMAND, "seal"], [KUBESEAL]], ids=["sealwright", "kubeseal"])
def test_a_command_that_waits_for_plaintext_leaves_no_core(command: list[str]) -> None:
    whole = [*command, "--cert", str(CERTIFICATE)]
    pipe = subprocess.PIPE
    with subprocess.Popen(whole, env=environment(), stdin=pipe, stdout=pipe, stderr=pipe) as process:
        eventually(lambda: is_reading(process.pid), timeout=60, what="the command reads its input")
        check_leaves_no_core(process.pid)
