"""One limit of time for a whole piece of work, whatever it waits for: names, connections, TLS, headers that never end.

Timeouts of sockets limit each silence, not the whole: a server that sends a byte a second never lets one pass.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class DeadlineError(Exception):
    """The time is over and the work is not done."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises. Raises DeadlineError when it takes longer than `seconds`.

    Nothing interrupts the work: it goes on in a thread that the process does not wait for, and nobody takes its
    result. So it must not change anything that others use.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where the work was asked for
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="within a deadline")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise DeadlineError
    return results[0]
