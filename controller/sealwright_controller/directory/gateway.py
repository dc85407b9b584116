"""The Gateway over a plain directory: SealedSecret files in, Secrets out, keys in a folder. Needs no Kubernetes.

    DIR/sealed/**               SealedSecrets, put there by people and Git
    DIR/secrets/NAMESPACE/…     the Secrets made from them (see secretfiles.py and volumes.py)
    DIR/keys/                   the sealing keys
    DIR/status/NAMESPACE/…      the status of each SealedSecret; `_files.yaml`: problems of files
    DIR/events.log              what happened, one line per event

The content of the files counts; the operating system's notifications only say when to look. One thread looks, from the
first watch on; it also removes a Secret once the SealedSecret that controls it is gone. Only one controller at a time
works on a directory, which it locks.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Literal

import structlog

from sealwright_controller.directory.eventlog import EventLog
from sealwright_controller.directory.files import PRIVATE_FOLDER, PUBLIC_FOLDER, make_folder, remove_leftovers
from sealwright_controller.directory.history import History
from sealwright_controller.directory.keyfolder import KeyFolder, sealing_key_in
from sealwright_controller.directory.lock import lock_directory
from sealwright_controller.directory.manifests import ManifestFolder
from sealwright_controller.directory.poller import Poller
from sealwright_controller.directory.sealedsecrets import SealedSecrets, mistake_in, sealed_secret_in
from sealwright_controller.directory.secretfiles import SecretLayout, SecretManifests
from sealwright_controller.directory.secretstore import SecretStore
from sealwright_controller.directory.statusfiles import StatusFiles
from sealwright_controller.directory.volumes import SecretVolumes
from sealwright_controller.gateway import (
    Event,
    ExpiredError,
    GatewayError,
    Manifest,
    ObjectKey,
    Page,
    Resource,
    UnavailableError,
    WatchEvent,
    refuse_key,
)
from sealwright_controller.objects.guards import KeyGuard
from sealwright_controller.objects.metadata import labels_of
from sealwright_controller.options.selectors import LabelSelector
from sealwright_crypto import API_VERSION, KIND

Layout = Literal["manifests", "files"]

_log = structlog.get_logger()


class DirGateway:
    """Fulfils `gateway.Gateway` with a directory; may be used from several threads."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Callable[[], datetime],
        namespace: str = "default",
        layout: Layout = "manifests",
        selector: LabelSelector | None = None,
        key_secrets_in: Collection[str] = (),
        poll_seconds: float = 1.0,
        leaving_seconds: float = 2.0,
        notifications: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Work on `root`, creating missing folders. Raises UnavailableError if that fails or it is locked.

        `namespace` is for manifests that name none. With `layout` "files" a Secret is a folder with a file for each
        key. `selector` picks the SealedSecrets to list and watch. Other controllers' key Secrets may be written in the
        namespaces `key_secrets_in`, but never in `namespace`. Without system notifications, the folders are polled
        every `poll_seconds`. A SealedSecret or key counts as gone when it is missing for `leaving_seconds`, because Git
        and editors remove files for a moment. `clock` gives the time as an aware datetime, `monotonic` seconds.
        """
        self._root = root
        self._clock = clock
        self._selector = selector or LabelSelector()
        self._key_guard = KeyGuard(namespace, frozenset(key_secrets_in))
        self._leaving_seconds = leaving_seconds
        self._monotonic = monotonic
        self._history = History(self._now_ns)
        self._status_files = StatusFiles(root / "status")
        self._events = EventLog(root / "events.log", clock)
        sealed_kind, key_kind = (API_VERSION, KIND), ("v1", "Secret")
        sealed_in = partial(sealed_secret_in, default_namespace=namespace)
        sealed = self._manifest_folder("sealed", sealed_kind, sealed_in, mistake_in)
        keys = self._manifest_folder("keys", key_kind, partial(sealing_key_in, default_namespace=namespace))
        layouts: list[SecretLayout] = [SecretManifests(root / "secrets"), SecretVolumes(root / "secrets")]
        if layout == "files":
            layouts.reverse()
        self._secrets = SecretStore(layouts[0], self._history, clock)
        self._other_layout = SecretStore(layouts[1], History(self._now_ns), clock)
        self._keys = KeyFolder(root / "keys", keys, self._history, namespace)
        self._sealed = SealedSecrets(
            sealed, self._status_files, self._history, clock=clock, owner_of_secret=self._secrets.owner_of
        )
        self._poller = Poller(
            self._look,
            [root / name for name in ("sealed", "keys", "secrets")],
            poll_seconds=poll_seconds,
            notifications=notifications,
        )
        self._closed = False
        self._knows_secrets = False
        self._troubles: dict[str, str] = {}
        make_folder(root, PUBLIC_FOLDER)
        self._unlock = lock_directory(root)
        self._make_folders()

    @property
    def namespaces(self) -> Sequence[str | None]:
        """See Gateway. All are served."""
        return (None,)

    @property
    def key_guard(self) -> KeyGuard:
        """See Gateway. Keys are in a folder of their own, but DIR/secrets may be on its way to a cluster."""
        return self._key_guard

    def list_page(self, resource: Resource, continue_token: str = "", *, namespace: str | None = None) -> Page:  # noqa: ARG002 - see `namespaces`
        """See Gateway. A directory's lists have one page."""
        if continue_token:
            raise ExpiredError("no list of this directory goes on with this token")
        with self._open():
            self._scan(resource)
            return Page(self._objects(resource), str(self._history.version))

    def watch(
        self,
        resource: Resource,
        resource_version: str,
        *,
        namespace: str | None = None,  # noqa: ARG002 - see `namespaces`
        seconds: int | None = None,  # noqa: ARG002 - for servers that may give wrong answers
    ) -> Iterator[WatchEvent]:
        """See Gateway."""
        with self._open():
            self._poller.start()
            events = self._history.follow(resource, resource_version)
        return self._selected(events) if resource is Resource.SEALED_SECRETS else events

    def get_sealed_secret(self, key: ObjectKey, *, shown: bool = False) -> Manifest | None:  # noqa: ARG002 - reading a file costs little
        """See Gateway."""
        with self._open():
            self._scan_secrets_once()
            return self._sealed.get(key)

    def forget_shown(self, key: ObjectKey) -> None:
        """See Gateway."""

    def write_status(self, key: ObjectKey, uid: str, status: Manifest, *, read: Manifest | None = None) -> None:  # noqa: ARG002 - reading a file costs little
        """See Gateway."""
        with self._open():
            self._scan_secrets_once()
            self._sealed.get(key)
            self._sealed.write_status(key, uid, status)

    def get_secret(self, key: ObjectKey) -> Manifest | None:
        """See Gateway."""
        with self._open():
            return self._secrets.get(key)

    def create_secret(self, manifest: Manifest) -> Manifest:
        """See Gateway. A namespace exists as soon as it has an object."""
        refuse_key(self._key_guard, manifest)
        with self._open():
            return self._secrets.create(manifest)

    def replace_secret(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        with self._open():
            return self._secrets.replace(manifest)

    def delete_secret(self, manifest: Manifest) -> None:
        """See Gateway."""
        refuse_key(self._key_guard, manifest)
        with self._open():
            self._secrets.delete(manifest)

    @property
    def cluster_identity(self) -> str:
        """See Gateway: one controller at a time works on a directory."""
        return str(self._root.absolute())

    @property
    def knows_writers(self) -> bool:
        """See Gateway: a file can claim anything about itself."""
        return False

    def create_sealing_key(self, manifest: Manifest) -> Manifest:
        """See Gateway."""
        with self._open():
            return self._keys.create(manifest, self._clock())

    def find_key_secret(self, name: str) -> Manifest | None:
        """See Gateway."""
        with self._open():
            self._scan(Resource.SEALING_KEYS)
            return self._keys.find(name)

    def key_secret_uid(self, name: str) -> str | None:
        """See Gateway."""
        found = self.find_key_secret(name)
        return None if found is None else found["metadata"]["uid"]

    def record_event(self, event: Event) -> None:
        """See Gateway."""
        self._events.record(event)

    def close(self) -> None:
        """See Gateway."""
        with self._history.condition:
            self._closed = True
        self._history.close()
        self._poller.close()
        self._unlock()

    def _now_ns(self) -> int:
        return int(self._clock().timestamp() * 1e9)

    def _manifest_folder(
        self,
        name: str,
        kind: tuple[str, str],
        take: Callable[[Manifest], tuple[ObjectKey, Manifest] | None],
        wrong: Callable[[Manifest], str] = lambda _: "",
    ) -> ManifestFolder:
        return ManifestFolder(
            self._root,
            name,
            take,
            kind=kind,
            now_ns=self._now_ns,
            monotonic=self._monotonic,
            leaving_seconds=self._leaving_seconds,
            mistake_in=wrong,
        )

    def _make_folders(self) -> None:
        # If there are statuses, there was a folder `sealed`, which is now not mounted. An empty one in its place would
        # mean that every SealedSecret is gone.
        if not (self._root / "status").exists():
            make_folder(self._root / "sealed", PUBLIC_FOLDER)
        for name in ("keys", "secrets"):
            make_folder(self._root / name, PRIVATE_FOLDER)
            remove_leftovers(self._root / name)
        make_folder(self._root / "status", PUBLIC_FOLDER)
        remove_leftovers(self._root / "status")
        with contextlib.suppress(OSError):  # a folder made by hand may have any mode
            (self._root / "keys").chmod(PRIVATE_FOLDER)

    @contextlib.contextmanager
    def _open(self) -> Iterator[None]:
        """Hold the lock. Raises UnavailableError if closed."""
        with self._history.condition:
            if self._closed:
                raise UnavailableError("the gateway is closed")
            yield

    def _look(self) -> float | None:
        """Look at everything and do what is due; each failure is reported once and retried at the next look."""
        with self._history.condition:
            if self._closed:
                return None
            for resource in (Resource.SECRETS, Resource.SEALING_KEYS, Resource.SEALED_SECRETS):
                self._try(resource.value, partial(self._scan, resource))
            if Resource.SEALED_SECRETS.value not in self._troubles:
                self._try("garbage collection", self._collect_garbage)
            leaving = self._sealed.snapshot.leaving or self._keys.snapshot.leaving
        return self._leaving_seconds if leaving else None

    def _try(self, what: str, do: Callable[[], None]) -> None:
        try:
            do()
        except GatewayError as error:
            trouble = str(error)
        except Exception as error:  # noqa: BLE001 - a defect with one file must not stop the poller
            trouble = type(error).__name__  # its text may quote the file
        else:
            self._troubles.pop(what, None)
            return
        if self._troubles.get(what) != trouble:
            _log.error("trouble with the directory", what=what, error=trouble)
        self._troubles[what] = trouble

    def _scan(self, resource: Resource) -> None:
        if resource is Resource.SEALING_KEYS:
            self._keys.scan()
        elif resource is Resource.SECRETS:
            self._secrets.scan()
            self._leave_other_layout()
            self._knows_secrets = True
        else:
            self._scan_secrets_once()
            self._sealed.scan()
        self._save_problems()

    def _objects(self, resource: Resource) -> list[Manifest]:
        if resource is Resource.SEALING_KEYS:
            return self._keys.objects
        if resource is Resource.SECRETS:
            return self._secrets.objects
        return [manifest for manifest in self._sealed.objects if self._selects(manifest)]

    def _selects(self, manifest: Manifest) -> bool:
        return self._selector.selects(labels_of(manifest))

    def _selected(self, events: Iterator[WatchEvent]) -> Iterator[WatchEvent]:
        for event in events:
            if event.type in ("BOOKMARK", "DELETED") or self._selects(event.object):
                yield event
            else:
                # It may have been selected before its labels changed.
                yield WatchEvent("DELETED", event.object)

    def _scan_secrets_once(self) -> None:
        """Read the Secrets before the first look at SealedSecrets, because a Secret may tell a lost uid."""
        if not self._knows_secrets:
            self._scan(Resource.SECRETS)

    def _leave_other_layout(self) -> None:
        """Remove what was written in the other layout, so that no values stay in unmanaged files."""
        if not self._knows_secrets:
            self._other_layout.scan()
            for key, _ in self._other_layout.owned():
                self._other_layout.remove(key)

    def _collect_garbage(self) -> None:
        uids = self._sealed.uids
        for key, uid in self._secrets.owned():
            if uid not in uids:
                self._secrets.remove(key)
                _log.info("secret removed: its SealedSecret is gone", object=str(key))

    def _save_problems(self) -> None:
        problems = {**self._sealed.snapshot.problems, **self._keys.snapshot.problems, **self._secrets.problems}
        try:
            self._status_files.save_problems(problems)
        except GatewayError as error:
            _log.warning("list of problems not written", error=str(error))
