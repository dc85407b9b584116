"""The sealing keys: follows the key Secrets live, offers them as immutable snapshots, makes new ones.

One unreadable key Secret is reported and passed over; it keeps nobody from using the others.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from sealwright_controller.events import EventReason
from sealwright_controller.gateway import Event, Gateway, Manifest, ObjectKey, is_later
from sealwright_controller.keysecrets import StoredKey, is_active, key_manifest, newest_first, read_key
from sealwright_controller.metrics.keys import KeyMetrics, KeyState, KeyTimes
from sealwright_controller.settings import KeyOrder, KeySettings
from sealwright_crypto import (
    Certificate,
    KeyMaterialError,
    Keyring,
    OperationCounter,
    SealingKey,
    generate_sealing_key,
)

MAX_HASTE = timedelta(minutes=1)
"""How far ahead of the clock a new certificate may begin, so that its key is newer than all others."""
_A_SECOND = timedelta(seconds=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Keys:
    """A snapshot: every active key, newest first, and `made`, since when each of them counts, in the same order."""

    active: tuple[SealingKey, ...] = ()
    keyring: Keyring = field(default_factory=Keyring)
    made: tuple[datetime, ...] = ()

    @property
    def newest(self) -> Certificate | None:
        """The certificate to seal with, or None while there is no key."""
        return self.active[0].certificate if self.active else None


@dataclass(frozen=True)
class _Held:
    version: str
    state: KeyState
    key: StoredKey | None = None  # None unless active
    made_at: str = ""  # of a key made here, until a watcher shows it: the version at which it was made


class KeyStore:
    """Keeps the active sealing keys of the key Secrets that a watcher shows it."""

    def __init__(
        self,
        gateway: Gateway,
        counter: OperationCounter,
        on_change: Callable[[], None],
        *,
        order: KeyOrder = "CertNotBefore",
        metrics: KeyMetrics | None = None,
    ) -> None:
        """`counter` counts private-key operations; `on_change` is called after the set of keys changed.

        `order` says which key is the newest; what keys there are is shown in `metrics`.
        """
        self._gateway = gateway
        self._counter = counter
        self._on_change = on_change
        self._order = order
        self._metrics = metrics or KeyMetrics()
        self._held: dict[ObjectKey, _Held] = {}
        self._lock = threading.Lock()
        self._loaded = threading.Event()
        self._keys = Keys(keyring=Keyring(counter=counter))

    @property
    def keys(self) -> Keys:
        """The keys as they are now; take it once and use that snapshot."""
        return self._keys

    def wait_until_loaded(self, timeout_seconds: float) -> bool:
        """Wait for the first complete list; False when it did not come in time."""
        return self._loaded.wait(timeout_seconds)

    @property
    def is_ready(self) -> bool:
        """Whether the keys were listed and there is one to seal with."""
        return self._loaded.is_set() and self._keys.newest is not None

    def put(self, manifest: Manifest, *, live: bool) -> None:  # noqa: ARG002 - part of watcher.Watched
        """Take over a key Secret, new or changed (see watcher.Watched)."""
        key, version = ObjectKey.of(manifest), manifest["metadata"]["resourceVersion"]
        with self._lock:
            held = self._held.get(key)
            known = held is not None and held.version == version
            # Anew even when known: from now on a watcher has shown it, and its lists are right about it.
            self._held[key] = replace(held, made_at="") if held is not None and known else self._read(key, manifest)
        if not known:
            self._refresh()

    def remove(self, key: ObjectKey) -> None:
        """Stop using a key Secret that is gone (see watcher.Watched)."""
        with self._lock:
            self._held.pop(key, None)
        self._refresh()

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> bool:  # noqa: ARG002 - keys are of one namespace
        """Drop what is not listed any more; from now on the keys count as loaded (see watcher.Watched).

        A key that was made here since the list was taken stays: without it another one would be made at once. Of one
        that a watcher has shown before, the list is right: it may be that of an older state, restored from a backup.
        """
        with self._lock:
            before = len(self._held)
            self._held = {
                key: held for key, held in self._held.items() if key in keys or is_later(held.made_at, version)
            }
            has_lost = len(self._held) < before
        self._refresh()
        self._loaded.set()
        return has_lost

    def create(self, settings: KeySettings, now: datetime) -> Certificate:
        """Make a key, store it in a Secret and use it at once. Raises GatewayError, KeyMaterialError."""
        made = generate_sealing_key(
            now=self._after_all_others(now),
            bits=settings.bits,
            lifetime=settings.lifetime,
            common_name=settings.common_name,
        )
        stored = self._gateway.create_sealing_key(key_manifest(made, settings))
        key, version = ObjectKey.of(stored), stored["metadata"]["resourceVersion"]
        with self._lock:
            if key not in self._held:  # else a watcher was faster
                self._held[key] = replace(self._read(key, stored), made_at=version)
        self._refresh()
        _log.info("sealing key made", secret=key.name, fingerprint=made.fingerprint)
        if self._keys.newest != made.certificate:
            _log.warning("another sealing key counts as newer: is a clock wrong?", secret=key.name)
        return made.certificate

    def _after_all_others(self, now: datetime) -> datetime:
        """Return when a new key's certificate begins: now, or a second after one that begins this very moment.

        Certificates have whole seconds; of two that begin in the same one, chance would say which is served.
        """
        begins = (key.certificate.not_before for key in self._keys.active)
        recent = [begin for begin in begins if now - _A_SECOND < begin < now + MAX_HASTE]
        return max(recent) + _A_SECOND if recent else now

    def _read(self, key: ObjectKey, manifest: Manifest) -> _Held:
        version = manifest["metadata"]["resourceVersion"]
        if not is_active(manifest):
            return _Held(version, KeyState.INACTIVE)
        try:
            return _Held(version, KeyState.ACTIVE, read_key(manifest))
        except KeyMaterialError as error:
            message = f"this sealing key cannot be used: {error}"
            _log.error("sealing key unreadable", secret=str(key), error=str(error))
            uid = manifest["metadata"]["uid"]
            self._gateway.record_event(Event(key, uid, "Warning", EventReason.KEY_UNREADABLE.value, message, "Secret"))
            return _Held(version, KeyState.UNREADABLE)

    def _refresh(self) -> None:
        with self._lock:
            found = newest_first([held.key for held in self._held.values() if held.key], self._order)
            active = tuple(stored.key for stored in found)
            made = tuple(stored.made(self._order) for stored in found)
            times = zip(active, made, strict=True)
            self._metrics.show(
                (held.state for held in self._held.values()),
                (KeyTimes(key.fingerprint, since, key.certificate.not_after) for key, since in times),
            )
            changed = (active, made) != (self._keys.active, self._keys.made)
            if changed:
                self._keys = Keys(active, Keyring((key.private_key for key in active), self._counter), made)
        if changed:
            _log.info("sealing keys in use", count=len(active), newest=active[0].fingerprint if active else None)
            self._on_change()
