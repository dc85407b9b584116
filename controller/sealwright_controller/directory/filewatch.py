"""Calls the poller as soon as something changes in the folders, where the system can tell.

It only ever says "look again": nothing depends on which changes it noticed, and what it misses is found by looking
from time to time.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

_log = structlog.get_logger()

Stop = Callable[[], None]


def start_watch(folders: Iterable[Path], wake: Callable[[], None]) -> Stop | None:
    """Call `wake`, from another thread, whenever a file below one of the folders changes; return how to end that.

    None when it cannot be had: without the package `watchdog`, or when the system has no more watches to give.
    """
    try:
        from watchdog.events import (  # noqa: PLC0415 - an extra that need not be installed
            FileSystemEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer  # noqa: PLC0415 - as above
    except ImportError:
        return None

    class Wake(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            # Reading is an event too, and looking reads.
            if event.event_type not in ("opened", "closed_no_write"):
                wake()

    observer = Observer()
    try:
        for folder in folders:
            observer.schedule(Wake(), str(folder), recursive=True)
        observer.start()
    except OSError as error:
        _log.warning("changes are not announced by the system, looking for them", error=error.strerror)
        return None

    def stop() -> None:
        observer.stop()
        observer.join()

    return stop
