"""What `sealwright-controller` says when it starts, and when it cannot; and how it obeys signals."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from tests.support.controller_process import EXECUTABLE, ControllerProcess
from tests.support.wait import eventually

ENDPOINTS = ["--listen-addr=127.0.0.1:0", "--listen-metrics-addr=127.0.0.1:0"]


def started(*flags: str, **environment: str) -> tuple[int, list[dict[str, str]]]:
    """Start a controller that has to end by itself; returns its exit status and the lines of its log."""
    command = [str(EXECUTABLE), "--log-format=json", *ENDPOINTS, *flags]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    return done.returncode, [json.loads(line) for line in done.stderr.splitlines()]


def test_outside_of_a_cluster_it_names_the_flags_that_are_missing(tmp_path: Path) -> None:
    status, (_, said) = started(HOME=str(tmp_path))
    assert status == 1
    assert said["event"] == "cannot start"
    assert said["error"] == (
        "in-cluster configuration: Service host/port is not set; outside of a cluster, give --kubeconfig FILE, "
        "or --directory DIR to work in a folder"
    )


def test_a_kubeconfig_that_cannot_be_used_needs_no_such_hint(tmp_path: Path) -> None:
    status, (_, said) = started(f"--kubeconfig={tmp_path / 'none'}")
    assert status == 1
    assert "--directory" not in said["error"]


@pytest.fixture
def no_folder(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.touch()
    return path


def test_the_settings_are_logged_as_fields_that_can_be_read_and_searched(no_folder: Path) -> None:
    status, (line, said) = started(f"--directory={no_folder}", "--key-renew-period=90d", "--workers=2")
    assert (status, said["event"]) == (1, "cannot start")
    assert line["event"] == "starting"
    assert (line["directory"], line["key-renew-period"], line["workers"]) == (str(no_folder), "90d", "2")
    assert line["listen-addr"] == "127.0.0.1:0"
    assert not any("(" in text for text in line.values())


def test_sigusr1_renews_the_key_at_once_however_often_it_comes(tmp_path: Path) -> None:
    flags = ["--directory", str(tmp_path), "--key-size=1024", "--key-renew-period=0"]
    controller = ControllerProcess(flags, folder=tmp_path)
    controller.start()
    try:
        first = controller.get("/v1/cert.pem")[1]
        os.kill(controller.pid, signal.SIGUSR1)
        eventually(lambda: len(list((tmp_path / "keys").glob("*.yaml"))) == 2, what="a second key")
        eventually(lambda: controller.get("/v1/cert.pem")[1] != first, what="the new certificate")
        for _ in range(100):
            os.kill(controller.pid, signal.SIGUSR1)
        eventually(lambda: len(list((tmp_path / "keys").glob("*.yaml"))) > 2, what="a third key")
    finally:
        status = controller.stop()
    assert status == 0
