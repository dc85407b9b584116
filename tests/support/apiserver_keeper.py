"""The process that owns a test session's control plane: `python -m tests.support.apiserver_keeper FOLDER ASSETS`.

Its part is told in shared_controlplane.py. The command returns when the control plane is ready, with status 0, or has
failed to start; the keeper itself goes on in the background, nobody's child, and writes only why it ended too early.
"""

import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.support.cluster import Cluster
from tests.support.controlplane import PROJECT_CRD, ControlPlane
from tests.support.kubeapi import ApiError
from tests.support.processes import ComponentDiedError
from tests.support.shared_controlplane import SharedFolder
from tools.building.caches import held, locked


def keep(shared: SharedFolder, assets: Path) -> None:
    """Run a control plane until the session is over, or a component of it dies (ComponentDiedError)."""
    try:
        with locked(shared.keeper_lock):
            if held(shared.session_lock):
                _run(shared, assets)
    finally:
        if not held(shared.session_lock):
            shutil.rmtree(shared.folder, ignore_errors=True)


def _run(shared: SharedFolder, assets: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir=shared.folder))
    with ControlPlane(assets, folder, crds=[PROJECT_CRD]) as plane:
        _publish(plane, shared.details)
        while held(shared.session_lock):
            plane.check_running()
            time.sleep(0.1)


def _publish(plane: Cluster, path: Path) -> None:
    """Write how to reach the control plane; the file is there whole or not at all."""
    details = {"folder": str(plane.folder), "port": plane.port, "admin_token": plane.admin_token}
    partial = path.with_suffix(".partial")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(details))
    partial.rename(path)


def main(shared: SharedFolder, assets: Path) -> int:
    """Start the keeper in the background, unless this is it; return the exit status."""
    keeper = os.fork()  # no threads have been started yet
    if keeper:
        return _wait_until_ready(shared, keeper)
    try:
        keep(shared, assets)
    except (ComponentDiedError, ApiError, AssertionError) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


def _wait_until_ready(shared: SharedFolder, keeper: int) -> int:
    while not shared.details.is_file():
        pid, _ = os.waitpid(keeper, os.WNOHANG)
        if pid:
            return 1  # it ended, and said why
        time.sleep(0.02)
    return 0


if __name__ == "__main__":
    sys.exit(main(SharedFolder(Path(sys.argv[1])), Path(sys.argv[2])))
