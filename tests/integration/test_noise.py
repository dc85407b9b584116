"""What a flood of changes of one object makes a real API server write, and what reading a value by changes costs."""

import json
import re
import time
from typing import Any

import pytest
from tests.integration.test_templates import apply, sealed
from tests.support.apiwrites import writes, writes_since
from tests.support.installation import SEALED_SECRET, Installation
from tests.support.wait import eventually

from sealwright_controller.objects import status
from sealwright_controller.pacing import edits

EDITS = 300


def looks(installed: Installation) -> int:
    """Return how many SealedSecrets were looked at with keys in hand."""
    found = re.search(
        r"^sealed_secrets_controller_unseal_requests_total (\S+)$", installed.controller.metrics(), re.MULTILINE
    )
    assert found
    return int(float(found[1]))


def change(installed: Installation, namespace: str, data: dict[str, Any]) -> None:
    installed.kube.patch(SEALED_SECRET, "db", {"spec": {"template": {"data": data}}}, namespace)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("db://{{ .password }}", id="that succeed"),
        pytest.param("{{ fail .password }}", id="that fail"),
        pytest.param("{{ nosuchfunction%d }}", id="that fail, each with another message"),
    ],
)
def test_a_flood_of_changes_makes_few_writes(installed: Installation, namespace: str, text: str) -> None:
    apply(installed, sealed(installed, namespace, {"url": "x"}))
    installed.wait_for_condition(namespace, "db", "True")
    before, looked, started = writes(installed.kube), looks(installed), time.monotonic()
    for number in range(EDITS):
        change(installed, namespace, {"url": text.replace("%d", str(number)), "n": str(number)})
    last = installed.kube.get(SEALED_SECRET, "db", namespace)["metadata"]["generation"]
    eventually(
        lambda: installed.kube.get(SEALED_SECRET, "db", namespace)["status"]["observedGeneration"] == last,
        timeout=60,
        what="the last change was looked at",
    )
    seconds, looked = time.monotonic() - started, looks(installed) - looked
    made = writes_since(installed.kube, before)
    events = installed.events(namespace, "db")
    print(f"{EDITS} changes in {seconds:.1f} s: {looked} looks, {made}, {len(events)} Event objects")
    assert looked <= edits.LOOKS_AT_ONCE + seconds / edits.SECONDS_PER_LOOK + 1
    # A look writes the Secret, the status and an Event; while a change waits, the status says so once.
    assert sum(made.values()) <= 4 * looked + 2
    assert len(events) <= 12
    condition, *_ = installed.kube.get(SEALED_SECRET, "db", namespace)["status"]["conditions"]
    assert len(condition["message"]) <= status.MAX_MESSAGE_CHARACTERS


def test_a_value_is_not_read_by_where_a_template_fails(installed: Installation, namespace: str) -> None:
    """Each line of the template fails for another first character: the line told it, in one change."""
    probe = "\n".join(
        '{{ if eq (substr %d %d .password) "%s" }}{{ fail "x" }}{{ end }}'.replace("%d %d", "0 1").replace("%s", letter)
        for letter in "abcdefghijklmnopqrstuvwxyz"
    )
    apply(installed, sealed(installed, namespace, {"probe": probe}))
    condition = installed.wait_for_condition(namespace, "db", "False", "probe")
    assert condition["message"] == 'template "probe": it cannot be rendered with the values of this object'
    told = json.dumps(eventually(lambda: installed.events(namespace, "db"), what="an Event"))
    assert not re.search(r"line|column|fail\b|substr", told)


def test_what_fails_after_each_change_is_looked_at_every_ten_seconds(installed: Installation, namespace: str) -> None:
    apply(installed, sealed(installed, namespace, {"probe": "{{ fail `0` }}"}))
    installed.wait_for_condition(namespace, "db", "False", "probe")
    looked, started = looks(installed), time.monotonic()
    for number in range(30):
        change(installed, namespace, {"probe": f"{{{{ fail `{number}` }}}}"})
    installed.wait_for_condition(namespace, "db", "False", edits.WAITING)
    # Besides, what failed is tried again, which tells nothing new.
    retries = 8
    assert looks(installed) - looked <= 4 + (time.monotonic() - started) / 10 + retries


def test_a_template_that_is_corrected_at_once_is_looked_at_at_once(installed: Installation, namespace: str) -> None:
    apply(installed, sealed(installed, namespace, {"url": "{{ fail `0` }}"}))
    for number in range(3):
        installed.wait_for_condition(namespace, "db", "False", f"{'url' if not number else f'url{number}'}")
        change(
            installed,
            namespace,
            {"url": "x", f"url{number + 1}": "{{ fail `x` }}" if number < 2 else "x", f"url{number}": None},
        )
    installed.wait_for_condition(namespace, "db", "True")
