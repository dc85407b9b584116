"""Several replicas over a real API server: one writes, all answer, and another takes over when that one is gone."""

import os
import signal
from collections.abc import Iterator

import pytest
from tests.support.installation import Installation
from tests.support.replicas import SECONDS, Replicas, leads, running, versions
from tests.support.wait import eventually, stays_true

from sealwright_controller.gateway import KEY_LABEL


@pytest.fixture(scope="module")
def replicas(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    """Two controllers that started at the same moment, on a cluster without keys."""
    installation = Installation(own_control_plane, tmp_path_factory.mktemp("installation"))
    installation.install()
    folders = [tmp_path_factory.mktemp("replica") for _ in range(2)]
    with running(Replicas(installation, folders)) as made:
        yield made


@pytest.fixture
def namespace(replicas: Replicas, namespace_of) -> str:
    return namespace_of(replicas.installation)


def test_two_that_start_together_make_one_key(replicas: Replicas) -> None:
    assert len(replicas.installation.key_secrets()) == 1


def test_one_leads_and_both_answer(replicas: Replicas) -> None:
    leader = replicas.leader()
    assert not leads(replicas.other_than(leader))
    certificate = replicas.installation.certificate.read_text()
    assert [one.get("/v1/cert.pem") for one in replicas.both] == [(200, certificate)] * 2


def test_each_secret_is_made_once_and_told_once(replicas: Replicas, namespace: str) -> None:
    for number in range(10):
        replicas.seal(namespace, f"db-{number}", "1")
    for number in range(10):
        replicas.wait_for(namespace, f"db-{number}", "1")
    told = replicas.installation.kube.list("v1/Event", namespace)
    assert sorted((event["involvedObject"]["name"], event["count"]) for event in told) == [
        (f"db-{number}", 1) for number in range(10)
    ]


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_another_takes_over_when_the_leader_ends(replicas: Replicas, namespace: str, end: str) -> None:
    leader = replicas.leader()
    getattr(leader, end)()
    replicas.seal(namespace, "db", "1")
    replicas.wait_for(namespace, "db", "1")
    assert leads(replicas.other_than(leader))
    leader.start()
    assert not leads(leader)


def test_a_leader_that_was_paused_writes_nothing_more(replicas: Replicas, namespace: str) -> None:
    paused = replicas.leader()
    other = replicas.other_than(paused)
    replicas.seal(namespace, "before", "1")
    replicas.wait_for(namespace, "before", "1")
    os.kill(paused.pid, signal.SIGSTOP)
    try:
        replicas.seal(namespace, "while-paused", "1")
        replicas.wait_for(namespace, "while-paused", "1")
        assert leads(other)
        written = versions(replicas.installation, namespace)
    finally:
        os.kill(paused.pid, signal.SIGCONT)
    eventually(lambda: "not leading" in paused.log.read_text(), timeout=SECONDS, what="it knows that it does not lead")
    stays_true(lambda: leads(other) and not leads(paused), seconds=3, what="the other leads")
    assert versions(replicas.installation, namespace) == written


def test_a_follower_makes_no_key(replicas: Replicas) -> None:
    follower = replicas.other_than(replicas.leader())
    keys = len(replicas.installation.key_secrets())
    os.kill(follower.pid, signal.SIGUSR1)
    eventually(lambda: "another replica leads" in follower.log.read_text(), what="it says who makes keys")
    assert len(replicas.installation.key_secrets()) == keys


def test_an_unreadable_key_is_logged_by_both_and_told_by_the_leader_alone(replicas: Replicas) -> None:
    kube, place = replicas.installation.kube, replicas.installation.namespace
    metadata = {"generateName": "junk-", "namespace": place, "labels": {KEY_LABEL: "active"}}
    junk = kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"tls.crt": "anVuaw=="}})
    name = junk["metadata"]["name"]
    fault = f"secret={place}/{name}"
    for one in replicas.both:
        eventually(lambda one=one: fault in one.log.read_text(), what="the log names the key")
    eventually(lambda: replicas.installation.events(place, name), what="an Event on the key")
    kube.delete("v1/Secret", name, place)
    (event,) = replicas.installation.events(place, name)
    assert (event["reason"], event["count"]) == ("ErrKeyUnreadable", 1)
    for one in replicas.both:
        lines = [line for line in one.log.read_text().splitlines() if fault in line or "event not written" in line]
        assert len(lines) == 1, lines
