"""The metrics about sealing keys, under our own names: how many, how old, and which of them opened items."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from sealwright_crypto import Fingerprint


class KeyState(StrEnum):
    """How the controller treats a key Secret."""

    ACTIVE = "active"
    """In use."""
    INACTIVE = "inactive"
    """Labelled as not in use."""
    UNREADABLE = "unreadable"
    """Labelled active, but without a readable and usable sealing key."""
    UNTRUSTED = "untrusted"
    """Labelled active, but ignored: made from a SealedSecret, or by others with --key-trust=controller."""


class KeyTimes(NamedTuple):
    """A key in use: from when its age counts, and when its certificate expires; both aware."""

    fingerprint: Fingerprint
    made: datetime
    expires: datetime


class KeyMetrics(Collector):
    """Shows the sealing keys as last reported. Methods may be called from any thread.

    There are few series: one for each state, and one for each key seen since the start.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: Mapping[KeyState, int] = {}
        self._keys: tuple[KeyTimes, ...] = ()
        self._opened: dict[Fingerprint, float] = {}
        self._lost = 0

    def show(self, states: Iterable[KeyState], keys: Iterable[KeyTimes]) -> None:
        """Show these states of key Secrets and these keys in use, instead of the previous ones."""
        counted, in_use = Counter(states), tuple(keys)
        with self._lock:
            self._states, self._keys = counted, in_use

    def count_opened(self, fingerprints: Iterable[Fingerprint]) -> None:
        """Count opened items, given the fingerprint of the key for each."""
        with self._lock:
            for fingerprint in fingerprints:
                self._opened[fingerprint] = self._opened.get(fingerprint, 0.0) + 1

    def opened(self, fingerprint: Fingerprint) -> int:
        """Return how many items a key has opened since the start."""
        with self._lock:
            return int(self._opened.get(fingerprint, 0))

    def count_lost(self) -> None:
        """Count a key that was in use and whose Secret is gone or holds another key."""
        with self._lock:
            self._lost += 1

    def collect(self) -> Iterable[Metric]:
        """Return the metrics (asked for by the library)."""
        with self._lock:
            states, keys, opened, lost = self._states, self._keys, dict(self._opened), self._lost
        return [
            CounterMetricFamily(
                "sealwright_sealing_keys_lost", "Keys in use whose Secret was deleted or got another key", value=lost
            ),
            _family(
                GaugeMetricFamily("sealwright_sealing_keys", "Key Secrets by state", labels=["state"]),
                {state: states.get(state, 0) for state in KeyState},
            ),
            _family(
                GaugeMetricFamily(
                    "sealwright_sealing_key_created_timestamp_seconds",
                    "Creation time of each active key",
                    labels=["fingerprint"],
                ),
                {key.fingerprint: key.made.timestamp() for key in keys},
            ),
            _family(
                GaugeMetricFamily(
                    "sealwright_sealing_key_expiry_timestamp_seconds",
                    "Expiry time of the certificate of each active key",
                    labels=["fingerprint"],
                ),
                {key.fingerprint: key.expires.timestamp() for key in keys},
            ),
            _family(
                CounterMetricFamily(
                    "sealwright_items_opened", "Items decrypted to make Secrets, by key", labels=["fingerprint"]
                ),
                {key.fingerprint: 0.0 for key in keys} | opened,
            ),
        ]


def _family(
    family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[KeyState, int] | Mapping[Fingerprint, float]
) -> GaugeMetricFamily | CounterMetricFamily:
    for label, value in values.items():
        family.add_metric([label], value)
    return family
