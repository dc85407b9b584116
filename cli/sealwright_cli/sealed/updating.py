"""A Secret sealed over an existing SealedSecret: which ciphertexts stay, and which fields change.

Reads and writes no files: how a value is known to be the same is a parameter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sealwright_cli.messages.ui import short
from sealwright_cli.sealed.outer import Outer
from sealwright_cli.sealed.target import listed
from sealwright_conventions.records import field, record, replace
from sealwright_crypto import (
    HINT_ANNOTATION,
    Certificate,
    Fingerprint,
    Label,
    Scope,
    SealedSecret,
    Secret,
    label_for,
    read_hints,
    scope_annotations,
    seal,
    update_hint,
)
from sealwright_manifests.editing.fields import ABSENT, exactly, with_end_of

KeyOf = Callable[[str, Label, str, bytes], Fingerprint | None]
"""(ciphertext, label, item, value) → the key that the ciphertext is sealed to; None if it may hold another value."""

_SCOPES = tuple(name for scope in Scope for name in scope_annotations(scope))


@record
class Update:
    """What becomes of each item, by name, and the new object.

    `moved` says which of name, namespace and scope changed, if ciphertexts are bound to them. `older` are items that
    stay and that another key opens than the certificate's. `keys` has the key of each item.
    """

    secret: Secret
    sealed: SealedSecret
    label: Label
    kept: Mapping[str, str]
    gone: Sequence[str]
    moved: str = ""
    older: Sequence[str] = ()
    keys: Mapping[str, Fingerprint] = field(default_factory=dict)

    @property
    def ciphertexts(self) -> dict[str, str]:
        """All ciphertexts, in the order of the Secret."""
        return {item: self.kept.get(item) or self.sealed.items[item] for item in self.secret.items}

    @property
    def told(self) -> str:
        """Which items stayed, were sealed and went."""
        parts = {"kept": list(self.kept), "sealed": list(self.sealed.items), "removed": self.gone}
        return "; ".join(f"{what} {listed(items)}" for what, items in parts.items() if items) or "no items"


def plan(target: SealedSecret, secret: Secret, scope: Scope | None, certificate: Certificate, key_of: KeyOf) -> Update:
    """Decide which items of `target` stay, and seal the others of a Secret; `scope` is as for `seal`.

    A target without a namespace counts as one of the Secret's. Raises ScopeError and KeyMaterialError.
    """
    bare = seal(replace(secret, items={}), certificate, scope=scope)
    label = label_for(bare.scope, secret.namespace, secret.name)
    before = replace(target, namespace=target.namespace or secret.namespace)
    moved = "" if _label(before) == label else _moved(before, bare)
    found = {
        item: key
        for item, value in secret.items.items()
        if not moved and item in target.items and (key := key_of(target.items[item], label, item, value))
    }
    kept = {item: target.items[item] for item in found}
    left = {item: value for item, value in secret.items.items() if item not in kept}
    return Update(
        secret,
        seal(replace(secret, items=left), certificate, scope=scope),
        label,
        kept,
        [item for item in target.items if item not in secret.items],
        moved,
        [item for item, key in found.items() if key != certificate.fingerprint],
        dict.fromkeys(left, certificate.fingerprint) | found,
    )


def changes(
    update: Update, target: SealedSecret, data: Mapping[str, Any], outer: Outer, *, hints: bool
) -> dict[str, Any]:
    """Return the fields of the object `data` that change; those that a Secret does not have stay as they are.

    These are labels and annotations of the SealedSecret itself, and the texts of `template.data`. Without a namespace,
    it stays so.
    """
    new = outer.add_to(update.sealed.to_dict())
    old_template = data["spec"].get("template") or {}
    if not target.namespace:
        new["metadata"].pop("namespace", None)
        if not (old_template.get("metadata") or {}).get("namespace"):
            new["spec"]["template"]["metadata"].pop("namespace", None)
    items = {item: with_end_of(one, target.items.get(item, "")) for item, one in update.sealed.items.items()}
    template = {**({"data": old_template["data"]} if "data" in old_template else {}), **new["spec"]["template"]}
    annotations = new["metadata"].pop("annotations", {}) | _hint(update, target, hints=hints)
    scopes = {name: ABSENT for name in _SCOPES if name in target.annotations and name not in annotations}
    metadata = new["metadata"] | ({"annotations": scopes | annotations} if scopes or annotations else {})
    return {
        "metadata": metadata,
        "spec": {
            "encryptedData": dict.fromkeys(update.gone, ABSENT) | items,
            "template": exactly(old_template, template),
        },
    }


def differs(data: Any, changed: Any) -> bool:
    """Tell whether such changes change a piece of plain data."""
    if not isinstance(changed, Mapping):
        return type(data) is not type(changed) or bool(data != changed)
    if not isinstance(data, Mapping):
        return True
    return any(
        key in data if one is ABSENT else key not in data or differs(data[key], one) for key, one in changed.items()
    )


def _hint(update: Update, target: SealedSecret, *, hints: bool) -> dict[str, Any]:
    """Return the annotation about keys, if it is wanted or there already."""
    if not (hints or HINT_ANNOTATION in target.annotations):
        return {}
    made = read_hints(update.sealed.annotations)
    fingerprints = {item: made.of(item) for item in update.sealed.items}
    text = update_hint(target.annotations, update.kept, {item: one for item, one in fingerprints.items() if one})
    return {HINT_ANNOTATION: text or ABSENT} if text or HINT_ANNOTATION in target.annotations else {}


def _label(sealed: SealedSecret) -> Label | None:
    """Return the label of an object's ciphertexts; None if it has none that could be kept."""
    is_named = {Scope.STRICT: sealed.name and sealed.namespace, Scope.NAMESPACE_WIDE: sealed.namespace}
    return sealed.label if is_named.get(sealed.scope, True) else None


def _moved(before: SealedSecret, after: SealedSecret) -> str:
    pairs = {
        "scope": (before.scope, after.scope),
        "namespace": (before.namespace, after.namespace),
        "name": (before.name, after.name),
    }
    return ", ".join(f"{what} {old or '(none)'} → {new}" for what, (old, new) in pairs.items() if old != new)


def called_key(certificate: Certificate) -> str:
    """Return how messages call the key that is sealed with."""
    return f"with key {short(certificate.fingerprint)}"
