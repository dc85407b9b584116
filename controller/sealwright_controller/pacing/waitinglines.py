"""Which objects wait for a look in each namespace, in order, so that they come one by one and not all at once."""

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.objects.forms import Form

GRACE_SECONDS = 60.0
"""An object that is this late loses its place, because it may have been settled in another way."""


class _Place(NamedTuple):
    form: Form
    due: float
    told: bool


class WaitingLines:
    """A waiting line for each namespace. Not locked: `EditPace` calls it with its own lock held.

    State is kept for objects that wait; call `leave` when one is deleted.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._lines: dict[str, OrderedDict[ObjectKey, _Place]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def before(self, key: ObjectKey) -> int:
        """Return how many objects stand before this one, which may not be in the line yet."""
        line = self._lines.get(key.namespace, OrderedDict())
        while line and (first := next(iter(line))) != key and line[first].due + GRACE_SECONDS <= self._clock():
            self.leave(first)
        if key not in line:
            return len(line)
        return next(place for place, other in enumerate(line) if other == key)

    def told(self, key: ObjectKey) -> Form | None:
        """Return the form of an object whose author was told that it waits, None if the author was not told."""
        place = self._lines.get(key.namespace, OrderedDict[ObjectKey, _Place]()).get(key)
        return place.form if place is not None and place.told else None

    def wait(self, key: ObjectKey, form: Form, seconds: float, *, told: bool) -> None:
        """Note that an object comes again after some seconds; it keeps its place, or goes to the end of the line."""
        line = self._lines.setdefault(key.namespace, OrderedDict())
        line[key] = _Place(form, self._clock() + seconds, told)

    def leave(self, key: ObjectKey) -> None:
        """Remove an object from its line, if it is in one."""
        line = self._lines.get(key.namespace, OrderedDict())
        line.pop(key, None)
        if not line:
            self._lines.pop(key.namespace, None)
