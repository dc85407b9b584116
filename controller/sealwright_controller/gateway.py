"""What the controller needs of the world outside: SealedSecrets to read, Secrets and keys to write, a voice.

Everything in the controller depends on this Protocol alone. `kube.gateway` fulfils it with a Kubernetes API server,
`directory.gateway` with a folder, the tests with a simulator; one table of behaviours runs over all three.

Objects cross this border as plain dicts in the API's JSON form, because anybody may have written anything into them:
reading them strictly is the reconciler's business, one object at a time.
"""

import json
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
"""The field manager of every Secret that is made from a SealedSecret. It stands in metadata.managedFields, where no
author writes, and tells that such a Secret is no sealing key, whatever its labels say. It can be lost: whoever may
update the Secret can clear that field, the API server drops the oldest managers when there are more than ten, and a
backup may leave it out. Then only the owner tells."""
KEY_MANAGER = "sealwright-keys"
"""The field manager of the key Secrets that the controller makes."""


MAX_SHOWN_CHARACTERS = 60
"""Of an item's name in a message."""


def is_later(version: str, other: str) -> bool:
    """Tell whether a resourceVersion is later than another one of the same world.

    They are numbers that grow, in API servers (where they were meant to be opaque once) and in directories. Of what
    is no number it is not known.
    """
    return version.isdecimal() and other.isdecimal() and int(version) > int(other)


class ObjectKey(NamedTuple):
    """Names a SealedSecret and the Secret made of it; both have the same name."""

    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"

    @classmethod
    def of(cls, manifest: Manifest) -> "ObjectKey":
        """Return the name of an object as a gateway gives it."""
        metadata: Manifest = manifest["metadata"]
        return cls(metadata.get("namespace") or "", metadata["name"])


class Resource(Enum):
    """The three collections that the controller lists and watches."""

    SEALED_SECRETS = "sealedsecrets"
    """Whole SealedSecrets of the namespaces served: those that the label selector picks, where there is one."""
    SECRETS = "secrets"
    """Secrets of the same namespaces as metadata only (PartialObjectMetadata): their data is never transferred."""
    SEALING_KEYS = "sealing keys"
    """Whole key Secrets of the controller's own namespace: with KEY_LABEL, whatever its value, or LEGACY_KEY_NAME."""


@dataclass(frozen=True)
class Page:
    """One page of a list; `continue_token` is empty on the last. All pages share one `resource_version`."""

    items: Sequence[Manifest]
    resource_version: str
    continue_token: str = ""


@dataclass(frozen=True)
class WatchEvent:
    """One change. A BOOKMARK's object holds nothing but `metadata.resourceVersion`."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]
    object: Manifest = field(repr=False)


@dataclass(frozen=True)
class Event:
    """A message for people, shown by `kubectl describe` beside the object that it is about.

    `about` and `uid` name that object, `kind` is SealedSecret or, for a sealing key, Secret.
    """

    about: ObjectKey
    uid: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    kind: Literal["SealedSecret", "Secret"] = "SealedSecret"


class GatewayError(Exception):
    """The world outside did not do what was asked: root of the errors below. Holds no object's content."""


class NotFoundError(GatewayError):
    """The object, or its namespace, is not there."""


class AlreadyExistsError(GatewayError):
    """An object of that name is there already."""


class ConflictError(GatewayError):
    """The object changed, or was replaced by a namesake, since it was read: read again and decide again."""


class RefusedError(GatewayError):
    """The object is not taken as it is; `reason` is the cause, the text says why."""

    def __init__(self, message: str, reason: Reason = Reason.REFUSED) -> None:
        super().__init__(message)
        self.reason = reason


class TooLargeError(RefusedError):
    """The object is larger than what can be stored."""

    def __init__(self, message: str) -> None:
        super().__init__(message, Reason.TOO_LARGE)


class NamespaceEndingError(RefusedError):
    """Nothing new is taken in the object's namespace, which is being deleted."""


class UnreadableError(GatewayError):
    """The object is there, and too large to be used; the text says so. `rest` is what of it can be looked at.

    That is its identity, and those of its parts that are not too large. Its author has to change it.
    """

    def __init__(self, message: str, rest: Manifest) -> None:
        super().__init__(message)
        self.rest = rest


class ExpiredError(GatewayError):
    """The resource version or page token is too old (HTTP 410): list again."""


class UnavailableError(GatewayError):
    """No answer, or a passing trouble (timeouts, 429, 5xx): try again later."""


class NotSeenGoneError(UnavailableError):
    """An object was not found, and no watch has told that it went: most often it does so a moment later."""


def bad_item_name(name: str) -> str:
    """Return what is said of an item whose name no Secret can have, in every world the same."""
    shown = name if len(name) <= MAX_SHOWN_CHARACTERS else f"{name[:MAX_SHOWN_CHARACTERS]}…"
    return f"item {json.dumps(shown, ensure_ascii=not shown.isprintable())} has a name that Secrets cannot have"


def refuse_key(guard: KeyGuard, manifest: Manifest) -> None:
    """Let no Secret pass that is a guarded sealing key: every gateway's last line, whatever decided on the write.

    Raises RefusedError.
    """
    if why := guard.refusal(manifest):
        raise RefusedError(why)


class Gateway(Protocol):
    """The operations. Each may raise UnavailableError and RefusedError besides what it names.

    A collection is listed and watched for one of `namespaces` at a time; where there is but one it need not be named.
    Sealing keys are always those of the controller's own namespace.
    """

    @property
    def namespaces(self) -> Sequence[str | None]:
        """The namespaces that are served, whether they exist or not; None, alone, stands for all that there are."""
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
        """Yield changes after `resource_version`, bookmarks among them, until the server ends the stream.

        Blocks between changes, for some minutes at most, or for about so many `seconds`; `close` ends it at once. An
        object that the selector does not pick any more counts as deleted. Raises ExpiredError.
        """
        ...

    def get_sealed_secret(self, key: ObjectKey) -> Manifest | None:
        """Return the SealedSecret as it is now, or None when there is none. Raises UnreadableError.

        Whether the selector picks it plays no part.
        """
        ...

    def write_status(self, key: ObjectKey, uid: str, status: Manifest) -> None:
        """Replace the status' fields that `status` has, and leave the others.

        Raises NotFoundError when the object is gone and ConflictError when another object has its name now.
        """
        ...

    def get_secret(self, key: ObjectKey) -> Manifest | None:
        """Return the Secret with its data, or None when there is none. Raises UnreadableError."""
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
        """A text, not secret, that all controllers of one cluster share, and those of other clusters do not."""
        ...

    @property
    def knows_writers(self) -> bool:
        """Whether metadata.managedFields of an object is the word of the world, and not the object's own."""
        ...

    def create_sealing_key(self, manifest: Manifest) -> Manifest:
        """Create a Secret in the place of the sealing keys, the controller's own namespace; return it as stored.

        Its metadata has a name, or a generateName alone. Raises AlreadyExistsError.
        """
        ...

    def find_key_secret(self, name: str) -> Manifest | None:
        """Return a Secret of that place, key or not, or None when there is none. Raises UnreadableError."""
        ...

    def key_secret_uid(self, name: str) -> str | None:
        """Return the uid of a Secret of that place, or None when there is none; its data is not transferred."""
        ...

    def record_event(self, event: Event) -> None:
        """Tell people. Repeated equal events are counted, not piled up. Never raises: a lost message harms nobody."""
        ...

    def close(self) -> None:
        """End running watches and refuse new calls with UnavailableError."""
        ...
