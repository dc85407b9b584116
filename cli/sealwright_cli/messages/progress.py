"""A progress bar on a terminal, for work that takes more than a second."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Self

from sealwright_cli.messages.ui import Console

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

PATIENCE_SECONDS = 1.0


class Progress(AbstractContextManager["Progress"]):
    """Counts up to `total`; a bar appears on stderr if that is a terminal and more than a second has passed.

    `clock` returns monotonic seconds. Nothing is left on the screen at the end.
    """

    def __init__(self, console: Console, total: int, what: str, clock: Callable[[], float]) -> None:
        self._console = console
        self._total = total
        self._what = what
        self._clock = clock
        self._began = clock()
        self._done = 0
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self) -> None:
        """Count one more."""
        self._done += 1
        if self._bar is None and self._is_due():
            self._bar = self._make_bar()
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)

    def _is_due(self) -> bool:
        waited = self._clock() - self._began > PATIENCE_SECONDS
        return waited and self._done < self._total and not self._console.quiet and self._console.stderr.isatty()

    def _make_bar(self) -> "Bar":
        from rich.console import Console as Terminal  # noqa: PLC0415 - rich takes 100 ms, and most runs end sooner
        from rich.progress import Progress as RichProgress  # noqa: PLC0415 - as above

        bar = RichProgress(console=Terminal(file=self._console.stderr), transient=True)
        bar.add_task(self._what, total=self._total)
        bar.start()
        return bar
