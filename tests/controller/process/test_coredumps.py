"""The controller leaves no core files, and sees its folder all the same."""

import os
from pathlib import Path

import pytest
from tests.support.controller_process import ControllerProcess
from tests.support.corefiles import check_leaves_no_core
from tests.support.wait import eventually

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such limits")


def test_a_controller_leaves_no_core_and_notices_changes_all_the_same(tmp_path: Path) -> None:
    flags = ["--directory", str(tmp_path), "--key-size=1024", "--key-renew-period=0"]
    controller = ControllerProcess(flags, folder=tmp_path)
    controller.start()
    try:
        check_leaves_no_core(controller.pid)
        key = next((tmp_path / "keys").glob("*.yaml"))
        served = controller.get("/v1/cert.pem")[1]
        key.unlink()
        eventually(lambda: controller.get("/v1/cert.pem")[1] != served, what="the key is known to be gone")
    finally:
        assert controller.stop() == 0
