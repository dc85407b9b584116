"""How long to wait before trying again: pure arithmetic, shared by all that retries."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Backoff:
    """Delays that double from `first_seconds` to `cap_seconds`, each shortened at random by up to a half.

    The random half keeps what failed together from coming back together. Before the cap no delay is shorter than
    the one before it.
    """

    first_seconds: float
    cap_seconds: float

    def seconds(self, failures: int, jitter: float) -> float:
        """Return the delay after the `failures`th failure in a row (from 1); `jitter` is random, 0 to 1."""
        # The exponent is bounded before the power: who retries for ever counts further than a float reaches.
        doublings = min(failures - 1, math.ceil(math.log2(self.cap_seconds / self.first_seconds)))
        longest = min(self.cap_seconds, self.first_seconds * 2.0**doublings)
        return longest * (0.5 + jitter / 2)
