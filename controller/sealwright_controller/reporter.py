"""Reports how a look at a SealedSecret ended: in the log, the metrics, its status and an Event. Makes no decisions.

Repetitions are left out: the status and the Event change only with the outcome, and a failure is logged as a warning
once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import structlog

from sealwright_controller.gateway import (
    ConflictError,
    Event,
    Gateway,
    GatewayError,
    Manifest,
    NamespaceEndingError,
    NotFoundError,
    ObjectKey,
    TooLargeError,
)
from sealwright_controller.memory.inventory import SealedSecretInventory, show_condition
from sealwright_controller.memory.owedreports import OwedReport, identity_of_new
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, Decision
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import EventReason, Reason
from sealwright_controller.pacing.saidbefore import SaidBefore

MAX_TOLD_CHARACTERS = 500
"""The length of a failure's message in an Event, which leaves room for the advice."""

_log = structlog.get_logger()


@dataclass
class Reporter:
    """Its only state is what was logged. Thread-safe, except for concurrent calls for one key."""

    gateway: Gateway
    objects: SealedSecretInventory
    metrics: Metrics
    now: Callable[[], datetime]
    failures: SaidBefore = field(default_factory=SaidBefore)
    restorations: SaidBefore = field(default_factory=SaidBefore)

    def log(self, key: ObjectKey, form: Form, decision: Decision, seconds: float) -> None:
        """Write the one log line about a change; a repeated failure is logged at a lower level.

        `seconds` run from the request for the object to the write of the Secret. They depend on values, so they are
        rounded.
        """
        said = {"object": str(key), "action": decision.action.value, "reason": decision.reason.value}
        if decision.action is Action.LEAVE:
            self._log_drift(key, form, decision)
            return
        if decision.action is not Action.REFUSE:
            self.failures.forget(key)
            if decision.is_drift:
                _log.info("drift reverted", **said, fields=", ".join(decision.differing))
            else:
                _log.info("unsealed", **said, seconds=round(seconds, 1))
            if decision.unknown:
                fields = status.shortened(", ".join(decision.unknown), MAX_TOLD_CHARACTERS)
                _log.warning("unknown fields in spec.template.metadata", object=str(key), fields=fields)
            return
        news = self.failures.is_news(key, (form, decision.reason, decision.message))
        tell = _log.warning if news else _log.debug
        tell("not unsealed", message=status.shortened(decision.message), **said, seconds=round(seconds, 1))

    def report(self, key: ObjectKey, manifest: Manifest, decision: Decision, stored: Manifest | None) -> None:
        """Report the outcome in the metrics and, if it is new, in the status and an Event.

        `stored` is the Secret as it is now, None after a refusal. Raises GatewayError.
        """
        if decision.action is Action.LEAVE:
            self._report_drift(key, manifest, decision)
            return
        refused = decision.action is Action.REFUSE
        if decision.is_drift:
            self.metrics.count_drift("reverted")
            self._tell(key, manifest, decision)
        if refused:
            self.metrics.count_unseal_error(decision.reason.metric, key.namespace)
        before, after = status.status_of(manifest), self._status(manifest, decision, stored)
        show_condition(self.metrics, manifest, synced=not refused, told=after)
        if not status.differs(before, after):
            self.objects.truths.note(key, Form.of(manifest), before)
            return
        if stored is not None and self._owes(key, manifest, decision, stored, after):
            return
        failed_before = status.synced_condition(before).get("status") == "False"
        if not decision.is_drift and (decision.action is not Action.KEEP or failed_before):
            self._tell(key, manifest, decision)
        self.write_status(key, manifest, after)

    def _owes(
        self, key: ObjectKey, manifest: Manifest, decision: Decision, stored: Manifest, after: dict[str, Any]
    ) -> bool:
        """Leave the report about a new object for later, if other objects wait; tell whether it was left."""
        read = identity_of_new(manifest)
        # A value by chance is kept by what the status says of it, so a controller that ends now would change it.
        if read is None or decision.action is not Action.CREATE or decision.may_differ:
            return False
        secret = (stored["metadata"]["uid"], stored["metadata"]["resourceVersion"])
        event = _event(key, manifest, decision)
        return self.objects.owe(key, OwedReport(Form.of(manifest), secret, read, after, event))

    def report_owed(self, key: ObjectKey) -> bool:
        """Report what is owed about an object; tell whether nothing else is to be done about it. Raises GatewayError.

        If it or its Secret has changed since, that is looked at next, as if the report had not waited. Without a
        status, changes by the author and by others would be taken for one another.
        """
        owed = self.objects.owed_report(key)
        if owed is None:
            return False
        is_all = self.objects.is_as_told(key, owed)
        if owed.event is not None:
            self.gateway.record_event(owed.event)
            self.objects.owed.keep(key, replace(owed, event=None))
        try:
            self.write_status(key, owed.read, owed.told, form=owed.form)
        except GatewayError as error:
            if is_all or isinstance(error, ConflictError):
                raise
            # The next look writes a status, too; the Secret does not wait until one can be written.
        self.objects.owed.forget(key)
        return is_all

    def _log_drift(self, key: ObjectKey, form: Form, decision: Decision) -> None:
        fields = ", ".join(decision.differing)
        news = self.failures.is_news(key, (form, Action.LEAVE, fields)) and self.objects.settings.drift == "report"
        (_log.warning if news else _log.debug)("drift found", object=str(key), fields=fields)

    def _report_drift(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> None:
        """Report a Secret that somebody else changed or deleted and that stays so, unless the status says so."""
        if self.objects.settings.drift != "report":
            show_condition(self.metrics, manifest, synced=True)
            return
        before, missing = status.status_of(manifest), decision.is_gone
        after = status.drifted(before, decision.differing, self.now(), missing=missing)
        show_condition(self.metrics, manifest, synced=not missing, told=after)
        if missing:
            self.metrics.count_unseal_error(Reason.MISSING.metric, key.namespace)
        if not status.differs(before, after):
            self.objects.truths.note(key, Form.of(manifest), before)
            return
        self.metrics.count_drift("reported")
        self._tell(key, manifest, decision)
        self.write_status(key, manifest, after)

    def restored(self, key: ObjectKey, manifest: Manifest) -> Manifest:
        """Return an object with the conditions that it had before somebody else wrote others, and write them again.

        Where others keep writing, this is not written for a while. Raises GatewayError.
        """
        truths, form = self.objects.truths, Form.of(manifest)
        after = truths.restored(key, manifest, self.now())
        if after is None:
            return manifest
        if truths.may_restore(key, form):
            if self.restorations.is_news(key, form):
                _log.warning("somebody else changed the conditions, they are restored", object=str(key))
            try:
                self.write_status(key, manifest, after)
            except GatewayError:
                truths.note(key, form, after)  # it stays true, whether it was written or not
                raise
            truths.was_restored(key, form)
        else:
            self.objects.look_after_pause(key)
        return {**manifest, "status": {**status.status_of(manifest), **after}}

    def tell_missing_keys(self, key: ObjectKey, manifest: Manifest) -> None:
        """Report whether a settled object was made with a key that is no longer in use. Raises GatewayError.

        The status says so as long as it lasts, an Event when it begins.
        """
        if self.objects.has_news_of_keys(manifest):
            missing = self.objects.missing_keys.of(status.needed_keys(manifest))
            if missing:
                uid = manifest["metadata"]["uid"]
                reason, message = EventReason.KEY_MISSING.value, status.about_missing(missing)
                self.gateway.record_event(Event(key, uid, "Warning", reason, message))
            told = status.with_missing_keys(status.status_of(manifest), missing, self.now())
            self.write_status(key, manifest, told)

    def tell_suspended(self, key: ObjectKey, manifest: Manifest) -> None:
        """Report that the work on an object is stopped, if the status does not say so yet. Raises GatewayError."""
        before = status.status_of(manifest)
        synced = {"True": True, "False": False}.get(status.synced_condition(before).get("status", ""))
        show_condition(self.metrics, manifest, synced=synced)
        if not status.says_suspended(before):
            _log.info("suspended", object=str(key))
            self.write_status(key, manifest, status.suspended(before, self.now()))
        else:
            self.objects.truths.note(key, Form.of(manifest), before)

    def write_status(
        self, key: ObjectKey, manifest: Manifest, after: dict[str, Any], *, form: Form | None = None
    ) -> None:
        """Write the fields of a status, or keep them in memory where statuses are not written.

        `form` is that of the object, if `manifest` is not all of it. Raises GatewayError.
        """
        uid = manifest["metadata"]["uid"]
        # Before the write, because a watch may show it before the answer comes.
        self.objects.truths.note(key, form or Form.of(manifest), {**status.status_of(manifest), **after})
        if not self.objects.settings.update_status:
            self.objects.statuses.keep(key, uid, after)
            return
        try:
            self.gateway.write_status(key, uid, after, read=manifest)
            self.objects.statuses.forget(key)
        except (NotFoundError, NamespaceEndingError):
            self.objects.truths.forget(key)
            if key in self.objects:
                raise  # else the object is gone
        except GatewayError as error:
            self.metrics.count_unseal_error("status", key.namespace)
            if not isinstance(error, TooLargeError):
                self.objects.truths.forget(key)
                raise
            # An object at the cluster's size limit has no room for a status; an Event was recorded.
            _log.warning("status not written", object=str(key), error=str(error))
            self.objects.statuses.keep(key, uid, after)

    def _status(self, manifest: Manifest, decision: Decision, stored: Manifest | None) -> dict[str, Any]:
        previous, generation = status.status_of(manifest), status.generation_of(manifest)
        if stored is None:
            message = decision.reason.condition_prefix + decision.message
            return status.failure(
                previous, generation=generation, reason=decision.reason, message=message, now=self.now()
            )
        return status.success(
            previous,
            generation=generation,
            secret_uid=stored["metadata"]["uid"],
            secret_version=stored["metadata"]["resourceVersion"],
            scope=decision.scope.value,
            fingerprints=decision.fingerprints,
            now=self.now(),
            unknown=decision.unknown,
        )

    def _tell(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> None:
        self.gateway.record_event(_event(key, manifest, decision))


def _event(key: ObjectKey, manifest: Manifest, decision: Decision) -> Event:
    warns = decision.action in (Action.REFUSE, Action.LEAVE)
    reason, text = _said(decision)
    return Event(key, manifest["metadata"]["uid"], "Warning" if warns else "Normal", reason.value, text)


def _said(decision: Decision) -> tuple[EventReason, str]:
    """Return reason and text of the Event about a decision."""
    if decision.action is Action.REFUSE:
        reason, message = decision.reason, status.shortened(decision.message, MAX_TOLD_CHARACTERS)
        return reason.event, f"{reason.event.prefix}{message}; {reason.advice}"
    if not decision.is_drift:
        return decision.reason.event, "SealedSecret unsealed successfully"
    changed = f"somebody else changed the Secret ({', '.join(decision.differing)})"
    if decision.action is Action.LEAVE:
        advice = f"; {Reason.MISSING.advice}" if decision.is_gone else ""
        return EventReason.DRIFT_FOUND, f"{changed}; it stays so, because of --drift=report{advice}"
    return EventReason.DRIFT_REVERTED, f"{changed}; it was restored"
