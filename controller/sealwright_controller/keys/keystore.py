"""The sealing keys: follows the key Secrets live, offers them as immutable snapshots, makes new ones.

`admission` decides which Secrets count. One that does not is reported and ignored; the others stay in use.
"""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import structlog

from sealwright_controller.gateway import (
    Gateway,
    Manifest,
    ObjectKey,
    Resource,
    is_later,
)
from sealwright_controller.keys.admission import Admission, Verdict
from sealwright_controller.keys.keysecrets import StoredKey, is_exposed, key_manifest, newest_first
from sealwright_controller.keys.names import successor_names
from sealwright_controller.keys.news import KeyNews, LostKey
from sealwright_controller.keys.places import Places
from sealwright_controller.keys.storing import store_once
from sealwright_controller.metrics.keys import KeyMetrics, KeyState, KeyTimes
from sealwright_controller.settings import KeyOrder, KeySettings
from sealwright_crypto import (
    Certificate,
    Fingerprint,
    KeyMaterialError,
    Keyring,
    OperationCounter,
    SealingKey,
    generate_sealing_key,
)

MAX_KEY_SECRETS = 2000
"""How many are kept in use, and as many others, because each key takes memory. Twelve a year are usual."""
MAX_HASTE = timedelta(minutes=1)
"""How far ahead of the clock a new certificate may begin, so that its key is newer than all others."""
_A_SECOND = timedelta(seconds=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class Keys:
    """A snapshot: every active key, newest first, and `made`, from when each one's age counts, in the same order."""

    active: tuple[SealingKey, ...] = ()
    keyring: Keyring = field(default_factory=Keyring)
    made: tuple[datetime, ...] = ()

    @property
    def newest(self) -> Certificate | None:
        """The certificate to seal with, or None while there is no key."""
        return self.active[0].certificate if self.active else None


@dataclass(frozen=True)
class _Held:
    uid: str
    version: str
    state: KeyState
    key: StoredKey | None = None  # None unless active
    made_at: str = ""  # the version of a key made here, until a watcher shows it

    @property
    def fingerprint(self) -> Fingerprint | None:
        return self.key.key.fingerprint if self.key is not None else None


class KeyStore:
    """Keeps the active sealing keys of the key Secrets that a watcher reports."""

    def __init__(
        self,
        gateway: Gateway,
        counter: OperationCounter,
        on_change: Callable[[], None],
        *,
        order: KeyOrder = "CertNotBefore",
        metrics: KeyMetrics | None = None,
        admission: Admission | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        leads: Callable[[], bool] = lambda: True,
    ) -> None:
        """`counter` counts private-key operations; `on_change` is called after the set of keys changed.

        `order` says which key is the newest; `metrics` shows the keys; `admission` says which Secrets count; `now`
        gives the time (aware): a certificate that is not valid yet is not served while there is another; `leads` tells
        whether this replica leads, so that it writes Events about keys.
        """
        self._gateway = gateway
        self._counter = counter
        self._on_change = on_change
        self._order = order
        self._metrics = metrics or KeyMetrics()
        self._admission = admission or Admission()
        self._news = KeyNews(gateway, self._metrics, leads=leads)
        self._now = now
        self._held: dict[ObjectKey, _Held] = {}
        self._places: Places[ObjectKey] = Places(MAX_KEY_SECRETS)
        self._own: set[str] = set()  # uids of the Secrets made here
        self._lost: list[LostKey] = []
        self._lock = threading.Lock()
        self._loaded = threading.Event()
        self._stale = False
        self._too_many_told = False
        self._keys = Keys(keyring=Keyring(meter=counter))

    @property
    def keys(self) -> Keys:
        """The keys as they are now; take it once and use that snapshot."""
        if self._stale:
            self.refresh()
        return self._keys

    def wait_until_loaded(self, timeout_seconds: float) -> bool:
        """Wait for the first complete list; False if it did not arrive in time."""
        return self._loaded.wait(timeout_seconds)

    @property
    def is_ready(self) -> bool:
        """Whether the keys were listed and there is one to seal with."""
        return self._loaded.is_set() and self.keys.newest is not None

    def put(self, manifest: Manifest, *, live: bool) -> None:
        """Take over a key Secret, new or changed (see watcher.Watched)."""
        key, uid, version = _identity(manifest)
        with self._lock:
            held = self._held.get(key)
            known = held is not None and (held.uid, held.version) == (uid, version)
            # Also when known: a watcher has now shown it, so later lists are right about it.
            if held is not None and known:
                self._held[key] = replace(held, made_at="")
                return
            verdict = self._admission.judge(manifest)
            new = _Held(uid, version, verdict.state, verdict.key)
            if not self._has_place(key, new):
                return
            self._tell(key, uid, verdict)
            if self._gateway.knows_writers and is_exposed(manifest):  # in a folder, the file holds the key anyway
                self._news.exposed(key, uid)
            if held is not None and new.state is not KeyState.INACTIVE and new.fingerprint != held.fingerprint:
                self._note_lost(key, held)
            self._held[key] = new
            self._stale = True
        # A list is read completely first: with thousands of keys, sorting them after each would take minutes.
        if live:
            self.refresh()

    def remove(self, key: ObjectKey) -> None:
        """Stop using a key Secret that is gone (see watcher.Watched)."""
        with self._lock:
            self._note_lost(key, self._drop(key))
        self.refresh()

    def retain(self, keys: Collection[ObjectKey], version: str, namespace: str | None = None) -> bool:  # noqa: ARG002 - keys are of one namespace
        """Drop keys that are no longer listed; from now on the keys count as loaded (see watcher.Watched).

        A key that was made here after the list was taken stays, because another one would be made at once without it.
        For a key that a watcher has shown before, the list is right, even if it shows an older state restored from a
        backup.
        """
        with self._lock:
            self._too_many_told = False
            lost = [key for key, held in self._held.items() if key not in keys and not is_later(held.made_at, version)]
            for key in lost:
                self._note_lost(key, self._drop(key))
            self._places.retain(keys)
        self.refresh()
        self._loaded.set()
        return bool(lost)

    def check_served(self) -> bool:
        """Check that the Secret of the served key exists; stop using a key whose Secret is gone.

        A watch may miss that: an API server restored from a backup does not know what it lost. Returns False if the
        keys have to be listed again. Raises GatewayError.
        """
        if self.look_after_trust():
            return False
        found = self._served()
        if found is None:
            return True
        secret, held = found
        if self._gateway.key_secret_uid(secret.name) == held.uid:
            return True
        # A second, different request seldom gives the same wrong answer.
        if held.uid not in self._listed_uids():
            _log.error("the Secret of the served sealing key is gone", secret=str(secret), fingerprint=held.fingerprint)
            self.remove(secret)
        return False

    def look_after_trust(self) -> bool:
        """Check the trust Secret; returns whether the keys have to be listed and judged again."""
        if not self._admission.trust.check(self._gateway):
            return False
        with self._lock:
            for key, held in self._held.items():
                if held.state is KeyState.UNTRUSTED:
                    self._held[key] = replace(held, version="")
        return True

    def tell_waiting(self) -> None:
        """Write Events that had to wait until this replica leads; to be called when it may have begun to."""
        self._news.tell_waiting()

    def create(self, settings: KeySettings, now: datetime) -> Certificate:
        """Make a key, store it in a Secret and use it at once. Raises GatewayError, KeyMaterialError.

        If another controller stores one at the same moment, only one of the two is stored, and both use it.
        """
        self._check_that_own_keys_count()
        if self._places.are_short:
            raise KeyMaterialError(
                f"there are more than {MAX_KEY_SECRETS} sealing keys: delete those that are not yours"
            )
        made = generate_sealing_key(
            now=self._after_all_others(now),
            bits=settings.bits,
            lifetime=settings.lifetime,
            common_name=settings.common_name,
        )
        stored = self._store(made, settings, now)
        key = ObjectKey.of(stored)
        with self._lock:
            self._own.add(stored["metadata"]["uid"])
            if key not in self._held:  # else a watcher has already added it
                _, uid, version = _identity(stored)
                verdict = self._admission.judge(stored)
                self._tell(key, uid, verdict)
                self._held[key] = _Held(uid, version, verdict.state, verdict.key, made_at=version)
                self._has_place(key, self._held[key])
            used = self._held[key]
        self.refresh()
        if used.key is None:
            raise KeyMaterialError(f"the key in Secret {key} was made here, and is not used: it is {used.state}")
        certificate = used.key.key.certificate
        if certificate.fingerprint == made.fingerprint:
            _log.info("sealing key made", secret=key.name, fingerprint=certificate.fingerprint)
        if self.keys.newest != certificate:
            _log.warning("another sealing key counts as newer, check the clocks", secret=key.name)
        return certificate

    def refresh(self) -> None:
        """Update which keys are in use and which is the newest, because that depends on the clock."""
        now = self._now()
        with self._lock:
            self._stale = False
            before = self._keys
            found = newest_first([held.key for held in self._held.values() if held.key], self._order, now)
            active = tuple(stored.key for stored in found)
            made = tuple(stored.made(self._order, now) for stored in found)
            times = zip(active, made, strict=True)
            self._metrics.show(
                (held.state for held in self._held.values()),
                (KeyTimes(key.fingerprint, since, key.certificate.not_after) for key, since in times),
            )
            changed = (active, made) != (before.active, before.made)
            if changed:
                self._keys = Keys(active, Keyring((key.private_key for key in active), self._counter), made)
            lost, self._lost = self._lost, []
        in_use = {key.fingerprint for key in active}
        for each in lost:
            if each.fingerprint not in in_use:
                served = before.newest is not None and before.newest.fingerprint == each.fingerprint
                self._news.lost(each, served=served, left=len(active))
        if changed:
            _log.info("sealing keys in use", count=len(active), newest=active[0].fingerprint if active else None)
            self._on_change()

    def _store(self, made: SealingKey, settings: KeySettings, now: datetime) -> Manifest:
        """Return the Secret of a new key, or of the one that another controller stored a moment before."""
        newest = self.keys.newest
        origin = newest.fingerprint if newest is not None else None
        with self._lock:
            taken = {key.name for key in self._held}  # made earlier; a new one is still wanted
        names = successor_names(settings.name_prefix, self._gateway.cluster_identity, origin, now)
        manifest = key_manifest(made, settings, marks=self._admission.trust.marks(made))
        return store_once(self._gateway, manifest, (name for name in names if name not in taken), self._can_be_served)

    def _can_be_served(self, manifest: Manifest) -> bool:
        key = self._admission.judge(manifest).key
        return key is not None and key.has_begun(self._now())

    def _check_that_own_keys_count(self) -> None:
        """Raise KeyMaterialError if a key that was made here does not count, because then new ones never would."""
        with self._lock:
            own = [(key, held) for key, held in self._held.items() if held.uid in self._own]
        for key, held in own:
            if held.state in (KeyState.UNREADABLE, KeyState.UNTRUSTED):
                raise KeyMaterialError(
                    f"the key in Secret {key} was made here, and is {held.state}: see its Event; delete it"
                )

    def _after_all_others(self, now: datetime) -> datetime:
        """Return when a new key's certificate begins: now, or a second after one that begins in this same second.

        Certificates have whole seconds; if two began in the same one, the served one would be random.
        """
        begins = (key.certificate.not_before for key in self.keys.active)
        recent = [begin for begin in begins if now - _A_SECOND < begin < now + MAX_HASTE]
        return max(recent) + _A_SECOND if recent else now

    def _tell(self, key: ObjectKey, uid: str, verdict: Verdict) -> None:
        if verdict.reason:
            self._news.passed_over(key, uid, verdict)

    def _has_place(self, key: ObjectKey, new: _Held) -> bool:
        """Give a Secret a place, if needed that of a less important one; returns whether it has one."""
        created = new.key.created if new.key is not None else None
        last = self._places.take(key, created, is_own=new.uid in self._own)
        if last is not None:
            self._tell_too_many(last)
            self._stale |= self._held.pop(last, None) is not None
        return last != key

    def _drop(self, key: ObjectKey) -> _Held | None:
        self._places.leave(key)
        return self._held.pop(key, None)

    def _tell_too_many(self, key: ObjectKey) -> None:
        if not self._too_many_told:
            _log.error("too many key Secrets, some are ignored", limit=MAX_KEY_SECRETS, first=str(key))
        self._too_many_told = True

    def _note_lost(self, key: ObjectKey, held: _Held | None) -> None:
        if held is not None and held.fingerprint is not None:
            self._lost.append(LostKey(key, held.uid, held.fingerprint))

    def _served(self) -> tuple[ObjectKey, _Held] | None:
        newest = self.keys.newest
        with self._lock:
            found = (
                (key, held) for key, held in self._held.items() if newest and held.fingerprint == newest.fingerprint
            )
            return next(found, None)

    def _listed_uids(self) -> set[str]:
        uids, token = set(), ""
        while True:
            page = self._gateway.list_page(Resource.SEALING_KEYS, token)
            uids |= {manifest["metadata"]["uid"] for manifest in page.items}
            token = page.continue_token
            if not token:
                return uids


def _identity(manifest: Manifest) -> tuple[ObjectKey, str, str]:
    metadata = manifest["metadata"]
    return ObjectKey.of(manifest), metadata["uid"], metadata["resourceVersion"]
