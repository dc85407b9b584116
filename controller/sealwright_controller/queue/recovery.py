"""Which objects are retried when the API server has recovered: pure bookkeeping of those that failed because of it.

Each such object backs off by itself (`workqueue`). All should be retried within seconds after the last fault, without
burdening a failing server. So one of them is tried every second, and each success adds two more. Thousands come back
within a dozen rounds; while the server fails, only the one is tried.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

PROBE_SECONDS = 1.0
"""The time between two tries while the API server fails, for all objects together."""
FOLLOWERS = 2
"""How many objects are tried after each success."""

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Retries(Generic[K]):
    """Which keys to try at once, and which one, if any, after PROBE_SECONDS."""

    now: tuple[K, ...] = ()
    soon: K | None = None


def _one_group(_: object) -> Hashable:
    return ""


class Recovery(Generic[K]):
    """Knows the keys that failed because of the API server. Both methods may be called from any thread.

    Groups of keys take turns, so a group whose keys never succeed does not block the others.
    """

    def __init__(self, group_of: Callable[[K], Hashable] = _one_group) -> None:
        """`group_of` returns the group of a key."""
        self._group_of = group_of
        # The groups in the order of their turns, and the keys of each likewise.
        self._troubled: OrderedDict[Hashable, OrderedDict[K, None]] = OrderedDict()
        self._probe: K | None = None
        self._lock = threading.Lock()

    def troubled(self, key: K) -> Retries[K]:
        """Note that a key failed because of the API server."""
        with self._lock:
            self._put_last(key)
            return Retries(soon=self._next_probe(after=key))

    def well(self, key: K) -> Retries[K]:
        """Note that a look at a key was completed, whatever its result."""
        with self._lock:
            if not self._is_troubled(key):
                return Retries()
            self._take_out(key)
            followers: list[K] = []
            while len(followers) < FOLLOWERS:
                following = self._first()
                if following is None or following in followers:
                    break
                followers.append(following)
                # It stays known, as the last: a key that fails again comes after those not tried yet.
                self._put_last(following)
            return Retries(now=tuple(followers), soon=self._next_probe(after=key))

    def _next_probe(self, after: K) -> K | None:
        """Return the key to probe next, None while another probe is pending."""
        if self._probe is not None and self._is_troubled(self._probe) and self._probe != after:
            return None
        self._probe = self._first()
        if self._probe is not None:
            self._troubled.move_to_end(self._group_of(self._probe))
        return self._probe

    def _first(self) -> K | None:
        """Return the key whose turn is next, None if there are no keys."""
        group = next(iter(self._troubled), None)
        return None if group is None else next(iter(self._troubled[group]))

    def _is_troubled(self, key: K) -> bool:
        return key in self._troubled.get(self._group_of(key), ())

    def _put_last(self, key: K) -> None:
        """Move a key to the end of its group, and the group to the end."""
        group = self._group_of(key)
        self._troubled.setdefault(group, OrderedDict())[key] = None
        self._troubled[group].move_to_end(key)
        self._troubled.move_to_end(group)

    def _take_out(self, key: K) -> None:
        group = self._group_of(key)
        del self._troubled[group][key]
        if not self._troubled[group]:
            del self._troubled[group]
