"""What a watch shows late is no reason to undo what was made of a later form of an object."""

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs
from tests.support.builders import NOW, sealed_secret, sealing_key
from tests.support.worlds import ClusterWorld, SimulatedWorld

from sealwright_controller.gateway import Gateway, ObjectKey, Resource, WatchEvent
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.queue.effort import Effort
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import Reconciler
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.settings import ObjectSettings
from sealwright_controller.wiring import reconciler_over

AnyWorld = SimulatedWorld | ClusterWorld


class LateWatch:
    """A controller's memory of a world, to which a test shows one change of a SealedSecret after the other."""

    def __init__(self, world: AnyWorld, settings: ObjectSettings) -> None:
        self.gateway: Gateway = world.gateway()
        metrics = Metrics("test")
        keystore = KeyStore(self.gateway, metrics.private_key_operations, lambda: None)
        for manifest in self.gateway.list_page(Resource.SEALING_KEYS).items:
            keystore.put(manifest, live=True)
        self.queue: WorkQueue[ObjectKey] = WorkQueue()
        self.objects = SealedSecretInventory(self.queue, metrics, settings, forget_shown=self.gateway.forget_shown)
        page = self.gateway.list_page(Resource.SEALED_SECRETS)
        for manifest in page.items:
            self.objects.put(manifest, live=False)
        self._events: Iterator[WatchEvent] = self.gateway.watch(Resource.SEALED_SECRETS, page.resource_version)
        no_effort = Effort(lambda: 0.0, lambda: 0.0)
        self.reconciler: Reconciler = reconciler_over(
            self.gateway, keystore, self.objects, metrics, rendering_here, now=lambda: NOW, effort=no_effort
        )

    def look(self, key: ObjectKey) -> None:
        """Look at an object, as a worker does."""
        self.queue.add(key)
        assert self.queue.get(timeout=0) == key
        self.reconciler.reconcile(key)
        self.queue.done(key)

    def show_next(self) -> None:
        """Show the next change of a SealedSecret."""
        event = next(self._events)
        while event.type == "BOOKMARK":
            event = next(self._events)
        self.objects.put(event.object, live=True)


@pytest.mark.parametrize("follow_secrets", [True, False], ids=["Secrets are followed", "Secrets are not followed"])
def test_a_form_that_is_shown_late_does_not_replace_a_later_one(
    cluster_world: AnyWorld, *, follow_secrets: bool
) -> None:
    world, key = cluster_world, cluster_world.key("db")

    def edit(value: bytes) -> None:
        world.put_sealed(sealed_secret("db", world.namespace, {"password": value}))

    def made() -> tuple[object, object]:
        return world.items(key), world.status(key).get("observedGeneration")

    world.add_key(sealing_key())
    edit(b"first")
    watch = LateWatch(world, ObjectSettings(follow_secrets=follow_secrets))
    watch.look(key)
    watch.show_next()  # the status
    edit(b"second")
    edit(b"third")
    watch.look(key)  # for another reason, such as a Secret that somebody touched
    third = made()
    assert third == ({"password": b"third"}, 3)
    watch.show_next()  # the second form
    watch.look(key)
    assert made() == third


def test_what_is_shown_from_before_the_status_was_written_is_not_taken_for_somebody_s_change_of_it(
    cluster_world: AnyWorld,
) -> None:
    world, key = cluster_world, cluster_world.key("db")
    manifest = sealed_secret("db", world.namespace)
    world.add_key(sealing_key())
    world.put_sealed(manifest)
    watch = LateWatch(world, ObjectSettings(drift="report"))
    world.put_sealed({**manifest, "metadata": {**manifest["metadata"], "labels": {"team": "a"}}})
    watch.look(key)
    world.delete_secret(key)
    watch.objects.secrets.remove(key)
    watch.show_next()  # the label, without a status
    with capture_logs() as log:
        watch.look(key)
    assert [line["event"] for line in log if "conditions" in line["event"]] == []
    assert world.items(key) is None
    assert status.synced_condition(world.status(key))["reason"] == "SecretMissing"
