"""What an object's metadata says, read leniently: a field of the wrong type counts as missing. Pure.

The gateways guarantee only name, namespace, uid and resourceVersion. Wrong types are reported where an object is read
strictly (`SealedSecret.from_dict`), not here; except for `check_fields_of_spec`, which raises.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sealwright_crypto import KIND, FieldProblem, ManifestError
from sealwright_manifests.kinds import fieldnames

Manifest = Mapping[str, Any]


def metadata_of(manifest: Manifest) -> Manifest:
    """Return an object's metadata, empty if it has none."""
    return mapping_of(manifest.get("metadata"))


def labels_of(manifest: Manifest) -> dict[str, str]:
    """Return the labels that are texts."""
    return _texts(metadata_of(manifest).get("labels"))


def annotations_of(manifest: Manifest) -> dict[str, str]:
    """Return the annotations that are texts."""
    return _texts(metadata_of(manifest).get("annotations"))


def owners_of(manifest: Manifest) -> list[Manifest]:
    """Return the owner references that are maps."""
    owners = metadata_of(manifest).get("ownerReferences")
    return [owner for owner in owners if isinstance(owner, Mapping)] if isinstance(owners, list) else []


def last_applied(manifest: Manifest) -> datetime | None:
    """Return when an object was last written, apart from its status (aware), or None if it does not say."""
    metadata = metadata_of(manifest)
    managed = metadata.get("managedFields")
    entries = [mapping_of(entry) for entry in managed] if isinstance(managed, list) else []
    times = [_time(entry.get("time")) for entry in entries if not entry.get("subresource")]
    written = [time for time in times if time is not None]
    return max(written) if written else _time(metadata.get("creationTimestamp"))


def unknown_fields(manifest: Manifest) -> tuple[str, ...]:
    """Return the fields of a SealedSecret's spec.template.metadata unknown to Kubernetes, such as misspelt ones."""
    template = mapping_of(mapping_of(manifest.get("spec")).get("template"))
    return tuple(sorted(str(name) for name in metadata_of(template) if name not in fieldnames.METADATA))


def check_fields_of_spec(manifest: Manifest) -> None:
    """Raise ManifestError for an unknown field of spec: it can be a misspelt one, with all the ciphertexts in it.

    An API server refuses or removes such a field, so the object is in a folder. Its Secret must not lose its values.
    """
    spec = {name: None for name in mapping_of(manifest.get("spec")) if isinstance(name, str)}
    for path, _ in fieldnames.unknown_fields({"spec": spec}):
        raise ManifestError(path, f"not a field of a {KIND}", FieldProblem.UNKNOWN_FIELD)


def _time(found: object) -> datetime | None:
    try:
        read = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        return None
    return read if read is None or read.tzinfo is not None else read.replace(tzinfo=UTC)


def _texts(found: object) -> dict[str, str]:
    return {name: text for name, text in mapping_of(found).items() if isinstance(name, str) and isinstance(text, str)}


def mapping_of(found: object) -> Mapping[Any, Any]:
    """Return `found` if it is a mapping, else an empty one."""
    return found if isinstance(found, Mapping) else {}
