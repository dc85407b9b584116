"""The changes of a SealedSecret's text that an edited text asks for: as `set`, `unset` and `rename` make them."""

from collections.abc import Mapping
from typing import Any

from sealwright_cli.messages.border import border
from sealwright_cli.sealed.target import Target
from sealwright_cli.views.marks import Kept
from sealwright_cli.views.wanted import Wanted
from sealwright_crypto import (
    HINT_ANNOTATION,
    Certificate,
    hint_renamed,
    hint_with,
    hint_without,
    read_hints,
    seal_item,
)
from sealwright_manifests.editing.fields import ABSENT, Renamed, exactly, with_end_of
from sealwright_manifests.text.tree import native


def changes_for(wanted: Wanted, target: Target, certificate: Certificate | None) -> dict[str, Any]:
    """Return the changes for `merge_fields`, empty if there are none; values are sealed to the certificate.

    Raises CliError if one cannot be sealed.
    """
    old = native(target.manifest.node)
    new = _taken_over(wanted, old)
    items = _items(wanted, target, certificate)
    if items and HINT_ANNOTATION in target.sealed.annotations:
        new["metadata"]["annotations"][HINT_ANNOTATION] = _hint(wanted, target, certificate)
    old_spec, new_spec = dict(old.get("spec") or {}), dict(new["spec"])
    for spec in (old_spec, new_spec):
        spec.pop("encryptedData", None)
    before = old | {"spec": old_spec}
    changes = _without_same(exactly(before, new | {"spec": new_spec}), before)
    if items:
        changes.setdefault("spec", {})["encryptedData"] = items
    return changes


def _taken_over(wanted: Wanted, old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new data with what the edited text left out."""
    new = dict(wanted.data)
    if "status" in old:
        new["status"] = old["status"]
    annotations = (old.get("metadata") or {}).get("annotations") or {}
    if HINT_ANNOTATION in annotations:
        metadata = new.get("metadata") or {}
        hint = {HINT_ANNOTATION: annotations[HINT_ANNOTATION]}
        new["metadata"] = {**metadata, "annotations": {**(metadata.get("annotations") or {}), **hint}}
    return new


def _items(wanted: Wanted, target: Target, certificate: Certificate | None) -> dict[str, Any]:
    old = target.sealed.items
    changes: dict[str, Any] = {}
    for name in old:
        if name not in wanted.items:
            changes[name] = Renamed(wanted.renamed[name]) if name in wanted.renamed else ABSENT
    for name, item in wanted.items.items():
        if isinstance(item, Kept):
            if item.of not in wanted.renamed and old[item.of] != old.get(name):
                changes[name] = with_end_of(old[item.of].rstrip("\n"), old.get(name, ""))
        elif certificate is not None:
            with border(target.called):
                changes[name] = with_end_of(seal_item(item.value, certificate, wanted.sealed.label), old.get(name, ""))
    return changes


def _hint(wanted: Wanted, target: Target, certificate: Certificate | None) -> Any:
    """Return the annotation's text for the new items."""
    sealed = target.sealed
    text, names = sealed.annotations[HINT_ANNOTATION], list(sealed.items)
    if not isinstance(text, str):
        return text
    hints = read_hints(sealed.annotations)
    for name in sealed.items:
        if name in wanted.renamed:
            text = hint_renamed(text, name, wanted.renamed[name])
            names[names.index(name)] = wanted.renamed[name]
        elif name not in wanted.items:
            text = hint_without(text, name)
            names.remove(name)
    for name, item in wanted.items.items():
        if isinstance(item, Kept):
            is_copy = item.of != name and item.of not in wanted.renamed
            key = hints.of(item.of) if is_copy else None
        else:
            key = certificate.fingerprint if certificate else None
        if key:
            text = hint_with({HINT_ANNOTATION: text}, names, name, key)
            names += [] if name in names else [name]
    return text


def _without_same(changes: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Return changes of an object without the fields that stay as they are."""
    kept: dict[str, Any] = {}
    for key, value in changes.items():
        before = old.get(key, ABSENT)
        if isinstance(value, Mapping) and value and isinstance(before, Mapping):
            if below := _without_same(value, before):
                kept[key] = below
        elif type(before) is not type(value) or before != value:
            kept[key] = value
    return kept
