"""What the controller needs of the outside world: SealedSecrets to read, Secrets and keys to write, events to record.

Everything in the controller depends only on this Protocol. `kube.gateway` implements it with a Kubernetes API server,
`directory.gateway` with a folder, the tests with a simulator; one table of behaviours is tested with all three.

Objects cross this border as plain dicts in the API's JSON form, because their content is untrusted. The reconciler
reads them strictly, one object at a time.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal, NamedTuple, Protocol

from sealwright_controller.objects import guards
from sealwright_controller.objects.guards import KeyGuard
from sealwright_controller.objects.reasons import Reason

Manifest = Mapping[str, Any]
"""An object in the API's JSON form. Never changed in place: others may hold it."""

KEY_LABEL = guards.KEY_LABEL
LEGACY_KEY_NAME = guards.LEGACY_KEY_NAME
KEY_TRUST_NAME = guards.KEY_TRUST_NAME
UNSEALER_MANAGER = "sealwright-unsealer"
"""The field manager of every Secret that is made from a SealedSecret. It is in metadata.managedFields, which authors
cannot write, and shows that such a Secret is not a sealing key, whatever its labels say. It can be lost: users who may
update the Secret can clear that field, the API server drops the oldest of more than ten managers, and a backup may
leave it out. Then only the owner shows it."""
KEY_MANAGER = "sealwright-keys"
"""The field manager of the key Secrets that the controller makes."""


MAX_SHOWN_CHARACTERS = 60
"""The length of an item's name in a message."""


def is_later(version: str, other: str) -> bool:
    """Tell whether a resourceVersion is later than another one of the same server or directory.

    They are growing numbers, in API servers (where they were once meant to be opaque) and in directories. False if
    either is not a number.
    """
    return version.isdecimal() and other.isdecimal() and int(version) > int(other)


class ObjectKey(NamedTuple):
    """Names a SealedSecret and the Secret made from it; both have the same name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @classmethod
    def of(cls, manifest: Manifest) -> "ObjectKey":
        """Return the name of an object as a gateway gives it. Many are remembered, so equal namespaces share memory."""
        metadata: Manifest = manifest["metadata"]
        return cls(sys.intern(str(metadata.get("namespace") or "")), metadata["name"])


class Resource(Enum):
    """The three collections that the controller lists and watches."""

    SEALED_SECRETS = "sealedsecrets"
    """Complete SealedSecrets of the served namespaces: those that the label selector picks, if there is one."""
    SECRETS = "secrets"
    """Secrets of the same namespaces as metadata only (PartialObjectMetadata): their data is never transferred."""
    SEALING_KEYS = "sealing keys"
    """Complete key Secrets of the controller's own namespace: with KEY_LABEL, whatever its value, or
    LEGACY_KEY_NAME."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `continue_token` is empty on the last. All pages share one `resource_version`."""

    items: Sequence[Manifest]
    resource_version: str
    continue_token: str = ""


@dataclass(frozen=True)
class WatchEvent:
    """One change. A BOOKMARK's object holds only `metadata.resourceVersion`."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: Manifest = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """A message for people, which `kubectl describe` shows with the object that it is about.

    `about` and `uid` name that object, `kind` is SealedSecret or, for a sealing key, Secret.
    """

    about: ObjectKey
    uid: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    kind: Literal["SealedSecret", "Secret"] = "SealedSecret"


class GatewayError(Exception):
    """The outside world did not do what was asked: root of the errors below. Never holds an object's content."""


class NotFoundError(GatewayError):
    """The object, or its namespace, does not exist."""


class AlreadyExistsError(GatewayError):
    """An object of that name already exists."""


class ConflictError(GatewayError):
    """The object changed, or was replaced by another of the same name, since it was read: read and decide again."""


class RefusedError(GatewayError):
    """The object was refused; `reason` is the cause, the text says why."""

    def __init__(self, message: str, reason: Reason = Reason.REFUSED) -> None:
        super().__init__(message)
        self.reason = reason


class TooLargeError(RefusedError):
    """The object is too large to be stored."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Reason.TOO_LARGE)


class NamespaceEndingError(RefusedError):
    """The object's namespace is being deleted and takes no new objects."""


class UnreadableError(GatewayError):
    """The object exists but is too large to be used; the text says so.

    Its author has to change it. `rest` is what can be read: its identity, and the parts that are not too large.
    """

    def __init__(self, message: str, rest: Manifest) -> None:
        super().__init__(message)
        self.rest = rest


class ExpiredError(GatewayError):
    """The resource version or page token is too old (HTTP 410): list again."""


class UnavailableError(GatewayError):
    """No answer, or a temporary failure (timeouts, 429, 5xx): try again later."""


