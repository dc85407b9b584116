"""Keeps one collection in view: list it, follow its changes, list it again when the thread is lost."""

import random
import threading
import time
from collections.abc import Callable, Collection
from typing import Protocol

import structlog

from sealwright_controller.backoff import Backoff
from sealwright_controller.gateway import ExpiredError, Gateway, GatewayError, Manifest, ObjectKey, Resource
from sealwright_controller.logs import defect

BACKOFF = Backoff(first_seconds=0.5, cap_seconds=30.0)
SHORT_STREAM_SECONDS = 1.0
"""A server that ends its streams sooner than this is not asked again without a pause."""

_log = structlog.get_logger()


class Watched(Protocol):
    """Takes what watchers see of one collection: what is of one namespace from one thread, in the order of changes."""

    def put(self, manifest: Manifest, *, live: bool) -> None:
        """An object is there, new or changed; `live` when it came as a change and not in a list."""
        ...

    def remove(self, key: ObjectKey) -> None:
        """An object is gone."""
        ...

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> None:
        """A list is complete, of the moment `version`: whatever is older and not among `keys` is gone.

        It was a list of that namespace alone, unless it is None.
        """
        ...


class Watcher:
    """Shows every object of one resource to a `Watched`, from its own thread (`run`).

    A broken stream is taken up where it broke; an expired version (HTTP 410) means a new list. Troubles are waited
    out with growing, jittered delays, for ever. One object that the Watched cannot take does not stop the next.
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
        """Watch one of the gateway's namespaces, or its only one, when run.

        `stopping` ends that at its next step (close the gateway to wake it); `jitter` gives 0 ≤ x < 1, `monotonic`
        seconds.
        """
        self._gateway = gateway
        self.resource = resource
        self._watched = watched
        self._stopping = stopping
        self._namespace = namespace
        self._about = resource.value if namespace is None else f"{resource.value} in {namespace}"
        self._jitter = jitter
        self._monotonic = monotonic
        self._version = ""
        self._failures = 0
        self._listed = threading.Event()
        self._doubted = threading.Event()

    def list_again(self) -> None:
        """Have it list everything anew with its next step: what it was shown cannot be right."""
        self._doubted.set()

    def wait_until_listed(self, timeout_seconds: float) -> bool:
        """Wait for the first complete list; False when it did not come in time."""
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
            except Exception as error:  # noqa: BLE001 - a controller that has gone blind must not look alive
                _log.error("defect in the controller", resource=self._about, **defect(error))
                self._version = ""
                self._wait()

    def _step(self) -> None:
        if self._doubted.is_set():
            self._doubted.clear()
            self._version = ""
        if not self._version:
            self._version = self._list()
            self._listed.set()
        started, silent = self._monotonic(), True
        for event in self._gateway.watch(self.resource, self._version, namespace=self._namespace):
            if event.type == "DELETED":
                self._watched.remove(ObjectKey.of(event.object))
            elif event.type != "BOOKMARK":
                self._show(event.object, live=True)
            self._version = event.object["metadata"]["resourceVersion"]
            self._failures, silent = 0, False
            if self._doubted.is_set():
                break
        if silent:
            # Not even a bookmark: perhaps our version is ahead of a server that was restored from a backup.
            self._version = ""
        if self._monotonic() - started < SHORT_STREAM_SECONDS:
            self._wait()

    def _list(self) -> str:
        keys: set[ObjectKey] = set()
        token = ""
        while True:
            page = self._gateway.list_page(self.resource, token, namespace=self._namespace)
            for manifest in page.items:
                keys.add(ObjectKey.of(manifest))
                self._show(manifest, live=False)
            token = page.continue_token
            if not token:
                self._watched.retain(keys, page.resource_version, self._namespace)
                return page.resource_version

    def _show(self, manifest: Manifest, *, live: bool) -> None:
        try:
            self._watched.put(manifest, live=live)
        except Exception as error:  # noqa: BLE001 - whatever is in one object must not stop the others
            name = str(ObjectKey.of(manifest))
            _log.error("object passed over", resource=self._about, object=name, **defect(error))

    def _wait(self) -> None:
        self._failures += 1
        self._stopping.wait(BACKOFF.seconds(self._failures, self._jitter()))
