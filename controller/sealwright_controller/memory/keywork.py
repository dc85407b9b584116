"""How much private-key work one object gets at a time, and its partial result when time runs out.

An author decides how many items there are and which keys open them; each key tried takes milliseconds. So an object
gets a second, then waits for its next turn. Once an item has failed for good the object fails, whatever the others
hold, and only a little more work is done to name other failing items.
"""

import threading
from collections.abc import Callable

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.objects.forms import Form
from sealwright_crypto import Opened, OperationCounter, Pace

SLICE_SECONDS = 1.0
"""How much time an object gets at once: enough for five objects of thirty items with keys of 4096 bits."""
HOPELESS_OPERATIONS = 150
"""The total work to find further failing items after the first: a second with keys of 4096 bits."""
HOPELESS_SECONDS = 2.0
"""The same limit for slower keys."""
HOPELESS_ITEMS = 1_000
"""How many more items are checked, including those without an operation, because each adds a message."""
MAX_UNFINISHED = 8
"""For how many objects opened items are kept; each takes a megabyte at most, as an object does."""


class Slice(Pace):
    """One turn of one object, which begins with the first call."""

    def __init__(self, opened: dict[str, Opened], counter: OperationCounter, clock: Callable[[], float]) -> None:
        """`opened` was opened in earlier turns; `counter` counts this turn's operations, `clock` gives seconds."""
        super().__init__(opened)
        self._counter = counter
        self._clock = clock
        self._ends: float | None = None
        self._hopeless = False
        self._last_operation = 0
        self._items_left = HOPELESS_ITEMS

    def has_time(self, *, hopeless: bool) -> bool:
        """See Pace. There is always time for the first item, or an object might never be finished."""
        now = self._clock()
        if hopeless and not self._hopeless:
            self._hopeless = True
            self._ends, self._last_operation = now + HOPELESS_SECONDS, self._counter.value + HOPELESS_OPERATIONS
        if self._ends is None:
            self._ends = now + SLICE_SECONDS
            return True
        if hopeless:
            self._items_left -= 1
        return now < self._ends and (
            not hopeless or (self._items_left >= 0 and self._counter.value < self._last_operation)
        )


class UnfinishedObjects:
    """Opened items of unfinished objects, one object per namespace; may be used from several threads.

    If there is no room, an object starts again at its next turn; the kept ones finish meanwhile.
    """

    def __init__(self) -> None:
        self._kept: dict[ObjectKey, tuple[Form, dict[str, Opened]]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def opened(self, key: ObjectKey, form: Form) -> dict[str, Opened]:
        """Return a copy of the opened items of an object."""
        kept = self._kept.get(key)
        return dict(kept[1]) if kept is not None and kept[0] == form else {}

    def keep(self, key: ObjectKey, form: Form, opened: dict[str, Opened]) -> None:
        """Keep the opened items of an object, if there is room."""
        with self._lock:
            others = [kept for kept in self._kept if kept != key]
            if len(others) < MAX_UNFINISHED and all(kept.namespace != key.namespace for kept in others):
                self._kept[key] = (form, opened)

    def forget(self, key: ObjectKey) -> None:
        """Forget an object that was finished or is gone."""
        with self._lock:
            self._kept.pop(key, None)
