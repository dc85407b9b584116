"""Asks a controller about many objects, several at a time, and no faster than it answers.

A controller that has too many requests says so (429), and after how many seconds to ask again: the batch is then
halved, and what it did not take is asked again. A batch that it takes as a whole makes the next one larger.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sealwright_cli.messages.errors import BusyError, CliError, ClusterError

AT_ONCE = 8
"""The most requests at one time."""
MAX_PAUSES = 10
"""How often in a row all of a batch may be turned away."""
LONGEST_PAUSE_SECONDS = 120
"""A longer pause is not waited for."""
_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 1, 30

T = TypeVar("T")


def ask_all(
    objects: Sequence[T], ask: Callable[[T], None], wait: Callable[[float], None]
) -> Iterator[tuple[T, CliError | None]]:
    """Yield each object with the error that `ask` raised about it, None if none, in the order of the answers.

    `wait` sleeps for seconds. Ends at the first ClusterError that is not about its object, which is raised: no other
    question would be answered.
    """
    left, size, pauses = list(objects), 1, 0
    while left:
        batch, left = left[:size], left[size:]
        answers = _together(ask, batch)
        turned_away = [(one, error) for one, error in answers if isinstance(error, BusyError)]
        ended = None
        for one, error in answers:
            if not isinstance(error, ClusterError) or error.about_object:
                yield one, error
            elif not isinstance(error, BusyError):
                ended = error
        if ended:
            raise ended
        if not turned_away:
            size, pauses = min(AT_ONCE, size * 2), 0
            continue
        left = [one for one, _ in turned_away] + left
        size = max(1, size // 2)
        pauses = pauses + 1 if len(turned_away) == len(batch) else 0
        wait(_pause([error for _, error in turned_away], pauses))


def _together(ask: Callable[[T], None], batch: Sequence[T]) -> list[tuple[T, CliError | None]]:
    """Ask about a batch at one time; nobody waits for the threads if the run is stopped."""
    errors: list[BaseException | None] = [None] * len(batch)

    def answer(number: int) -> None:
        try:
            ask(batch[number])
        except BaseException as error:  # noqa: BLE001 - raised below, in the calling thread
            errors[number] = error

    threads = [threading.Thread(target=answer, args=(number,), daemon=True) for number in range(1, len(batch))]
    for thread in threads:
        thread.start()
    answer(0)
    for thread in threads:
        thread.join()
    answers: list[tuple[T, CliError | None]] = []
    for one, error in zip(batch, errors, strict=True):
        if error is not None and not isinstance(error, CliError):
            raise error
        answers.append((one, error))
    return answers


def _pause(errors: Sequence[BusyError], pauses: int) -> float:
    """Return for how long to wait. Raises the error if that is too long, or was tried too often."""
    asked = [error.pause_seconds for error in errors if error.pause_seconds is not None]
    pause = max(asked) if asked else min(_LAST_PAUSE_SECONDS, _FIRST_PAUSE_SECONDS * 2**pauses)
    if pauses > MAX_PAUSES or pause > LONGEST_PAUSE_SECONDS:
        raise errors[0]
    return pause
