"""Reasons that people and tools read: those of Kubernetes Events, and those of the Synced condition.

The event reasons are upstream's, word for word, because alerts depend on them. The condition's reasons are Sealwright's
own and more precise; each says who has to act.
"""

from enum import StrEnum
from typing import Literal


class EventReason(StrEnum):
    """Reasons of Events on a SealedSecret (the first three are upstream's, and drift), on a key Secret, or both."""

    UNSEALED = "Unsealed"
    UNSEAL_FAILED = "ErrUnsealFailed"
    UPDATE_FAILED = "ErrUpdateFailed"
    KEY_MISSING = "ErrKeyMissing"
    DRIFT_REVERTED = "DriftReverted"
    DRIFT_FOUND = "DriftFound"
    KEY_UNREADABLE = "ErrKeyUnreadable"
    KEY_NOT_TRUSTED = "ErrKeyNotTrusted"
    KEY_EXPOSED = "ErrKeyExposed"
    KEY_LOST = "ErrKeyLost"
    OTHER_CONTROLLER = "ErrOtherController"

    @property
    def prefix(self) -> str:
        """How upstream's message of such an Event begins; tools match it."""
        return "Failed to unseal: " if self is EventReason.UNSEAL_FAILED else ""


class Reason(StrEnum):
    """Reasons of the condition Synced."""

    UNSEALED = "Unsealed"
    """The Secret holds what the SealedSecret says."""
    MALFORMED = "Malformed"
    """A field of the SealedSecret has the wrong type or form; or, in a folder, `spec` has an unknown one."""
    NO_KEY = "NoKey"
    """No key decrypts the items: they were sealed for another cluster, namespace or name, or are damaged."""
    TEMPLATE_FAILED = "TemplateFailed"
    """A template in spec.template.data cannot be rendered."""
    TEMPLATE_LIMIT = "TemplateLimit"
    """The templates in spec.template.data need more time or memory than is allowed."""
    NOT_MANAGED = "NotManaged"
    """A Secret of that name exists and belongs to somebody else."""
    POLICY_DENIED = "PolicyDenied"
    """An admission policy of the cluster denies the Secret; the message names the policy and its binding."""
    WEBHOOK_DENIED = "WebhookDenied"
    """An admission webhook of the cluster denies the Secret; the message names the webhook."""
    WEBHOOK_UNAVAILABLE = "WebhookUnavailable"
    """An admission webhook of the cluster for Secrets does not answer; the message names the webhook."""
    QUOTA_EXCEEDED = "QuotaExceeded"
    """A ResourceQuota of the namespace is used up; the message names it."""
    FORBIDDEN = "Forbidden"
    """The controller lacks a right on Secrets; the message names the right."""
    ITEM_NAME_INVALID = "ItemNameInvalid"
    """The name of an item is not allowed in a Secret; the message names the item."""
    IMMUTABLE = "Immutable"
    """The Secret cannot be changed: it is immutable, or its type would change."""
    TOO_LARGE = "TooLarge"
    """The Secret is larger than the cluster accepts."""
    REFUSED = "Refused"
    """The API server rejects the Secret for another reason; the message names the field."""
    SEALING_KEY = "SealingKeyRefused"
    """The Secret is a sealing key, or would become one; a SealedSecret must not make, change or take over a key."""
    TYPE_REFUSED = "TypeRefused"
    """Kubernetes acts on Secrets of this type with its own rights, which the author may not have."""
    FINALIZERS_REFUSED = "FinalizersRefused"
    """The template has finalizers, with which the Secret could not be deleted."""
    MISSING = "SecretMissing"
    """Somebody else deleted the Secret, and `--drift=report` leaves it so."""
    CONTENDED = "Contended"
    """Somebody else keeps changing or deleting the Secret; it is restored later, at growing intervals."""

    @property
    def advice(self) -> str:
        """What to do next, in a sentence for the Event; the condition holds only upstream's text."""
        return _ADVICE[self]

    @property
    def condition_prefix(self) -> str:
        """How upstream's message of such a condition begins; its Event lacks this prefix."""
        return "failed update: " if self is Reason.NOT_MANAGED else ""

    @property
    def event(self) -> EventReason:
        """The reason of the Event for this condition."""
        if self is Reason.UNSEALED:
            return EventReason.UNSEALED
        if self is Reason.MISSING:
            return EventReason.DRIFT_FOUND
        return EventReason.UPDATE_FAILED if self in _OPENED else EventReason.UNSEAL_FAILED

    @property
    def metric(self) -> Literal["unseal", "unmanaged", "update"]:
        """The `reason` label of upstream's unseal_errors_total that counts this failure."""
        if self is Reason.NOT_MANAGED:
            return "unmanaged"
        return "update" if self in _OPENED else "unseal"


