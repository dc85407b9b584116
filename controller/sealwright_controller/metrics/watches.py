"""The time since anything was received about each collection, as a metric. The watchers are asked."""

import threading
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Listener(Protocol):
    """A watcher of a collection."""

    @property
    def collection(self) -> str:
        """The name of the collection, in words."""
        ...

    def silent_seconds(self) -> float:
        """Return the seconds since anything was received."""
        ...


class WatchMetrics(Collector):
    """Asks the watchers at each scrape; of several for one collection, the longest time is shown."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def show(self, listener: Listener) -> None:
        """Show one more watcher."""
        with self._lock:
            self._listeners.append(listener)

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        silence = GaugeMetricFamily(
            "sealwright_watch_silence_seconds",
            "Time since the API server last sent anything about a collection, bookmarks included",
            labels=["collection"],
        )
        with self._lock:
            listeners = tuple(self._listeners)
        longest: dict[str, float] = {}
        for listener in listeners:
            longest[listener.collection] = max(longest.get(listener.collection, 0.0), listener.silent_seconds())
        for collection, seconds in longest.items():
            silence.add_metric([collection], seconds)
        return [silence]
