"""Whether a Secret was made from a SealedSecret: then its author chose its content, so it is not a sealing key. Pure.

If such a key were served to clients, its author could read what they seal. There are two signs: an owner of kind
SealedSecret, which an author can leave out; and the gateway's field manager, which the API server records in
metadata.managedFields, which a SealedSecret cannot change.
"""

from collections.abc import Mapping

from sealwright_controller.gateway import UNSEALER_MANAGER, Manifest
from sealwright_controller.objects.metadata import metadata_of, owners_of
from sealwright_crypto import KIND


def made_from_sealed_secret(manifest: Manifest) -> bool:
    """Tell whether a Secret, or its metadata, says that it was made or changed from a SealedSecret."""
    return any(owner.get("kind") == KIND for owner in owners_of(manifest)) or UNSEALER_MANAGER in writers_of(manifest)


def writers_of(manifest: Manifest) -> set[str]:
    """Return the names of the field managers that wrote an object, as far as it says so."""
    entries = metadata_of(manifest).get("managedFields")
    found = entries if isinstance(entries, list) else []
    names = (entry.get("manager") for entry in found if isinstance(entry, Mapping))
    return {name for name in names if isinstance(name, str)}
