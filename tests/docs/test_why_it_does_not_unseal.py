"""docs/guides/why-does-it-not-unseal.md: every command of the page, in order, in a new repository before a stand-in."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE as SERVED
from tests.cli.test_cluster import VERIFY
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, environment
from tests.support.gitrepo import GitRepo
from tests.support.repository import ROOT
from tests.support.table_server import Reply

from sealwright_cli.explaining.causes import Cause, Likelihood, Why

PAGE = (ROOT / "docs/guides/why-does-it-not-unseal.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
STEPS = [step for block in BLOCKS for step in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)]
STATUSES = {"other-place": 5, "damaged-ciphertext": 5, "not-applied": 6}
EVENTS = "GET /api/v1/namespaces/shop/events?fieldSelector=involvedObject.kind=SealedSecret,involvedObject.name=db"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the page speaks to a POSIX shell")


@pytest.fixture
def server(tmp_path: Path) -> StandIn:
    """A cluster whose controller has the usual test key, and which has no SealedSecret."""
    not_found = {"kind": "Status", "details": {"name": "db"}, "code": 404}
    server = StandIn(tmp_path)
    server.table = {
        SERVED: Reply(CERTIFICATE.read_bytes()),
        VERIFY: Reply(b"ok"),
        "GET /apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/db": Reply(not_found, 404),
        "GET /api/v1/namespaces/shop/secrets/db": Reply(not_found, 404),
        EVENTS: Reply({"items": []}),
    }
    return server


def test_every_command_works_and_prints_what_the_page_shows(server: StandIn, tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    GitRepo(folder)
    (folder / "secret.yaml").write_text(PAGE.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (folder / "sealing-keys.yaml").write_bytes(PRIVATE_KEY.read_bytes())
    assert len(STEPS) > 12
    with server:
        config = server.write_kubeconfig()
        for command, expected in STEPS:
            done = run(command, folder, config)
            cause = re.search(rf"\(({'|'.join(STATUSES)})\)", expected)
            assert done.returncode == (STATUSES[cause[1]] if cause else 0), (command, done.stderr)
            for line in expected.splitlines():
                assert line in done.stdout.splitlines(), (command, done.stdout)
            if "-o json" in command:
                json.loads(done.stdout)


def test_the_table_names_every_cause_and_its_status() -> None:
    rows = dict(re.findall(r"^\| `([\w-]+)` \| .* \| (\d) \|$", PAGE, re.MULTILINE))
    assert rows == {str(why): str(int(Cause(why, Likelihood.LIKELY, "").status)) for why in Why}


def run(command: str, folder: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """Type a command."""
    settings = environment(
        KUBECONFIG=str(config),
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        GIT_AUTHOR_NAME="a",
        GIT_AUTHOR_EMAIL="a@example.com",
        GIT_COMMITTER_NAME="a",
        GIT_COMMITTER_EMAIL="a@example.com",
    )
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )
