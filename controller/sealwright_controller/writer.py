"""Carries out what was decided about one object: writes its Secret, unless somebody else keeps changing that back."""

from dataclasses import dataclass

from sealwright_controller.gateway import (
    Gateway,
    Manifest,
    NamespaceEndingError,
    NotFoundError,
    ObjectKey,
    RefusedError,
    UnavailableError,
)
from sealwright_controller.memory.inventory import SecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, Decision
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.queue.contention import Contention

WRITES = (Action.CREATE, Action.REPLACE)


@dataclass
class Writer:
    """May be used from several threads, never at once for one key."""

    gateway: Gateway
    contention: Contention[ObjectKey]
    secrets: SecretInventory
    metrics: Metrics
    follow_secrets: bool

    def act(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> tuple[Manifest | None, Decision]:
        """Write the Secret; returns it as stored, and the decision, turned into a refusal where the server refused.

        So does a write that would be one more turn of a fight. Raises the gateway's errors that pass.
        """
        decision = self._unless_contended(key, manifest, decision)
        try:
            stored = self._write(decision)
        except (NotFoundError, NamespaceEndingError):
            raise
        except RefusedError as error:
            return None, Decision(Action.REFUSE, error.reason, str(error), may_differ=decision.may_differ)
        except UnavailableError:
            self.metrics.count_unseal_error("update", key.namespace)
            raise
        if decision.action in WRITES:
            self.contention.note(key, Form.of(manifest), made_before=status.says_made(manifest))
        if stored is not None and self.follow_secrets:
            self.secrets.note(stored)
        return stored, decision

    def _unless_contended(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> Decision:
        """Return the decision, or a refusal where the write would be one more turn of a fight."""
        if decision.action not in WRITES:
            return decision
        made_before, differing = status.says_made(manifest), ", ".join(decision.differing)
        told = self.contention.objection(key, Form.of(manifest), differing, made_before=made_before)
        may_differ = decision.may_differ
        return Decision(Action.REFUSE, Reason.CONTENDED, told, may_differ=may_differ) if told else decision

    def _write(self, decision: Decision) -> Manifest | None:
        if decision.secret is None or decision.action is Action.KEEP:
            return decision.secret
        create = decision.action is Action.CREATE
        return (self.gateway.create_secret if create else self.gateway.replace_secret)(decision.secret)
