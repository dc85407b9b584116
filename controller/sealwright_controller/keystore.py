"""The sealing keys: follows the key Secrets live, offers them as immutable snapshots, makes new ones.

One unreadable key Secret is reported and passed over; it keeps nobody from using the others.
"""

import base64
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from sealwright_controller.events import EventReason
from sealwright_controller.gateway import KEY_LABEL, LEGACY_KEY_NAME, Event, Gateway, Manifest, ObjectKey, is_later
from sealwright_controller.metadata import labels_of
from sealwright_controller.settings import KeySettings
from sealwright_crypto import (
    Certificate,
    KeyMaterialError,
    Keyring,
    OperationCounter,
    SealingKey,
    generate_sealing_key,
    load_sealing_key,
)

ACTIVE = "active"
"""The one value of KEY_LABEL that puts a key in use."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Keys:
    """A snapshot: every active key, newest first by its certificate's NotBefore."""

    active: tuple[SealingKey, ...] = ()
    keyring: Keyring = field(default_factory=Keyring)

    @property
    def newest(self) -> Certificate | None:
        """The certificate to seal with, or None while there is no key."""
        return self.active[0].certificate if self.active else None


@dataclass(frozen=True)
class _Held:
    version: str
    key: SealingKey | None  # None: unreadable, or not active
    made_at: str = ""  # of a key made here, until a watcher shows it: the version at which it was made


class KeyStore:
    """Keeps the active sealing keys of the key Secrets that a watcher shows it."""

    def __init__(self, gateway: Gateway, counter: OperationCounter, on_change: Callable[[], None]) -> None:
        """`counter` counts private-key operations; `on_change` is called after the set of keys changed."""
        self._gateway = gateway
        self._counter = counter
        self._on_change = on_change
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
            self._held[key] = _Held(version, held.key if held is not None and known else self._read(key, manifest))
        if not known:
            self._refresh()

    def remove(self, key: ObjectKey) -> None:
        """Stop using a key Secret that is gone (see watcher.Watched)."""
        with self._lock:
            self._held.pop(key, None)
        self._refresh()

    def retain(self, keys: Collection[ObjectKey], version: str) -> None:
        """Drop what is not listed any more; from now on the keys count as loaded (see watcher.Watched).

        A key that was made here since the list was taken stays: without it another one would be made at once. Of one
        that a watcher has shown before, the list is right: it may be that of an older state, restored from a backup.
        """
        with self._lock:
            self._held = {
                key: held for key, held in self._held.items() if key in keys or is_later(held.made_at, version)
            }
        self._refresh()
        self._loaded.set()

    def create(self, settings: KeySettings, now: datetime) -> Certificate:
        """Make a key, store it in a Secret and use it at once. Raises GatewayError, KeyMaterialError."""
        made = generate_sealing_key(
            now=now, bits=settings.bits, lifetime=settings.lifetime, common_name=settings.common_name
        )
        stored = self._gateway.create_sealing_key(key_manifest(made, settings.name_prefix))
        key, version = ObjectKey.of(stored), stored["metadata"]["resourceVersion"]
        with self._lock:
            if key not in self._held:  # else a watcher was faster
                self._held[key] = _Held(version, self._read(key, stored), made_at=version)
        self._refresh()
        _log.info("sealing key made", secret=key.name, fingerprint=made.fingerprint)
        return made.certificate

    def _read(self, key: ObjectKey, manifest: Manifest) -> SealingKey | None:
        if not is_active(manifest):
            return None
        try:
            return load_sealing_key(*_pems(manifest))
        except KeyMaterialError as error:
            message = f"this sealing key cannot be used: {error}"
            _log.error("sealing key unreadable", secret=str(key), error=str(error))
            uid = manifest["metadata"]["uid"]
            self._gateway.record_event(Event(key, uid, "Warning", EventReason.KEY_UNREADABLE.value, message, "Secret"))
            return None

    def _refresh(self) -> None:
        with self._lock:
            found = {held.key.fingerprint: held.key for held in self._held.values() if held.key is not None}
            active = tuple(sorted(found.values(), key=_age_order, reverse=True))
            changed = active != self._keys.active
            if changed:
                self._keys = Keys(active, Keyring((key.private_key for key in active), self._counter))
        if changed:
            _log.info("sealing keys in use", count=len(active), newest=active[0].fingerprint if active else None)
            self._on_change()


def is_active(manifest: Manifest) -> bool:
    """Tell whether a key Secret is to be used: labelled `active`, or without any label but of the legacy name."""
    labels = labels_of(manifest)
    unlabelled_legacy = KEY_LABEL not in labels and manifest["metadata"]["name"] == LEGACY_KEY_NAME
    return labels.get(KEY_LABEL) == ACTIVE or unlabelled_legacy


def key_manifest(key: SealingKey, name_prefix: str) -> dict[str, Any]:
    """Return the key Secret's manifest, as upstream writes it: certificate and PKCS#1 private key in PEM."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"generateName": name_prefix, "labels": {KEY_LABEL: ACTIVE}},
        "type": "kubernetes.io/tls",
        "data": {
            "tls.crt": base64.b64encode(key.certificate.pem.encode()).decode("ascii"),
            "tls.key": base64.b64encode(key.private_key.pem()).decode("ascii"),
        },
    }


def _pems(manifest: Manifest) -> tuple[bytes, bytes]:
    data = manifest.get("data")
    entries: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    pems = []
    for name in ("tls.crt", "tls.key"):
        try:
            pems.append(base64.b64decode(entries[name]))
        except (KeyError, TypeError, ValueError):
            raise KeyMaterialError(f"{name} is missing or not base64") from None
    return pems[0], pems[1]


def _age_order(key: SealingKey) -> tuple[datetime, str]:
    return key.certificate.not_before, key.fingerprint
