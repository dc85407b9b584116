"""Sealed-secrets' controller beside ours, by mistake: all Secrets are right, nobody fights, and ours says so."""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import later_controller
from tests.support.apiwrites import writes, writes_since
from tests.support.controller_process import ControllerProcess
from tests.support.installation import NAME, NAMESPACE, SEALED_SECRET, Installation
from tests.support.sealedsecrets import SealedSecrets
from tests.support.wait import eventually, stays_true

from sealwright_controller.gateway import KEY_MANAGER
from sealwright_controller.memory.othercontroller import AGAIN_SECONDS, GRACE_SECONDS, SHOWN_SECONDS

TEAM = "team-a"
MANY = 10
CHANGES = 12
"""Changes within which theirs is noticed; it takes two that it is the first to write something of."""
QUIET_SECONDS = 5.0
IDLE_SECONDS = 30.0
SECONDS = 30.0


class Both:
    """Two controllers over the same objects."""

    def __init__(self, installed: Installation, theirs: SealedSecrets, later: Path) -> None:
        self.installed = installed
        self.theirs = theirs
        self._later = later

    def pass_time(self, seconds: float) -> None:
        """Let time pass, as far as our memory of the other controller is concerned."""
        self._later.write_text(str(float(self._later.read_text()) + seconds))

    def seal(self, name: str, value: str, *, into: str = "", template: Any = None) -> None:
        """Seal with kubeseal and what the Service serves, and apply, under another name if told so."""
        metadata = {"name": name, "namespace": TEAM}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"a": value}}
        sealed = self.theirs.kubeseal("-o", "json", stdin=json.dumps(secret)).json
        sealed["metadata"]["name"] = into or name
        sealed["spec"]["template"]["data"] = template or {}
        self.installed.apply(json.dumps(sealed))

    def arrives(self, name: str, value: str) -> None:
        self.installed.wait_for_items(TEAM, name, {"a": value}, SECONDS)

    def is_told(self) -> bool:
        return "sealwright_other_controller 1.0" in self.installed.controller.metrics()

    def versions(self) -> dict[tuple[str, str], str]:
        kinds = (SEALED_SECRET, "v1/Secret", "v1/Event")
        found = {
            (kind, each["metadata"]["name"]): each for kind in kinds for each in self.installed.kube.list(kind, TEAM)
        }
        return {what: each["metadata"]["resourceVersion"] for what, each in found.items()}

    def wait_for_trust(self) -> None:
        """Wait for the Secret by which ours knows its keys: it is made once, a minute after the start."""
        kube, name = self.installed.kube, "sealwright-key-trust"
        eventually(lambda: kube.find("v1/Secret", name, NAMESPACE), timeout=120, what=name)

    def settle(self) -> None:
        """Wait until nothing has been written for some seconds."""

        def is_quiet() -> bool:
            before = self.versions()
            stays_true(lambda: self.versions() == before, seconds=QUIET_SECONDS, interval=0.5)
            return True

        eventually(is_quiet, timeout=60, what="nothing is written any more")

    def conditions(self, name: str) -> dict[str, Any]:
        status = self.installed.kube.get(SEALED_SECRET, name, TEAM)["status"]
        return {each["type"]: each["status"] for each in status["conditions"]}


