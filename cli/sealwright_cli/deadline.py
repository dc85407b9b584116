"""One time limit for a whole piece of work, including name lookups, connections, TLS and slow headers.

Socket timeouts limit each pause, not the whole: a server that sends one byte a second never exceeds them.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class DeadlineError(Exception):
    """Time is up and the work is not done."""


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise what it raises. Raises DeadlineError if it takes longer than `seconds`.

    The work is not interrupted: it continues in a thread that the process does not wait for, and its result is dropped.
    So it must not change anything that others use.
    """
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - any error is raised in the calling thread
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="within a deadline")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise DeadlineError
    return results[0]
