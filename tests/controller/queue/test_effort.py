"""What a look has cost: time of the processor and of deciding, and little for waiting."""

import threading

import pytest

from sealwright_controller.queue.effort import SHARE_OF_WAITING, Effort


class Clocks:
    def __init__(self):
        self.now = self.processor = 0.0

    def wait(self, seconds):
        self.now += seconds

    def work(self, seconds):
        self.now += seconds
        self.processor += seconds


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def effort(clocks):
    return Effort(lambda: clocks.now, lambda: clocks.processor)


def test_work_counts_and_waiting_for_an_api_server_little(clocks, effort):
    clocks.work(0.02)
    clocks.wait(3.0)
    assert effort.seconds() == pytest.approx(SHARE_OF_WAITING * 3.02)
    clocks.work(1.0)
    assert effort.seconds() == pytest.approx(1.02)


def test_waiting_for_a_renderer_counts(clocks, effort):
    with effort.deciding():
        clocks.wait(2.0)
    assert effort.seconds() == 2.0


def test_deciding_counts_whatever_it_ends_with(clocks, effort):
    def fail():
        with effort.deciding():
            clocks.wait(2.0)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert effort.seconds() == 2.0


def test_a_look_knows_nothing_of_the_one_before(clocks, effort):
    with effort.deciding():
        clocks.work(2.0)
    effort.begin()
    assert effort.seconds() == 0.0


def test_each_thread_measures_its_own_look(clocks, effort):
    with effort.deciding():
        clocks.wait(2.0)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(effort.seconds()))
    thread.start()
    thread.join()
    assert seen == [0.0]
    assert effort.seconds() == 2.0


def test_the_time_for_which_others_had_the_renderer_does_not_count(clocks, effort):
    with effort.deciding():
        clocks.wait(1.5)
    effort.excuse(1.2)
    assert effort.seconds() == pytest.approx(0.3)
