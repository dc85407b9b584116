"""The metrics of who leads among several replicas, and who works on which shard."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class LeadershipMetrics(Collector):
    """Shows, at each scrape, whether this replica leads, and on which shards it works."""

    def __init__(self, leads: Callable[[], bool], shards: Callable[[], Sequence[bool]]) -> None:
        """`leads` tells whether this replica leads at the moment, `shards` for each shard whether it works on it."""
        self._leads = leads
        self._shards = shards

    def collect(self) -> Iterable[Metric]:
        """See Collector."""
        text = "1 if this replica leads, so that it makes keys, and with one shard also Secrets; 0 if another one does"
        yield GaugeMetricFamily("sealwright_leader", text, value=float(self._leads()))
        text = "1 if this replica works on the SealedSecrets of a shard of the namespaces; 0 if another one does"
        shards = GaugeMetricFamily("sealwright_shard", text, labels=["shard"])
        for shard, is_mine in enumerate(self._shards()):
            shards.add_metric([str(shard)], float(is_mine))
        yield shards
