"""What functions get from outside, as parameters: clock, randomness and time zones, and the budget that they charge.

Nothing else in this package uses anything outside it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from sealwright_templating.limits import Budget

Clock = Callable[[], int]
"""Returns the time as nanoseconds since 1970-01-01T00:00:00Z."""

Randomness = Callable[[int], bytes]
"""Returns this many random bytes, suitable for making keys."""

Zones = Callable[[str], tzinfo | None]
"""Returns the time zone of a name in the IANA database ("Europe/Berlin"), or None if there is no such zone."""


@dataclass(slots=True)
class Context:
    """The parameter `context` of functions that have it first; one for each rendering.

    `started` is the clock's value when the rendering began. A `rehearsal` is a rendering that only checks whether the
    template stays within its limits; `postponed` is True if it left out slow work.
    """

    budget: Budget
    clock: Clock
    randomness: Randomness
    zones: Zones
    started: int
    rehearsal: bool = False
    postponed: bool = False

    def postpones(self) -> bool:
        """Tell whether slow work that is already charged is to be left out, and a result of the same form returned."""
        self.postponed = self.postponed or self.rehearsal
        return self.rehearsal
