"""Keeping a collection in view, told as scripts: what the server does, and what the watcher makes of it."""

import threading
from collections.abc import Callable

import pytest

from sealwright_controller.gateway import (
    ExpiredError,
    ObjectKey,
    Page,
    RefusedError,
    Resource,
    UnavailableError,
    WatchEvent,
)
from sealwright_controller.watcher import BACKOFF, Watcher


def obj(name, version):
    return {"metadata": {"namespace": "ns", "name": name, "uid": name, "resourceVersion": str(version)}}


def event(kind, name, version):
    return WatchEvent(kind, obj(name, version))


class Script:
    """A gateway that plays one step a call: a list's pages, a watch's events, or an exception. Then it stops the run."""

    def __init__(self, stopping: threading.Event, *steps):
        self.stopping = stopping
        self.steps = list(steps)
        self.asked = []
        self.seconds = []

    def list_page(self, resource, continue_token="", *, namespace=None):
        self.asked.append(("list", continue_token))
        return self._next() or Page([], "end")

    def watch(self, resource, resource_version, *, namespace=None, seconds=None):
        self.asked.append(("watch", resource_version))
        self.seconds.append(seconds)
        for step in self._next():
            if isinstance(step, Exception):
                raise step
            yield step

    def _next(self):
        if not self.steps:
            self.stopping.set()
            return ()
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step


class Recorder:
    """A Watched that notes what it is shown."""

    def __init__(self, on_put: Callable[[str], None] = lambda name: None, loses=()):
        """`loses`: which of its lists, from 0, lack something that it knew."""
        self.seen = []
        self.on_put = on_put
        self.loses = loses
        self.lists = 0

    def put(self, manifest, *, live):
        self.on_put(manifest["metadata"]["name"])
        self.seen.append(("live" if live else "listed", manifest["metadata"]["name"]))

    def remove(self, key):
        self.seen.append(("gone", key.name))

    def retain(self, keys, version, namespace=None):
        self.seen.append(("retain", sorted(key.name for key in keys), version))
        self.lists += 1
        return self.lists - 1 in self.loses


class Stopping(threading.Event):
    """Notes the pauses instead of making them."""

    def __init__(self):
        super().__init__()
        self.pauses = []

    def wait(self, timeout=None):
        self.pauses.append(timeout)
        return self.is_set()


def play(*steps, watched=None, seconds_per_step=100.0):
    """Run a watcher through a script; returns what was asked, what was shown, and the pauses made."""
    return play_whole(*steps, watched=watched, seconds_per_step=seconds_per_step)[:3]


def play_whole(*steps, watched=None, seconds_per_step):
    """Do the same; returns as well how long each watch was asked to last."""
    stopping, watched = Stopping(), watched or Recorder()
    script = Script(stopping, *steps)
    now = iter(range(10_000))
    watcher = Watcher(
        script, Resource.SECRETS, watched, stopping, jitter=lambda: 1.0, monotonic=lambda: next(now) * seconds_per_step
    )
    watcher.run()
    return script.asked, watched.seen, stopping.pauses, script.seconds


def test_every_page_is_shown_before_what_is_gone_is_dropped():
    asked, seen, _ = play(Page([obj("a", 1)], "5", "more"), Page([obj("b", 2)], "5"))
    assert asked == [("list", ""), ("list", "more"), ("watch", "5")]
    assert seen == [("listed", "a"), ("listed", "b"), ("retain", ["a", "b"], "5")]


def test_changes_are_shown_as_they_come_and_the_next_watch_begins_behind_them():
    events = [event("ADDED", "a", 6), event("MODIFIED", "a", 7), event("DELETED", "a", 8), event("BOOKMARK", "", 9)]
    asked, seen, _ = play(Page([], "5"), events)
    assert seen[1:] == [("live", "a"), ("live", "a"), ("gone", "a")]
    assert asked == [("list", ""), ("watch", "5"), ("watch", "9")]


