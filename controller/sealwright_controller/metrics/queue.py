"""The work queue's figures as metrics. The queue itself does not know about metrics."""

from collections.abc import Iterable
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from sealwright_controller.queue.workqueue import WorkQueue


class QueueMetrics(Collector):
    """Asks the queue at each scrape."""

    def __init__(self, queue: WorkQueue[Any]) -> None:
        self._queue = queue

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        queue = self._queue
        depth = GaugeMetricFamily(
            "sealwright_queue_depth",
            "SealedSecrets in the queue by state: ready, waiting for a retry, being reconciled",
            labels=["state"],
        )
        for state, count in queue.depth()._asdict().items():
            depth.add_metric([state], count)
        return [
            depth,
            GaugeMetricFamily(
                "sealwright_queue_failing", "SealedSecrets whose last reconcile failed", value=queue.failing()
            ),
            GaugeMetricFamily(
                "sealwright_queue_oldest_seconds",
                "Age of the oldest SealedSecret that is ready; 0 if the queue is empty",
                value=queue.oldest_age_seconds(),
            ),
            CounterMetricFamily("sealwright_retries", "Retried reconciles of SealedSecrets", value=queue.retries()),
        ]
