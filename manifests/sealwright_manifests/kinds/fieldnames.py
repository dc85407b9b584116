"""The known fields of a Secret and a SealedSecret, and the unknown fields of an object."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    if meant := _in_other_capitals(name, names):
        raise ManifestError(path, f"not a field of a {kind}; is {meant} meant?", FieldProblem.UNKNOWN_FIELD)
    return False


def _in_other_capitals(name: str, known: Iterable[str]) -> str:
    """Return the known field from which a name differs in capitals only; empty if there is none."""
    return next((meant for meant in known if meant.lower() == name.lower()), "")


def known_fields(path: Sequence[str]) -> tuple[str, ...]:
    """Return the fields that a SealedSecret has at a path, as far as they are fixed."""
    return _SEALED_SECRET.get(".".join(path), ())


def strange_fields(sealed_secret: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the path of each unknown field of a SealedSecret, and whether a cluster accepts the object with it.

    A field that differs from a known one in capitals only is unknown, too: no cluster reads it.
    """
    for path, known in _SEALED_SECRET.items():
        above = tuple(filter(None, path.split(".")))
        fields: Any = sealed_secret
        for name in above:
            fields = fields.get(name) if isinstance(fields, Mapping) else None
        for name in fields if isinstance(fields, Mapping) else ():
            if name not in known:
                yield (*above, name), path.startswith(_TEMPLATE)


def unknown_fields(sealed_secret: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the path of each unknown field of a SealedSecret, and whether a cluster accepts the object with it.

    A cluster accepts it below the template, and ignores it there. Raises ManifestError as `check_name`.
    """
    for path, is_taken in strange_fields(sealed_secret):
        whole = ".".join(path)
        check_name(path[-1], known_fields(path[:-1]), whole, "SealedSecret")
        yield whole, is_taken
