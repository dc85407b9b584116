"""Whether a Secret was made from a SealedSecret: then its author chose what is in it, and it is no sealing key. Pure.

A key of somebody's choosing would be served to all who seal, and its owner could read what they seal. Two things tell:
an owner of that kind, which an author may keep out; and the field manager that the gateway writes with, which the API
server keeps in metadata.managedFields, where no SealedSecret reaches.
"""

from collections.abc import Mapping

from sealwright_controller.gateway import UNSEALER_MANAGER, Manifest
from sealwright_controller.objects.metadata import metadata_of, owners_of
from sealwright_crypto import KIND


def made_from_sealed_secret(manifest: Manifest) -> bool:
    """Tell whether a Secret, or its metadata, says that it was made or changed from a SealedSecret."""
    return any(owner.get("kind") == KIND for owner in owners_of(manifest)) or UNSEALER_MANAGER in writers_of(manifest)


def writers_of(manifest: Manifest) -> set[str]:
    """Return the names of the field managers that wrote an object, as far as it says."""
    entries = metadata_of(manifest).get("managedFields")
    found = entries if isinstance(entries, list) else []
    names = (entry.get("manager") for entry in found if isinstance(entry, Mapping))
    return {name for name in names if isinstance(name, str)}
