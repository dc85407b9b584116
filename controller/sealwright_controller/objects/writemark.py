"""That each change of a SealedSecret which is brought about writes its Secret, whatever is in it. Pure.

If it were written only when something in it differs, its resourceVersion, which the status records, the number of
writes and the Event would tell whether a template makes of the values what another one made: a bit for each change. An
API server leaves a write undone that changes nothing, so something has to: metadata.generateName, the one field that
nobody reads once an object has its name. It says for which change the Secret was written last. One that somebody else
gave the Secret stays, and where nothing was changed since the Secret was made, none is put there.
"""

from collections.abc import Mapping
from typing import Any

from sealwright_controller.objects import status
from sealwright_controller.objects.metadata import Manifest, metadata_of

PREFIX = "sealwright-"
"""Of what is put into generateName: UID-GENERATION- of the SealedSecret follow."""
_MAX_UID_CHARACTERS = 64


def mark_due(manifest: Manifest, existing: Manifest, *, controlled: bool) -> str | None:
    """Return what generateName of a SealedSecret's Secret has to become, None when it is to stay.

    `existing` is the Secret as it is, `controlled` tells whether this very SealedSecret controls it. It stays if the
    status says that this generation was brought about, which a look for another reason must not write anew.
    """
    if _is_brought_about(manifest):
        return None
    uid, found = metadata_of(manifest).get("uid"), metadata_of(existing).get("generateName") or ""
    if not isinstance(uid, str) or len(uid) > _MAX_UID_CHARACTERS or not isinstance(found, str):
        return None
    mark = f"{PREFIX}{uid}-{status.generation_of(manifest)}-"
    if found == mark or (found and not found.startswith(PREFIX)):
        return None
    # Without a status nothing is known of changes: it may be that none are written. A Secret of somebody else's may
    # have been made of this object's forerunner of the same name, which is a change as well.
    was_looked_at = bool(status.synced_condition(status.status_of(manifest)))
    return mark if found or was_looked_at or not controlled else None


def marked(secret: Mapping[str, Any], mark: str) -> dict[str, Any]:
    """Return a Secret with this in its generateName."""
    return {**secret, "metadata": {**secret["metadata"], "generateName": mark}}


def _is_brought_about(manifest: Manifest) -> bool:
    """Tell whether the status says so of this generation; sealed-secrets' first statuses name none.

    The record outlives a failure in between, as when a key was away for a while.
    """
    found, generation = status.status_of(manifest), status.generation_of(manifest)
    record = found.get("secret")
    if isinstance(record, Mapping) and record.get("generation") == generation:
        return True
    is_well = status.synced_condition(found).get("status") == "True"
    return is_well and found.get("observedGeneration") in (None, generation)
