"""The controller's metrics under upstream's names, in a registry of their own. Defines and holds them, serves nothing.

Beside upstream's there are ours, with the prefix `sealwright_`: private-key operations, what everything costs, and
what `keymetrics` has about the sealing keys.
"""

import threading
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from sealwright_controller.keymetrics import KeyMetrics
from sealwright_crypto import OperationCounter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Of `Metrics.exposition`: the format that every Prometheus reads."""

MAX_INSTANCE_CHARACTERS = 63
"""Of a label's value in Kubernetes; a folder's files may hold longer ones."""

_PREFIX = "sealed_secrets_controller_"
_CONDITION_LABELS = ("namespace", "name", "condition", "ss_app_kubernetes_io_instance")


class Metrics:
    """All metrics of one controller. Methods may be called from any thread.

    `private_key_operations` is for the keyrings to count in, `keys` shows the sealing keys; the rest is counted
    through the methods.
    """

    def __init__(self, revision: str) -> None:
        """`revision` says in `build_info` what is running: the version."""
        self.private_key_operations = OperationCounter()
        self.keys = KeyMetrics()
        registry = self._registry = _Registry()
        self._unseal_requests = Counter(
            f"{_PREFIX}unseal_requests_total", "SealedSecrets looked at with keys in hand", registry=registry
        )
        self._unseal_errors = Counter(
            f"{_PREFIX}unseal_errors_total",
            "Failures by reason: fetch, status, unseal, update, unmanaged",
            ["reason", "namespace"],
            registry=registry,
        )
        self._conditions = _Conditions()
        registry.register(self._conditions)
        self._http_requests = Counter(
            f"{_PREFIX}http_requests_total", "HTTP requests answered", ["path", "code", "method"], registry=registry
        )
        self._http_seconds = Histogram(
            f"{_PREFIX}http_request_duration_seconds",
            "Time from an HTTP request's arrival to its answer",
            ["path", "method"],
            registry=registry,
        )
        build = Gauge(f"{_PREFIX}build_info", "What is running; always 1", ["revision"], registry=registry)
        build.labels(revision).set(1)
        registry.register(_KeyOperations(self.private_key_operations))
        registry.register(self.keys)

    def count_unseal_request(self) -> None:
        """Count a SealedSecret that is about to be unsealed."""
        self._unseal_requests.inc()

    def count_unseal_error(self, reason: str, namespace: str) -> None:
        """Count a failure; `reason` is upstream's fetch, status, unseal, update or unmanaged."""
        self._unseal_errors.labels(reason, _presentable(namespace)).inc()

    def set_condition(self, namespace: str, name: str, *, synced: bool, instance: object = "") -> None:
        """Show a SealedSecret as synced (1) or failed (-1).

        `instance` is its label app.kubernetes.io/instance as its author wrote it; what is no label is left out.
        """
        is_label = isinstance(instance, str) and len(instance) <= MAX_INSTANCE_CHARACTERS
        self._conditions.set(namespace, name, str(instance) if is_label else "", 1 if synced else -1)

    def forget_object(self, namespace: str, name: str) -> None:
        """Show nothing more of a SealedSecret that is gone."""
        self._conditions.forget(namespace, name)

    def observe_request(self, path: str, method: str, code: int, seconds: float) -> None:
        """Count an HTTP request. `path` and `method` must be from a small set: a client must not make series."""
        self._http_requests.labels(path, str(code), method).inc()
        self._http_seconds.labels(path, method).observe(seconds)

    def exposition(self) -> bytes:
        """Return all metrics as text, of type CONTENT_TYPE."""
        return generate_latest(self._registry)


def _presentable(text: str) -> str:
    """Return a text as UTF-8 can carry it: one that it cannot would fail the metrics of all."""
    return text.encode(errors="replace").decode()


class _Registry(CollectorRegistry):
    """Leaves out the `_created` series that the library makes of every other one: upstream has none."""

    def collect(self) -> Iterable[Metric]:
        for metric in super().collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


class _Conditions(Collector):
    """`condition_info`, one small tuple for each SealedSecret (a Gauge child would take a kilobyte)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shown: dict[tuple[str, str], tuple[str, int]] = {}

    def set(self, namespace: str, name: str, instance: str, value: int) -> None:
        with self._lock:
            self._shown[namespace, name] = instance, value

    def forget(self, namespace: str, name: str) -> None:
        with self._lock:
            self._shown.pop((namespace, name), None)

    def describe(self) -> Iterable[Metric]:
        """Name the metric without looking at objects (asked for by the library when this is registered)."""
        return [self._family()]

    def collect(self) -> Iterable[Metric]:
        family = self._family()
        with self._lock:
            shown = list(self._shown.items())
        for (namespace, name), (instance, value) in shown:
            family.add_metric([*map(_presentable, (namespace, name, "Synced", instance))], value)
        return [family]

    @staticmethod
    def _family() -> GaugeMetricFamily:
        text = "Condition of each SealedSecret: 1 true, -1 false, 0 unknown"
        return GaugeMetricFamily(f"{_PREFIX}condition_info", text, labels=_CONDITION_LABELS)


class _KeyOperations(Collector):
    """Reads the counter that the keyrings share whenever it is asked."""

    def __init__(self, counter: OperationCounter) -> None:
        self._counter = counter

    def collect(self) -> Iterable[Metric]:
        text = "RSA private-key operations: the attempts to open an item with a key"
        return [CounterMetricFamily("sealwright_private_key_operations", text, value=self._counter.value)]
