"""`sealwright-controller`, whose wall clock is ahead of the system's by the seconds that stand in a file.

The clock is a parameter of everything below the controller's `app`, and is set there; timers, which use the monotonic
clock, go on as they would after a jump. What libraries do with the system's clock (TLS) is not affected.

    CHAOS_CLOCK=FILE python jumping_controller.py FLAGS
"""

import functools
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sealwright_controller import app


def main() -> None:
    """Run the controller."""
    file = Path(os.environ["CHAOS_CLOCK"])

    def ahead() -> float:
        return float(file.read_text() or 0)

    def now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead())

    app._now = now
    app.Manager = functools.partial(app.Manager, now=now)
    app.Metrics = functools.partial(app.Metrics, now=lambda: now().timestamp())
    app.main()


if __name__ == "__main__":
    sys.exit(main())