class NotSeenGoneError(UnavailableError):
    """An object was not found, and no watch has reported its deletion; usually one does a moment later."""


def bad_item_name(name: str) -> str:
    """Return the message about an item name that a Secret cannot have, the same for every gateway."""
    shown = name if len(name) <= MAX_SHOWN_CHARACTERS else f"{name[:MAX_SHOWN_CHARACTERS]}…"
    return f"item {json.dumps(shown, ensure_ascii=not shown.isprintable())} has a name that Secrets cannot have"


def refuse_key(guard: KeyGuard, manifest: Manifest) -> None:
    """Refuse to write a Secret that is a guarded sealing key: every gateway's last check before a write.

    Raises RefusedError.
    """
    if why := guard.refusal(manifest):
        raise RefusedError(why)


class Gateway(Protocol):
    """The operations. Each may raise UnavailableError and RefusedError besides the errors it names.

    A collection is listed and watched for one of `namespaces` at a time; if there is only one, it may be left out.
    Sealing keys always come from the controller's own namespace.
    """

    @property
    def namespaces(self) -> Sequence[str | None]:
        """The namespaces that are served, whether they exist or not; a single None stands for all."""
        ...

    @property
    def key_guard(self) -> KeyGuard:
        """Which Secrets are sealing keys: `create_secret`, `replace_secret` and `delete_secret` refuse them."""
        ...

    def list_page(self, resource: Resource, continue_token: str = "", *, namespace: str | None = None) -> Page:
        """Return one page of a collection. Raises ExpiredError for a token that is too old.

        A namespace that does not exist has empty collections.
        """
        ...

    def watch(
        self, resource: Resource, resource_version: str, *, namespace: str | None = None, seconds: int | None = None
    ) -> Iterator[WatchEvent]:
        """Yield changes after `resource_version`, including bookmarks, until the server ends the stream.

        Blocks between changes, for some minutes at most, or for about `seconds`; `close` ends it at once. An object
        that the selector no longer picks counts as deleted. Raises ExpiredError.
        """
        ...

    def get_sealed_secret(self, key: ObjectKey, *, shown: bool = False) -> Manifest | None:
        """Return the SealedSecret as it is now, or None when it does not exist. Raises UnreadableError.

        The selector is not applied. With `shown` it may be the object as a list or watch showed it last, once: this
        saves a request where a change that was not shown yet does no harm.
        """
        ...

    def forget_shown(self, key: ObjectKey) -> None:
        """Note that an object that was just shown will not be asked for."""
        ...

    def write_status(self, key: ObjectKey, uid: str, status: Manifest, *, read: Manifest | None = None) -> None:
        """Replace those fields of the status that `status` has, and leave the others.

        `read` is the object as it was read before; it saves a request if nothing has changed since. Raises
        NotFoundError when the object is gone and ConflictError when another object now has its name.
        """
        ...

    def get_secret(self, key: ObjectKey) -> Manifest | None:
        """Return the Secret with its data, or None when it does not exist. Raises UnreadableError."""
        ...

    def create_secret(self, manifest: Manifest) -> Manifest:
        """Create a Secret and return it as stored. Raises AlreadyExistsError, NotFoundError (its namespace)."""
        ...

    def replace_secret(self, manifest: Manifest) -> Manifest:
        """Replace the Secret whose uid and resourceVersion the manifest carries; return it as stored.

        Raises ConflictError when it has changed since, NotFoundError when it is gone.
        """
        ...

    def delete_secret(self, manifest: Manifest) -> None:
        """Delete the Secret whose uid and resourceVersion the manifest carries.

        Raises ConflictError when it has changed since, NotFoundError when it is gone.
        """
        ...

    @property
    def cluster_identity(self) -> str:
        """A text, not secret, that is the same for all controllers of one cluster and differs between clusters."""
        ...

    @property
    def knows_writers(self) -> bool:
        """Whether the server writes metadata.managedFields, so that an object's author cannot forge it."""
        ...

    def create_sealing_key(self, manifest: Manifest) -> Manifest:
        """Create a Secret in the controller's own namespace, where the sealing keys are; return it as stored.

        Its metadata has either a name or a generateName. Raises AlreadyExistsError.
        """
        ...

    def find_key_secret(self, name: str) -> Manifest | None:
        """Return a Secret of that namespace, key or not, or None when it does not exist. Raises UnreadableError."""
        ...

    def key_secret_uid(self, name: str) -> str | None:
        """Return the uid of a Secret of that namespace, or None when it does not exist; its data is not transferred."""
        ...

    def record_event(self, event: Event) -> None:
        """Record an event. Equal events are counted, not repeated. Never raises: a lost message does no harm."""
        ...

    def close(self) -> None:
        """End running watches and refuse new calls with UnavailableError."""
        ...
