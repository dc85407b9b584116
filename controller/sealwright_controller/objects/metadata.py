"""What an object's metadata says, whoever wrote it: a field of the wrong shape counts as one that is not there. Pure.

The gateways vouch for name, namespace, uid and resourceVersion alone. That a shape is wrong is told to people where an
object is read strictly (`SealedSecret.from_dict`), not where it is only looked at.
"""

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]

_READ = {"annotations", "finalizers", "labels", "name", "namespace"}
_PASSED_OVER = {"generateName", "managedFields", "ownerReferences", "selfLink", "uid", "resourceVersion", "generation"}
_TIMES = {"creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"}
_METADATA_FIELDS = _READ | _PASSED_OVER | _TIMES
"""Kubernetes' own (ObjectMeta): whether or not they count in a template, they are no mistake in spelling."""


def metadata_of(manifest: Manifest) -> Manifest:
    """Return an object's metadata, empty when it has none."""
    return mapping_of(manifest.get("metadata"))


def labels_of(manifest: Manifest) -> dict[str, str]:
    """Return those labels that are texts."""
    return _texts(metadata_of(manifest).get("labels"))


def annotations_of(manifest: Manifest) -> dict[str, str]:
    """Return those annotations that are texts."""
    return _texts(metadata_of(manifest).get("annotations"))


def owners_of(manifest: Manifest) -> list[Manifest]:
    """Return those owner references that are maps."""
    owners = metadata_of(manifest).get("ownerReferences")
    return [owner for owner in owners if isinstance(owner, Mapping)] if isinstance(owners, list) else []


def unknown_fields(manifest: Manifest) -> tuple[str, ...]:
    """Return the fields of a SealedSecret's spec.template.metadata that no object has, such as misspelt ones."""
    template = mapping_of(mapping_of(manifest.get("spec")).get("template"))
    return tuple(sorted(str(name) for name in metadata_of(template) if name not in _METADATA_FIELDS))


def _texts(found: object) -> dict[str, str]:
    return {name: text for name, text in mapping_of(found).items() if isinstance(name, str) and isinstance(text, str)}


def mapping_of(found: object) -> Mapping[Any, Any]:
    """Return what was found if it is a mapping, else an empty one."""
    return found if isinstance(found, Mapping) else {}
