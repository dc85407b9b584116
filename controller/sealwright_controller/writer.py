"""Carries out the decision about one object: writes its Secret, unless another writer keeps reverting it."""

from dataclasses import dataclass, replace

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
    """Thread-safe, except for concurrent calls for one key."""

    gateway: Gateway
    contention: Contention[ObjectKey]
    secrets: SecretInventory
    metrics: Metrics
    follow_secrets: bool
    revert_drift: bool = True

    def act(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> tuple[Manifest | None, Decision]:
        """Write the Secret; returns it as stored, and the decision.

        The decision becomes a refusal if the server refuses or if the Secret is contended. Raises the gateway's
        temporary errors.
        """
        if decision.is_drift and not self.revert_drift:
            return None, replace(decision, action=Action.LEAVE, secret=None)
        decision = self._unless_contended(key, manifest, decision)
        try:
            with self.secrets.writing(key):
                stored = self._write(decision)
                if stored is not None and self.follow_secrets:
                    self.secrets.note(stored)
        except (NotFoundError, NamespaceEndingError):
            raise
        except RefusedError as error:
            return None, Decision(Action.REFUSE, error.reason, str(error), may_differ=decision.may_differ)
        except UnavailableError:
            self.metrics.count_unseal_error("update", key.namespace)
            raise
        if decision.action in WRITES:
            self.contention.note(key, Form.of(manifest), made_before=status.says_made(manifest))
        return stored, decision

    def _unless_contended(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> Decision:
        """Return the decision, or a refusal if the Secret is contended."""
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