def test_a_broken_stream_is_taken_up_where_it_broke():
    asked, seen, pauses = play(
        Page([], "5"), [event("ADDED", "a", 6), UnavailableError("cut")], Page([], "8"), [event("BOOKMARK", "", 7)]
    )
    assert asked == [("list", ""), ("watch", "5"), ("list", ""), ("watch", "6"), ("watch", "7")]
    assert seen == [("retain", [], "5"), ("live", "a")], "the second list only told how far the server is"
    assert len(pauses) == 1


def test_a_server_whose_versions_went_back_is_listed_anew_at_once():
    asked, seen, pauses = play(
        Page([obj("a", 1)], "900"),
        UnavailableError("restored from a backup"),
        Page([obj("b", 2)], "7"),
        Page([obj("b", 2)], "7"),
        [event("BOOKMARK", "", 8)],
    )
    assert asked == [("list", ""), ("watch", "900"), ("list", ""), ("list", ""), ("watch", "7"), ("watch", "8")]
    assert seen[-1] == ("retain", ["b"], "7")
    assert len(pauses) == 1


class Passing(Script):
    """A script in which each watch takes the time that it was asked to last, or five minutes."""

    now = 0.0

    def watch(self, resource, resource_version, *, namespace=None, seconds=None):
        yield from super().watch(resource, resource_version, namespace=namespace, seconds=seconds)
        self.now += seconds or 300


def test_a_list_that_lacks_what_no_watch_saw_go_is_doubted_and_taken_again_within_seconds():
    lied, true, stream = Page([], "5"), Page([obj("a", 1)], "5"), [event("BOOKMARK", "", 5)]
    stopping, watched = Stopping(), Recorder(loses=[1])
    script = Passing(stopping, true, stream, ExpiredError("410"), lied, stream, lied, stream, true, stream)
    Watcher(script, Resource.SECRETS, watched, stopping, monotonic=lambda: script.now).run()
    assert [what for what, _ in script.asked] == ["list", "watch", "watch", *["list", "watch"] * 3, "list", "watch"]
    assert [names for kind, names, *_ in watched.seen if kind == "retain"][:4] == [["a"], [], [], ["a"]]
    assert script.seconds[:2] == [None, None]
    assert set(script.seconds[2:]) == {3}


def test_doubt_ends():
    watched = Recorder(loses=[1])
    _, _, _, seconds = play_whole(
        Page([], "1"), ExpiredError("410"), *[Page([], "1"), []] * 3, watched=watched, seconds_per_step=100.0
    )
    assert seconds[-1] is None


def test_everything_is_looked_at_again_in_hours():
    stream = [event("BOOKMARK", "", 6)]
    asked, _, _ = play(Page([], "5"), stream, stream, stream, Page([], "7"), stream, seconds_per_step=1000.0)
    assert asked[0] == ("list", "")
    assert ("list", "") in asked[2:], "not only at the start"
    assert asked.count(("watch", "6")) >= 1, "nor before every watch"


def test_for_how_long_nothing_was_heard_is_known():
    stopping, now = Stopping(), [0.0]
    script = Script(stopping, Page([], "5"), [event("BOOKMARK", "", 6)])
    watcher = Watcher(script, Resource.SECRETS, Recorder(), stopping, monotonic=lambda: now[0])
    now[0] = 7.0
    assert watcher.silent_seconds() == 7.0
    watcher.run()
    assert watcher.silent_seconds() == 0.0
    now[0] = 9.0
    assert watcher.silent_seconds() == 2.0
    assert watcher.collection == "secrets"


@pytest.mark.parametrize(
    "expiry",
    [
        pytest.param(ExpiredError("410"), id="as the answer"),
        pytest.param([event("ADDED", "a", 6), ExpiredError("410")], id="in the stream"),
    ],
)
def test_an_expired_version_means_a_new_list(expiry):
    asked, seen, _ = play(Page([obj("a", 1)], "5"), expiry, Page([], "20"))
    assert asked[-2:] == [("list", ""), ("watch", "20")]
    assert seen[-1] == ("retain", [], "20")


