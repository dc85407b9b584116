"""Objects from people's files, each with the version at which it last changed."""

from collections.abc import Mapping
from typing import Any

from sealwright_controller.directory.history import History
from sealwright_controller.gateway import Manifest, ObjectKey, Resource


class Collection:
    """The objects of one resource. Changes go to the history, whose condition every caller holds."""

    def __init__(self, resource: Resource, history: History) -> None:
        self._resource = resource
        self._history = history
        self._objects: dict[ObjectKey, Manifest] = {}

    @property
    def objects(self) -> Mapping[ObjectKey, Manifest]:
        """The objects as a gateway gives them; read-only."""
        return self._objects

    def put(self, key: ObjectKey, manifest: Mapping[str, Any]) -> None:
        """Add or update an object without resourceVersion; if its content is unchanged, it keeps its version."""
        known = self._objects.get(key)
        if known is not None and manifest == _without_version(known):
            return
        version = self._history.next_version()
        self._objects[key] = _with_version(manifest, version)
        self._history.record(self._resource, "ADDED" if known is None else "MODIFIED", self._objects[key], version)

    def remove(self, key: ObjectKey) -> None:
        """Remove an object, if it exists."""
        known = self._objects.pop(key, None)
        if known is not None:
            version = self._history.next_version()
            self._history.record(self._resource, "DELETED", _with_version(known, version), version)


def _with_version(manifest: Mapping[str, Any], version: int) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": str(version)}}


def _without_version(manifest: Manifest) -> Manifest:
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "resourceVersion"}
    return {**manifest, "metadata": metadata}
