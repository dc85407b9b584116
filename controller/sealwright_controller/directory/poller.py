"""The thread that reads the folders again: when notified of a change, and at intervals."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sealwright_controller.directory.filewatch import Stop, start_watch

SETTLE_SECONDS = 0.05
"""How long to wait after a notification, because one change often affects several files."""
NOTIFIED_POLL_SECONDS = 10.0
"""How often to look where notifications work: they miss network file systems and the targets of links."""
REST_PER_LOOK = 10
"""The pause before the next look, as a multiple of the time that the last look took."""


class Poller:
    """Calls `look` repeatedly, from its own thread, from `start` to `close`."""

    def __init__(
        self, look: Callable[[], float | None], folders: Sequence[Path], *, poll_seconds: float, notifications: bool
    ) -> None:
        """`look` must not raise; it returns the seconds after which it must be called again, or None."""
        self._look = look
        self._folders = folders
        self._poll_seconds = poll_seconds
        self._notifications = notifications
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop_watch: Stop | None = None

    def start(self) -> None:
        """Start, unless started already."""
        with self._lock:
            if self._thread is not None or self._closing.is_set():
                return
            self._stop_watch = start_watch(self._folders, self._wake.set) if self._notifications else None
            self._thread = threading.Thread(target=self._run, name="directory", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and wait for the thread to end. Must not be called while holding a lock that `look` takes."""
        self._closing.set()
        self._wake.set()
        with self._lock:
            if self._stop_watch is not None:
                self._stop_watch()
                self._stop_watch = None
            if self._thread is not None:
                self._thread.join()

    def _run(self) -> None:
        poll = self._poll_seconds if self._stop_watch is None else max(self._poll_seconds, NOTIFIED_POLL_SECONDS)
        while not self._closing.is_set():
            self._wake.clear()
            started = time.monotonic()
            wanted = self._look()
            self._closing.wait(max(SETTLE_SECONDS, REST_PER_LOOK * (time.monotonic() - started)))
            if self._wake.wait(poll if wanted is None else min(poll, wanted)):
                self._closing.wait(SETTLE_SECONDS)