def test_an_expired_page_token_means_a_new_list():
    asked, seen, _ = play(Page([obj("a", 1)], "5", "more"), ExpiredError("410"), Page([obj("b", 1)], "6"))
    assert asked == [("list", ""), ("list", "more"), ("list", ""), ("watch", "6")]
    assert seen[-1] == ("retain", ["b"], "6")


@pytest.mark.parametrize("trouble", [UnavailableError("away"), RefusedError("forbidden")])
def test_troubles_are_waited_out_longer_and_longer_and_for_ever(trouble):
    _, _, pauses = play(*[trouble] * 20)
    assert len(pauses) == 20
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == BACKOFF.cap_seconds


def test_what_nobody_foresaw_does_not_blind_it():
    asked, _, pauses = play(Page([], "5"), ValueError("a defect"), Page([], "6"), [event("BOOKMARK", "", 7)])
    assert asked[-3:] == [("list", ""), ("watch", "6"), ("watch", "7")]
    assert len(pauses) == 1


def test_a_change_that_arrives_ends_the_waiting_longer():
    away = UnavailableError("away")
    behind = Page([], "5")
    _, _, pauses = play(behind, away, away, behind, [event("ADDED", "a", 6)], away)
    assert pauses == [0.5, 1.0, 0.5]


def test_a_server_that_ends_every_stream_at_once_is_not_asked_without_pause():
    page = Page([], "5")
    _, _, pauses = play(page, [], page, [], page, [], seconds_per_step=0.001)
    assert pauses[:3] == [0.5, 1.0, 2.0]


def test_a_stream_that_brought_not_even_a_bookmark_is_followed_by_a_new_list_without_pause():
    asked, _, pauses = play(Page([], "900"), [], Page([], "7"), [event("BOOKMARK", "", 8)])
    assert asked == [("list", ""), ("watch", "900"), ("list", ""), ("watch", "7"), ("watch", "8")]
    assert pauses == []


def test_told_that_what_it_was_shown_is_wrong_it_lists_anew_and_does_not_wait_for_the_stream_to_end():
    doubted = []

    def doubt(name):
        if name == "a" and not doubted:
            doubted.append(watcher.list_again())

    stopping, watched = Stopping(), Recorder(doubt)
    events = [event("ADDED", "a", 6), event("ADDED", "never read", 7)]
    script = Script(stopping, Page([], "5"), events, Page([obj("b", 2)], "3"))
    watcher = Watcher(script, Resource.SECRETS, watched, stopping, jitter=lambda: 1.0)
    watcher.run()
    assert script.asked == [("list", ""), ("watch", "5"), ("list", ""), ("watch", "3")]
    assert watched.seen == [("retain", [], "5"), ("live", "a"), ("listed", "b"), ("retain", ["b"], "3")]


def test_an_object_that_cannot_be_taken_does_not_stop_the_next(capsys):
    def choke(name):
        if name == "bad":
            raise ValueError("something with a secret in it")

    _, seen, _ = play(Page([obj("bad", 1), obj("good", 2)], "5"), [event("ADDED", "bad", 6)], watched=Recorder(choke))
    assert seen == [("listed", "good"), ("retain", ["bad", "good"], "5")]
    printed = capsys.readouterr()
    assert "ns/bad" in printed.out
    assert "ValueError" in printed.out
    assert "something with a secret" not in printed.out + printed.err


def test_one_can_wait_for_the_first_list():
    stopping = Stopping()
    watcher = Watcher(Script(stopping, Page([], "5")), Resource.SECRETS, Recorder(), stopping)
    assert not watcher.wait_until_listed(timeout_seconds=0)
    watcher.run()
    assert watcher.wait_until_listed(timeout_seconds=0)


def test_the_name_of_an_object_is_that_of_its_metadata():
    assert str(ObjectKey.of(obj("a", 1))) == "ns/a"
