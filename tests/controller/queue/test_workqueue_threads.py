"""The work queue's blocking side, on the real clock."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.wait import eventually

from sealwright_controller.queue.workqueue import WorkQueue


@pytest.fixture
def queue():
    return WorkQueue()


@pytest.fixture
def pool(queue):
    with ThreadPoolExecutor(8) as pool:
        yield pool
        queue.close()  # lets every worker go, whatever the test did


def test_a_waiting_worker_gets_the_key_that_is_added(queue, pool):
    taken = pool.submit(queue.get)
    queue.add("a")
    assert taken.result(timeout=10) == "a"


def test_a_waiting_worker_gets_the_key_whose_delay_ends(queue, pool):
    workers = [pool.submit(queue.get) for _ in range(2)]
    queue.retry("a")
    queue.add_after("b", 0.01)
    assert {worker.result(timeout=10) for worker in workers} == {"a", "b"}


def test_a_worker_waits_no_longer_than_it_said(queue):
    queue.add_after("a", 3600)
    assert queue.get(timeout=0.01) is None


def test_closing_sends_every_waiting_worker_home(queue, pool):
    workers = [pool.submit(queue.get) for _ in range(4)]
    queue.close()
    assert [worker.result(timeout=10) for worker in workers] == [None] * 4


def test_many_threads_lose_no_key_and_never_share_one(queue, pool):
    keys, additions = range(20), 50
    holding, shared = {key: threading.Lock() for key in keys}, []
    wanted, seen = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
    coin = itertools.cycle([True, False, False])

    def work():
        while (key := queue.get()) is not None:
            if not holding[key].acquire(blocking=False):
                shared.append(key)
                continue
            seen[key] = wanted[key]  # level-based: what is there to be seen after `get` is all that counts
            (queue.retry if next(coin) else queue.forget)(key)
            holding[key].release()
            queue.done(key)

    workers = [pool.submit(work) for _ in range(4)]
    for number in range(1, additions + 1):
        for key in keys:
            wanted[key] = number
            queue.add(key, backlog=number % 2 == 0)
    eventually(lambda: seen == wanted and not queue.failing(), what="every key worked on after its last addition")
    queue.close()
    for worker in workers:
        worker.result(timeout=10)
    assert shared == []
