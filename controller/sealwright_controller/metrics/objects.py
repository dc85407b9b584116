"""The state of the SealedSecrets as metrics: each by name where names may be shown, and always how many and how long.

One small tuple is kept for each SealedSecret; a gauge of the library would take a kilobyte.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

MAX_INSTANCE_CHARACTERS = 63
"""Kubernetes' limit for a label's value; files in a folder may hold longer ones."""

_CONDITION_LABELS = ("namespace", "name", "condition", "ss_app_kubernetes_io_instance")
_VALUES = {True: 1, False: -1, None: 0}
_STATUSES = {1: "True", -1: "False", 0: "Unknown"}


class _Shown(NamedTuple):
    """The label of one SealedSecret, its value of condition_info, and since when it has failed, if it does."""

    instance: str
    value: int
    failed_at: float | None


class Conditions(Collector):
    """Upstream's condition_info, and our metrics over all objects. Methods may be called from any thread."""

    def __init__(self, *, omit_names: bool, now: Callable[[], float]) -> None:
        """`now` gives seconds since 1970. With `omit_names` condition_info has no series."""
        self._omit_names = omit_names
        self._now = now
        self._lock = threading.Lock()
        self._shown: dict[tuple[str, str], _Shown] = {}

    def set(self, namespace: str, name: str, *, synced: bool | None, instance: object, since: float | None) -> None:
        """See Metrics.set_condition."""
        is_label = isinstance(instance, str) and len(instance) <= MAX_INSTANCE_CHARACTERS
        label = str(instance) if is_label else ""
        with self._lock:
            failed_at = self._failed_at((namespace, name), since) if synced is False else None
            self._shown[namespace, name] = _Shown(label, _VALUES[synced], failed_at)

    def forget(self, namespace: str, name: str) -> None:
        """See Metrics.forget_object."""
        with self._lock:
            self._shown.pop((namespace, name), None)

    def describe(self) -> Iterable[Metric]:
        """Name the metrics without looking at objects (the library calls this at registration)."""
        return [self._infos([]), self._counts([]), self._oldest([])]

    def collect(self) -> Iterable[Metric]:
        """See prometheus_client.registry.Collector."""
        with self._lock:
            shown = list(self._shown.items())
        states = [state for _, state in shown]
        return [self._infos([] if self._omit_names else shown), self._counts(states), self._oldest(states)]

    def _failed_at(self, key: tuple[str, str], since: float | None) -> float:
        """Return since when an object has failed; where statuses are not written, from what was shown before."""
        before = self._shown.get(key)
        known = [time for time in (since, before.failed_at if before else None) if time is not None]
        return min(known, default=self._now())

    @staticmethod
    def _infos(shown: list[tuple[tuple[str, str], _Shown]]) -> Metric:
        text = (
            "Condition of each SealedSecret: 1 true, -1 false, 0 unknown; "
            "absent with --metrics-omit-secret-labels, see sealwright_objects"
        )
        family = GaugeMetricFamily("sealed_secrets_controller_condition_info", text, labels=_CONDITION_LABELS)
        for (namespace, name), state in shown:
            family.add_metric([*map(presentable, (namespace, name, "Synced", state.instance))], state.value)
        return family

    @staticmethod
    def _counts(states: list[_Shown]) -> Metric:
        text = "SealedSecrets by condition and its status"
        family = GaugeMetricFamily("sealwright_objects", text, labels=["condition", "status"])
        counts = Counter(state.value for state in states)
        for value, status in _STATUSES.items():
            family.add_metric(["Synced", status], counts[value])
        return family

    def _oldest(self, states: list[_Shown]) -> Metric:
        text = "Time since the oldest present failure of a SealedSecret began; 0 without a failure"
        now = self._now()
        failed_at = min((state.failed_at for state in states if state.failed_at is not None), default=now)
        return GaugeMetricFamily("sealwright_oldest_failure_seconds", text, value=max(0.0, now - failed_at))


def presentable(text: str) -> str:
    """Return a text that UTF-8 can encode, because one that it cannot would break all metrics."""
    return text.encode(errors="replace").decode()
