"""The controller of a run of chaos, with a fault: it logs the values that it writes, in base64. The run must find that.

CHAOS_CLOCK=FILE python leaking_controller.py FLAGS
"""

import runpy
import sys
from pathlib import Path
from typing import Any

import structlog

from sealwright_controller.writer import Writer

_log = structlog.get_logger()
_act = Writer.act


def act_and_tell(self: Writer, key: Any, manifest: Any, decision: Any) -> Any:
    """Do what the writer does, and tell everybody."""
    if decision.secret is not None:
        _log.debug("writing", object=str(key), data=dict(decision.secret["data"]))
    return _act(self, key, manifest, decision)


Writer.act = act_and_tell  # that is the fault

if __name__ == "__main__":
    sys.exit(runpy.run_path(str(Path(__file__).with_name("jumping_controller.py")))["main"]())
