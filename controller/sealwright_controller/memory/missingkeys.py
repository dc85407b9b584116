"""Which objects need which sealing keys, by their records, so that objects whose key is gone can be reported.

Such an object is fine as long as its Secret exists; the Secret just cannot be made again. Objects with the same keys
share one entry here.
"""

import threading
from collections.abc import Iterable

from sealwright_controller.gateway import ObjectKey
from sealwright_crypto import Fingerprint

Fingerprints = tuple[Fingerprint, ...]


class MissingKeys:
    """Remembers the keys of each synced object; may be used from several threads."""

    def __init__(self) -> None:
        self._needed: dict[ObjectKey, Fingerprints] = {}
        self._shared: dict[Fingerprints, tuple[Fingerprints, int]] = {}  # and how many objects have them
        self._there: frozenset[Fingerprint] | None = None  # None until the keys are known
        self._lock = threading.Lock()

    def need(self, key: ObjectKey, fingerprints: Fingerprints) -> None:
        """Note an object's keys; empty if they are unknown or it is not synced."""
        with self._lock:
            before = self._needed.pop(key, ())
            if fingerprints:
                shared, users = self._shared.get(fingerprints, (fingerprints, 0))
                self._needed[key], self._shared[shared] = shared, (shared, users + 1)
            if before:
                self._leave(before)

    def __len__(self) -> int:
        """Return how many different sets of keys are remembered."""
        return len(self._shared)

    def forget(self, key: ObjectKey) -> None:
        """Forget an object that is gone."""
        self.need(key, ())

    def keys_are(self, fingerprints: Iterable[Fingerprint]) -> list[ObjectKey]:
        """Note which keys are in use; returns the objects whose report changes."""
        there = frozenset(fingerprints)
        with self._lock:
            before, self._there = self._there, there
            needed = list(self._needed.items())
        if before is None:
            return [key for key, needs in needed if self.of(needs)]
        return [key for key, needs in needed if (before ^ there).intersection(needs)]

    def of(self, fingerprints: Fingerprints) -> Fingerprints:
        """Return those of the given keys that are not in use."""
        there = self._there
        return () if there is None else tuple(each for each in fingerprints if each not in there)

    def count(self) -> int:
        """Return how many objects need a key that is not in use."""
        with self._lock:
            return sum(1 for needs in self._needed.values() if self.of(needs))

    def _leave(self, fingerprints: Fingerprints) -> None:
        shared, users = self._shared.pop(fingerprints)
        if users > 1:
            self._shared[shared] = (shared, users - 1)
