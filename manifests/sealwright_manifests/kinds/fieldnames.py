"""The known fields of a Secret and a SealedSecret, and the unknown fields of an object."""

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
    """Tell whether a field is known. Raises ManifestError for one that differs from a known field in capitals only.

    `path` is the field's full path.
    """
    names = tuple(known)
    if name in names:
        return True
    for meant in names:
        if meant.lower() == name.lower():
            raise ManifestError(path, f"not a field of a {kind}; is {meant} meant?", FieldProblem.UNKNOWN_FIELD)
    return False


def unknown_fields(sealed_secret: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the path of each unknown field of a SealedSecret, and whether a cluster accepts the object with it.

    A cluster accepts it below the template, and ignores it there. Raises ManifestError as `check_name`.
    """
    for path, known in _SEALED_SECRET.items():
        fields: Any = sealed_secret
        for name in filter(None, path.split(".")):
            fields = fields.get(name) if isinstance(fields, Mapping) else None
        for name in fields if isinstance(fields, Mapping) else ():
            whole = f"{path}.{name}".removeprefix(".")
            if not check_name(name, known, whole, "SealedSecret"):
                yield whole, path.startswith(_TEMPLATE)
