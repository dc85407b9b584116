"""Who waits for a share of a namespace, in which order: so each comes when its turn is, and not all of them at once."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.objects.forms import Form

GRACE_SECONDS = 60.0
"""Who does not come so long after its time has lost its place: it may have been settled by another way."""


class _Place(NamedTuple):
    form: Form
    due: float
    told: bool


class WaitingLines:
    """A waiting line for each namespace. Not locked: `EditPace` calls it with its own lock held.

    State is kept for objects that wait; whoever deletes one has to say so with `leave`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._lines: dict[str, OrderedDict[ObjectKey, _Place]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def before(self, key: ObjectKey) -> int:
        """Return how many objects stand before this one, which need not be in the line yet."""
        line = self._lines.get(key.namespace, OrderedDict())
        while line and (first := next(iter(line))) != key and line[first].due + GRACE_SECONDS <= self._clock():
            self.leave(first)
        if key not in line:
            return len(line)
        return next(place for place, other in enumerate(line) if other == key)

    def told(self, key: ObjectKey) -> Form | None:
        """Return the form of an object whose author was told that it waits, None if nobody was."""
        place = self._lines.get(key.namespace, OrderedDict[ObjectKey, _Place]()).get(key)
        return place.form if place is not None and place.told else None

    def wait(self, key: ObjectKey, form: Form, seconds: float, *, told: bool) -> None:
        """Note that an object comes again in so many seconds; it keeps its place, and is the last without one."""
        line = self._lines.setdefault(key.namespace, OrderedDict())
        line[key] = _Place(form, self._clock() + seconds, told)

    def leave(self, key: ObjectKey) -> None:
        """Take an object out of its line, if it is in one."""
        line = self._lines.get(key.namespace, OrderedDict())
        line.pop(key, None)
        if not line:
            self._lines.pop(key.namespace, None)