# Failures after the items were opened.
_OPENED = frozenset(
    {
        Reason.NOT_MANAGED,
        Reason.POLICY_DENIED,
        Reason.WEBHOOK_DENIED,
        Reason.WEBHOOK_UNAVAILABLE,
        Reason.QUOTA_EXCEEDED,
        Reason.FORBIDDEN,
        Reason.ITEM_NAME_INVALID,
        Reason.IMMUTABLE,
        Reason.TOO_LARGE,
        Reason.REFUSED,
        Reason.SEALING_KEY,
        Reason.TYPE_REFUSED,
        Reason.FINALIZERS_REFUSED,
        Reason.MISSING,
        Reason.CONTENDED,
    }
)
_ADVICE = {
    Reason.UNSEALED: "no action is needed",
    Reason.MALFORMED: "correct the field and apply the SealedSecret again",
    Reason.NO_KEY: (
        "it was sealed for another cluster, namespace, name or scope, or was damaged: "
        "seal it again with this cluster's certificate, or restore the key that it was sealed to"
    ),
    Reason.TEMPLATE_FAILED: (
        "correct spec.template.data and apply the SealedSecret again; "
        "sealwright render shows the place and the cause, if you have the values or the private keys"
    ),
    Reason.TEMPLATE_LIMIT: (
        "make spec.template.data smaller and apply the SealedSecret again; sealwright render shows the limit"
    ),
    Reason.NOT_MANAGED: (
        "remove that Secret, or annotate it with sealedsecrets.bitnami.com/managed=true (the controller takes it over) "
        "or sealedsecrets.bitnami.com/patch=true (the controller adds its items)"
    ),
    Reason.POLICY_DENIED: (
        "read the policy (kubectl get validatingadmissionpolicy NAME -o yaml) and change the SealedSecret, "
        "or ask the cluster's administrator to change the policy"
    ),
    Reason.WEBHOOK_DENIED: "change the SealedSecret to what the webhook allows, or ask the webhook's operator",
    Reason.WEBHOOK_UNAVAILABLE: (
        "ask the webhook's operator to restore it; the Secret is written as soon as the webhook answers"
    ),
    Reason.QUOTA_EXCEEDED: (
        "delete objects that you do not need in the namespace, or raise the quota "
        "(kubectl -n NAMESPACE describe resourcequota)"
    ),
    Reason.FORBIDDEN: (
        "grant the controller's ServiceAccount this right; in the manifests, this is done by "
        "ClusterRoleBinding sealed-secrets-controller (ClusterRole secrets-unsealer), in one namespace by "
        "RoleBinding sealed-secrets-controller"
    ),
    Reason.ITEM_NAME_INVALID: (
        "rename the item in spec.encryptedData or spec.template.data; "
        'a name has letters, digits, "-", "_" and ".", and at most 253 characters'
    ),
    Reason.IMMUTABLE: "delete the Secret (kubectl delete secret NAME); the controller makes it again",
    Reason.TOO_LARGE: "seal fewer or smaller items, or split them over several SealedSecrets",
    Reason.REFUSED: "correct the field that the message names, in spec.template or in the sealed items",
    Reason.SEALING_KEY: (
        "remove that label from spec.template.metadata.labels, or rename the SealedSecret. If the key Secret exists "
        "and a SealedSecret made it, find out whose key it is: delete it, or keep it by removing its ownerReferences. "
        "In other namespaces than the controller's own, --allow-key-secrets-in allows it"
    ),
    Reason.TYPE_REFUSED: (
        "give spec.template another type, and remove the Secret if it is there, as a type cannot be changed; "
        "the controller's flag --allow-secret-types allows a type"
    ),
    Reason.FINALIZERS_REFUSED: (
        "remove finalizers from spec.template.metadata; the controller's flag --allow-finalizers allows them"
    ),
    Reason.MISSING: (
        "restore the Secret from a backup, or change the SealedSecret, or delete it and apply it again: "
        "the controller then makes the Secret"
    ),
    Reason.CONTENDED: (
        "find out who else writes this Secret (see its metadata.managedFields), and stop one of the two; "
        "the controller tries again later, and at once when the SealedSecret changes"
    ),
}
