"""What to do about one SealedSecret: a pure function of the current state. The reconciler acts on it.

The rules for an existing Secret are upstream's: it is changed only if this same SealedSecret controls it, or if the
Secret itself carries the annotation `managed` (it is taken over) or `patch` (items are added).
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from sealwright_controller.objects import status
from sealwright_controller.objects.guards import Guards
from sealwright_controller.objects.metadata import (
    Manifest,
    annotations_of,
    check_fields_of_spec,
    labels_of,
    metadata_of,
    owners_of,
    unknown_fields,
)
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.objects.templatefailures import ObjectTemplates, TemplatesFailedError
from sealwright_controller.objects.writemark import mark_due, marked
from sealwright_crypto import (
    API_VERSION,
    KIND,
    Fingerprint,
    Keyring,
    ManifestError,
    Pace,
    Scope,
    ScopeError,
    SealedSecret,
    Secret,
    Unsealed,
    UnsealError,
    scope_of,
    unseal,
)
from sealwright_templating import TemplateError

MANAGED_ANNOTATION = "sealedsecrets.bitnami.com/managed"
PATCH_ANNOTATION = "sealedsecrets.bitnami.com/patch"
SKIP_OWNER_ANNOTATION = "sealedsecrets.bitnami.com/skip-set-owner-references"
SUSPEND_ANNOTATION = "sealwright.dev/suspend"
DEFAULT_TYPE = "Opaque"
MAX_UID_CHARACTERS = 64
"""Longer uids are not remembered: Kubernetes' own have 36 characters, but anyone may write a megabyte there."""
LEGACY_DATA_REFUSED = "this deprecated form is not accepted here; seal the values again, into spec.encryptedData"
UNUSABLE_LEGACY_DATA = "the deprecated ciphertext holds no usable Secret; seal the values again"
GONE = "it is gone"
"""Used instead of a field's name if the Secret does not exist."""
# The fields of a Secret that the controller owns.
_OWN_FIELDS = ("data", "type", "immutable")
_OWN_METADATA = ("labels", "annotations", "ownerReferences")


class Rendering(Protocol):
    """Renders the templates of one object, and knows which of them might give another value when rendered again."""

    @property
    def varying(self) -> AbstractSet[str]:
        """The keys whose templates use randomness, the time or new keys, rendered or not."""

    @property
    def waited_seconds(self) -> float:
        """The seconds in which other objects were rendered before this one."""

    def expect(self, namespace: str, texts: Mapping[str, str]) -> None:
        """Learn which templates are to be rendered, by key and in order, and the namespace of their object."""

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        """Return the value of a key of spec.template.data. Raises TemplateError."""


class MakeRendering(Protocol):
    """Makes the renderer for the templates of one object."""

    def __call__(self, *, patient: bool) -> Rendering:
        """Return it. Unless `patient`, it raises LongWorkError for long work, which the patient worker does."""


class Action(Enum):
    """What to do with the Secret."""

    CREATE = "create"
    REPLACE = "replace"
    KEEP = "keep"
    REFUSE = "refuse"
    LEAVE = "leave"
    """Somebody else changed the Secret, and it stays so."""


@dataclass(frozen=True)
class Decision:
    """What to do, and what to report.

    `secret` is the manifest to write (CREATE, REPLACE) or to keep (KEEP); `message` is empty unless the action is
    REFUSE, and never holds a value. `differing` names the fields that are written, or GONE. `may_differ` is true if the
    decision depends on randomness, time or a limit. `unknown` names fields of spec.template.metadata that Kubernetes
    does not have; they are ignored. `is_drift` tells whether the Secret was made for this generation before, so that
    what differs was changed by somebody else.
    """

    action: Action
    reason: Reason
    message: str = ""
    secret: Manifest | None = field(default=None, repr=False)
    scope: Scope = Scope.STRICT
    fingerprints: tuple[Fingerprint, ...] = ()
    differing: tuple[str, ...] = ()
    may_differ: bool = False
    unknown: tuple[str, ...] = ()
    is_drift: bool = False

    @property
    def is_gone(self) -> bool:
        """Whether the Secret did not exist."""
        return GONE in self.differing


