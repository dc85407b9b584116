"""Objects that take long, or much memory, are looked at by the patient worker alone; nobody waits for them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.support.builders import NOW, sealed_secret, sealing_key
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld

from sealwright_controller.gateway import Resource
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects.decide import MakeRendering
from sealwright_controller.queue.effort import LARGE_CHARACTERS, is_large
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import DONE, LONG, Reconciler
from sealwright_controller.renderer.rendering import LongWorkError
from sealwright_controller.renderer.templates import TemplateRendering, rendering_here

LARGE_TEMPLATES = {f"k{number}": "x" * 1024 for number in range(257)}


class Unhurried(TemplateRendering):
    """Leaves templates that hold the word "long" to who has patience, as a renderer that is waited for does."""

    def __init__(self, *, patient: bool, meanwhile: Callable[[], None]) -> None:
        super().__init__()
        self._patient = patient
        self._meanwhile = meanwhile

    def __call__(self, key: str, text: str, data: Mapping[str, bytes]) -> bytes:
        if "long" in text:
            if not self._patient:
                raise LongWorkError
            self._meanwhile()
        return super().__call__(key, text, data)


def unhurried(meanwhile: Callable[[], None]) -> MakeRendering:
    return lambda *, patient: Unhurried(patient=patient, meanwhile=meanwhile)


@pytest.fixture
def world() -> Iterator[SimulatedWorld]:
    made = SimulatedWorld()
    made.add_key(sealing_key())
    yield made
    made.close()


@pytest.fixture
def gateway(world: SimulatedWorld) -> SimulatedGateway:
    return SimulatedGateway(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])


@pytest.fixture
def reconciler(gateway: SimulatedGateway) -> Reconciler:
    metrics = Metrics("test")
    keystore = KeyStore(gateway, metrics.private_key_operations, lambda: None)
    for manifest in gateway.list_page(Resource.SEALING_KEYS).items:
        keystore.put(manifest, live=True)
    objects = SealedSecretInventory(WorkQueue(), metrics)
    return Reconciler(gateway, keystore, objects, metrics, unhurried(lambda: None), lambda: NOW)


def shown(world: SimulatedWorld, reconciler: Reconciler, **template: Any) -> None:
    world.put_sealed(sealed_secret("db", world.namespace, template=template or None))
    reconciler.objects.put(world.sealed(world.key("db")), live=True)


@pytest.mark.parametrize("texts", [LARGE_TEMPLATES, {"url": "this takes long"}], ids=["large", "long"])
def test_it_is_left_to_who_has_patience(world: SimulatedWorld, reconciler: Reconciler, texts: dict[str, str]) -> None:
    shown(world, reconciler, data=texts)
    assert reconciler.reconcile(world.key("db")) is LONG
    assert world.secret(world.key("db")) is None
    assert world.events(world.key("db")) == []
    assert replace(reconciler, patient=True).reconcile(world.key("db")) is DONE
    assert set(texts) < set(world.secret(world.key("db"))["data"])


def test_what_was_opened_is_not_opened_again_with_patience(world: SimulatedWorld, reconciler: Reconciler) -> None:
    shown(world, reconciler, data={"url": "this takes long"})
    assert reconciler.reconcile(world.key("db")) is LONG
    operations = reconciler.metrics.private_key_operations.value
    assert replace(reconciler, patient=True).reconcile(world.key("db")) is DONE
    assert (operations, reconciler.metrics.private_key_operations.value) == (1, 1)


@pytest.mark.parametrize(
    ("spec", "large"),
    [
        ({"encryptedData": {"a": "x" * LARGE_CHARACTERS}}, True),
        ({"encryptedData": {"a": "x" * (LARGE_CHARACTERS - 1)}}, False),
        ({"encryptedData": {}, "template": {"data": {"k" * LARGE_CHARACTERS: "x"}}}, True),
        ({"encryptedData": {"a": "x" * (LARGE_CHARACTERS // 2)}, "template": {"data": {"b": "x" * (LARGE_CHARACTERS // 2)}}}, True),
        ({"data": "x" * (LARGE_CHARACTERS + 1)}, True),
        ({"data": ["x"] * LARGE_CHARACTERS}, False),
        ({"encryptedData": {"a": 1, "b": None}, "template": {"data": ["x"]}}, False),
        ({"encryptedData": "x", "template": None}, False),
        (None, False),
    ],
)  # fmt: skip
def test_items_and_templates_make_it_large(spec: object, *, large: bool) -> None:
    assert is_large({"spec": spec}) is large


def test_what_is_large_is_not_even_asked_for_by_those_who_are_quick(world: SimulatedWorld) -> None:
    queue: WorkQueue[Any] = WorkQueue()
    inventory = SealedSecretInventory(queue, Metrics("test"))
    world.put_sealed(sealed_secret("db", world.namespace, template={"data": LARGE_TEMPLATES}))
    inventory.put(world.sealed(world.key("db")), live=True)
    assert queue.get(timeout=0) is None
    assert queue.get(timeout=0, long=True) == world.key("db")


def test_others_are_unsealed_meanwhile_with_one_worker_too(world: SimulatedWorld, gateway: SimulatedGateway) -> None:
    begun, end = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        assert end.wait(30)

    with running(gateway, "--workers=1", rendering=unhurried(hang)) as manager:
        for name in ("long-1", "long-2"):
            world.put_sealed(sealed_secret(name, world.namespace, template={"data": {"url": "this takes long"}}))
        assert begun.wait(30)
        world.put_sealed(sealed_secret("calm", world.namespace, template={"data": {"url": "x"}}))
        eventually(lambda: world.secret(world.key("calm")), what="the calm one's Secret")
        assert world.secret(world.key("long-1")) is None
        end.set()
        for name in ("long-1", "long-2"):
            eventually(lambda name=name: world.secret(world.key(name)), what="what took long is done")
        assert manager.queue.failing() == 0


def test_in_one_process_nothing_is_left_to_another() -> None:
    assert rendering_here(patient=False)("k", "{{ htpasswd `a` `b` | len }}", {}) == b"62"
