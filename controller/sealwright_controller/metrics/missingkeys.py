"""How many SealedSecrets need a key that is gone, as a metric. `memory.missingkeys` knows which."""

from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class MissingKeyMetrics(Collector):
    """Asks the memory at each scrape."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        text = "SealedSecrets whose Secret was made with a sealing key that is no longer in use"
        return [GaugeMetricFamily("sealwright_objects_missing_key", text, value=self._count())]
