"""The renderers' figures as metrics. The renderers themselves do not know about metrics."""

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from sealwright_controller.renderer.service import Renderers


class RendererMetrics(Collector):
    """Asks the renderers at each scrape."""

    def __init__(self, renderers: Renderers) -> None:
        self._renderers = renderers

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        restarts = CounterMetricFamily(
            "sealwright_renderer_restarts",
            "Renderers of templates that ended early, by cause (time, memory, crash, killed, garbage, stuck, start)",
            labels=["cause"],
        )
        for cause, count in self._renderers.counts().items():
            restarts.add_metric([cause.value], count)
        return [restarts]
