"""Limits how often changed SealedSecrets are reconciled, so that guessing values takes long and floods cost little.

Whether a change succeeds tells its author one bit about the values that a template uses, and so does its duration. So
each name gets a few reconciles (looks) at once and then one every SECONDS_PER_LOOK; one that fails or takes long counts
as several. The delay depends on nothing else. It belongs to the name, so deleting and creating the object does not
reset it.

Items that are sealed for a whole namespace can be decrypted under any name of it, so those names share a limit: every
change of such an object with templates counts for its namespace, even one that succeeds, as success is information too.
Changes that wait for their namespace form a waiting line.

Retrying an unchanged object is free, unless the result may differ: a template that uses the time or randomness asks a
new question at each retry. The state is bounded; a name that was forgotten starts with a full allowance.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sealwright_controller.gateway import Manifest, ObjectKey
from sealwright_controller.objects.decide import scope_said
from sealwright_controller.objects.forms import Form
from sealwright_controller.pacing.buckets import Buckets
from sealwright_controller.pacing.waitinglines import WaitingLines
from sealwright_crypto import Scope

LOOKS_AT_ONCE = 16
SECONDS_PER_LOOK = 2.0
FAILED_LOOK = 5
"""A look that failed or took long counts as this many: three failures and their correction are looked at at once, then
one change in ten seconds."""
LONG_SECONDS = 0.25
"""A look of this length counts as a failure, because an author can write templates that take long for some values."""
SHARED_LOOKS_AT_ONCE = 30
"""The same for all objects of a namespace that share items together: as many as a roll-out changes."""
SECONDS_PER_SHARED_LOOK = 3.0
MAX_WAIT_SECONDS = 300.0
"""After this time a waiting object is checked again, because others may have left the line."""
WAITING = "a later change waits for seconds or minutes, because many changes failed or came at once"
"""The note that is added to the status meanwhile."""
MAX_NAMES = 10_000
MAX_NAMESPACES = 1_000


class _Looked(NamedTuple):
    form: Form
    failure_counted: bool = False
    may_differ: bool = False
    wait_told: bool = False


class EditPace:
    """Admits looks at changed objects. Methods may be called from any thread, but not concurrently for one key."""

    def __init__(self, clock: Callable[[], float], *, enabled: bool = True, max_names: int = MAX_NAMES) -> None:
        """`clock` returns monotonic seconds; unless `enabled`, everything is admitted."""
        self._enabled = enabled
        self._max_names = max_names
        self._looks: Buckets[ObjectKey] = Buckets(
            size=LOOKS_AT_ONCE, per_second=1 / SECONDS_PER_LOOK, clock=clock, max_keys=max_names
        )
        self._shared: Buckets[str] = Buckets(
            size=SHARED_LOOKS_AT_ONCE,
            per_second=1 / SECONDS_PER_SHARED_LOOK,
            clock=clock,
            max_keys=MAX_NAMESPACES,
        )
        self._lines = WaitingLines(clock)
        self._looked: OrderedDict[ObjectKey, _Looked] = OrderedDict()
        self._gone: OrderedDict[ObjectKey, None] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._looked)

    def wait_seconds(self, key: ObjectKey) -> float:
        """Return after how many seconds to look at a change that was just seen; 0 means now."""
        return self._looks.wait_seconds(key) if self._enabled else 0.0

    def is_to_be_told(self, key: ObjectKey) -> bool:
        """Tell, once between two looks at a name, whether its delay is so long that the status should mention it."""
        with self._lock:
            looked = self._looked.get(key)
            if looked is None or looked.wait_told or self._looks.wait_seconds(key) <= SECONDS_PER_LOOK:
                return False
            self._looked[key] = looked._replace(wait_told=True)
            return True

    def admit(self, key: ObjectKey, form: Form, *, shared: bool) -> float:
        """Return 0 and count the look if it may happen now, else the seconds to wait.

        `shared`: see `shares_items`.
        """
        if not self._enabled:
            return 0.0
        with self._lock:
            looked = self._looked.get(key)
            if looked is not None and looked.form == form and not looked.may_differ:
                self._lines.leave(key)
                return 0.0
            if wait := self._wait(key, form, shared=shared):
                return wait
            self._lines.leave(key)
            self._looks.charge(key)
            if shared:
                self._shared.charge(key.namespace)
            self._remember(key, _Looked(form))
            return 0.0

    def was_looked_at(self, key: ObjectKey, form: Form) -> bool:
        """Tell whether the last look at an object was at this form, so that the next one is a retry."""
        with self._lock:
            looked = self._looked.get(key)
            return looked is not None and looked.form == form

    def wait_in_line(self, key: ObjectKey, form: Form) -> float:
        """Return the seconds to wait of an object in the line whose status mentions this, in this form.

        Such an object does not have to be read first. For all others this is 0, and `admit` decides.
        """
        with self._lock:
            return self._wait(key, form, shared=True) if self._lines.told(key) == form else 0.0

    def leave(self, key: ObjectKey) -> None:
        """Remove an object that is gone from the line, and forget its name once it has its full allowance again."""
        with self._lock:
            self._lines.leave(key)
            if key in self._looked:
                self._gone[key] = None

    def count(self, key: ObjectKey, *, failed: bool, seconds: float, shared: bool, may_differ: bool = False) -> None:
        """Count how an admitted look ended; of several looks at one change, only one failure counts.

        `may_differ` says that another look at the same form may have another result; the next look then counts as well.
        That also holds after a success: whoever may write statuses, or touch Secrets, can bring about another look.
        """
        is_dear = failed or seconds >= LONG_SECONDS
        if not is_dear and not may_differ:
            return
        with self._lock:
            looked = self._looked.get(key)
            if looked is None:
                return
            counted = looked.failure_counted or is_dear
            self._remember(key, looked._replace(failure_counted=counted, may_differ=may_differ))
            if not is_dear or looked.failure_counted:
                return
            self._looks.charge(key, FAILED_LOOK - 1)
            if shared:
                self._shared.charge(key.namespace, FAILED_LOOK - 1)

    def _wait(self, key: ObjectKey, form: Form, *, shared: bool) -> float:
        """Return the seconds that a change has to wait; put it into the line if it waits for its namespace."""
        wait = self._looks.wait_seconds(key)
        if not shared:
            return wait
        wait = max(wait, self._shared.wait_seconds(key.namespace, 1 + self._lines.before(key)))
        wait = min(wait, MAX_WAIT_SECONDS)
        if wait:
            told = wait > SECONDS_PER_LOOK or self._lines.told(key) == form
            self._lines.wait(key, form, wait, told=told)
        return wait

    def _remember(self, key: ObjectKey, looked: _Looked) -> None:
        self._gone.pop(key, None)
        self._forget_gone()
        self._looked[key] = looked
        self._looked.move_to_end(key)
        if len(self._looked) > self._max_names:
            self._looked.popitem(last=False)

    def _forget_gone(self) -> None:
        """Forget the names of objects that went longest ago, as far as they have their full allowance again."""
        while self._gone and self._looks.tokens(first := next(iter(self._gone))) >= LOOKS_AT_ONCE:
            del self._gone[first]
            self._looked.pop(first, None)


def shares_items(manifest: Manifest) -> bool:
    """Tell whether an object has templates, and items that also open under other names of its namespace."""
    return scope_said(manifest) is not Scope.STRICT and has_templates(manifest)


def has_templates(manifest: Manifest) -> bool:
    """Tell whether an object has templates; the rest of it may be malformed."""
    spec = manifest.get("spec")
    template = spec.get("template") if isinstance(spec, Mapping) else None
    return isinstance(template, Mapping) and bool(template.get("data"))
