"""What an author can observe of the controller: all of it, as one value that can be compared.


An author changes a SealedSecret again and again, and sees status, Events, metrics, log and, where one can be asked, how
often anything was written. Names that a world makes up are replaced by the order in which they were seen; times stand.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from structlog.testing import capture_logs
from tests.support.builders import NOW, sealed_secret
from tests.support.worlds import SimulatedWorld, World

from sealwright_controller.gateway import Resource
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.pacing.edits import EditPace
from sealwright_controller.queue.effort import Effort
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import Reconciler
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.wiring import reconciler_over

NAME = "db"
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Author:
    """Changes one SealedSecret of a world, whose controller looks at it after each change, and observes.

    The clock stands still but for `pass_seconds`; no look waits otherwise.
    """

    def __init__(self, world: World, items: dict[str, bytes]) -> None:
        self._world = world
        self._items = items
        self._seconds = 0.0
        self._names: dict[str, str] = {}
        self._reconciler = _reconciler(world, lambda: self._seconds)
        self._written_before = _version(world)

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass for the controller."""
        self._seconds += seconds

    def change(self, template: dict[str, Any]) -> dict[str, Any]:
        """Bring the object to have this template, have it looked at, and return all that can be observed then."""
        key = self._world.key(NAME)
        self._world.put_sealed(sealed_secret(NAME, self._world.namespace, self._items, template=template))
        seen = self._reconciler.gateway.get_sealed_secret(key)
        assert seen is not None
        with capture_logs() as log:
            self._reconciler.objects.put(seen, live=True)
            result = self._reconciler.reconcile(key)
        return {
            "result": result,
            "status": self._named(self._world.status(key)),
            "events": sorted(self._world.events(key)),
            "metrics": self._reconciler.metrics.exposition().decode(),
            "log": log,
            "writes": _version(self._world) - self._written_before,
        }

    def _named(self, value: Any) -> Any:
        if isinstance(value, dict):
            versions = {"resourceVersion": lambda version: self._names.setdefault(version, f"#{len(self._names)}")}
            return {key: versions.get(key, self._named)(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [self._named(entry) for entry in value]
        return _UID.sub("UID", value) if isinstance(value, str) else value


def observed(world: World, items: dict[str, bytes], templates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what an author observes who changes the template of an object with these items from one to the next."""
    author = Author(world, items)

    def changes() -> Iterator[dict[str, Any]]:
        for template in templates:
            author.pass_seconds(60)
            yield author.change(template)

    return list(changes())


def _version(world: World) -> int:
    """Return what goes up with every write, where the world has it for itself alone."""
    return world.server.version if isinstance(world, SimulatedWorld) else 0


def _reconciler(world: World, clock: Any) -> Reconciler:
    gateway, metrics = world.gateway(), Metrics("test", now=NOW.timestamp)
    keystore = KeyStore(gateway, metrics.private_key_operations, lambda: None)
    for manifest in gateway.list_page(Resource.SEALING_KEYS).items:
        keystore.put(manifest, live=False)
    objects = SealedSecretInventory(WorkQueue(clock=clock), metrics, clock=clock)
    assert isinstance(objects.pace, EditPace)
    effort = Effort(clock, clock)
    return reconciler_over(gateway, keystore, objects, metrics, rendering_here, now=_now, clock=clock, effort=effort)


def _now() -> datetime:
    return NOW
