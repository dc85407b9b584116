"""Who is tried again as soon as the API server is well: pure bookkeeping of the objects that met trouble with it.

Each such object waits longer and longer by itself (`workqueue`). So that all are right within seconds after the last
fault, and a server in trouble is still spared, one of them is tried every second, and each that succeeds brings two
more: thousands come back within a dozen rounds, and none but the one while the trouble lasts.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

PROBE_SECONDS = 1.0
"""Between two tries while trouble lasts, for all objects together."""
FOLLOWERS = 2
"""So many objects are tried after one that succeeded."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Retries(Generic[K]):
    """Which keys to try at once, and which one after PROBE_SECONDS, if any."""

    now: tuple[K, ...] = ()
    soon: K | None = None


class Recovery(Generic[K]):
    """Knows the keys that met trouble. Both methods may be called from any thread."""

    def __init__(self) -> None:
        self._troubled: OrderedDict[K, None] = OrderedDict()
        self._probe: K | None = None
        self._lock = threading.Lock()

    def troubled(self, key: K) -> Retries[K]:
        """Note that a key met trouble."""
        with self._lock:
            self._troubled[key] = None
            self._troubled.move_to_end(key)
            return Retries(soon=self._next_probe(after=key))

    def well(self, key: K) -> Retries[K]:
        """Note that a look at a key came to its end, whatever it found."""
        with self._lock:
            if key not in self._troubled:
                return Retries()
            del self._troubled[key]
            followers = [self._troubled.popitem(last=False)[0] for _ in range(min(FOLLOWERS, len(self._troubled)))]
            # They stay known, as the last: who meets trouble again is tried after those that were not tried yet.
            self._troubled.update(dict.fromkeys(followers))
            return Retries(now=tuple(followers), soon=self._next_probe(after=key))

    def _next_probe(self, after: K) -> K | None:
        """Return the key that is to be probed next, None while another is."""
        if self._probe in self._troubled and self._probe != after:
            return None
        self._probe = next(iter(self._troubled), None)
        return self._probe
