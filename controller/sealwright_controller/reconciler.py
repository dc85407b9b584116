"""Reconciles one SealedSecret: key → gather → decide → act → Result. Level-based, without history.

The work loop (`manager`) is responsible for retries, backoff, and isolating one object's failure from the others.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from sealwright_controller.decider import Decider
from sealwright_controller.gateway import (
    AlreadyExistsError,
    ConflictError,
    Gateway,
    GatewayError,
    Manifest,
    NamespaceEndingError,
    NotFoundError,
    NotSeenGoneError,
    ObjectKey,
    UnreadableError,
)
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory.endingnamespaces import QUIET_SECONDS
from sealwright_controller.memory.inventory import SealedSecretInventory, show_condition
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import Action, Decision, belonged_to, is_suspended
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.pacing.backoff import Backoff
from sealwright_controller.pacing.edits import LONG_SECONDS, SECONDS_PER_LOOK, WAITING, has_templates, shares_items
from sealwright_controller.queue.effort import Effort, is_large
from sealwright_controller.queue.shares import DEAR_SECONDS
from sealwright_controller.queue.workqueue import RETRY_BACKOFF
from sealwright_controller.renderer.rendering import LongWorkError
from sealwright_controller.reporter import Reporter
from sealwright_controller.writer import Writer
from sealwright_crypto import PausedError

MAX_RACES = 3
"""How often an object is decided in one reconcile if others write in between; an expensive object only once."""
HOPELESS_BACKOFF = Backoff(first_seconds=0.1, cap_seconds=3600.0, factor=4.0)
"""For failures that only the author or a new key can resolve. Both trigger a reconcile themselves, so these retries are
only for missed changes. Nine come in the first hour."""
PATIENCE = 50
"""The minimal delay of a retry after an expensive failure, as a multiple of its duration."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Result:
    """How a reconcile ended.

    `retry` asks the work loop to try again with growing delays; `unfinished`, to continue at the object's next turn;
    `long`, to pass it to the patient worker. With `wait_seconds`, the object was not decided about, and is due after
    this time. `troubled` says that the cluster has a problem; the object is retried as soon as another one succeeds.
    """

    retry: bool = False
    backoff: Backoff = RETRY_BACKOFF
    unfinished: bool = False
    long: bool = False
    wait_seconds: float = 0.0
    troubled: bool = False


DONE, RETRY, UNFINISHED, LONG = Result(), Result(retry=True), Result(unfinished=True), Result(long=True)
TROUBLED = Result(retry=True, troubled=True)
HOPELESS = Result(retry=True, backoff=HOPELESS_BACKOFF)