def decide(
    manifest: Manifest,
    existing: Manifest | None,
    keyring: Keyring,
    render: Rendering,
    *,
    accept_legacy_data: bool = True,
    pace: Pace | None = None,
    guards: Guards | None = None,
) -> Decision:
    """Decide about a SealedSecret, given the Secret of its name if there is one. Their content never makes it raise.

    Raises PausedError when the `pace` has no time for all of its items. `render` is for this one call; for
    `accept_legacy_data`, see `read_sealed_secret`. A random value from a template is kept as long as the Secret is made
    from the same generation, scope and keys. Without `guards`, all guards apply.
    """
    guards = guards or Guards()
    owner = _owner_reference(manifest)
    try:
        check_fields_of_spec(manifest)
        sealed = read_sealed_secret(manifest, accept_legacy_data=accept_legacy_data)
        render.expect(sealed.namespace, _texts_to_render(sealed))
        templates = ObjectTemplates(render)
        unsealed = _unsealed(sealed, keyring, templates, pace)
        templates.check()
    except (ManifestError, ScopeError, UnsealError, TemplateError, TemplatesFailedError) as error:
        return _refusal(_reason_of(error), str(error))
    # Only now, as in upstream: an object that does not open is reported as such, whatever else is wrong.
    if objection := guards.key_objection(existing):
        return _refusal(*objection)
    if existing is not None and not _may_touch(existing, owner):
        return _refusal(Reason.NOT_MANAGED, _not_managed(existing))
    fingerprints = tuple(unsealed.fingerprints.values())
    wanted = _wanted(unsealed.secret, owner)
    mark = None
    if existing is not None:
        if _is_made_of(manifest, existing, sealed.scope, fingerprints):
            wanted["data"] |= _values_of(existing, render.varying & set(wanted["data"]))
        wanted = _merge(existing, wanted, only_drift=_was_made_of_this(manifest, existing, sealed.scope))
        mark = mark_due(manifest, existing, controlled=controller_uid(existing) == owner["uid"])
    if objection := guards.objection(existing, wanted):
        return _refusal(*objection)
    differing = (GONE,) if existing is None else _differing(existing, wanted)
    action = Action.CREATE if existing is None else Action.REPLACE if differing or mark is not None else Action.KEEP
    secret = existing if action is Action.KEEP else wanted if mark is None else marked(wanted, mark)
    return Decision(
        action,
        Reason.UNSEALED,
        "",
        secret,
        sealed.scope,
        fingerprints,
        differing,
        unknown=unknown_fields(manifest),
        is_drift=bool(differing) and mark is None and status.says_made_under(manifest, sealed.scope),
    )


def read_sealed_secret(manifest: Manifest, *, accept_legacy_data: bool) -> SealedSecret:
    """Read an object strictly. Raises ManifestError and ScopeError.

    Without `accept_legacy_data`, spec.data (compatibility.md, section 1) is an error as well.
    """
    sealed = SealedSecret.from_dict(manifest)
    if sealed.legacy is not None and not accept_legacy_data:
        raise ManifestError("spec.data", LEGACY_DATA_REFUSED)
    return sealed


def _texts_to_render(sealed: SealedSecret) -> dict[str, str]:
    """Return the templates that `unseal` renders: an item takes precedence over a template of the same name."""
    texts = sealed.template.data if sealed.legacy is None else {}
    return {key: text for key, text in texts.items() if text is not None and key not in sealed.items}


def _unsealed(sealed: SealedSecret, keyring: Keyring, render: ObjectTemplates, pace: Pace | None) -> Unsealed:
    """Unseal; errors do not describe the form of the plaintext, which in the deprecated form is a whole manifest."""
    try:
        return unseal(sealed, keyring, render, pace)
    except ManifestError:
        if sealed.legacy is None:
            raise
    raise ManifestError("spec.data", UNUSABLE_LEGACY_DATA)


def is_settled(manifest: Manifest, secret: tuple[str, str] | None) -> bool:
    """Tell whether there is nothing to do, because the status' record matches the object and its Secret.

    `secret` is uid and resourceVersion of the Secret of that name, None if it does not exist.
    """
    scope = scope_said(manifest)
    settled = status.is_settled(manifest, scope) and not is_suspended(manifest)
    # The conditions may have been put back by `memory.truths`, the record is as it was seen.
    is_of_this_form = status.is_record_of_generation(manifest, scope)
    return secret is not None and settled and is_of_this_form and status.recorded_secret(manifest) == secret


def scope_said(manifest: Manifest) -> Scope:
    """Return the scope that an object's own annotations name, strict if they are invalid."""
    return scope_of(annotations_of(manifest))


def is_suspended(manifest: Manifest) -> bool:
    """Tell whether an annotation of a SealedSecret stops all work on it."""
    return _says(manifest, SUSPEND_ANNOTATION)


def controller_uid(manifest: Manifest) -> str | None:
    """Return the uid of the SealedSecret that controls a Secret, or None."""
    uids = (owner.get("uid") for owner in owners_of(manifest) if owner.get("controller") and owner.get("kind") == KIND)
    return next((uid for uid in uids if isinstance(uid, str) and len(uid) <= MAX_UID_CHARACTERS), None)


def belonged_to(secret: Manifest, sealed_uid: str, recorded_uid: str | None) -> bool:
    """Tell whether a Secret belonged to a SealedSecret: controlled by it, or made without an owner on its request.

    `recorded_uid` is the uid of the Secret that the status recorded. A Secret to which items were only added does not
    belong to it.
    """
    if controller_uid(secret) == sealed_uid:
        return True
    has_no_owner = _says(secret, SKIP_OWNER_ANNOTATION) and not owners_of(secret)
    added_to = _says(secret, PATCH_ANNOTATION) and not _says(secret, MANAGED_ANNOTATION)
    return has_no_owner and not added_to and recorded_uid == metadata_of(secret).get("uid")


