"""Reports about new objects that are written after other objects' Secrets, because pods wait for Secrets only.

If the controller ends before, an object without a status is looked at again. The report comes before any other look at
its object.
"""

import threading
from dataclasses import dataclass
from typing import Any

from sealwright_controller.gateway import Event, Manifest, ObjectKey
from sealwright_controller.objects import status
from sealwright_controller.objects.forms import Form

MAX_OWED = 1000
"""How many reports are kept, some two kilobytes each."""
_IDENTITY = ("name", "namespace", "uid", "resourceVersion")


@dataclass(frozen=True)
class OwedReport:
    """What is to be told about an object that was unsealed.

    `read` is the object as it was read, without what its author decides about; `told` the fields of its status;
    `secret` uid and resourceVersion of its Secret as written. `event` is None when it has been recorded.
    """

    form: Form
    secret: tuple[str, str]
    read: Manifest
    told: dict[str, Any]
    event: Event | None


class OwedReports:
    """The reports that are owed; may be used from several threads."""

    def __init__(self) -> None:
        self._owed: dict[ObjectKey, OwedReport] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._owed)

    def keep(self, key: ObjectKey, report: OwedReport) -> bool:
        """Keep a report in place of an earlier one about the object; False if there is no room for it."""
        with self._lock:
            if key not in self._owed and len(self._owed) >= MAX_OWED:
                return False
            self._owed[key] = report
            return True

    def get(self, key: ObjectKey) -> OwedReport | None:
        """Return the report that is owed about an object, or None."""
        return self._owed.get(key)

    def forget(self, key: ObjectKey) -> None:
        """Owe no report about an object any more."""
        with self._lock:
            self._owed.pop(key, None)


def identity_of_new(manifest: Manifest) -> Manifest | None:
    """Return what has to be kept of an object to write its first status; None if it has had a status before.

    A status that is there may be as large as whoever wrote it likes.
    """
    before = status.status_of(manifest)
    if not before.keys() <= {"observedGeneration"}:
        return None
    return {"metadata": {name: manifest["metadata"][name] for name in _IDENTITY}, "status": dict(before)}
