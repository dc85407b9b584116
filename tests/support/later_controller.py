"""`sealwright-controller`, for whose memory of sealed-secrets' controller more time has passed, by a file's seconds.

LATER=FILE python later_controller.py FLAGS
"""

import functools
import os
import sys
import time
from pathlib import Path

from sealwright_controller import app, manager


def main() -> None:
    """Run the controller."""
    file = Path(os.environ["LATER"])

    def clock() -> float:
        return time.monotonic() + float(file.read_text() or 0)

    manager.OtherController = functools.partial(manager.OtherController, clock=clock)
    app.main()


if __name__ == "__main__":
    sys.exit(main())
