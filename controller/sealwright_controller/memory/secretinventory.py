"""The Secrets that exist, in some dozens of bytes each, and which of their changes are somebody else's."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from sealwright_controller.gateway import Manifest, ObjectKey, is_later
from sealwright_controller.objects.decide import controller_uid


class SecretRef(NamedTuple):
    """What is remembered of a Secret: enough to know whether it changed and which object owns it."""

    uid: str
    version: str
    controller: str | None


@dataclass
class _HeldBack:
    """What is known of a Secret that is being written here: the changes seen meanwhile, and what was written.

    `listed` is the version of a list that does not have it.
    """

    changes: list[tuple[SecretRef | None, SecretRef | None]] = field(default_factory=list)
    written: SecretRef | None = None
    listed: str = ""


class SecretInventory:
    """The Secrets that exist, by name, uid and resourceVersion, without their data.

    Watchers report changes; any thread may read and `note`.
    """

    def __init__(self, on_change: Callable[[ObjectKey, SecretRef | None, SecretRef | None], None]) -> None:
        """`on_change` is called with key, old and new reference if they differ and the Secret was not written here."""
        self._refs: dict[ObjectKey, SecretRef] = {}
        self._held_back: dict[ObjectKey, _HeldBack] = {}
        self._lock = threading.Lock()
        self._on_change = on_change

    def get(self, key: ObjectKey) -> SecretRef | None:
        """Return what is known of a Secret; it may be slightly out of date."""
        return self._refs.get(key)

    def note(self, manifest: Manifest) -> None:
        """Remember a Secret that was just written here, so that its watch event is ignored."""
        key, written = ObjectKey.of(manifest), _reference(manifest)
        with self._lock:
            held_back = self._held_back.get(key, _HeldBack())
            held_back.written = written
            # What was shown after the write is more recent than its answer, even that the Secret is gone.
            known = self._refs.get(key)
            # A list of the write's own version would show it.
            is_gone = known is None and is_later(held_back.listed, written.version)
            if any(new == written for _, new in held_back.changes) or is_gone:
                return
            if known is None or known.uid != written.uid or not is_later(known.version, written.version):
                self._refs[key] = written

    @contextmanager
    def writing(self, key: ObjectKey) -> Iterator[None]:
        """Hold back what is seen of a Secret that is written here, until it is known what is somebody else's change.

        The watch often shows a write before the API server's answer arrives.
        """
        with self._lock:
            self._held_back[key] = held_back = _HeldBack()
        try:
            yield
        finally:
            with self._lock:
                del self._held_back[key]
                known = self._refs.get(key)
            before = held_back.written or (held_back.changes[0][0] if held_back.changes else known)
            if known != before:
                self._on_change(key, before, known)

    def put(self, manifest: Manifest, *, live: bool) -> None:  # noqa: ARG002 - part of watcher.Watched
        """See watcher.Watched."""
        key, new = ObjectKey.of(manifest), _reference(manifest)
        with self._lock:
            old = self._refs.get(key)
            self._refs[key] = new
            is_held_back = self._hold_back(key, old, new)
        if old != new and not is_held_back:
            self._on_change(key, old, new)

    def remove(self, key: ObjectKey) -> None:
        """See watcher.Watched."""
        with self._lock:
            old = self._refs.pop(key, None)
            is_held_back = self._hold_back(key, old, None)
        if old is not None and not is_held_back:
            self._on_change(key, old, None)

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> bool:
        """See watcher.Watched."""
        with self._lock:
            for key in absent(self._held_back, keys, namespace):
                self._held_back[key].listed = version
            missing = {key: self._refs[key] for key in absent(self._refs, keys, namespace)}
            gone = [key for key, ref in missing.items() if not is_later(ref.version, version)]
        for key in gone:
            self.remove(key)
        return bool(gone)

    def _hold_back(self, key: ObjectKey, old: SecretRef | None, new: SecretRef | None) -> bool:
        """Keep a change of a Secret that is being written here; tell whether it is. Called with the lock held."""
        held_back = self._held_back.get(key)
        if held_back is not None and old != new:
            held_back.changes.append((old, new))
        return held_back is not None


def absent(known: Iterable[ObjectKey], keys: Collection[ObjectKey], namespace: str | None) -> list[ObjectKey]:
    """Return the known keys of a namespace that are not among `keys`."""
    return [key for key in known if key not in keys and namespace in (None, key.namespace)]


def _reference(manifest: Manifest) -> SecretRef:
    metadata = manifest["metadata"]
    return SecretRef(metadata["uid"], metadata["resourceVersion"], controller_uid(manifest))
