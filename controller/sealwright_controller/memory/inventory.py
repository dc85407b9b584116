"""What the controller remembers between reconciles, and which changes need one.

It keeps some dozens of bytes per object: identity, generation, resourceVersion. Content is read when needed and then
forgotten. It receives what watchers see (`watcher.Watched`), and adds keys to the work queue.
"""

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

from sealwright_controller.gateway import Manifest, ObjectKey
from sealwright_controller.memory.endingnamespaces import EndingNamespaces
from sealwright_controller.memory.hopeless import HopelessObjects
from sealwright_controller.memory.keywork import UnfinishedObjects
from sealwright_controller.memory.missingkeys import MissingKeys
from sealwright_controller.memory.owedreports import OwedReport, OwedReports
from sealwright_controller.memory.secretinventory import SecretInventory, SecretRef, absent
from sealwright_controller.memory.statusmemory import StatusMemory
from sealwright_controller.memory.truths import Truths, may_be_ours
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.decide import is_settled, scope_said
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.guards import Guards
from sealwright_controller.objects.metadata import labels_of
from sealwright_controller.pacing.edits import EditPace
from sealwright_controller.queue.contention import Contention
from sealwright_controller.queue.effort import is_large
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.settings import ObjectSettings


class Orphan(NamedTuple):
    """The uid of a SealedSecret that is gone, and the uid of its Secret according to its status."""

    sealed_uid: str
    secret_uid: str | None


