"""Which Secrets another writer keeps reverting, and when to leave such a Secret alone. Knows keys and time only.

Restoring a changed Secret once is repair; restoring it again and again burdens the API server and helps nobody. So
after MAX_REVERTS within WINDOW_SECONDS there is a pause, then one more try, and a longer pause if that is reverted
within the window too. It does not matter who the other writer is or what it changes. The writes of the last window and
the contended Secrets are kept: never more than there are objects.
"""

import random
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sealwright_controller.pacing.backoff import Backoff

MAX_REVERTS = 3
WINDOW_SECONDS = 60.0
PAUSE = Backoff(first_seconds=10.0, cap_seconds=300.0)
"""A person who experiments does not wait long; a controller that never yields costs one write every few minutes."""

K = TypeVar("K", bound=Hashable)


@dataclass(slots=True)
class _Trail:
    """What was written for one key: of what and when; how many pauses followed, and how long the last is."""

    made_of: Hashable
    written: float
    reverts: list[float] = field(default_factory=list)
    pauses: int = 0
    pause: float = 0.0
    until: float = 0.0
    told: str = ""


class Contention(Generic[K]):
    """Counts how often Secrets were restored. All methods may be called from any thread.

    A Secret is identified by the key of its SealedSecret. `made_of` says which form of the SealedSecret is written: a
    new form is its author's wish, not a revert, and is written at once.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, jitter: Callable[[], float] = random.random
    ) -> None:
        """`clock` gives seconds that never go back, `jitter` random numbers 0 ≤ x < 1."""
        self._clock = clock
        self._jitter = jitter
        self._lock = threading.Lock()
        self._trails: dict[K, _Trail] = {}
        self._swept = clock()

    def __len__(self) -> int:
        """Return how many Secrets are contended: paused, or retried too recently to be sure."""
        with self._lock:
            now = self._clock()
            return sum(trail.pauses > 0 and not _is_calm(trail, now) for trail in self._trails.values())

    def told(self, key: K, made_of: Hashable) -> str:
        """Return why this form of a Secret is left alone for now, or an empty text if it is not."""
        with self._lock:
            trail = self._trails.get(key)
            paused = trail is not None and trail.made_of == made_of and self._clock() < trail.until
            return trail.told if trail is not None and paused else ""

    def pause_seconds(self, key: K) -> float:
        """Return for how many seconds a Secret is still left alone; 0 if it is not."""
        with self._lock:
            trail = self._trails.get(key)
            return max(0.0, trail.until - self._clock()) if trail is not None else 0.0

    def objection(self, key: K, made_of: Hashable, differing: str, *, made_before: bool) -> str:
        """Return why a Secret must not be written now, and begin a pause if due; an empty text if it may (see `note`).

        `differing` says, for people, what the other writer changed; `made_before`, that this form was written before.
        """
        with self._lock:
            now = self._clock()
            trail = self._trail(key, now)
            if trail is None or not (made_before or _is_revert(trail, made_of)):
                return ""
            if now < trail.until:
                return trail.told
            if len(_recent(trail, now)) < (1 if trail.pauses else MAX_REVERTS):
                return ""
            trail.pauses += 1
            trail.reverts.clear()
            trail.pause = PAUSE.seconds(trail.pauses, self._jitter())
            trail.until = now + trail.pause
            trail.told = (
                f"somebody else keeps changing the Secret ({differing}): it is left alone for a while, "
                f"because it was restored {MAX_REVERTS} times within a minute and changed again"
            )
            return trail.told

    def note(self, key: K, made_of: Hashable, *, made_before: bool) -> None:
        """Remember that a Secret was written just now; arguments as in `objection`."""
        with self._lock:
            now = self._clock()
            self._sweep(now)
            trail = self._trail(key, now)
            is_revert = made_before or _is_revert(trail, made_of)
            trail = self._trails.setdefault(key, _Trail(made_of, now))
            # After a pause there is one try, and every write counts as that try, including that of a new form.
            if is_revert or trail.pauses:
                trail.reverts = [*_recent(trail, now), now]
            trail.made_of, trail.written, trail.until = made_of, now, 0.0

    def forget(self, key: K) -> None:
        """Forget a Secret whose SealedSecret is gone."""
        with self._lock:
            self._trails.pop(key, None)

    # The methods below are called with the lock held.

    def _trail(self, key: K, now: float) -> _Trail | None:
        trail = self._trails.get(key)
        if trail is not None and _is_calm(trail, now):
            del self._trails[key]
            return None
        return trail

    def _sweep(self, now: float) -> None:
        """Forget Secrets that have been calm for a while."""
        if now - self._swept >= WINDOW_SECONDS:
            self._swept = now
            self._trails = {key: trail for key, trail in self._trails.items() if not _is_calm(trail, now)}


def _is_calm(trail: _Trail, now: float) -> bool:
    # A busy controller may try late after a long pause; the Secret is not forgotten before that.
    return now - trail.written >= WINDOW_SECONDS and now - trail.until >= max(WINDOW_SECONDS, trail.pause)


def _is_revert(trail: _Trail | None, made_of: Hashable) -> bool:
    return trail is not None and trail.made_of == made_of


def _recent(trail: _Trail, now: float) -> list[float]:
    return [time for time in trail.reverts if now - time < WINDOW_SECONDS]
