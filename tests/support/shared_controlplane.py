"""One control plane for a whole test session, however many processes run its tests.

Three kinds of process take part, and a folder of the session's is all that they share:
- the session's main process (pytest, or its xdist controller) holds `session.lock` for as long as it lives;
- whichever test process first needs the API server starts the keeper (apiserver_keeper.py), under `start.lock`;
- the keeper owns the control plane, tells in `cluster.json` how to reach it, holds `keeper.lock` for as long as it
  lives, and ends, with all that it started, when nobody holds `session.lock` any more.
Locks end with the processes that hold them, so this holds good after a crash and after SIGKILL too.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.support.cluster import Cluster
from tests.support.processes import ComponentDiedError
from tests.support.wait import eventually
from tools.building.caches import held, locked
from tools.building.launching import tail

ROOT = Path(__file__).parents[2]
END_SECONDS = 180  # it takes half a second, but the API server may be in the middle of starting


class SharedFolder:
    """The names in a session's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session_lock = folder / "session.lock"
        self.start_lock = folder / "start.lock"
        self.keeper_lock = folder / "keeper.lock"
        self.keeper_log = folder / "keeper.log"
        self.details = folder / "cluster.json"


class SharedSession:
    """The main process's part: makes the folder, and ends the control plane, if one was started, with the session."""

    def __init__(self) -> None:
        # The folder is short-lived and private (0700); its path is short, since a Unix socket lies in it.
        self.shared = SharedFolder(Path(tempfile.mkdtemp(prefix="sealwright-")))
        self._held = ExitStack()
        self._held.enter_context(locked(self.shared.session_lock))

    def close(self) -> None:
        """Let the keeper end, wait for that, and remove the folder."""
        self._held.close()
        eventually(lambda: not held(self.shared.keeper_lock), timeout=END_SECONDS, what="the API server's end")
        shutil.rmtree(self.shared.folder, ignore_errors=True)


class SharedControlPlane(Cluster):
    """A test process's view of the session's control plane."""

    def __init__(self, shared: SharedFolder) -> None:
        details = json.loads(shared.details.read_text())
        super().__init__(folder=Path(details["folder"]), port=details["port"], admin_token=details["admin_token"])
        self._shared = shared

    def check_running(self) -> None:
        """Raise ComponentDiedError, with the end of its log, if a component has ended by itself."""
        if not held(self._shared.keeper_lock):
            raise ComponentDiedError(f"the session's API server is no more:\n{tail(self._shared.keeper_log, 40)}")


def join_session(shared: SharedFolder, assets: Path) -> SharedControlPlane:
    """Return the session's control plane, started first if nobody has done so yet.

    ComponentDiedError, with the end of its log, when it does not start.
    """
    with locked(shared.start_lock, waiting="another test process is starting the API server: waiting"):
        if not shared.details.is_file():
            _start_keeper(shared, assets)
    return SharedControlPlane(shared)


def _start_keeper(shared: SharedFolder, assets: Path) -> None:
    command = [sys.executable, "-m", "tests.support.apiserver_keeper", str(shared.folder), str(assets)]
    with shared.keeper_log.open("ab") as log:
        # In a session of its own: Ctrl-C is for the tests, whose tear-down still needs the API server.
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, check=False
        )
    if done.returncode:
        raise ComponentDiedError(f"the API server did not start:\n{tail(shared.keeper_log, 40)}")
