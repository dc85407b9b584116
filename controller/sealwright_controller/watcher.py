"""Follows one collection: lists it, watches its changes, and lists it again when the watch is lost."""

import math
import random
import threading
import time
from collections.abc import Callable, Collection, Iterator
from typing import Protocol

import structlog

from sealwright_controller.gateway import (
    ExpiredError,
    Gateway,
    GatewayError,
    Manifest,
    ObjectKey,
    Resource,
    WatchEvent,
    is_later,
)
from sealwright_controller.pacing.backoff import Backoff
from sealwright_controller.process.logs import defect

BACKOFF = Backoff(first_seconds=0.5, cap_seconds=4.0)
"""For failed lists and watches. There are few of them, so a retry every few seconds does not burden a failing server,
and changes are seen within seconds after it recovers."""
SHORT_STREAM_SECONDS = 1.0
"""If a server ends a stream sooner than this, there is a pause before the next request."""
LOOK_SECONDS = 4 * 3600.0
"""Everything is listed again about this often, to find changes that no watch showed."""
DOUBT_SECONDS = 120.0
"""For how long a list is doubted if an object is missing whose deletion no watch showed: a failing server, or a proxy
before it, was seen to show collections as empty."""
DOUBT_PAUSE_SECONDS = 3
"""The pause between two lists while there is doubt; longer if a list takes long."""
DOUBT_SHARE = 10
"""Doubted lists take at most one part in this many of the time."""

_log = structlog.get_logger()


class Watched(Protocol):
    """Receives what watchers see of one collection: for each namespace from one thread, in the order of changes."""

    def put(self, manifest: Manifest, *, live: bool) -> None:
        """An object is new or changed; `live` if it came as a change and not in a list."""
        ...

    def remove(self, key: ObjectKey) -> None:
        """An object is gone."""
        ...

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> bool:
        """A list as of `version` is complete: every older object that is not among `keys` is gone.

        The list covers `namespace`, or all namespaces if it is None. Returns whether an object was gone.
        """
        ...


class Shown:
    """Passes what watchers see on, and shows each object to somebody who only looks."""

    def __init__(self, watched: Watched, look: "Look") -> None:
        self._watched = watched
        self._look = look

    def put(self, manifest: Manifest, *, live: bool) -> None:
        """See Watched."""
        self._look(manifest, live=live)
        self._watched.put(manifest, live=live)

    def remove(self, key: ObjectKey) -> None:
        """See Watched."""
        self._watched.remove(key)

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> bool:
        """See Watched."""
        return self._watched.retain(keys, version, namespace)


class Look(Protocol):
    """Is shown an object; `live` as in Watched.put."""

    def __call__(self, manifest: Manifest, *, live: bool) -> None: ...  # noqa: D102 - see the class


