"""Two replicas share the namespaces, over a real API server: each has one that works there, also when one is gone."""

import os
import signal
from collections.abc import Iterator

import pytest
from tests.support.controller_process import ControllerProcess
from tests.support.installation import Installation
from tests.support.replicas import SECONDS, Replicas, leads, running, versions
from tests.support.wait import eventually, stays_true

from sealwright_controller.leadership.sharding import shard_of


@pytest.fixture(scope="module")
def replicas(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    installation = Installation(own_control_plane, tmp_path_factory.mktemp("installation"))
    installation.install()
    folders = [tmp_path_factory.mktemp("replica") for _ in range(2)]
    with running(Replicas(installation, folders, ["--shards=2"])) as made:
        yield made


@pytest.fixture
def namespaces(replicas: Replicas, namespace_of) -> list[str]:
    """A namespace of each shard."""
    found: dict[int, str] = {}
    while len(found) < 2:
        made = namespace_of(replicas.installation)
        found.setdefault(shard_of(made, 2), made)
    return [found[0], found[1]]


def shards(one: ControllerProcess) -> list[int]:
    """Return the shards that a replica works on."""
    said = one.metrics()
    return [shard for shard in range(2) if f'sealwright_shard{{shard="{shard}"}} 1.0' in said]


def wait_until_shared(replicas: Replicas) -> None:
    eventually(
        lambda: sorted(map(shards, replicas.both)) == [[0], [1]], timeout=SECONDS, what="each works on one shard"
    )


def works(replicas: Replicas, namespaces: list[str], name: str) -> None:
    """Seal a value in each namespace, and wait for the Secrets."""
    for namespace in namespaces:
        replicas.seal(namespace, name, "1")
    for namespace in namespaces:
        replicas.wait_for(namespace, name, "1")


def test_each_works_on_one_shard_and_one_of_them_makes_keys(replicas: Replicas) -> None:
    wait_until_shared(replicas)
    assert [shards(one) for one in replicas.both if leads(one)] == [[0]]
    assert len(replicas.installation.key_secrets()) == 1


def test_each_secret_is_made_once_and_told_once(replicas: Replicas, namespaces: list[str]) -> None:
    wait_until_shared(replicas)
    for number in range(5):
        works(replicas, namespaces, f"db-{number}")
    told = [event for namespace in namespaces for event in replicas.installation.kube.list("v1/Event", namespace)]
    assert sorted((event["involvedObject"]["name"], event["count"]) for event in told) == [
        (f"db-{number}", 1) for number in range(5) for _ in namespaces
    ]


@pytest.mark.parametrize("end", ["kill", "stop"])
@pytest.mark.parametrize("leader", [True, False])
def test_the_other_goes_on_with_the_work_of_one_that_ends(
    replicas: Replicas, namespaces: list[str], end: str, leader: bool
) -> None:
    wait_until_shared(replicas)
    ended = next(one for one in replicas.both if leads(one) is leader)
    getattr(ended, end)()
    works(replicas, namespaces, "db")
    assert shards(replicas.other_than(ended)) == [0, 1]
    ended.start()
    wait_until_shared(replicas)
    assert len(replicas.installation.key_secrets()) == 1


@pytest.mark.parametrize("leader", [True, False])
def test_one_that_was_paused_writes_nothing_in_what_is_the_others_now(
    replicas: Replicas, namespaces: list[str], leader: bool
) -> None:
    wait_until_shared(replicas)
    works(replicas, namespaces, "before")
    paused = next(one for one in replicas.both if leads(one) is leader)
    other = replicas.other_than(paused)
    os.kill(paused.pid, signal.SIGSTOP)
    try:
        works(replicas, namespaces, "while-paused")
        assert shards(other) == [0, 1]
        written = [versions(replicas.installation, namespace) for namespace in namespaces]
    finally:
        os.kill(paused.pid, signal.SIGCONT)
    wait_until_shared(replicas)
    stays_true(lambda: shards(paused) != shards(other), seconds=3, what="each has its own")
    assert [versions(replicas.installation, namespace) for namespace in namespaces] == written
