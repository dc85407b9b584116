"""One SealedSecret in a text, encrypted again: only ciphertexts that are not on the wanted key change, and the hint."""

from collections.abc import Iterable, Mapping
from typing import Any

from sealwright_cli.messages.errors import CliError, ClusterError
from sealwright_cli.messages.ui import counted
from sealwright_cli.sealed.resealers import ANOTHER_CONTROLLER, Sealer
from sealwright_cli.sealed.sealedinput import native_in, place_of, read_object
from sealwright_conventions.records import field, record
from sealwright_crypto import HINT_ANNOTATION, KIND, SealedSecret
from sealwright_manifests.editing.fields import ABSENT, exactly, merge_fields, with_end_of
from sealwright_manifests.kinds.finding import Manifest
from sealwright_manifests.text.tree import native


@record
class Renewed:
    """The message about one object, whether the object changed, and whether the message is a warning.

    `facts` are what it says as plain data.
    """

    told: str
    is_changed: bool = True
    is_odd: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)


@record
class How:
    """How an object is read and changed.

    `namespace` and `default` are those of `read_object`. If `is_dry`, nothing changes, and what would is told. If
    `passes_empty`, an object without items is for the sealer as any other.
    """

    namespace: str = ""
    default: str = ""
    is_dry: bool = False
    passes_empty: bool = False


def renew(manifest: Manifest, sealer: Sealer, how: How) -> Renewed:
    """Replace the old ciphertexts by new ones. Raises CliError."""
    old = read_object(manifest, how.namespace, how.default)
    place = place_of(old)
    if not (old.items or how.passes_empty) and old.legacy is None:
        told = f"{manifest.place}: unchanged {place} ({old.scope}): holds no items"
        return Renewed(told, is_changed=False, is_odd=True, facts=_facts(manifest, old, "empty"))
    try:
        again = sealer(old, native_in(manifest, old))
    except CliError as error:
        raise type(error)(f"{manifest.place}: {KIND} {place}: {error.message}", hint=error.hint) from None
    if not again.is_needed:
        told = f"{manifest.place}: unchanged {place} ({old.scope}): {counted(len(old.items), 'item')}, {again.told}"
        return Renewed(told, is_changed=False, facts=_facts(manifest, old, "newest"))
    if how.is_dry or again.made is None:
        stale = f"{', '.join(again.stale)}: not on the newest key" if again.stale else "the deprecated spec.data"
        because = f" ({again.told})" if again.told and again.made is None else ""
        facts = _facts(manifest, old, "stale", again.stale)
        return Renewed(f"{manifest.place}: {place} ({old.scope}): {stale}{because}", facts=facts)
    new = SealedSecret.from_dict(again.made)
    if old.legacy is None and new.items.keys() != old.items.keys():
        problem = "the controller answered with other items"
        raise ClusterError(f"{manifest.place}: {KIND} {place}: {problem}", hint=ANOTHER_CONTROLLER)
    merge_fields(manifest.document, manifest.node, _changes(old, new, manifest))
    changed = [item for item, ciphertext in new.items.items() if ciphertext != old.items.get(item)]
    items = counted(len(changed), "item")
    form = "; the deprecated spec.data became encryptedData and template" if old.legacy is not None else ""
    return Renewed(f"{manifest.place}: re-encrypted {place} ({new.scope}): {items}{again.told}{form}")


def _facts(manifest: Manifest, sealed: SealedSecret, result: str, stale: Iterable[str] = ()) -> dict[str, Any]:
    """Return what is known of an object as plain data: `stale` are the items that are not on the newest key."""
    return {
        "place": manifest.place,
        "namespace": sealed.namespace,
        "name": sealed.name,
        "scope": str(sealed.scope),
        "items": sorted(sealed.items),
        "result": result,
        "stale": sorted(stale),
        "isDeprecatedForm": sealed.legacy is not None,
    }


def _changes(old: SealedSecret, new: SealedSecret, manifest: Manifest) -> dict[str, Any]:
    items = {item: with_end_of(new.items[item], ciphertext) for item, ciphertext in old.items.items()}
    changes: dict[str, Any] = {"spec": {"encryptedData": items} if old.legacy is None else _present_form(new, manifest)}
    if HINT_ANNOTATION in old.annotations:  # upstream's controller returns no hint, and the old one is outdated
        hint = new.annotations.get(HINT_ANNOTATION, "")
        changes["metadata"] = {"annotations": {HINT_ANNOTATION: hint}}
    return changes


def _present_form(new: SealedSecret, manifest: Manifest) -> dict[str, Any]:
    """Return the changes of `spec` that replace the deprecated `data`, which also held the template."""
    spec = new.to_dict()["spec"]
    template = native(manifest.node)["spec"].get("template")
    return {"data": ABSENT, "encryptedData": spec["encryptedData"], "template": exactly(template, spec["template"])}
