"""What a piece of work does, as the calls that it makes: the same on every machine, however busy.

Times tell two paths apart only on a quiet machine. Calls tell them apart on each: a value that decides what is called,
how often or in which order decides how long it takes.
"""

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls_of(work: Callable[[], object]) -> list[str]:
    """Return all functions that a piece of work calls in this thread, in their order: Python's own and those in C."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            calls.append(f"{frame.f_code.co_filename}:{frame.f_code.co_qualname}")
        elif event == "c_call":
            calls.append(f"{argument.__module__}:{argument.__qualname__}")

    before, had_collections = sys.getprofile(), gc.isenabled()
    gc.disable()  # what a collection calls belongs to whatever was done before
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
        if had_collections:
            gc.enable()
    return calls[:-1]  # the last one ends the noting
