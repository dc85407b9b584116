"""A queue on a clock that moves only when it is told to."""

import pytest
from tests.controller.queue.test_workqueue import Clock

from sealwright_controller.queue.workqueue import WorkQueue


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def queue(clock: Clock) -> WorkQueue[str]:
    return WorkQueue(clock=clock, jitter=lambda: 0.5)
