"""Whether sealed-secrets' controller runs as well, as a metric. `memory.othercontroller` knows."""

from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class OtherControllerMetrics(Collector):
    """Asks the memory at each scrape."""

    def __init__(self, is_there: Callable[[], bool]) -> None:
        self._is_there = is_there

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        text = "1 if sealed-secrets' controller has written SealedSecrets, Secrets or keys lately, beside this one"
        return [GaugeMetricFamily("sealwright_other_controller", text, value=float(self._is_there()))]