class Watcher:
    """Reports every object of one resource to a `Watched`, from its own thread (`run`).

    A broken stream is resumed where it broke. An expired version (HTTP 410) means a new list, and so does a server
    whose versions went back because it was restored from a backup. Failures are retried for ever, with growing,
    jittered delays. An object that the Watched cannot take does not stop the next.
    """

    def __init__(
        self,
        gateway: Gateway,
        resource: Resource,
        watched: Watched,
        stopping: threading.Event,
        *,
        namespace: str | None = None,
        jitter: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch one of the gateway's namespaces, or its only one, once `run` is called.

        `stopping` ends that at its next step (close the gateway to wake it); `jitter` gives 0 ≤ x < 1, `monotonic`
        seconds.
        """
        self._gateway = gateway
        self._resource = resource
        self._watched = watched
        self._stopping = stopping
        self._namespace = namespace
        self._about = resource.value if namespace is None else f"{resource.value} in {namespace}"
        self._jitter = jitter
        self._monotonic = monotonic
        self._version = ""
        self._failures = 0
        self._was_broken = False
        self._heard_at = monotonic()
        self._look_at = 0.0
        self._doubted_until = 0.0
        self._listed = threading.Event()
        self._is_to_list_again = threading.Event()

    def list_again(self) -> None:
        """Make it list everything again at its next step, because what it was shown cannot be right."""
        self._is_to_list_again.set()

    @property
    def collection(self) -> str:
        """The name of the resource."""
        return self._resource.value

    def silent_seconds(self) -> float:
        """Return the seconds since anything was received from the server: a list, a change or a bookmark."""
        return max(0.0, self._monotonic() - self._heard_at)

    def wait_until_listed(self, timeout_seconds: float) -> bool:
        """Wait for the first complete list; False if it did not arrive in time."""
        return self._listed.wait(timeout_seconds)

    def run(self) -> None:
        """Watch until told to stop. Never raises."""
        while not self._stopping.is_set():
            try:
                self._step()
            except ExpiredError:
                _log.info("watch expired, listing again", resource=self._about)
                self._version = ""
                self._wait()
            except GatewayError as error:
                if not self._stopping.is_set():
                    _log.warning("cannot watch, trying again", resource=self._about, error=str(error))
                self._wait()
            except Exception as error:  # noqa: BLE001 - a controller that sees no changes must not seem healthy
                _log.error("defect in the controller", resource=self._about, **defect(error))
                self._version = ""
                self._wait()

    def _step(self) -> None:
        if self._is_to_list_again.is_set():
            self._is_to_list_again.clear()
            self._version = ""
        if self._version and self._was_broken and self._went_back():
            _log.warning("the API server returned an older state than before, listing again", resource=self._about)
            self._version = ""
        self._was_broken = False
        if not self._version or self._monotonic() >= self._look_at:
            self._version = self._list()
            self._listed.set()
        started, silent = self._heard(), True
        for event in self._events():
            if event.type == "DELETED":
                self._watched.remove(ObjectKey.of(event.object))
            elif event.type != "BOOKMARK":
                self._show(event.object, live=True)
            self._version = event.object["metadata"]["resourceVersion"]
            self._failures, silent = 0, False
            self._heard()
            if self._is_to_list_again.is_set():
                break
        if silent and not self._is_in_doubt(started):
            # Without even a bookmark, our version may be ahead of a server that was restored from a backup.
            self._version = ""
        if self._monotonic() - started < SHORT_STREAM_SECONDS:
            self._wait()

    def _events(self) -> Iterator[WatchEvent]:
        """Watch until the server ends the stream or, when in doubt, until the next check."""
        now = self._monotonic()
        seconds = max(1, math.ceil(self._look_at - now)) if self._is_in_doubt(now) else None
        return self._gateway.watch(self._resource, self._version, namespace=self._namespace, seconds=seconds)

    def _went_back(self) -> bool:
        """Tell whether the server is at an earlier version than the one it showed before."""
        page = self._gateway.list_page(self._resource, namespace=self._namespace)
        return is_later(self._version, page.resource_version)

    def _list(self) -> str:
        keys: set[ObjectKey] = set()
        token, started = "", self._monotonic()
        while True:
            page = self._gateway.list_page(self._resource, token, namespace=self._namespace)
            self._heard()
            for manifest in page.items:
                keys.add(ObjectKey.of(manifest))
                self._show(manifest, live=False)
            token = page.continue_token
            if not token:
                has_lost = self._watched.retain(keys, page.resource_version, self._namespace)
                self._plan_next_look(started, has_lost=has_lost)
                return page.resource_version

    def _plan_next_look(self, started: float, *, has_lost: bool) -> None:
        now = self._monotonic()
        if has_lost:
            self._doubted_until = now + DOUBT_SECONDS
        if self._is_in_doubt(now):
            self._look_at = now + max(DOUBT_PAUSE_SECONDS, DOUBT_SHARE * (now - started))
        else:
            self._look_at = now + LOOK_SECONDS * (0.75 + self._jitter() / 2)

    def _is_in_doubt(self, now: float) -> bool:
        return now < self._doubted_until

    def _heard(self) -> float:
        self._heard_at = self._monotonic()
        return self._heard_at

    def _show(self, manifest: Manifest, *, live: bool) -> None:
        try:
            self._watched.put(manifest, live=live)
        except Exception as error:  # noqa: BLE001 - one object's content must not stop the others
            name = str(ObjectKey.of(manifest))
            _log.error("object skipped", resource=self._about, object=name, **defect(error))

    def _wait(self) -> None:
        self._was_broken = True
        self._failures += 1
        self._stopping.wait(BACKOFF.seconds(self._failures, self._jitter()))
