"""What functions get of the world, as parameters: time, chance and time zones, and the budget that they charge.

Nothing else of this package reaches anything outside of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from sealwright_templating.limits import Budget

Clock = Callable[[], int]
"""Returns the time as nanoseconds since 1970-01-01T00:00:00Z."""

Randomness = Callable[[int], bytes]
"""Returns so many random bytes, fit for making keys of."""

Zones = Callable[[str], tzinfo | None]
"""Returns the time zone of a name out of the IANA database ("Europe/Berlin"), or None if there is no such zone."""


@dataclass(slots=True)
class Context:
    """What a function gets whose first parameter is called `context`; one for each rendering.

    `started` is what the clock said at the beginning of the rendering. A `rehearsal` is a rendering that only finds out
    whether the template keeps within its limits; `postponed` says that there is slow work that it has not done.
    """

    budget: Budget
    clock: Clock
    randomness: Randomness
    zones: Zones
    started: int
    rehearsal: bool = False
    postponed: bool = False

    def postpones(self) -> bool:
        """Tell whether slow work, charged already, is to be left out, and something of the same form returned."""
        self.postponed = self.postponed or self.rehearsal
        return self.rehearsal
