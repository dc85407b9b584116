"""Whether sealed-secrets' controller works on the same objects: two controllers make two keys, and both write Secrets.

It needs no right: the API server notes in each object who wrote it and when (`metadata.managedFields`), and those that
matter are watched anyway. Sealed-secrets' controller writes as `controller`. What it wrote before Sealwright started
stays in the objects, so only an entry counts that is later than all that were seen in the first minutes: old ones, and
those of a controller that is being replaced. Both times are the API server's, unless an author wrote the entry: then it
can raise a false alarm, but not keep a true one from being raised, because an entry of the future does not count.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import structlog

from sealwright_controller.gateway import Manifest, ObjectKey
from sealwright_controller.objects.metadata import mapping_of, metadata_of, owners_of

MANAGER = "controller"
"""The field manager of sealed-secrets' controller: the name of its program, as Go's client has it by default."""
GRACE_SECONDS = 120.0
"""For so long after the start, what it writes counts as a part of the change from one controller to the other."""
AGAIN_SECONDS = 3600.0
"""How often it is said again while it goes on."""
SHOWN_SECONDS = 900.0
"""For how long after the last such write the metric is 1."""
MAX_AHEAD = timedelta(minutes=10)
"""How far the API server's clock may be ahead of this one."""
_WRITES = 2
"""How many writes at different times are needed."""
_STATUS = ("f:status",)
_CONTENT = ("f:data", "f:type")
"""What only the one who makes a Secret or changes its items writes."""

KIND: Final = "SealedSecret"
EventKind = Literal["SealedSecret", "Secret"]
"""The kind of the object that there is something to say about."""

_log = structlog.get_logger()


class OtherController:
    """Looks at what watchers see; may be used from several threads."""

    def __init__(
        self,
        tell: Callable[[ObjectKey, str, EventKind], None],
        speaks: Callable[[ObjectKey, EventKind], bool],
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`clock` gives seconds that never go back, `now` the time (aware).

        `tell` is called with an object, its uid and its kind when there is something to say about it, if `speaks` says
        that this replica is the one that does.
        """
        self._tell = tell
        self._speaks = speaks
        self._clock = clock
        self._now = now
        self._begun = clock()
        self._latest = ""  # the API server's time of the latest write: in RFC 3339, in UTC and without fractions
        self._writes = 0
        self._seen_at = 0.0
        self._told_at: float | None = None
        self._lock = threading.Lock()

    def is_there(self) -> bool:
        """Tell whether it has written something lately."""
        return self._writes >= _WRITES and self._clock() < self._seen_at + SHOWN_SECONDS

    def saw_sealed_secret(self, manifest: Manifest, *, live: bool) -> None:
        """Look at who wrote the status of a SealedSecret; `live` if it came as a change and not in a list."""
        self._saw(manifest, str(metadata_of(manifest).get("uid")), KIND, _STATUS, live=live)

    def saw_secret(self, manifest: Manifest, *, live: bool) -> None:
        """Look at who wrote a Secret that a SealedSecret owns."""
        for owner in owners_of(manifest):
            if owner.get("kind") == KIND:
                self._saw(manifest, str(owner.get("uid")), KIND, _CONTENT, live=live)

    def saw_key(self, manifest: Manifest, *, live: bool) -> None:
        """Look at who made a sealing key."""
        self._saw(manifest, str(metadata_of(manifest).get("uid")), "Secret", _CONTENT, live=live)

    def _saw(self, manifest: Manifest, uid: str, kind: EventKind, fields: Collection[str], *, live: bool) -> None:
        latest = f"{self._now() + MAX_AHEAD:%Y-%m-%dT%H:%M:%SZ}"
        written = max((each for each in _times(manifest, fields) if each <= latest), default="")
        if not written or written <= self._latest or not self._is_to_be_told(written, live=live):
            return
        key = ObjectKey.of(manifest)
        with self._lock:
            now = self._clock()
            if not self._speaks(key, kind) or (self._told_at is not None and now < self._told_at + AGAIN_SECONDS):
                return
            self._told_at = now
        _log.error("sealed-secrets' controller runs as well, so stop one of the two", object=str(key), written=written)
        self._tell(key, uid, kind)

    def _is_to_be_told(self, written: str, *, live: bool) -> bool:
        """Take note of a write; tell whether there are enough by now."""
        with self._lock:
            is_news, self._latest = written > self._latest, max(written, self._latest)
            now = self._clock()
            if not is_news or not live or now < self._begun + GRACE_SECONDS:
                return False
            self._writes, self._seen_at = self._writes + 1, now
            return self._writes >= _WRITES


def _times(manifest: Manifest, fields: Collection[str]) -> Iterator[str]:
    """Yield when sealed-secrets' controller wrote one of these fields of an object."""
    entries = metadata_of(manifest).get("managedFields")
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, Mapping) or entry.get("manager") != MANAGER or entry.get("operation") != "Update":
            continue
        wrote, written = mapping_of(entry.get("fieldsV1")), entry.get("time")
        if isinstance(written, str) and any(field in wrote for field in fields):
            yield written
