"""How often changed SealedSecrets are looked at: so a bit of a value costs seconds, and a flood of changes little.

Whether a change succeeds tells its author one bit of the values that a template looks at; so does how long it takes. A
name has some looks at once and then one every SECONDS_PER_LOOK; a look that fails, or takes long, counts for several.
The wait depends on nothing else, and belongs to the name: making the object anew gains nothing.

Items that are sealed for a whole namespace open under any name, so there the names have to share: every change of such
an object with templates costs its namespace, whatever comes of it, since one that succeeds tells something too. Those
that wait for their namespace stand in line.

A look at what was looked at before, as after a failure, costs nothing, unless it may end otherwise: over time or chance
each retry asks something else. State is bounded; who is forgotten begins anew.
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
"""For so many looks counts one that failed or took long: three failures and what mends them are looked at at once,
then it is one in ten seconds."""
LONG_SECONDS = 0.25
"""A look of this length is as telling as a failure: templates can be made to take long for some values."""
SHARED_LOOKS_AT_ONCE = 30
"""Of all objects of a namespace that share items: as many as a roll-out changes."""
SECONDS_PER_SHARED_LOOK = 3.0
MAX_WAIT_SECONDS = 300.0
"""After so long whoever stands in line asks again, in case that others have left it."""
WAITING = "a later change waits for seconds or minutes, because many changes failed or came at once"
"""What the status says meanwhile, beside what it said of the last look."""
MAX_NAMES = 10_000
MAX_NAMESPACES = 1_000


class _Looked(NamedTuple):
    form: Form
    failure_counted: bool = False
    may_differ: bool = False
    wait_told: bool = False


class EditPace:
    """Admits looks at changed objects. Methods may be called from any thread, for one key never at once."""

    def __init__(self, clock: Callable[[], float], *, enabled: bool = True, max_names: int = MAX_NAMES) -> None:
        """`clock` gives seconds that never go back; when not `enabled`, everything is admitted."""
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
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._looked)

    def wait_seconds(self, key: ObjectKey) -> float:
        """Return in how many seconds a change of an object that was just seen is to be looked at; 0 is at once."""
        return self._looks.wait_seconds(key) if self._enabled else 0.0

    def is_to_be_told(self, key: ObjectKey) -> bool:
        """Tell, once between two looks at a name, whether its wait is one that people notice."""
        with self._lock:
            looked = self._looked.get(key)
            if looked is None or looked.wait_told or self._looks.wait_seconds(key) <= SECONDS_PER_LOOK:
                return False
            self._looked[key] = looked._replace(wait_told=True)
            return True

    def admit(self, key: ObjectKey, form: Form, *, shared: bool) -> float:
        """Return 0 if the object may be looked at now, which is then counted; else in how many seconds it may be.

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
        """Tell whether the last look at an object was at this form: another one is a retry."""
        with self._lock:
            looked = self._looked.get(key)
            return looked is not None and looked.form == form

    def wait_in_line(self, key: ObjectKey, form: Form) -> float:
        """Return in how many seconds an object may be looked at that stands in line, and was told so in this form.

        It needs not even be read before. For all others it is 0, and `admit` says it.
        """
        with self._lock:
            return self._wait(key, form, shared=True) if self._lines.told(key) == form else 0.0

    def leave(self, key: ObjectKey) -> None:
        """Give up the place in line of an object that is gone."""
        with self._lock:
            self._lines.leave(key)

    def count(self, key: ObjectKey, *, failed: bool, seconds: float, shared: bool, may_differ: bool = False) -> None:
        """Count how an admitted look ended: once for each change, however often it is looked at.

        With `may_differ` another look at the same may end otherwise: if this one failed, the next is counted as well.
        """
        if not failed and seconds < LONG_SECONDS:
            return
        with self._lock:
            looked = self._looked.get(key)
            if looked is None:
                return
            self._remember(key, looked._replace(failure_counted=True, may_differ=failed and may_differ))
            if looked.failure_counted:
                return
            self._looks.charge(key, FAILED_LOOK - 1)
            if shared:
                self._shared.charge(key.namespace, FAILED_LOOK - 1)

    def _wait(self, key: ObjectKey, form: Form, *, shared: bool) -> float:
        """Return how long a change has to wait; one that waits for its namespace is put in line."""
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
        self._looked[key] = looked
        self._looked.move_to_end(key)
        if len(self._looked) > self._max_names:
            self._looked.popitem(last=False)


def shares_items(manifest: Manifest) -> bool:
    """Tell whether an object has templates over items that may be put under other names of its namespace as well."""
    return scope_said(manifest) is not Scope.STRICT and has_templates(manifest)


def has_templates(manifest: Manifest) -> bool:
    """Tell whether there are templates to be rendered, whatever the shape of the rest."""
    spec = manifest.get("spec")
    template = spec.get("template") if isinstance(spec, Mapping) else None
    return isinstance(template, Mapping) and bool(template.get("data"))
