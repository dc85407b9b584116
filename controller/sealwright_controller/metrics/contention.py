"""How many Secrets are contended, as a metric. `queue.contention` defines contended."""

from collections.abc import Iterable
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from sealwright_controller.queue.contention import Contention


class ContentionMetrics(Collector):
    """Asks the contention tracker at each scrape."""

    def __init__(self, contention: Contention[Any]) -> None:
        self._contention = contention

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        text = "Secrets that somebody else keeps changing; they are restored at growing intervals"
        return [GaugeMetricFamily("sealwright_contended_secrets", text, value=len(self._contention))]
