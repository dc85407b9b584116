"""Changes in order, their version numbers, and threads that wait for the next one.

A version is a time in nanoseconds since 1970, increased if needed to be greater than all before. So a file's
modification time can keep the version of its content over a restart, and versions stay ordered.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from sealwright_controller.gateway import ExpiredError, Manifest, Resource, UnavailableError, WatchEvent

MAX_CHANGES = 4096
"""How many changes are kept for watchers that resume."""
BOOKMARK_SECONDS = 60.0
"""How long a watcher waits for a change before it gets a bookmark."""


class _Change(NamedTuple):
    version: int
    resource: Resource
    event: WatchEvent


class History:
    """The changes of all three collections. `condition` is the lock for everything that makes changes."""

    def __init__(self, now_ns: Callable[[], int], max_changes: int = MAX_CHANGES) -> None:
        """`now_ns` is the time in nanoseconds since 1970."""
        self.condition = threading.Condition()
        self.now_ns = now_ns
        self._changes: deque[_Change] = deque(maxlen=max_changes)
        self._version = now_ns()
        self._forgotten = self._version
        self._closed = False

    @property
    def version(self) -> int:
        """The newest version so far."""
        return self._version

    def next_version(self) -> int:
        """Return a version greater than all before."""
        self._version = max(self._version + 1, self.now_ns())
        return self._version

    def pass_by(self, version: int) -> None:
        """Make every later version greater than this one, which was found in a file."""
        self._version = max(self._version, version)

    def record(
        self, resource: Resource, kind: Literal["ADDED", "MODIFIED", "DELETED"], manifest: Manifest, version: int
    ) -> None:
        """Add a change and wake waiting threads. Its object's own version may be older than `version`, never newer."""
        with self.condition:
            if len(self._changes) == self._changes.maxlen:
                self._forgotten = self._changes[0].version
            self._changes.append(_Change(version, resource, WatchEvent(kind, manifest)))
            self.condition.notify_all()

    def follow(self, resource: Resource, resource_version: str) -> Iterator[WatchEvent]:
        """Yield the changes of one collection after a version, and bookmarks, until closed.

        Raises ExpiredError at once, or later if the caller is too slow; UnavailableError if already closed.
        """
        version = int(resource_version) if resource_version.isdecimal() else -1
        with self.condition:
            if self._closed:
                raise UnavailableError("the gateway is closed")
            if version > self._version:
                raise ExpiredError("this version is not of this run")
            self._after(resource, version)
        return self._follow(resource, version)

    def close(self) -> None:
        """End all watches at once."""
        with self.condition:
            self._closed = True
            self.condition.notify_all()

    def _follow(self, resource: Resource, version: int) -> Iterator[WatchEvent]:
        while True:
            with self.condition:
                news = self._after(resource, version)
                timed_out = not (news or self._closed or self.condition.wait(BOOKMARK_SECONDS))
                if self._closed:
                    return
                news = news or self._after(resource, version)
                if timed_out and not news:
                    news = [WatchEvent("BOOKMARK", {"metadata": {"resourceVersion": str(self._version)}})]
                version = self._version
            yield from news

    def _after(self, resource: Resource, version: int) -> list[WatchEvent]:
        if version < self._forgotten:
            raise ExpiredError("changes after this version are forgotten")
        return [change.event for change in self._changes if change.version > version and change.resource is resource]
