"""Events about key Secrets: only the leader writes, and whoever begins to lead tells what it saw a moment before."""

from typing import Any, cast

import pytest

from sealwright_controller.gateway import Event, Gateway, ObjectKey
from sealwright_controller.keys.admission import Verdict
from sealwright_controller.keys.news import MOST_A_MINUTE, KeyNews, LostKey
from sealwright_controller.leadership.times import LEASE_SECONDS
from sealwright_controller.metrics.keys import KeyMetrics, KeyState


class Replica:
    """One that does not lead at first, and the Events that it writes."""

    def __init__(self) -> None:
        self.leads = False
        self.now = 0.0
        self.events: list[Event] = []
        self.news = KeyNews(cast(Gateway, self), KeyMetrics(), leads=lambda: self.leads, monotonic=lambda: self.now)

    def record_event(self, event: Event) -> None:
        self.events.append(event)

    def see_fault(self) -> None:
        self.news.passed_over(ObjectKey("kube-system", "key"), "uid-1", Verdict(KeyState.UNREADABLE, reason="no PEM"))


@pytest.fixture
def replica() -> Replica:
    return Replica()


def test_a_follower_logs_the_fault_once_and_writes_no_event(
    replica: Replica, capsys: pytest.CaptureFixture[Any]
) -> None:
    replica.see_fault()
    assert replica.events == []
    (line,) = capsys.readouterr().out.splitlines()
    assert "sealing key unreadable" in line


def test_what_was_seen_before_it_was_known_who_leads_is_told_once(replica: Replica) -> None:
    replica.see_fault()
    replica.news.tell_waiting()
    assert replica.events == []
    replica.leads, replica.now = True, LEASE_SECONDS
    replica.news.tell_waiting()
    replica.news.tell_waiting()
    assert [event.reason for event in replica.events] == ["ErrKeyUnreadable"]


def test_what_an_earlier_leader_has_told_is_not_told_again(replica: Replica) -> None:
    replica.see_fault()
    replica.leads, replica.now = True, LEASE_SECONDS + 1.0
    replica.news.tell_waiting()
    assert replica.events == []


def test_not_more_wait_than_are_told_in_a_minute(replica: Replica) -> None:
    for number in range(MOST_A_MINUTE + 5):
        replica.news.lost(LostKey(ObjectKey("kube-system", str(number)), "uid", "f"), served=False, left=1)
    replica.leads = True
    replica.news.tell_waiting()
    assert len(replica.events) == MOST_A_MINUTE