class SealedSecretInventory:
    """The SealedSecrets that are served; decides which changes need work.

    Watchers report changes; any thread may read.
    """

    def __init__(
        self,
        queue: WorkQueue[ObjectKey],
        metrics: Metrics,
        settings: ObjectSettings | None = None,
        guards: Guards | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        forget_shown: Callable[[ObjectKey], None] = lambda _: None,
    ) -> None:
        """`clock` gives seconds that never go back. `forget_shown` is called with objects that need no work."""
        self._forget_shown = forget_shown
        self.secrets = SecretInventory(self._secret_changed)
        """The Secrets; a watcher of Secrets reports to it, if they are followed."""
        self.statuses = StatusMemory()
        """What the statuses would say, if they are not written."""
        self.owed = OwedReports()
        """What is still to be told about new objects."""
        self.hopeless = HopelessObjects()
        """The objects that no key opened."""
        self.truths = Truths(clock)
        """What the statuses said when they were last right."""
        self.missing_keys = MissingKeys()
        """Which keys the objects need."""
        self.ending = EndingNamespaces()
        """The namespaces that are being deleted."""
        self.unfinished = UnfinishedObjects()
        """The objects whose items are not all open yet."""
        self.settings = settings or ObjectSettings()
        self.pace = EditPace(clock, enabled=self.settings.pace_edits)
        """How often changes of objects are looked at."""
        self.guards = guards or Guards()
        """What a SealedSecret must not make."""
        self.contention: Contention[ObjectKey] = Contention()
        """Which Secrets another writer keeps reverting."""
        self._queue = queue
        self._metrics = metrics
        self._seen: dict[ObjectKey, Form] = {}
        self._made: dict[ObjectKey, str] = {}  # uids of the Secrets, from the records; only if Secrets are deleted here
        self._orphaned: dict[ObjectKey, Orphan] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._seen)

    def __contains__(self, key: ObjectKey) -> bool:
        return key in self._seen

    def form(self, key: ObjectKey) -> Form | None:
        """Return the form of an object as last shown, or None if there is none."""
        return self._seen.get(key)

    def put(self, manifest: Manifest, *, live: bool) -> None:
        """Remember the object and queue it, unless it is settled or only its status was written.

        A status about the present generation is not news, whatever it says: a failing object is in its backoff, and
        where the cluster keeps no record, no object is ever settled. It is news if somebody else wrote its conditions.
        """
        manifest = self.statuses.shown(manifest)
        key = ObjectKey.of(manifest)
        new = self._form_of(key, manifest)
        with self._lock:
            old = self._seen.get(key)
            self._seen[key] = new
            if old is not None and old.uid != new.uid:
                self._note_orphan(key, old.uid)
            if self.settings.delete_secrets and (record := status.recorded_secret(manifest)) is not None:
                self._made[key] = record[0]
        if old is None or old.uid != new.uid:
            self.ending.forget(key.namespace)
        if old is None:
            self._queue.know(key)
            show_condition(self._metrics, manifest, synced=False if _known_to_fail(manifest) else None)
        if old is not None and self._is_forged(key, manifest):
            self.hopeless.doubt(key)
            if old == new and self.truths.pause_seconds(key):
                self.look_after_pause(key)
                self._forget_shown(key)
            else:
                self._enqueue(key, live=live, large=is_large(manifest))
            return
        self.missing_keys.need(key, status.needed_keys(manifest))
        if self._is_settled(key, manifest, is_news=old != new):
            show_condition(self._metrics, manifest, synced=True)
            self.owed.forget(key)
            if self.has_news_of_keys(manifest):
                self._enqueue(key, live=live, large=False)
            else:
                self.truths.note(key, new, status.status_of(manifest))
                self._queue.settled(key)
                self._forget_shown(key)
        elif old != new or not status.is_current(manifest) or status.needs_sweep(manifest):
            self.hopeless.doubt(key)
            self._enqueue(key, live=live, large=is_large(manifest))
        else:
            self._forget_shown(key)

    def remove(self, key: ObjectKey) -> None:
        """Forget the object and what was reported about it.

        Kubernetes' garbage collector deletes its Secret; if that is done here instead, the object is queued.
        """
        with self._lock:
            old = self._seen.pop(key, None)
            if old is None:
                return
            self._note_orphan(key, old.uid)
        self._queue.forget(key)
        self._forget_shown(key)
        self.forget(key)
        if self.settings.delete_secrets:
            self._queue.add(key)

    def forget(self, key: ObjectKey) -> None:
        """Forget what was reported about an object that no longer exists."""
        self._metrics.forget_object(key.namespace, key.name)
        self.contention.forget(key)
        self.statuses.forget(key)
        self.owed.forget(key)
        self.truths.gone(key)
        self.hopeless.forget(key)
        self.unfinished.forget(key)
        self.pace.leave(key)
        self.missing_keys.forget(key)

    def owe(self, key: ObjectKey, report: OwedReport) -> bool:
        """Keep a report for later if other objects wait for their Secrets; tell whether it was kept."""
        # Where Secrets are not followed, it would not be known whether the report is still true.
        if not self.settings.follow_secrets or not self._queue.has_more(key) or not self.owed.keep(key, report):
            return False
        if self.settings.delete_secrets:
            self._made[key], _ = report.secret  # the status does not show it yet
        self._queue.add_later(key)
        return True

    def owed_report(self, key: ObjectKey) -> OwedReport | None:
        """Return the report that is owed about an object; that about an earlier one of its name is forgotten."""
        report, form = self.owed.get(key), self.form(key)
        if report is not None and (form is None or form.uid != report.form.uid):
            self.owed.forget(key)
            return None
        return report

    def is_as_told(self, key: ObjectKey, report: OwedReport) -> bool:
        """Tell whether object and Secret are what they were when the report came to be owed."""
        secret = self.secrets.get(key)
        return self.form(key) == report.form and secret is not None and (secret.uid, secret.version) == report.secret

    def has_news_of_keys(self, manifest: Manifest) -> bool:
        """Tell whether a synced object's status has to be corrected about keys that are not in use."""
        missing = self.missing_keys.of(status.needed_keys(manifest))
        return bool(missing) != status.says_key_missing(status.status_of(manifest))

    def orphaned_by(self, key: ObjectKey) -> str | None:
        """Return the uid of the deleted SealedSecret of this name whose Secret may have to be deleted."""
        orphan = self._orphaned.get(key)
        return None if orphan is None else orphan.sealed_uid

    def made_by_orphaned(self, key: ObjectKey) -> str | None:
        """Return the uid of the Secret of this deleted SealedSecret, according to its status."""
        orphan = self._orphaned.get(key)
        return None if orphan is None else orphan.secret_uid

    def forget_orphan(self, key: ObjectKey, uid: str) -> None:
        """Forget that SealedSecret, because its Secret was dealt with."""
        with self._lock:
            if self.orphaned_by(key) == uid:
                del self._orphaned[key]

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> bool:  # noqa: ARG002 - nothing is put here but by watchers
        """See watcher.Watched."""
        with self._lock:
            gone = absent(self._seen, keys, namespace)
        for key in gone:
            self.remove(key)
        return bool(gone)

    def look_after_pause(self, key: ObjectKey) -> None:
        """Queue an object whose status others keep changing for the end of the pause."""
        self._queue.add_after(key, self.truths.pause_seconds(key))

    def _form_of(self, key: ObjectKey, manifest: Manifest) -> Form:
        """Return the form of an object; its uid shares memory with that in the Secret's reference."""
        form, secret = Form.of(manifest), self.secrets.get(key)
        if secret is None or secret.controller != form.uid:
            return form
        return replace(form, uid=secret.controller)

    def _is_forged(self, key: ObjectKey, manifest: Manifest) -> bool:
        """Tell whether somebody else wrote an object's conditions; where others do the work, all do."""
        if not self.truths.is_forged(key, manifest):
            return False
        if self._queue.hands_out(key):
            return True
        self.truths.forget(key)
        return False

    def _enqueue(self, key: ObjectKey, *, live: bool, large: bool) -> None:
        wait_seconds = self.pace.wait_seconds(key)
        if wait_seconds and not self.pace.is_to_be_told(key):
            self._forget_shown(key)  # others need the room meanwhile
            self._queue.add_after(key, wait_seconds)
        elif large:
            self._queue.add_long(key)
        else:
            self._queue.add(key, backlog=not live)

    def _note_orphan(self, key: ObjectKey, uid: str) -> None:
        if self.settings.delete_secrets:
            self._orphaned[key] = Orphan(uid, self._made.pop(key, None))

    def _is_settled(self, key: ObjectKey, manifest: Manifest, *, is_news: bool) -> bool:
        if not self.settings.follow_secrets:
            # Only our own writes of its Secret are known, and changes by others are not corrected.
            return not is_news and status.is_settled(manifest, scope_said(manifest))
        secret = self.secrets.get(key)
        return self.is_settled(manifest, (secret.uid, secret.version) if secret else None)

    def is_settled(self, manifest: Manifest, secret: tuple[str, str] | None) -> bool:
        """Tell whether there is nothing to do about an object; `secret` as in `decide.is_settled`."""
        return is_settled(manifest, secret) and may_be_ours(manifest) and not self.guards.doubts(manifest)

    def _secret_changed(self, key: ObjectKey, old: SecretRef | None, new: SecretRef | None) -> None:
        """Queue the SealedSecret if others changed its Secret, or if its name may be free now."""
        seen = self._seen.get(key)
        if seen is None:
            return
        ours = any(ref is not None and ref.controller == seen.uid for ref in (old, new))
        if ours:
            if not self.contention.pause_seconds(key):  # else it is queued when the pause is over
                self._queue.add(key)
        else:
            self._queue.wake_failed(lambda failed: failed == key)


def show_condition(
    metrics: Metrics, manifest: Manifest, *, synced: bool | None, told: status.Status | None = None
) -> None:
    """Show the state of a SealedSecret in the metrics, with the label by which users of upstream distinguish releases.

    The start time comes from the status `told`, or from the object's own.
    """
    key, instance = ObjectKey.of(manifest), labels_of(manifest).get("app.kubernetes.io/instance", "")
    turned = status.turned_at(status.status_of(manifest) if told is None else told)
    since = turned.timestamp() if turned is not None else None
    metrics.set_condition(key.namespace, key.name, synced=synced, instance=instance, since=since)


def _known_to_fail(manifest: Manifest) -> bool:
    """Tell whether the status already says that this generation fails."""
    return status.is_current(manifest) and status.synced_condition(status.status_of(manifest)).get("status") == "False"
