"""Puts a reconciler together from decider, writer and reporter, each with only what it needs."""

import time
from collections.abc import Callable
from datetime import datetime

from sealwright_controller.decider import Decider
from sealwright_controller.gateway import Gateway
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects.decide import MakeRendering
from sealwright_controller.queue.effort import Effort
from sealwright_controller.reconciler import Reconciler
from sealwright_controller.reporter import Reporter
from sealwright_controller.writer import Writer


def reconciler_over(
    gateway: Gateway,
    keystore: KeyStore,
    objects: SealedSecretInventory,
    metrics: Metrics,
    rendering: MakeRendering,
    *,
    now: Callable[[], datetime],
    clock: Callable[[], float] = time.monotonic,
    effort: Effort | None = None,
) -> Reconciler:
    """Return a reconciler of the objects of an inventory. `clock` gives seconds that never go back."""
    effort = effort or Effort()
    decider = Decider(
        gateway,
        keystore,
        rendering,
        objects.hopeless,
        objects.unfinished,
        objects.guards,
        metrics.keys,
        accept_legacy_data=objects.settings.accept_legacy_data,
        effort=effort,
    )
    follow, revert = objects.settings.follow_secrets, objects.settings.drift == "revert"
    writer = Writer(gateway, objects.contention, objects.secrets, metrics, follow, revert)
    reporter = Reporter(gateway, objects, metrics, now)
    return Reconciler(gateway, keystore, objects, metrics, decider, writer, reporter, effort, clock)
