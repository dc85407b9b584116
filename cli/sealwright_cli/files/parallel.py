"""Work on many files by several processes, for all cores.

Processes, not threads: Python runs one thread at a time, and only half of the work on a file is arithmetic. Where
Python cannot fork safely (macOS, Windows), and for few files, all is done in this process.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from sealwright_cli.messages.errors import KilledError

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")

WORTHWHILE = 16
"""For fewer files, starting processes takes longer than they save."""
_PER_CORE = 2  # while one waits until a file is on the disk, the other computes
_AT_ONCE = 4  # tasks that a process is given at once: few, so that all end at about the same time
_ENDS = {signal.SIGTERM, signal.SIGHUP} if sys.platform == "linux" else set()
"""A pool sends SIGTERM to all of its processes when one was killed; a terminal that is closed sends SIGHUP."""
_SET_PDEATHSIG = 1  # PR_SET_PDEATHSIG of prctl(2)

_shared: list[Any] = []
"""What a forked process works on: function and tasks. They are inherited, and so need no pickling."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def each(work: Callable[[T], R], tasks: Sequence[T], worthwhile: int = WORTHWHILE) -> Iterator[R]:
    """Yield what `work` returns for each task, in their order; fewer tasks than are `worthwhile` are done here.

    The results are pickled, the tasks are not. `work` must catch what it can tell people: any other exception ends
    everything. After Ctrl-C, several processes finish the tasks that have begun, all their results are yielded, and
    then KeyboardInterrupt is raised. Raises KilledError if one of the processes was killed: of the results that are
    missing then, some may be there.
    """
    if sys.platform != "linux" or len(tasks) < worthwhile or cores() == 1:
        yield from map(work, tasks)
        return
    with _heard_later() as stopped:
        yield from _by_processes(work, tasks, stopped)
    if stopped:
        raise KeyboardInterrupt


def _by_processes(work: Callable[[T], R], tasks: Sequence[T], stopped: list[int]) -> Iterator[R]:
    """Yield the results; as soon as something is `stopped`, only those of tasks that have begun."""
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - takes 30 ms
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - as above
    from multiprocessing import get_context  # noqa: PLC0415 - as above

    _shared[:] = [work, tasks]
    processes = min(cores() * _PER_CORE, len(tasks))
    pool = ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin, initargs=(os.getpid(),))
    try:
        parts = [pool.submit(_do, start, start + _AT_ONCE) for start in range(0, len(tasks), _AT_ONCE)]
        for number, part in enumerate(parts):
            if stopped:
                yield from (result for begun in _uncancelled(parts[number:]) for result in begun.result())
                return
            yield from part.result()
    except BrokenProcessPool:
        raise KilledError(
            "one of the processes that share the work was killed; some files are not done",
            hint="was there too little memory? each file is as it was or completely written: run the command again",
        ) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        _shared.clear()


def _uncancelled(parts: "Sequence[Future[list[R]]]") -> "list[Future[list[R]]]":
    """Cancel what has not begun, and return the rest."""
    return [part for part in parts if not part.cancel()]


@contextlib.contextmanager
def _heard_later() -> Iterator[list[int]]:
    """Collect Ctrl-C within this context, in the list that it yields, so that it interrupts nothing."""
    import threading  # noqa: PLC0415 - most runs have too few files for several processes

    heard: list[int] = []
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield heard
        return
    signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield heard
    finally:
        signal.signal(signal.SIGINT, usual)


def _do(start: int, end: int) -> list[Any]:
    work, tasks = _shared
    return [_finished(work, task) for task in tasks[start:end]]


def _finished(work: Callable[[Any], Any], task: Any) -> Any:
    """Return what `work` returns; a signal to end counts only then, so that nothing half-written is left."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    try:
        return work(task)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)


def _begin(parent: int) -> None:
    """Leave Ctrl-C to the parent, which lets files be finished; end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in _ENDS:
        signal.signal(number, signal.SIG_DFL)  # the parent's handler raises what the pool would swallow
    import ctypes  # noqa: PLC0415 - takes 3 ms

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before that
        os._exit(1)
