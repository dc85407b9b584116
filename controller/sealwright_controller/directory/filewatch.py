"""Wakes the poller as soon as something changes in the folders, where the system supports that.

It only says "look again": it does not matter which changes it notices, and missed ones are found by regular polling.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

_log = structlog.get_logger()

Stop = Callable[[], None]


def start_watch(folders: Iterable[Path], wake: Callable[[], None]) -> Stop | None:
    """Call `wake`, from another thread, when a file below one of the folders changes; return a function to stop that.

    Returns None without the package `watchdog`, or if the system has no watches left.
    """
    try:
        from watchdog.events import (  # noqa: PLC0415 - an optional extra
            FileSystemEvent,
            FileSystemEventHandler,
        )
        from watchdog.observers import Observer  # noqa: PLC0415 - as above
    except ImportError:
        return None

    class Wake(FileSystemEventHandler):
        def on_any_event(self, event: FileSystemEvent) -> None:
            # Reading causes an event too, and a look reads files.
            if event.event_type not in ("opened", "closed_no_write"):
                wake()

    observer = Observer()
    try:
        for folder in folders:
            observer.schedule(Wake(), str(folder), recursive=True)
        observer.start()
    except OSError as error:
        _log.warning("no notifications of changed files, polling instead", error=error.strerror)
        return None

    def stop() -> None:
        observer.stop()
        observer.join()

    return stop
