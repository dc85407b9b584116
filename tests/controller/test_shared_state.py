"""What several threads share stays whole: every structure that is read by one while another writes."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from tests.support.builders import NOW

from sealwright_controller.directory.eventlog import EventLog
from sealwright_controller.gateway import Event, Manifest, ObjectKey
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.queue.workqueue import WorkQueue

WRITERS, OBJECTS = 4, 2_000


@pytest.fixture(autouse=True)
def threads_take_turns_all_the_time() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def write_and_look(write: Callable[[int], object], look: Callable[[], object]) -> None:
    """Call `write` with every number from several threads, and `look` all the time; raise what any of them raises."""
    with ThreadPoolExecutor(WRITERS) as pool:

        def write_some(start: int) -> None:
            for number in range(start, WRITERS * OBJECTS, WRITERS):
                write(number)

        writing: list[Future[None]] = [pool.submit(write_some, start) for start in range(WRITERS)]
        while not all(future.done() for future in writing):
            look()
        for future in wait(writing).done:
            future.result()


def secret(number: int) -> Manifest:
    return {"metadata": {"namespace": "a", "name": f"s{number}", "uid": str(number), "resourceVersion": "7"}}


EVERY_KEY = {ObjectKey.of(secret(number)) for number in range(WRITERS * OBJECTS)}


@pytest.fixture
def inventory() -> SealedSecretInventory:
    return SealedSecretInventory(WorkQueue(), Metrics("test"))


def test_secrets_are_noted_while_a_list_of_them_is_compared(inventory: SealedSecretInventory) -> None:
    write_and_look(
        lambda number: inventory.secrets.note(secret(number)), lambda: inventory.secrets.retain(EVERY_KEY, "8")
    )
    assert all(inventory.secrets.get(key) for key in EVERY_KEY)


def test_metrics_are_read_while_objects_come_and_go() -> None:
    metrics = Metrics("test")

    def come_and_go(number: int) -> None:
        metrics.set_condition("a", f"s{number}", synced=True)
        metrics.count_unseal_error("unseal", f"n{number % 50}")
        if number % 2:
            metrics.forget_object("a", f"s{number}")

    write_and_look(come_and_go, metrics.exposition)
    assert metrics.exposition().count(b'condition_info{condition="Synced"') == WRITERS * OBJECTS / 2


def test_events_are_logged_from_many_threads_each_in_a_line(tmp_path: Path) -> None:
    log = EventLog(tmp_path / "events.log", lambda: NOW)
    write_and_look(
        lambda number: log.record(
            Event(ObjectKey(f"n{number % 50}", f"s{number}"), "uid", "Normal", "Unsealed", f"message {number}")
        ),
        lambda: None,
    )
    lines = (tmp_path / "events.log").read_text().splitlines()
    assert sorted(line.split()[-1] for line in lines) == sorted(str(number) for number in range(WRITERS * OBJECTS))
