"""What a session says and does about the API server: skips, failures, the count, and no process left behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.cluster import Cluster
from tests.support.shared_controlplane import END_SECONDS
from tests.support.wait import eventually

ROOT = Path(__file__).parents[2]
TESTS = """
import os
import pathlib
import threading

def test_unmarked():
    pass

def test_one(kube, namespace):
    assert kube.find("v1/Namespace", namespace)

def test_two(namespace):
    pass

def test_hangs(control_plane):
    pathlib.Path(os.environ["STARTED"]).write_text(str(control_plane.folder))
    threading.Event().wait(60)
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the API server for tests runs on Linux and macOS only")


class Session:
    """A pytest session of its own, over a file of tests that use this project's fixtures."""

    def __init__(self, folder: Path) -> None:
        (folder / "test_inner.py").write_text(TESTS)
        self.started = folder / "started"
        self._command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT)]
        self._command += ["-p", "tests.support.apiserver_fixtures", "-p", "no:cacheprovider", str(folder)]
        outer = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        self._environment = {**outer, "STARTED": str(self.started), "SEALWRIGHT_REQUIRE_APISERVER": ""}

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start the session; its output is one pipe."""
        return subprocess.Popen(
            [*self._command, *arguments],
            cwd=ROOT,
            env=self._environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run the session; return its exit status and output."""
        with self.start(*arguments, **environment) as process:
            output = process.communicate(timeout=120)[0]
        return process.returncode, output


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session(tmp_path)


def test_without_an_api_server_tests_are_skipped_with_the_reason(session: Session) -> None:
    status, output = session.run("-n2", KUBEBUILDER_ASSETS="/nowhere")
    assert status == 0
    assert "KUBEBUILDER_ASSETS=/nowhere holds no program kube-apiserver" in output
    assert "0 tests ran over the real API server; 3 did not" in output


def test_where_it_is_required_that_is_a_failure(session: Session) -> None:
    status, output = session.run(KUBEBUILDER_ASSETS="/nowhere", SEALWRIGHT_REQUIRE_APISERVER="1")
    assert status == 1
    assert "SEALWRIGHT_REQUIRE_APISERVER=1, but KUBEBUILDER_ASSETS=/nowhere holds no program" in output
    assert "1 passed, 3 errors" in output


def test_the_marker_is_given_by_the_fixtures_that_a_test_uses(session: Session) -> None:
    status, output = session.run("-m", "not apiserver", KUBEBUILDER_ASSETS="/nowhere")
    assert (status, "1 passed, 3 deselected" in output, "real API server" in output) == (0, True, False)


def test_the_summary_counts_what_ran_in_every_process(control_plane: Cluster, session: Session) -> None:
    status, output = session.run("-n2", "-k", "not hangs")
    assert status == 0, output
    assert "2 tests ran over the real API server\n" in output


@pytest.mark.parametrize(
    ("workers", "sent"),
    [
        pytest.param("-n1", signal.SIGINT, id="Ctrl-C, which reaches every process in the terminal"),
        pytest.param("-n1", signal.SIGKILL, id="the main process killed outright"),
        pytest.param("-n0", signal.SIGTERM, id="the only process told to end"),
    ],
)
def test_nothing_is_left_running_when_a_session_is_cut_short(
    control_plane: Cluster, session: Session, workers: str, sent: signal.Signals
) -> None:
    with session.start(workers, "-k", "hangs") as process:
        eventually(session.started.exists, timeout=120, what="the test that hangs")
        folder = Path(session.started.read_text())
        if sent == signal.SIGINT:
            os.killpg(process.pid, sent)
        else:
            process.send_signal(sent)
        process.communicate(timeout=60)
    assert folder != control_plane.folder
    eventually(lambda: not folder.exists(), timeout=END_SECONDS, what="the control plane's folder gone")
    assert running_in(folder) == []


def running_in(folder: Path) -> list[str]:
    """Return the command lines that name the folder."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]
