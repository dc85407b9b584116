"""What was last reported about each of many objects, so that unchanged reports are not repeated. Bounded."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

MAX_REMEMBERED = 10_000
"""How many objects are remembered; beyond that, the oldest are forgotten and may be reported again."""


class SaidBefore:
    """Remembers a fingerprint of a few bytes for each object; may be used from several threads."""

    def __init__(self, max_remembered: int = MAX_REMEMBERED) -> None:
        self._max_remembered = max_remembered
        self._said: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._said)

    def is_news(self, about: Hashable, said: Hashable) -> bool:
        """Tell whether `said` differs from what was last said about an object, and remember it."""
        fingerprint = hash(said)
        with self._lock:
            known = self._said.pop(about, None)
            self._said[about] = fingerprint
            if len(self._said) > self._max_remembered:
                self._said.popitem(last=False)
        return known != fingerprint

    def forget(self, about: Hashable) -> None:
        """Forget what was said about an object, so that the next report is news."""
        with self._lock:
            self._said.pop(about, None)
