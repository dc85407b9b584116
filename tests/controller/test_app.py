"""What `sealwright-controller` says when it starts, and when it cannot; and how it obeys signals."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import sealed_secret, sealing_key
from tests.support.controller_process import EXECUTABLE, ControllerProcess
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld
from tests.support.wsgi import ask

from sealwright_controller import app
from sealwright_controller.manager import Manager
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.settings import ClusterSettings, parse_settings

ENDPOINTS = ["--listen-addr=127.0.0.1:0", "--listen-metrics-addr=127.0.0.1:0"]


def ended(*flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a controller that has to end by itself, and wait for that."""
    command = [str(EXECUTABLE), "--log-format=json", *ENDPOINTS, *flags]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


def started(*flags: str, **environment: str) -> tuple[int, list[dict[str, str]]]:
    """Start a controller that has to end by itself; returns its exit status and the lines of its log."""
    done = ended(*flags, **environment)
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


def test_a_port_in_use_names_the_flags_for_other_ones(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        status, log = started(f"--directory={tmp_path}", f"--listen-metrics-addr={address}")
    (said,) = [line for line in log if line["event"] == "cannot start"]
    assert (status, said["error"]) == (1, f"cannot listen on {address}: address already in use")
    assert said["hint"] == "other addresses: --listen-addr, --listen-metrics-addr, --listen-probe-addr"


@pytest.mark.parametrize(
    ("settings", "at_once"),
    [
        pytest.param({"requests_per_second": 0.1}, 1, id="one, where no burst is named"),
        pytest.param({"requests_per_second": 0.1, "requests_burst": 3}, 3, id="the burst"),
    ],
)
def test_so_many_requests_to_the_api_server_go_out_at_once(settings: dict[str, Any], at_once: int) -> None:
    pace = app._pace(ClusterSettings(**settings))
    assert pace is not None
    assert [pace.reserve() == 0 for _ in range(at_once + 1)] == [True] * at_once + [False]


def test_without_a_rate_there_is_no_limit() -> None:
    assert app._pace(ClusterSettings(requests_burst=3)) is None


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


@pytest.fixture
def signalled_elsewhere(tmp_path: Path) -> Iterator[Callable[[int], ControllerProcess]]:
    """Send a signal to a thread of a controller that does not obey signals, and so does not wake the one that does.

    That is how a signal is lost that comes at the moment at which the main thread begins to wait.
    """
    controller = ControllerProcess(["--directory", str(tmp_path), "--key-size=1024"], folder=tmp_path)
    controller.start()

    def send(number: int) -> ControllerProcess:
        other = max(int(task.name) for task in Path(f"/proc/{controller.pid}/task").iterdir())
        assert other != controller.pid
        assert ctypes.CDLL(None).tgkill(controller.pid, other, number) == 0
        return controller

    yield send
    controller.stop()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux sends a signal to one thread of another")
class TestSignalsThatDoNotWakeTheMainThread:
    def test_sigusr1_renews_the_key(self, signalled_elsewhere, tmp_path):
        signalled_elsewhere(signal.SIGUSR1)
        eventually(lambda: len(list((tmp_path / "keys").glob("*.yaml"))) == 2, what="a second key")

    def test_sigterm_ends_it(self, signalled_elsewhere):
        signalled_elsewhere(signal.SIGTERM).wait()


def test_with_log_info_stdout_only_what_is_wrong_goes_to_standard_error(no_folder: Path) -> None:
    done = ended(f"--directory={no_folder}", "--log-info-stdout")
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["starting"]
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["cannot start"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
class TestAFullDisk:
    @pytest.fixture
    def full(self) -> Iterator[int]:
        with Path("/dev/full").open("wb") as full:
            yield full.fileno()

    @pytest.mark.parametrize("flag", ["--help", "--version"])
    def test_behind_what_was_asked_for_is_an_error(self, flag: str, full: int) -> None:
        done = subprocess.run([EXECUTABLE, flag], stdout=full, stderr=subprocess.PIPE, check=False)
        assert (done.returncode, done.stderr) == (1, b"error: standard output: no space left on device\n")

    def test_behind_messages_changes_no_status(self, full: int) -> None:
        assert subprocess.run([EXECUTABLE, "--no-such-flag"], stderr=full, check=False).returncode == 2

    def test_behind_the_log_stops_nobody_and_changes_no_status(self, full: int, tmp_path: Path) -> None:
        command = [EXECUTABLE, *ENDPOINTS, "--key-size=1024", f"--directory={tmp_path}"]
        with subprocess.Popen(command, stderr=full) as process:
            eventually(lambda: any((tmp_path / "keys").glob("*.yaml")), what="the first key")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_a_reader_that_went_away_is_no_error(flag: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([EXECUTABLE, flag], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


class TestWiring:
    """What becomes of the settings for HTTP and metrics."""

    @pytest.fixture
    def manager(self) -> Iterator[Callable[..., Manager]]:
        world = SimulatedWorld()
        world.add_key(sealing_key())
        gateway = SimulatedGateway(
            world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace]
        )
        yield lambda *flags: Manager(
            parse_settings(flags, {}),
            gateway,
            app.metrics_of(parse_settings(flags, {})),
            rendering_here,
            app.servers,
        )
        world.close()

    @pytest.mark.parametrize("path", ["/v1/verify", "/v1/rotate"])
    def test_key_endpoints_that_are_switched_off_name_the_flag_and_the_rest_is_served(self, manager, path):
        public = app.public_app(manager("--key-endpoints=false"))
        body = json.dumps(sealed_secret()).encode()
        status, _, said = ask(public, path, "POST", body)
        assert (status, said.count(b"\n")) == (403, 1)
        assert b"--key-endpoints=false" in said
        assert ask(public, "/healthz")[0] == 200
        assert ask(public, "/v1/cert.pem")[0] == 503  # the keys are not loaded in this test
        assert ask(app.public_app(manager()), path, "POST", body)[0] == 503

    def test_the_times_for_clients_are_those_of_both_ports(self, manager):
        flags = ["--read-timeout=2s", "--write-timeout=3s", *ENDPOINTS]
        for server in app.servers(manager(*flags)):
            assert (server.read_seconds, server.write_seconds) == (2.0, 3.0)
        for server in app.servers(manager(*ENDPOINTS)):
            assert (server.read_seconds, server.write_seconds) == (120.0, 120.0)

    def test_requests_to_what_is_served_have_series_before_they_come(self, manager):
        made = manager()
        app.public_app(made)
        said = made.metrics.exposition().decode()
        for path, method in [("/healthz", "get"), ("/v1/cert.pem", "get"), ("/v1/verify", "post")]:
            assert f'http_requests_total{{code="200",method="{method}",path="{path}"}} 0.0' in said

    @pytest.mark.parametrize(
        ("flag", "named"), [("--metrics-omit-secret-labels=false", True), ("--metrics-omit-secret-labels", False)]
    )
    def test_names_are_omitted_from_the_metrics_when_asked_for(self, manager, flag, named):
        metrics = manager(flag).metrics
        metrics.set_condition("zebra", "zebra", synced=True)
        assert (b"zebra" in metrics.exposition()) == named
