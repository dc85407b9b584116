"""Makes every applied change of a SealedSecret write its Secret, even if the content stays the same. Pure.

If it were written only when its content differs, its resourceVersion (which the status records), the number of writes
and the Event would tell whether two templates give the same text: one bit of the values for each change. An API server
skips a write that changes nothing, so a field has to change: metadata.generateName, which has no use once an object has
its name. It says for which change the Secret was last written. A generateName from another writer stays, and a Secret
whose SealedSecret was not changed since it was made gets none.
"""

from collections.abc import Mapping
from typing import Any

from sealwright_controller.objects import status
from sealwright_controller.objects.metadata import Manifest, metadata_of

PREFIX = "sealwright-"
"""The beginning of the mark in generateName; the SealedSecret's UID-GENERATION- follows."""
_MAX_UID_CHARACTERS = 64


def mark_due(manifest: Manifest, existing: Manifest, *, controlled: bool) -> str | None:
    """Return the new generateName of a SealedSecret's Secret, None if it stays.

    `existing` is the present Secret, `controlled` tells whether this same SealedSecret controls it. It stays if the
    status says that this generation was synced, so that a look for another reason does not write the Secret again.
    """
    if _is_brought_about(manifest):
        return None
    uid, found = metadata_of(manifest).get("uid"), metadata_of(existing).get("generateName") or ""
    if not isinstance(uid, str) or len(uid) > _MAX_UID_CHARACTERS or not isinstance(found, str):
        return None
    mark = f"{PREFIX}{uid}-{status.generation_of(manifest)}-"
    if found == mark or (found and not found.startswith(PREFIX)):
        return None
    # Without a status, changes are not known: statuses may not be written at all. Another owner's Secret may come from
    # an earlier object of the same name, which is a change as well.
    was_looked_at = bool(status.synced_condition(status.status_of(manifest)))
    return mark if found or was_looked_at or not controlled else None


def marked(secret: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """Return a Secret with `mark` as its generateName."""
    return {**secret, "metadata": {**secret["metadata"], "generateName": mark}}


def _is_brought_about(manifest: Manifest) -> bool:
    """Tell whether the status says that this generation was synced; early sealed-secrets' statuses name no generation.

    The record survives a failure in between, for example when a key was missing for a while.
    """
    found, generation = status.status_of(manifest), status.generation_of(manifest)
    record = found.get("secret")
    if isinstance(record, Mapping) and record.get("generation") == generation:
        return True
    return status.was_well(found) and found.get("observedGeneration") in (None, generation)
