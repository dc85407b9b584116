"""Checks that an answer identifies its object: without name, uid and version it is invalid, whatever the HTTP status.

A failing API server, or a proxy before it, was seen to answer 200 with `{}`. That is a temporary failure, not an
existing object or an empty list.
"""

from collections.abc import Sequence

from sealwright_controller.gateway import Manifest, UnavailableError
from sealwright_controller.kube.onaccess import OnAccess
from sealwright_controller.objects.metadata import metadata_of

_IDENTITY = ("name", "uid", "resourceVersion")


def identified(manifest: Manifest, about: str) -> Manifest:
    """Return the object if it has an identity, else raise UnavailableError; `about` names the request."""
    metadata = metadata_of(manifest)
    if all(isinstance(metadata.get(field), str) and metadata[field] for field in _IDENTITY):
        return manifest
    raise UnavailableError(f"{about}: the API server's answer has an object without name, uid or resourceVersion")


def version_of(metadata: Manifest, about: str) -> str:
    """Return the version of a list. Raises UnavailableError for a list without one."""
    version = metadata.get("resourceVersion")
    if isinstance(version, str) and version:
        return version
    raise UnavailableError(f"{about}: the API server's answer has no resourceVersion")


class IdentifiedObjects(OnAccess):
    """Objects of a list, each checked on access; raises what `identified` raises."""

    def __init__(self, objects: Sequence[Manifest], about: str) -> None:
        self._objects = objects
        self._about = about

    def __len__(self) -> int:
        return len(self._objects)

    def read(self, index: int) -> Manifest:
        """See OnAccess."""
        return identified(self._objects[index], self._about)
