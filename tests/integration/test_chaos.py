"""A small run of chaos (`make chaos` has large ones), and that such a run fails where something is wrong."""

import base64
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.chaos.replicas import LAUNCHER
from tests.support.chaos.run import QUICK, ChaosRun
from tests.support.wait import eventually

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for as on Linux")
SEED = 14
OBJECTS = 40
LEAKING = LAUNCHER.with_name("leaking_controller.py")


@pytest.fixture(scope="module")
def over(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChaosRun]:
    """A run that is over: its controllers have ended, the API server is there still."""
    folder = tmp_path_factory.mktemp("chaos")
    run = ChaosRun(
        own_control_plane,
        folder,
        SEED,
        objects=OBJECTS,
        acts_per_trouble=10,
        pace_seconds=0,
        cards=QUICK,
        replicas=2,
        harshness=2,
    )
    run.run()
    yield run
    print(f"its logs: {folder}")


def test_the_world_is_what_the_objects_say(over: ChaosRun) -> None:
    assert over.report.failures == [], str(over.report)
    assert over.report.objects > OBJECTS
    assert over.report.troubles.total() >= len(QUICK)
    assert over.report.wire_faults.total() >= 10
    assert over.report.searched_bytes > 100_000


@pytest.fixture
def made(over: ChaosRun) -> tuple[str, str]:
    """A Secret that was made as it should be; it is one of those that are there still."""
    found = over.stage.find()
    return next(
        key
        for key, wish in sorted(over.truth.wishes.items())
        if key in found.secrets and wish.foreign is None and not wish.refusal and wish.key in found.keys.values()
    )


def test_a_secret_that_is_changed_afterwards_is_seen(over: ChaosRun, made: tuple[str, str]) -> None:
    namespace, name = made
    before = over.stage.kube.get("v1/Secret", name, namespace)["data"]
    over.stage.kube.patch("v1/Secret", name, {"data": {"password": base64.b64encode(b"x").decode()}}, namespace)
    assert over.different() == [f"{namespace}/{name}: its Secret is wrong"]
    over.stage.kube.patch("v1/Secret", name, {"data": before}, namespace)
    assert over.different() == []


def test_a_secret_that_nobody_wished_is_seen(over: ChaosRun, made: tuple[str, str]) -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "old", "namespace": made[0]}}
    over.stage.kube.create(secret)
    assert over.different() == [f"{made[0]}/old: a Secret is left over"]
    over.stage.kube.delete("v1/Secret", "old", made[0])


def test_a_secret_that_is_lost_is_seen(over: ChaosRun, made: tuple[str, str]) -> None:
    over.stage.kube.delete("v1/Secret", made[1], made[0])
    eventually(lambda: over.different() == [f"{made[0]}/{made[1]}: its Secret is lost"], what="the complaint")


def test_a_controller_that_tells_values_is_found_out(own_control_plane, tmp_path: Path) -> None:
    run = ChaosRun(
        own_control_plane, tmp_path, SEED, objects=3, cards=("ask",), replicas=1, launcher=LEAKING, team="told"
    )
    leaked = [text for text in run.run().failures if "LEAKED" in text]
    assert leaked
    assert all("controller.log" in text for text in leaked), leaked
