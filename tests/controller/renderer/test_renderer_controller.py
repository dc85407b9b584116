"""A whole controller as a process, over a folder, while somebody's templates are bombs: nobody else notices."""

import itertools
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret, sealing_key
from tests.support.controller_process import ControllerProcess
from tests.support.directory_world import DirectoryWorld
from tests.support.processes import ComponentDiedError
from tests.support.template_bombs import BOMBS
from tests.support.wait import eventually

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux confines a renderer")

LIVEZ_SECONDS = 5.0  # what our manifests allow a probe
SHORT_BOMBS = [text for text in BOMBS.values() if len(text) < 5_000]
"""What is long takes long to be read as YAML, which is not what this is about."""
PASSWORD = "correct-horse-battery-staple"


@pytest.fixture
def world(tmp_path: Path) -> DirectoryWorld:
    made = DirectoryWorld(tmp_path / "root")
    made.add_key(sealing_key())
    return made


@pytest.fixture
def controller(world: DirectoryWorld, tmp_path: Path) -> Iterator[ControllerProcess]:
    flags = ["--directory", str(world.root), "--key-renew-period=0", "--log-format=json"]
    made = ControllerProcess(flags, folder=tmp_path, environment={"TOKEN": PASSWORD})
    made.start()
    yield made
    made.stop()


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def has_ended(pid: int) -> bool:
    """Tell whether a process has ended, whether or not whoever has it now has looked."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def renderer_of(controller: ControllerProcess) -> int:
    return int(eventually(lambda: children(controller.pid), what="a renderer", timeout=30)[0])


def put(world: DirectoryWorld, name: str, text: str) -> None:
    items = {"password": PASSWORD.encode()}
    world.put_sealed(sealed_secret(name, world.namespace, items, template={"data": {"k": text}}))


def said(controller: ControllerProcess) -> str:
    return controller.log.read_text()


def test_bombs_fail_alone_while_others_are_served_and_probes_are_answered(
    world: DirectoryWorld, controller: ControllerProcess
) -> None:
    for number, text in enumerate(SHORT_BOMBS):
        put(world, f"bomb-{number}", text)
    slowest = 0.0
    for number in range(5):
        put(world, f"calm-{number}", "x={{ .password }}")
        for _ in itertools.repeat(None, 500):
            started = time.monotonic()
            assert controller.get("/livez")[0] == 200
            slowest = max(slowest, time.monotonic() - started)
            if world.items(world.key(f"calm-{number}")):
                break
        expected = {"password": PASSWORD.encode(), "k": f"x={PASSWORD}".encode()}
        eventually(
            lambda n=number, e=expected: world.items(world.key(f"calm-{n}")) == e, what="a calm Secret", timeout=60
        )
    assert slowest < LIVEZ_SECONDS
    for number in range(len(SHORT_BOMBS)):
        key = world.key(f"bomb-{number}")
        eventually(lambda key=key: world.status(key).get("conditions"), what="a bomb's status", timeout=120)
        assert world.secret(key) is None
    assert PASSWORD not in said(controller)
    assert "defect" not in said(controller)
    assert 'outcome="defect"} 0.0' in controller.metrics()


def test_a_renderer_has_nothing_of_the_environment_and_no_value_in_sight(
    world: DirectoryWorld, controller: ControllerProcess
) -> None:
    put(world, "db", "{{ .password }}")
    eventually(lambda: world.items(world.key("db")), what="the Secret", timeout=30)
    renderer = Path(f"/proc/{renderer_of(controller)}")
    assert PASSWORD not in (renderer / "cmdline").read_text()
    if os.geteuid() == 0:
        assert (renderer / "environ").read_bytes() == b""


def test_a_renderer_ends_with_a_controller_that_is_killed_even_when_it_can_do_nothing(
    world: DirectoryWorld, controller: ControllerProcess
) -> None:
    put(world, "db", "{{ .password }}")
    eventually(lambda: world.items(world.key("db")), what="the Secret", timeout=30)
    renderer = renderer_of(controller)
    os.kill(renderer, signal.SIGSTOP)
    controller.kill()
    eventually(lambda: has_ended(renderer), what="the renderer is gone")


def test_a_renderer_that_somebody_kills_is_replaced_and_no_object_fails(
    world: DirectoryWorld, controller: ControllerProcess
) -> None:
    put(world, "one", "{{ .password }}")
    eventually(lambda: world.items(world.key("one")), what="the first Secret", timeout=30)
    os.kill(renderer_of(controller), signal.SIGKILL)
    put(world, "two", "{{ .password }}")
    eventually(lambda: world.items(world.key("two")), what="the second Secret", timeout=30)
    assert world.status(world.key("two"))["conditions"][0]["status"] == "True"


def test_a_signal_to_the_whole_group_stops_it_in_good_order(
    world: DirectoryWorld, controller: ControllerProcess
) -> None:
    put(world, "db", "{{ .password }}")
    eventually(lambda: world.items(world.key("db")), what="the Secret", timeout=30)
    renderer = renderer_of(controller)
    os.killpg(os.getpgid(controller.pid), signal.SIGTERM)
    with pytest.raises(ComponentDiedError, match="status 0"):
        eventually(controller.check_running, timeout=30)
    eventually(lambda: has_ended(renderer), what="the renderer is gone")
    assert "a renderer ended" not in said(controller)
    assert "defect" not in said(controller)