@pytest.fixture(scope="module")
def both(own_control_plane, theirs_over, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Ours, which made the key, and theirs, which somebody started as well."""
    folder = tmp_path_factory.mktemp("installation")
    later = folder / "later"
    later.write_text("0")
    installed = Installation(own_control_plane, folder)
    installed.install()
    installed.controller = ControllerProcess(
        ["--kubeconfig", str(installed.controller_kubeconfig), "--key-size=2048"],
        folder=folder,
        environment={"POD_NAMESPACE": NAMESPACE, "LATER": str(later)},
        program=[sys.executable, str(Path(later_controller.__file__))],
    )
    theirs = theirs_over(installed)
    installed.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TEAM}})
    try:
        installed.controller.start()
        theirs.start()
        installed.cluster.expose(NAMESPACE, NAME, "http", installed.controller.port)
        yield Both(installed, theirs, later)
    finally:
        theirs.controller.stop()
        installed.controller.stop()
        print(f"logs: {installed.controller.log} {theirs.controller.log}")  # shown beside a failure


class TestTogether:
    def test_there_is_one_key(self, both: Both) -> None:
        assert len(both.installed.key_secrets()) == 1

    def test_all_secrets_and_outcomes_are_right(self, both: Both) -> None:
        for number in range(MANY):
            both.seal(f"db-{number}", "first")
        for number in range(MANY):
            both.arrives(f"db-{number}", "first")
            both.seal(f"db-{number}", "second")
        both.seal("elsewhere", "x", into="moved")
        both.seal("drawn", "x", template={"token": "{{ randAlphaNum 20 }}"})
        for number in range(0, MANY, 3):
            both.arrives(f"db-{number}", "second")
            both.installed.kube.delete("v1/Secret", f"db-{number}", TEAM)
        for number in range(MANY):
            both.arrives(f"db-{number}", "second")
        both.settle()
        for number in range(MANY):
            both.arrives(f"db-{number}", "second")
            assert both.conditions(f"db-{number}") == {"Synced": "True"}
        assert both.conditions("drawn") == {"Synced": "True"}
        assert both.conditions("moved") == {"Synced": "False", "Stalled": "True"}

    def test_nothing_is_written_while_nobody_does_anything(self, both: Both) -> None:
        both.wait_for_trust()
        both.settle()
        before = writes(both.installed.kube)
        stays_true(lambda: True, seconds=IDLE_SECONDS, interval=1)
        since = {what: count for what, count in writes_since(both.installed.kube, before).items() if count}
        # What fails is tried again by ours, at growing intervals, and its Event counted.
        assert since.keys() <= {"PATCH events"}
        assert sum(since.values()) <= 3, since

    def test_a_key_of_ours_which_theirs_does_not_know_starts_no_fight(self, both: Both) -> None:
        """Theirs reads keys at its start: it takes what is sealed to a later one for broken, and says so."""
        os.kill(both.installed.controller.pid, signal.SIGUSR1)
        eventually(lambda: len(both.installed.key_secrets()) == 2, what="a second key", timeout=SECONDS)
        first = both.theirs.controller.get("/v1/cert.pem")[1]
        eventually(lambda: both.installed.controller.get("/v1/cert.pem")[1] not in {"", first}, what="it is served")
        both.seal("db-0", "of the second key")
        both.arrives("db-0", "of the second key")
        eventually(lambda: f'giving up" key={TEAM}/db-0' in both.theirs.log(), what="theirs gave up")
        both.settle()
        both.arrives("db-0", "of the second key")
        assert both.conditions("db-0") == {"Synced": "True"}

    def test_a_key_of_theirs_counts_and_ours_makes_none(self, both: Both) -> None:
        made = len(keys_of_ours(both))
        os.kill(both.theirs.controller.pid, signal.SIGUSR1)
        eventually(lambda: len(both.installed.key_secrets()) == 3, what="a third key", timeout=SECONDS)
        newest = eventually(lambda: both.theirs.controller.get("/v1/cert.pem")[1], what="it is served")
        eventually(lambda: both.installed.controller.get("/v1/cert.pem")[1] == newest, what="by ours as well")
        both.settle()
        assert len(keys_of_ours(both)) == made
        both.seal("db-1", "of the third key")
        both.arrives("db-1", "of the third key")


def keys_of_ours(both: Both) -> list[str]:
    return [
        key["metadata"]["name"]
        for key in both.installed.key_secrets()
        if key["metadata"]["managedFields"][0]["manager"] == KEY_MANAGER
    ]


class TestSaying:
    def test_at_first_nothing_is_said(self, both: Both) -> None:
        """The change from one controller to the other looks the same."""
        assert not both.is_told()

    def test_then_it_is_said_within_a_few_changes(self, both: Both) -> None:
        both.pass_time(GRACE_SECONDS)
        for number in range(CHANGES):
            if both.is_told():
                break
            both.seal(f"more-{number}", "x")
            both.arrives(f"more-{number}", "x")
            both.settle()
        assert both.is_told()
        log = both.installed.controller.log.read_text()
        (line,) = re.findall(r".*sealed-secrets' controller runs as well.*", log)
        assert " level=error " in line
        (event,) = eventually(lambda: said(both), what="the Event")
        assert event["type"] == "Warning"
        assert event["count"] == 1

    def test_an_hour_later_it_is_said_again_of_a_key_that_theirs_makes(self, both: Both) -> None:
        before = {key["metadata"]["name"] for key in both.installed.key_secrets()}
        both.pass_time(AGAIN_SECONDS)
        assert not both.is_told()
        os.kill(both.theirs.controller.pid, signal.SIGUSR1)
        (event,) = eventually(lambda: said(both, NAMESPACE), what="the Event", timeout=SECONDS)
        (made,) = {key["metadata"]["name"] for key in both.installed.key_secrets()} - before
        assert (event["involvedObject"]["kind"], event["involvedObject"]["name"]) == ("Secret", made)
        assert both.is_told()

    def test_when_theirs_is_gone_the_metric_goes_back_after_a_while(self, both: Both) -> None:
        both.theirs.controller.stop()
        both.seal("alone", "x")
        both.arrives("alone", "x")
        assert both.is_told()
        both.pass_time(SHOWN_SECONDS)
        assert not both.is_told()
        both.seal("alone", "y")
        both.arrives("alone", "y")
        assert not both.is_told()


def said(both: Both, namespace: str = TEAM) -> list[dict[str, Any]]:
    return [each for each in both.installed.kube.list("v1/Event", namespace) if each["reason"] == "ErrOtherController"]
