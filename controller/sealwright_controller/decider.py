"""Decides about one object, with the present keys and a second of private-key work at a time; renders its templates.

It remembers objects that no key opened, and the items that were open when an object's time was over.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from sealwright_controller.gateway import Gateway, Manifest, ObjectKey, UnreadableError
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.keys.likely import likely_keys
from sealwright_controller.memory.hopeless import HopelessObjects
from sealwright_controller.memory.keywork import Slice, UnfinishedObjects
from sealwright_controller.metrics.keys import KeyMetrics
from sealwright_controller.objects.decide import Action, Decision, MakeRendering, decide
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.guards import Guards
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.queue.effort import Effort
from sealwright_crypto import OperationCounter, PausedError


@dataclass
class Decider:
    """May be used from several threads, but not concurrently for one key."""

    gateway: Gateway
    keystore: KeyStore
    rendering: MakeRendering
    hopeless: HopelessObjects
    unfinished: UnfinishedObjects
    guards: Guards
    metrics: KeyMetrics
    accept_legacy_data: bool
    effort: Effort
    pace_clock: Callable[[], float] = time.monotonic

    def decide(self, key: ObjectKey, manifest: Manifest, *, may_exist: bool, patient: bool) -> Decision:
        """Decide, or return the earlier decision if the same keys did not open the object.

        `may_exist` says that a Secret of its name may exist, `patient` that long work is allowed. Raises PausedError
        and LongWorkError.
        """
        keys, form = self.keystore.keys, Form.of(manifest)
        keyring = keys.keyring
        if (recalled := self.hopeless.recall(key, form, keyring)) is not None:
            return recalled
        try:
            existing = self.gateway.get_secret(key) if may_exist else None
        except UnreadableError as error:
            return Decision(Action.REFUSE, Reason.REFUSED, str(error))
        counter = OperationCounter(keyring.meter)
        pace = Slice(self.unfinished.opened(key, form), counter, self.pace_clock)
        ordered = keyring.in_order(likely_keys(manifest, keys.active), counter)
        rendering = self.rendering(patient=patient)
        try:
            with self.effort.deciding():
                decision = decide(
                    manifest,
                    existing,
                    ordered,
                    rendering,
                    accept_legacy_data=self.accept_legacy_data,
                    pace=pace,
                    guards=self.guards,
                )
        except PausedError:
            self.unfinished.keep(key, form, pace.opened)
            raise
        finally:
            self.effort.excuse(rendering.waited_seconds)
        self.metrics.count_opened(decision.fingerprints)
        # At a limit, the renderer may have ended before it said whether the result depends on time or randomness.
        may_differ = bool(rendering.varying) or decision.reason is Reason.TEMPLATE_LIMIT
        return self.hopeless.note(key, form, keyring, replace(decision, may_differ=may_differ))