@dataclass
class Reconciler:
    """Has no state of its own; may be used from several threads, but not concurrently for one key."""

    gateway: Gateway
    keystore: KeyStore
    objects: SealedSecretInventory
    metrics: Metrics
    decider: Decider
    writer: Writer
    reporter: Reporter
    effort: Effort
    clock: Callable[[], float] = time.monotonic
    pace_clock: Callable[[], float] = time.monotonic
    patient: bool = False  # whether it takes objects that would delay others: large ones, and long templates

    def reconcile(self, key: ObjectKey) -> Result:
        """Bring the Secret to the state that the object asks for. Raises GatewayError only for temporary failures."""
        result = None
        try:
            return (result := self._looked_at(key))
        finally:
            if result is None or not (result.unfinished or result.long):
                self.objects.unfinished.forget(key)  # however it ended, because others need the memory

    def _looked_at(self, key: ObjectKey) -> Result:
        for attempt in range(MAX_RACES):
            try:
                if self.reporter.report_owed(key):
                    return DONE
                return self._once(key, trust_inventory=attempt == 0)
            except (AlreadyExistsError, ConflictError):
                if self.effort.seconds() >= DEAR_SECONDS:
                    break  # other objects have their turn before the next attempt
            except PausedError:
                return UNFINISHED
            except LongWorkError:
                return LONG
            except NamespaceEndingError:  # not a failure: the object is deleted with its namespace
                self.objects.ending.note(key.namespace, self.pace_clock())
                return Result(wait_seconds=QUIET_SECONDS)
        return RETRY

    def _once(self, key: ObjectKey, *, trust_inventory: bool) -> Result:
        if trust_inventory and (unread := self._unread(key)) is not None:
            return unread
        started = self.clock()
        is_new = trust_inventory and self._is_new(key)
        manifest, unreadable = self._fetch(key, shown=is_new)
        self._delete_orphan(key, manifest)
        if key not in self.objects:
            return DONE
        if manifest is None:
            raise NotSeenGoneError(f"SealedSecret {key}: it was not found, but the watch has not reported its deletion")
        if manifest["metadata"].get("deletionTimestamp"):
            return DONE
        manifest = self.reporter.restored(key, manifest)
        known = self._secret_known(key)
        if is_new and known is not None:
            raise ConflictError(f"Secret {key}: it was made at this moment")
        if self.objects.is_settled(manifest, known):
            show_condition(self.metrics, manifest, synced=True)
            self.objects.truths.note(key, Form.of(manifest), status.status_of(manifest))
            self.reporter.tell_missing_keys(key, manifest)
            return DONE
        if (postponed := self._postponed(key, manifest, known)) is not None:
            return postponed
        # For a new object, the common case, an unknown Secret is not looked up: if it exists, creating it fails.
        return self._look(key, manifest, unreadable, started, may_exist=known is not None or not trust_inventory)

    def _suspended(self, key: ObjectKey, manifest: Manifest) -> Result:
        """Leave an object alone. To suspend and to resume it are changes like others, or they would not be paced."""
        if wait_seconds := self.objects.pace.admit(key, Form.of(manifest), shared=False):
            return Result(wait_seconds=wait_seconds)
        self.reporter.tell_suspended(key, manifest)
        return DONE

    def _is_left_missing(self, manifest: Manifest, known: tuple[str, str] | None) -> bool:
        """Tell whether it is reported already that somebody else deleted the Secret, which is left so."""
        return self._reports_drift and known is None and status.says_secret_missing(manifest)

    @property
    def _reports_drift(self) -> bool:
        return self.objects.settings.drift == "report"

    def _unread(self, key: ObjectKey) -> Result | None:
        """Return the result for an object that does not have to be read, or None."""
        if key in self.objects and (wait_seconds := self.objects.ending.wait_seconds(key.namespace, self.pace_clock())):
            return Result(wait_seconds=wait_seconds)
        if self._is_hopeless(key):
            self.metrics.count_unseal_request()
            self.metrics.count_unseal_error(Reason.NO_KEY.metric, key.namespace)
            return HOPELESS
        wait_seconds = self._wait_in_line(key)
        return Result(wait_seconds=wait_seconds) if wait_seconds else None

    def _postponed(self, key: ObjectKey, manifest: Manifest, known: tuple[str, str] | None) -> Result | None:
        """Return when, or by which worker, an object is reconciled that cannot be now; None if it can. Uses no key."""
        if is_suspended(manifest):
            return self._suspended(key, manifest)
        if self._is_left_missing(manifest, known):
            return HOPELESS
        if told := self.objects.contention.told(key, Form.of(manifest)):
            self.reporter.report(key, manifest, Decision(Action.REFUSE, Reason.CONTENDED, told), None)
            return self._contended(key)
        if wait_seconds := self._put_off(key, manifest):
            return Result(wait_seconds=wait_seconds)
        return None if self.patient or not is_large(manifest) else LONG

    def _look(self, key: ObjectKey, manifest: Manifest, unreadable: str, started: float, *, may_exist: bool) -> Result:
        """Decide about an object that is not settled, and carry out the decision."""
        if unreadable:
            decision = Decision(Action.REFUSE, Reason.MALFORMED, unreadable)
        else:
            decision = self._decided(key, manifest, may_exist=may_exist)
        self.metrics.count_unseal_request()  # counted only now, so that the metric does not show postponed objects
        stored, decision = self.writer.act(key, manifest, decision)
        self._count(key, manifest, decision)
        self.reporter.log(key, Form.of(manifest), decision, self.clock() - started)
        self.reporter.report(key, manifest, decision, stored)
        self.objects.hopeless.told(key, self.pace_clock())
        if decision.action is Action.LEAVE and decision.is_gone and self._reports_drift:
            return HOPELESS
        if decision.action is not Action.REFUSE:
            return DONE
        if decision.reason is Reason.CONTENDED:
            return self._contended(key)
        return _refused(decision.reason, self.effort.seconds())

    def _decided(self, key: ObjectKey, manifest: Manifest, *, may_exist: bool) -> Decision:
        """Decide. Work that is left to the patient worker is counted now; the author may change the object later."""
        try:
            return self.decider.decide(key, manifest, may_exist=may_exist, patient=self.patient)
        except LongWorkError:
            self.objects.pace.count(key, failed=False, seconds=LONG_SECONDS, shared=shares_items(manifest))
            raise

    def _contended(self, key: ObjectKey) -> Result:
        """Return when to retry a contended Secret: not before its pause is over."""
        return Result(retry=True, backoff=RETRY_BACKOFF.at_least(2 * self.objects.contention.pause_seconds(key)))

    def _put_off(self, key: ObjectKey, manifest: Manifest) -> float:
        """Return 0 if a change may be looked at now, else the seconds to wait; note a long wait in the status."""
        pace = self.objects.pace
        wait_seconds = pace.admit(key, Form.of(manifest), shared=shares_items(manifest))
        if wait_seconds > SECONDS_PER_LOOK and not pace.was_looked_at(key, Form.of(manifest)):
            told = status.told_to_wait(manifest, WAITING)
            if told is not None:
                self.reporter.write_status(key, manifest, told)
        return wait_seconds

    def _count(self, key: ObjectKey, manifest: Manifest, decision: Decision) -> None:
        """Count how a look ended. Its duration and the need of patience reveal values only if there are templates."""
        seconds = self.effort.seconds()
        if self.patient and not is_large(manifest):
            seconds = max(seconds, LONG_SECONDS)
        self.objects.pace.count(
            key,
            failed=decision.action is Action.REFUSE,
            seconds=seconds if has_templates(manifest) else 0.0,
            shared=shares_items(manifest),
            may_differ=decision.may_differ,
        )

    def _is_hopeless(self, key: ObjectKey) -> bool:
        """Tell whether no key opened the object, and neither the object nor the keys changed since then."""
        form = self._form_to_trust(key)
        if form is None or self.objects.truths.is_withheld(key):
            return False
        return self.objects.hopeless.needs_no_look(key, form, self.keystore.keys.keyring, self.pace_clock())

    def _wait_in_line(self, key: ObjectKey) -> float:
        """Return the seconds to wait of an object that waits for its namespace, in the form last seen."""
        form = self._form_to_trust(key)
        return 0.0 if form is None else self.objects.pace.wait_in_line(key, form)

    def _form_to_trust(self, key: ObjectKey) -> Form | None:
        """Return an object's form as last seen, or None if a deleted object of its name has to be handled first."""
        return None if self.objects.orphaned_by(key) is not None else self.objects.form(key)

    def _is_new(self, key: ObjectKey) -> bool:
        """Tell whether there is no Secret of this name, so that an object may be taken as the watch showed it last.

        A watch can be late. What it shows then must not take the place of what was made of a later form.
        """
        objects = self.objects
        return objects.settings.follow_secrets and objects.secrets.get(key) is None and objects.orphaned_by(key) is None

    def _fetch(self, key: ObjectKey, *, shown: bool) -> tuple[Manifest | None, str]:
        """Return the object, or None if it is gone; and why it cannot be read, or an empty text.

        With `shown` it may be as the watch showed it last. If it has changed since, the watch will report that, too. It
        is read anew if its status is not as it was written here: it may have been shown before that.
        """
        try:
            manifest, unreadable = self.gateway.get_sealed_secret(key, shown=shown), ""
        except UnreadableError as error:
            manifest, unreadable = error.rest, str(error)
        except GatewayError:
            self.metrics.count_unseal_error("fetch", key.namespace)
            raise
        if manifest is None:
            return None, unreadable
        manifest = self.objects.statuses.shown(manifest)
        if shown and self.objects.truths.is_forged(key, manifest):
            return self._fetch(key, shown=False)
        return manifest, unreadable

    def _delete_orphan(self, key: ObjectKey, manifest: Manifest | None) -> None:
        """Delete the Secret of a SealedSecret that is not listed any more, if it is gone and owned the Secret."""
        uid = self.objects.orphaned_by(key)
        if uid is None:
            return
        if manifest is None or manifest["metadata"]["uid"] != uid:
            secret = self._read_secret(key)
            if secret is None and self.objects.secrets.get(key) is not None:
                raise NotSeenGoneError(f"Secret {key}: it was not found, but the watch has not reported its deletion")
            if secret is not None and self.gateway.key_guard.objection(secret):
                _log.warning("secret not deleted: it is a sealing key", object=str(key))
            elif secret is not None and belonged_to(secret, uid, self.objects.made_by_orphaned(key)):
                with contextlib.suppress(NotFoundError):
                    self.gateway.delete_secret(secret)
                    _log.info("secret deleted: its SealedSecret is gone", object=str(key))
        self.objects.forget_orphan(key, uid)

    def _secret_known(self, key: ObjectKey) -> tuple[str, str] | None:
        """Return uid and resourceVersion of the Secret as last seen; if Secrets are not watched, read it."""
        if self.objects.settings.follow_secrets:
            known = self.objects.secrets.get(key)
            return (known.uid, known.version) if known else None
        secret = self._read_secret(key)
        return (secret["metadata"]["uid"], secret["metadata"]["resourceVersion"]) if secret else None

    def _read_secret(self, key: ObjectKey) -> Manifest | None:
        """Return the Secret, or the part of it that can be read."""
        try:
            return self.gateway.get_secret(key)
        except UnreadableError as error:
            return error.rest


def _refused(reason: Reason, seconds: float) -> Result:
    """Return when to retry an object that was refused after `seconds` of work."""
    if reason in (Reason.NO_KEY, Reason.MALFORMED):
        return HOPELESS
    if reason is Reason.WEBHOOK_UNAVAILABLE:
        return TROUBLED
    return RETRY if seconds < DEAR_SECONDS else Result(retry=True, backoff=RETRY_BACKOFF.at_least(PATIENCE * seconds))
