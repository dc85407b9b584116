"""The metric of who leads among several replicas."""

from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class LeadershipMetrics(Collector):
    """Shows, at each scrape, whether this replica leads."""

    def __init__(self, leads: Callable[[], bool]) -> None:
        """`leads` tells whether this replica leads at the moment."""
        self._leads = leads

    def collect(self) -> Iterable[Metric]:
        """See Collector."""
        text = "1 if this replica leads, so that it makes Secrets and keys; 0 if another one does"
        return [GaugeMetricFamily("sealwright_leader", text, value=float(self._leads()))]
