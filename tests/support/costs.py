"""What work costs in CPU time, for laws such as "linear, not quadratic".

A busy machine adds to what work costs, several times over where machines share a processor. So limits are ten times
what is usual and more, and the least of a few tries counts. Figures are the business of `benchmarks/`.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

TRIES = 5


def costs_at_most(seconds: float, work: Callable[[], object], tries: int = TRIES) -> bool:
    """Tell whether a piece of work takes its thread so many seconds of CPU at most, in one of a few tries."""
    return any(cpu_seconds(work) <= seconds for _ in range(tries))


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that a piece of work takes its thread."""
    with untraced():
        started = time.thread_time()
        work()
        return time.thread_time() - started


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Let nothing be traced: measuring the coverage takes several times as long as what is measured."""
    tracer = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(tracer)
