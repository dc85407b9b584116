"""The controller's metrics: upstream's under upstream's names, ours with the prefix `sealwright_`.

They are in a separate registry. Counters are here; figures that are read at each scrape are in collectors, in `keys`,
`objects`, `queue` and others that call `register`. Series whose labels are known beforehand start at zero, so that the
first increase is seen.
"""

import time
from collections.abc import Callable, Iterable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from sealwright_controller.metrics.keys import KeyMetrics
from sealwright_controller.metrics.objects import Conditions, presentable
from sealwright_crypto import OperationCounter

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The content type of `Metrics.exposition`, which every Prometheus reads."""

UNSEAL_ERRORS = ("fetch", "status", "unmanaged", "unseal", "update")
"""Upstream's values of the label `reason` of unseal_errors_total."""

Outcome = Literal["done", "failed", "paced", "trouble", "defect"]
"""How a look at a SealedSecret ended: nothing is left to do; it was refused, or others wrote in between; it changes too
often and waits; the API server or the renderer failed; the controller has a defect. All but the first are retried."""

_OUTCOMES: tuple[Outcome, ...] = ("done", "failed", "paced", "trouble", "defect")
_PREFIX = "sealed_secrets_controller_"


class Metrics:
    """All metrics of one controller. Methods may be called from any thread.

    The keyrings count in `private_key_operations`, `keys` shows the sealing keys; the rest is counted through the
    methods.
    """

    def __init__(self, revision: str, *, omit_names: bool = False, now: Callable[[], float] = time.time) -> None:
        """`revision` is the version, shown in `build_info`. `now` gives seconds since 1970.

        With `omit_names` the metrics name neither SealedSecrets nor namespaces: the label `namespace` is empty, and
        condition_info has no series.
        """
        self.private_key_operations = OperationCounter()
        self.keys = KeyMetrics()
        self._omit_names = omit_names
        self._registry = _Registry()
        self._unseal_requests = Counter(
            f"{_PREFIX}unseal_requests_total", "Attempts to unseal a SealedSecret", registry=self._registry
        )
        self._unseal_errors = Counter(
            f"{_PREFIX}unseal_errors_total",
            "Failures by reason (fetch, status, unmanaged, unseal, update) and namespace, "
            "which is empty with --metrics-omit-secret-labels",
            ["reason", "namespace"],
            registry=self._registry,
        )
        self._conditions = Conditions(omit_names=omit_names, now=now)
        self._http_requests = Counter(
            f"{_PREFIX}http_requests_total",
            "HTTP requests answered",
            ["path", "code", "method"],
            registry=self._registry,
        )
        self._http_seconds = Histogram(
            f"{_PREFIX}http_request_duration_seconds",
            "Time from an HTTP request's arrival to its answer",
            ["path", "method"],
            registry=self._registry,
        )
        self._reconcile_seconds = Histogram(
            "sealwright_reconcile_duration_seconds",
            "Duration of a reconcile by outcome: done, failed, paced, trouble (with the API server), defect",
            ["outcome"],
            registry=self._registry,
        )
        self._drift = Counter(
            "sealwright_drift_total",
            "Secrets that somebody else changed or removed, by outcome: reverted, reported (they stay, --drift=report)",
            ["outcome"],
            registry=self._registry,
        )
        build = Gauge(
            f"{_PREFIX}build_info",
            "Version of the controller; the value is always 1",
            ["revision"],
            registry=self._registry,
        )
        build.labels(revision).set(1)
        self.register(self._conditions)
        self.register(_KeyOperations(self.private_key_operations))
        self.register(self.keys)
        for reason in UNSEAL_ERRORS:
            self._unseal_errors.labels(reason, "")
        for drift in ("reverted", "reported"):
            self._drift.labels(drift)
        for outcome in _OUTCOMES:
            self._reconcile_seconds.labels(outcome)

    def register(self, collector: Collector) -> None:
        """Add a collector, which is asked at each scrape, from any thread."""
        self._registry.register(collector)

    def count_unseal_request(self) -> None:
        """Count a SealedSecret that is about to be unsealed."""
        self._unseal_requests.inc()

    def count_unseal_error(self, reason: str, namespace: str) -> None:
        """Count a failure; `reason` is one of UNSEAL_ERRORS."""
        self._unseal_errors.labels(reason, "" if self._omit_names else presentable(namespace)).inc()

    def count_drift(self, outcome: Literal["reverted", "reported"]) -> None:
        """Count a Secret that somebody else changed or removed."""
        self._drift.labels(outcome).inc()

    def set_condition(
        self, namespace: str, name: str, *, synced: bool | None, instance: object = "", since: float | None = None
    ) -> None:
        """Show a SealedSecret as synced (1), failed (-1) or not looked at yet (0: None).

        `instance` is its label app.kubernetes.io/instance as its author wrote it; an invalid label is left out. It has
        failed since `since` (seconds since 1970), or since it was first shown as failed, whichever is earlier.
        """
        self._conditions.set(namespace, name, synced=synced, instance=instance, since=since)

    def forget_object(self, namespace: str, name: str) -> None:
        """Stop showing a SealedSecret that is gone."""
        self._conditions.forget(namespace, name)

    def observe_reconcile(self, outcome: Outcome, seconds: float) -> None:
        """Count and time a look at a SealedSecret."""
        self._reconcile_seconds.labels(outcome).observe(seconds)

    def expect_requests(self, endpoints: Iterable[tuple[str, str]]) -> None:
        """Show series for these paths and methods at zero before the first request, with code 200."""
        for path, method in endpoints:
            self._http_requests.labels(path, "200", method)
            self._http_seconds.labels(path, method)

    def observe_request(self, path: str, method: str, code: int, seconds: float) -> None:
        """Count an HTTP request. `path` and `method` must be from a small set: a client must not make series."""
        self._http_requests.labels(path, str(code), method).inc()
        self._http_seconds.labels(path, method).observe(seconds)

    def exposition(self) -> bytes:
        """Return all metrics as text, of type CONTENT_TYPE."""
        return generate_latest(self._registry)


class _Registry(CollectorRegistry):
    """Leaves out the `_created` series that the library adds to every other one, as upstream does."""

    def collect(self) -> Iterable[Metric]:
        for metric in super().collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


class _KeyOperations(Collector):
    """Reads the counter that the keyrings share at each scrape."""

    def __init__(self, counter: OperationCounter) -> None:
        self._counter = counter

    def collect(self) -> Iterable[Metric]:
        text = "RSA private-key operations: attempts to decrypt an item with a key"
        return [CounterMetricFamily("sealwright_private_key_operations", text, value=self._counter.value)]
