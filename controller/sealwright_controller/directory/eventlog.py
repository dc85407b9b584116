"""Messages for people, one per line, in a file of bounded size."""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from pathlib import Path

import structlog

from sealwright_controller.directory.files import PUBLIC_FILE, file_errors
from sealwright_controller.gateway import Event, ObjectKey, UnavailableError
from sealwright_controller.pacing.eventcaps import Combined, EventCaps

MAX_BYTES = 1024 * 1024
"""At this size the file is renamed to NAME.1, replacing an earlier one, and a new one begins."""
MAX_MESSAGE_CHARACTERS = 1024
MAX_REMEMBERED = 10_000
"""For how many objects the last message is remembered, to count its repetitions."""

_NOT_PRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_log = structlog.get_logger()


class EventLog:
    """Appends `TIME TYPE REASON NAMESPACE/NAME MESSAGE`. May be used from several threads.

    Repetitions of an object's last message are counted: only the second, fourth, eighth… gets a line, which ends in its
    number (`(x4)`). `pacing.eventcaps` limits the number of lines.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime],
        max_bytes: int = MAX_BYTES,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives the time as an aware datetime, `monotonic` seconds."""
        self._path = path
        self._clock = clock
        self._max_bytes = max_bytes
        self._caps = EventCaps(monotonic)
        self._last: OrderedDict[tuple[str, ObjectKey], tuple[Hashable, int]] = OrderedDict()
        self._lock = threading.Lock()

    def record(self, event: Event) -> None:
        """Append an event, or count it. Never raises: a failed write is logged."""
        with self._lock:
            combined = self._caps.combined(event)
            count = self._count(combined)
            if count & (count - 1) or not self._caps.may_write(event):
                return
            try:
                self._append(self._line(combined.event, count))
            except UnavailableError as error:
                _log.warning("event not written", object=str(event.about), reason=event.reason, error=str(error))

    def _count(self, combined: Combined) -> int:
        event, key = combined
        about = (event.kind, event.about)
        last, count = self._last.pop(about, (key, 0))
        count = count + 1 if last == key else 1
        self._last[about] = (key, count)
        if len(self._last) > MAX_REMEMBERED:
            self._last.popitem(last=False)
        return count

    def _line(self, event: Event, count: int) -> str:
        stamp = self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        message = _NOT_PRINTABLE.sub(" ", event.message)
        if len(message) > MAX_MESSAGE_CHARACTERS:
            message = message[: MAX_MESSAGE_CHARACTERS - 1] + "…"
        counted = f" (x{count})" if count > 1 else ""
        return f"{stamp} {event.type} {event.reason} {event.about} {message}{counted}\n"

    def _append(self, line: str) -> None:
        encoded = line.encode(errors="replace")
        with file_errors("write", self._path):
            size = self._path.stat().st_size if self._path.exists() else 0
            if size and size + len(encoded) > self._max_bytes:
                self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            if not self._path.exists():
                self._path.touch(PUBLIC_FILE)
            with self._path.open("ab") as file:
                file.write(encoded)