def _reason_of(error: Exception) -> Reason:
    if isinstance(error, UnsealError):
        return Reason.NO_KEY
    if isinstance(error, TemplatesFailedError):
        return error.reason
    return Reason.TEMPLATE_FAILED if isinstance(error, TemplateError) else Reason.MALFORMED


def _refusal(reason: Reason, message: str) -> Decision:
    return Decision(Action.REFUSE, reason, message)


def _not_managed(existing: Manifest) -> str:
    # Upstream's sentence, which tools match.
    return f'Resource "{metadata_of(existing).get("name")}" already exists and is not managed by SealedSecret'


def _may_touch(existing: Manifest, owner: Manifest) -> bool:
    controlled = owner["uid"] is not None and controller_uid(existing) == owner["uid"]
    return controlled or _says(existing, MANAGED_ANNOTATION) or _says(existing, PATCH_ANNOTATION)


def _was_made_of_this(manifest: Manifest, existing: Manifest, scope: Scope) -> bool:
    """Tell whether this Secret was already written for this generation, so that only drift has to be corrected."""
    record = status.recorded_secret(manifest)
    same_secret = record is not None and record[0] == metadata_of(existing).get("uid")
    # The record decides, not the conditions: `memory.truths` may have put those back.
    return same_secret and status.is_record_of_generation(manifest, scope)


def _is_made_of(manifest: Manifest, existing: Manifest, scope: Scope, fingerprints: tuple[Fingerprint, ...]) -> bool:
    """Tell whether this Secret was rendered from the same generation, under the same scope, with the same keys."""
    uid = metadata_of(manifest).get("uid")
    owned = uid is not None and controller_uid(existing) == uid
    return status.was_made_of(
        manifest, metadata_of(existing).get("uid"), scope=scope, fingerprints=fingerprints, owned=owned
    )


def _values_of(existing: Manifest, keys: AbstractSet[str]) -> dict[str, Any]:
    return {key: value for key, value in _data_of(existing).items() if key in keys}


def _wanted(secret: Secret, owner: Manifest) -> dict[str, Any]:
    """Return the Secret as the SealedSecret describes it."""
    wanted = secret.to_dict()
    if not _says(wanted, SKIP_OWNER_ANNOTATION):
        wanted["metadata"]["ownerReferences"] = [owner]
    return wanted


def _merge(existing: Manifest, wanted: Manifest, *, only_drift: bool) -> dict[str, Any]:
    """Return `existing` changed to what is wanted.

    A new generation replaces all labels and annotations, as upstream does. With `only_drift`, those added by others
    stay: removing them would conflict with tools that mark Secrets.
    """
    patching = _says(existing, PATCH_ANNOTATION)
    merged = {key: value for key, value in existing.items() if key not in ("data", "stringData")}
    metadata = dict(metadata_of(existing))
    for key, texts_of in (("labels", labels_of), ("annotations", annotations_of)):
        texts = texts_of(wanted)
        metadata[key] = texts_of(existing) | texts if patching or only_drift else texts
    if not patching or _says(existing, MANAGED_ANNOTATION):
        metadata["ownerReferences"] = _owners(existing, wanted)
    merged["metadata"] = {key: value for key, value in metadata.items() if value or key not in _OWN_METADATA}
    # A Secret that was not made here keeps its type unless the template names one.
    made_elsewhere = patching or _says(existing, MANAGED_ANNOTATION)
    data = _data_of(wanted)
    merged["data"] = _data_of(existing) | data if patching else data
    merged["type"] = wanted.get("type") or (existing.get("type") if made_elsewhere else None) or DEFAULT_TYPE
    immutable = wanted.get("immutable", existing.get("immutable") if patching else None)
    merged.pop("immutable", None)
    return merged if immutable is None else merged | {"immutable": immutable}


def _owners(existing: Manifest, wanted: Manifest) -> list[Manifest]:
    """Return the owners it should have; a reference that already names the right controller stays unchanged."""
    owners = owners_of(wanted)
    return owners_of(existing) if owners and controller_uid(existing) == owners[0]["uid"] else owners


def _differing(existing: Manifest, merged: Manifest) -> tuple[str, ...]:
    """Return the names of the fields that change."""
    fields = [key for key in _OWN_FIELDS if (existing.get(key) or None) != (merged.get(key) or None)]
    before, after = metadata_of(existing), metadata_of(merged)
    return (*fields, *(key for key in _OWN_METADATA if (before.get(key) or None) != (after.get(key) or None)))


def _owner_reference(manifest: Manifest) -> dict[str, Any]:
    metadata = metadata_of(manifest)
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "name": metadata.get("name"),
        "uid": metadata.get("uid"),
        "controller": True,
    }


def _says(manifest: Manifest, annotation: str) -> bool:
    return annotations_of(manifest).get(annotation) == "true"


def _data_of(secret: Manifest) -> dict[str, Any]:
    data = secret.get("data")
    return dict(data) if isinstance(data, Mapping) else {}
