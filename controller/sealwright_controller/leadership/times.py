"""How long a holder of a Lease goes on without a renewal, how long others wait for one, and by which clock."""

import sys
import time

LEASE_SECONDS = 12
"""How long others wait for a renewal. With a look each second, another replica leads within 14 s of a crash."""
MAX_LEASE_SECONDS = 60
"""How long others wait at most, whatever a Lease says."""
WRITE_SECONDS = 8.0
"""How long a holder writes after its last renewal. The difference allows for clocks that run at different speeds."""
RENEW_SECONDS = 2.0
OFF_LOOK_SECONDS = 5.0
"""How often a process that has no right to Leases tries again."""
LOOK_SECONDS = 1.0
"""How often others look at the Lease."""


def seconds_passed() -> float:
    """Return seconds that never go back, and that go on while this process is paused or its machine suspended.

    On Linux, `time.monotonic` stands still while the machine is suspended, so that a leader there would go on.
    """
    return time.clock_gettime(time.CLOCK_BOOTTIME) if sys.platform == "linux" else time.monotonic()
