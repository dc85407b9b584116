"""Which fields a Secret and a SealedSecret have, and which of an object's are none of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sealwright_crypto import FieldProblem, ManifestError

SECRET = ("apiVersion", "kind", "metadata", "type", "immutable", "data", "stringData")
METADATA = (
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
"""Kubernetes' ObjectMeta."""

_TEMPLATE = "spec.template"
_SEALED_SECRET = {
    "": ("apiVersion", "kind", "metadata", "spec", "status"),
    "metadata": METADATA,
    "spec": ("data", "encryptedData", "template"),
    _TEMPLATE: ("data", "immutable", "metadata", "type"),
    f"{_TEMPLATE}.metadata": METADATA,
}


def check_name(name: str, known: Iterable[str], path: str, kind: str) -> bool:
    """Tell whether a field is known. Raises ManifestError for one that is written with other capitals: it is meant.

    `path` is the field with those around it.
    """
    names = tuple(known)
    if name in names:
        return True
    for meant in names:
        if meant.lower() == name.lower():
            raise ManifestError(path, f"no field of a {kind}; is {meant} meant?", FieldProblem.UNKNOWN_FIELD)
    return False


def unknown_fields(sealed_secret: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield each field that no SealedSecret has, with those around it, and whether a cluster takes the object with it.

    It does below the template, where the field means nothing. Raises ManifestError as `check_name`.
    """
    for path, known in _SEALED_SECRET.items():
        fields: Any = sealed_secret
        for name in filter(None, path.split(".")):
            fields = fields.get(name) if isinstance(fields, Mapping) else None
        for name in fields if isinstance(fields, Mapping) else ():
            whole = f"{path}.{name}".removeprefix(".")
            if not check_name(name, known, whole, "SealedSecret"):
                yield whole, path.startswith(_TEMPLATE)
