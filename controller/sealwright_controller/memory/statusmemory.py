"""What would be in the statuses, where statuses are not written, so that nothing is done or reported twice.

Kept for existing objects while the controller runs; a status is bounded, see `objects.status`.
"""

import threading
from typing import Any

from sealwright_controller.gateway import Manifest, ObjectKey
from sealwright_controller.objects import status


class StatusMemory:
    """Keeps the statuses of objects; may be used from several threads."""

    def __init__(self) -> None:
        self._kept: dict[ObjectKey, tuple[str, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def shown(self, manifest: Manifest) -> Manifest:
        """Return an object with the kept status in place of its own."""
        kept = self._kept.get(ObjectKey.of(manifest))
        if kept is None or kept[0] != manifest["metadata"]["uid"]:
            return manifest
        return status.overlaid(manifest, kept[1])

    def keep(self, key: ObjectKey, uid: str, written: status.Status) -> None:
        """Remember the status of an object, which is not written; drops that of an earlier object of its name."""
        with self._lock:
            before = self._kept.get(key)
            earlier = before[1] if before is not None and before[0] == uid else {}
            self._kept[key] = (uid, {**earlier, **status.own_part(written)})

    def forget(self, key: ObjectKey) -> None:
        """Forget an object that is gone."""
        with self._lock:
            self._kept.pop(key, None)
