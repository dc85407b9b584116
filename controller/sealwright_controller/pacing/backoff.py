"""How long to wait before a retry: pure arithmetic, shared by everything that retries."""

import math
from dataclasses import dataclass, replace

_AN_HOUR = 3600.0


@dataclass(frozen=True)
class Backoff:
    """Delays that grow `factor`-fold from `first_seconds` to `cap_seconds`, each shortened at random by up to a half.

    The random half spreads retries of things that failed together. Before the cap, no delay is shorter than the
    previous one.
    """

    first_seconds: float
    cap_seconds: float
    factor: float = 2.0

    def seconds(self, failures: int, jitter: float) -> float:
        """Return the delay after the `failures`th failure in a row (from 1); `jitter` is random, 0 to 1."""
        # The exponent is bounded before the power, because an endless retry would overflow a float.
        steps = min(failures - 1, math.ceil(math.log(self.cap_seconds / self.first_seconds, self.factor)))
        longest = min(self.cap_seconds, self.first_seconds * self.factor**steps)
        return longest * (0.5 + jitter / 2)

    def at_least(self, seconds: float) -> "Backoff":
        """Return a Backoff of at least `seconds` before the random part, up to an hour or to this one's cap."""
        cap = max(self.cap_seconds, min(seconds, _AN_HOUR))
        return replace(self, first_seconds=min(cap, max(self.first_seconds, seconds)), cap_seconds=cap)
