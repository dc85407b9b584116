"""Troubles of a network and a busy server, drawn from a seed, the same ones each time."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sealwright_controller.gateway import ConflictError, UnavailableError


class Faults:
    """Says which call fails, and how; each rate is a probability from 0 to 1.

    `lost_request`: the call fails and had no effect. `lost_answer`: it fails and had its effect all the same.
    `conflict`: somebody else was faster. `cut`: a watch ends, in the middle or at once. `expired`: a watch or a next
    page is refused with HTTP 410. What a call meets depends on the seed, its name, its object and how often the two
    met before; not on what other threads do. `heal` ends all troubles, `resume` lets them begin again.
    """

    def __init__(
        self,
        seed: int,
        *,
        lost_request: float = 0.05,
        lost_answer: float = 0.05,
        conflict: float = 0.05,
        cut: float = 0.05,
        expired: float = 0.02,
    ) -> None:
        self._seed = seed
        self._rates = {
            "lost request": lost_request,
            "lost answer": lost_answer,
            "conflict": conflict,
            "cut": cut,
            "expired": expired,
        }
        self._met: Counter[tuple[str, str, str]] = Counter()
        self._healed = False
        self._lock = threading.Lock()

    @classmethod
    def none(cls) -> "Faults":
        """Return faults that never happen."""
        faults = cls(0)
        faults.heal()
        return faults

    def heal(self) -> None:
        """From now on nothing fails."""
        self._healed = True

    def resume(self) -> None:
        """Let the troubles begin again."""
        self._healed = False

    def strike(self, fault: str, operation: str, about: object = "") -> bool:
        """Tell whether this fault happens now to an operation on something."""
        with self._lock:
            met = (fault, operation, str(about))
            self._met[met] += 1
            draw = random.Random(f"{self._seed}/{met}/{self._met[met]}").random()
        return not self._healed and draw < self._rates[fault]

    @contextmanager
    def around(self, operation: str, about: object = "", *, may_conflict: bool = False) -> Iterator[None]:
        """Let a call meet its troubles: before it takes effect, or after."""
        if self.strike("lost request", operation, about):
            raise UnavailableError(f"{operation} {about}: no answer (it was never received)")
        if may_conflict and self.strike("conflict", operation, about):
            raise ConflictError(f"{operation} {about}: somebody else was faster")
        yield
        if self.strike("lost answer", operation, about):
            raise UnavailableError(f"{operation} {about}: no answer (it was received)")
