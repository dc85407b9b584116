"""Gives the files of tests to the processes of pytest-xdist longest first, so that none is left alone with a long one.

A pytest plugin that tests/conftest.py loads. How long each file takes is remembered from run to run in pytest's cache;
for a file that is not known yet, it is guessed. Within a file the order stays, and in one process all of it does. xdist
has to be told not to sort by itself, as `make test` does.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

CACHE_KEY = "sealwright/seconds-of-files"
WORKER_INPUT = "sealwright_seconds_of_files"
SECONDS_OF_A_TEST = 0.05
SECONDS_WITH_AN_API_SERVER = 60.0
OWN_API_SERVER = {"apiserver_assets", "own_control_plane"}
"""Fixtures of files that start an API server for themselves: those take longest."""


def file_of(nodeid: str) -> str:
    """Return the file that a test is in."""
    return nodeid.partition("::")[0]


def longest_first(items: Sequence[pytest.Item], known: Mapping[str, float]) -> list[pytest.Item]:
    """Return tests sorted by what their files take; `known` has the seconds of those that ran before."""
    guessed: Counter[str] = Counter()
    for item in items:
        guessed[file_of(item.nodeid)] += SECONDS_OF_A_TEST
    for file in {file_of(item.nodeid) for item in items if _starts_an_api_server(item)}:
        guessed[file] += SECONDS_WITH_AN_API_SERVER
    seconds = {file: known.get(file, guess) for file, guess in guessed.items()}
    # Then by name, which keeps the tests of a file together.
    return sorted(items, key=lambda item: (-seconds[file_of(item.nodeid)], file_of(item.nodeid)))


def _starts_an_api_server(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(OWN_API_SERVER & names) and "control_plane" not in names  # the session's is made of the assets too


class Durations:
    """The main process's part. All processes have to sort alike, so it reads for them what is remembered."""

    def __init__(self, config: pytest.Config) -> None:
        self._cache = getattr(config, "cache", None)  # the plugin may be switched off
        self._known: dict[str, float] = self._cache.get(CACHE_KEY, {}) if self._cache else {}
        self._seen: Counter[str] = Counter()

    def pytest_configure_node(self, node: Any) -> None:
        """Tell a process of pytest-xdist what to go by."""
        node.workerinput[WORKER_INPUT] = self._known

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what the tests of a file took."""
        self._seen[file_of(report.nodeid)] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Remember it, beside what is known of the files that did not run."""
        if self._cache:
            seen = {file: round(seconds, 1) for file, seconds in self._seen.items()}
            self._cache.set(CACHE_KEY, self._known | seen)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Take part in sessions of several processes, before those are started; others are mostly of a few tests."""
    if session.config.pluginmanager.hasplugin("dsession"):
        session.config.pluginmanager.register(Durations(session.config))


@pytest.hookimpl(trylast=True)  # behind what selects tests
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sort, in the processes of pytest-xdist."""
    if hasattr(config, "workerinput"):
        items[:] = longest_first(items, config.workerinput[WORKER_INPUT])
