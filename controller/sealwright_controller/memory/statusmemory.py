"""What would have been written into statuses, where none are to be written: so that nothing is done or said twice.

Kept for as long as the controller runs, of objects that are there; a status is bounded, see `objects.status`.
"""

import threading
from typing import Any

from sealwright_controller.gateway import Manifest, ObjectKey
from sealwright_controller.objects import status


class StatusMemory:
    """Stands in for the statuses of objects; may be used from several threads."""

    def __init__(self) -> None:
        self._kept: dict[ObjectKey, tuple[str, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def shown(self, manifest: Manifest) -> Manifest:
        """Return an object with what is kept of it in the place of what its status says."""
        kept = self._kept.get(ObjectKey.of(manifest))
        if kept is None or kept[0] != manifest["metadata"]["uid"]:
            return manifest
        return status.overlaid(manifest, kept[1])

    def keep(self, key: ObjectKey, uid: str, written: status.Status) -> None:
        """Remember what would have been written over the status of an object; what was kept of a namesake is lost."""
        with self._lock:
            before = self._kept.get(key)
            earlier = before[1] if before is not None and before[0] == uid else {}
            self._kept[key] = (uid, {**earlier, **status.own_part(written)})

    def forget(self, key: ObjectKey) -> None:
        """Forget an object that is gone."""
        with self._lock:
            self._kept.pop(key, None)
