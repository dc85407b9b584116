"""For how long nothing was heard of each collection, as a metric. Watchers know, and are asked."""

import threading
from collections.abc import Iterable
from typing import Protocol

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Listener(Protocol):
    """What keeps a collection in view."""

    @property
    def collection(self) -> str:
        """The name of the collection, in words."""
        ...

    def silent_seconds(self) -> float:
        """Return for how long nothing was heard."""
        ...


class WatchMetrics(Collector):
    """Asks the watchers whenever it is asked; of several for one collection, the one that has heard nothing longest."""

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
            "For how long the API server has told nothing, not even how far it is, of a collection",
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
