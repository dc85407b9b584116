"""What the statuses of objects said when they were last written or found right here.

Whoever may write statuses can write a condition that is not true. No new generation tells that, so the conditions are
compared with those remembered here. They are only what is put back: the look that follows decides as always. Objects
that are synced and nothing else share one value; what Sealwright cannot have written is not remembered, because it may
be as large as whoever wrote it likes.
"""

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sealwright_controller.gateway import Manifest, ObjectKey
from sealwright_controller.objects import status
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.queue.contention import Contention

MAX_SAID_CHARACTERS = 3 * status.MAX_MESSAGE_CHARACTERS
"""How much the conditions of a status may say: more than those that can be there together."""
_WELL: status.Said = ((status.SYNCED, "True", Reason.UNSEALED.value, ""),)


class _Truth(NamedTuple):
    form: Form
    observed: Any
    said: status.Said


class Truths:
    """Keeps the conditions of objects, and how often others changed them; may be used from several threads."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, jitter: Callable[[], float] = random.random
    ) -> None:
        """`clock` and `jitter` as in `Contention`."""
        self._kept: dict[ObjectKey, _Truth] = {}
        self._withheld: set[ObjectKey] = set()
        self._fights: Contention[ObjectKey] = Contention(clock, jitter)
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def note(self, key: ObjectKey, form: Form, written: status.Status) -> None:
        """Remember what a status says that is about to be written, or was found right."""
        said = status.said(written)
        with self._lock:
            if _may_be_said(said):
                self._kept[key] = _Truth(
                    form, written.get("observedGeneration"), _WELL if said == _WELL else _once(said)
                )
            else:
                self._kept.pop(key, None)

    def is_forged(self, key: ObjectKey, manifest: Manifest) -> bool:
        """Tell whether an object's status has other conditions than were last written here for this form."""
        truth = self._kept.get(key)
        return truth is not None and _differs(truth, manifest)

    def restored(self, key: ObjectKey, manifest: Manifest, now: datetime) -> dict[str, Any] | None:
        """Return what to write into the status of an object if that `is_forged`, else None. `now` is aware."""
        truth = self._kept.get(key)
        if truth is None or not _differs(truth, manifest):
            return None
        conditions = status.restated(status.status_of(manifest), truth.said, now)
        return {"observedGeneration": truth.observed, "conditions": conditions}

    def may_restore(self, key: ObjectKey, form: Form) -> bool:
        """Tell whether a status may be restored now; somebody who keeps changing it is left alone for a while."""
        if not self._fights.objection(key, form, "status", made_before=True):
            return True
        with self._lock:
            self._withheld.add(key)
        return False

    def is_withheld(self, key: ObjectKey) -> bool:
        """Tell whether a status is left alone, or was until it is looked at again."""
        return key in self._withheld

    def was_restored(self, key: ObjectKey, form: Form) -> None:
        """Count that a status was restored."""
        with self._lock:
            self._withheld.discard(key)
        self._fights.note(key, form, made_before=True)

    def pause_seconds(self, key: ObjectKey) -> float:
        """Return for how many seconds a status is still left alone; 0 if it is not."""
        return self._fights.pause_seconds(key)

    def forget(self, key: ObjectKey) -> None:
        """Forget what an object's status said."""
        with self._lock:
            self._kept.pop(key, None)

    def gone(self, key: ObjectKey) -> None:
        """Forget an object that is gone."""
        with self._lock:
            self._kept.pop(key, None)
            self._withheld.discard(key)
        self._fights.forget(key)


def may_be_ours(manifest: Manifest) -> bool:
    """Tell whether Sealwright may have written the conditions of its own kinds that an object's status has."""
    return _may_be_said(status.said(status.status_of(manifest)))


def _may_be_said(said: status.Said) -> bool:
    if said == _WELL:
        return True
    kinds, texts = [each[0] for each in said], {text for each in said for text in each if isinstance(text, str)}
    are_texts = all(text is None or isinstance(text, str) for each in said for text in each)
    return are_texts and len(kinds) == len(set(kinds)) and sum(map(len, texts)) <= MAX_SAID_CHARACTERS


def _once(said: status.Said) -> status.Said:
    """Return the same with each text only once in memory."""
    texts: dict[Any, Any] = {}
    return tuple(tuple(texts.setdefault(text, text) for text in each) for each in said)


def _differs(truth: _Truth, manifest: Manifest) -> bool:
    """Tell whether a status says something else of this content; a request to try again or to suspend it changes none.

    What it says of another generation does not count: where etcd was restored from a backup, that was true then.
    """
    says_else = truth.said != status.said(status.status_of(manifest))
    return says_else and truth.form.has_content_of(Form.of(manifest)) and not status.is_of_another_generation(manifest)
