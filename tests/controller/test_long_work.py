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

from sealwright_controller.gateway import ObjectKey, RefusedError, Resource, TooLargeError, UnavailableError
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects.decide import MakeRendering
from sealwright_controller.objects.forms import Form
from sealwright_controller.pacing.edits import LONG_SECONDS, EditPace
from sealwright_controller.queue.effort import ENTRY_CHARACTERS, LARGE_CHARACTERS, Effort, is_large
from sealwright_controller.queue.shares import DEAR_SECONDS
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import DONE, LONG, RETRY, Reconciler
from sealwright_controller.renderer.rendering import LongWorkError
from sealwright_controller.renderer.templates import TemplateRendering, rendering_here
from sealwright_controller.wiring import reconciler_over
from sealwright_crypto import Opened

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
    no_effort = Effort(lambda: 0.0, lambda: 0.0)
    return reconciler_over(
        gateway, keystore, objects, metrics, unhurried(lambda: None), now=lambda: NOW, effort=no_effort
    )


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


def test_what_earlier_turns_have_opened_is_not_opened_again_with_patience(
    world: SimulatedWorld, reconciler: Reconciler
) -> None:
    shown(world, reconciler, data={"url": "this takes long"})
    key, opened = world.key("db"), {"password": Opened(b"hunter2", sealing_key().fingerprint)}
    reconciler.objects.unfinished.keep(key, Form.of(world.sealed(key)), opened)
    assert reconciler.reconcile(key) is LONG
    assert replace(reconciler, patient=True).reconcile(key) is DONE
    assert reconciler.metrics.private_key_operations.value == 0
    assert len(reconciler.objects.unfinished) == 0


def test_no_room_is_taken_for_what_opens_in_one_turn(world: SimulatedWorld, reconciler: Reconciler) -> None:
    shown(world, reconciler, data={"url": "this takes long"})
    assert reconciler.reconcile(world.key("db")) is LONG
    assert len(reconciler.objects.unfinished) == 0


def end_it(world: SimulatedWorld, key: ObjectKey) -> None:
    manifest = world.sealed(key)
    world.put_sealed(manifest | {"metadata": {**manifest["metadata"], "finalizers": ["example.com/x"]}})
    world.delete_sealed(key)


def spoil_it(world: SimulatedWorld, key: ObjectKey) -> None:
    world.put_sealed(world.sealed(key) | {"spec": {"encryptedData": {"password": "AAAA"}}})


@pytest.mark.parametrize("change", [end_it, spoil_it, lambda *_: None], ids=["ending", "spoilt", "done"])
def test_the_room_of_an_object_is_free_at_each_end_of_a_look(
    world: SimulatedWorld, reconciler: Reconciler, change: Callable[[SimulatedWorld, ObjectKey], None]
) -> None:
    shown(world, reconciler)
    key = world.key("db")
    reconciler.objects.unfinished.keep(key, Form.of(world.sealed(key)), {})
    change(world, key)
    reconciler.reconcile(key)
    assert len(reconciler.objects.unfinished) == 0


def test_it_is_free_when_a_look_ends_in_trouble(
    world: SimulatedWorld, reconciler: Reconciler, gateway: SimulatedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(world, reconciler)
    key = world.key("db")
    reconciler.objects.unfinished.keep(key, Form.of(world.sealed(key)), {})

    def fail(_: object) -> None:
        raise UnavailableError("away")

    monkeypatch.setattr(gateway, "create_secret", fail)
    with pytest.raises(UnavailableError):
        reconciler.reconcile(key)
    assert len(reconciler.objects.unfinished) == 0


@pytest.mark.parametrize(("text", "long"), [("this takes long", True), ("quick", False)])
def test_that_it_was_left_for_later_shows_in_no_number_and_costs_as_a_long_look(
    world: SimulatedWorld, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch, text: str, *, long: bool
) -> None:
    counted: list[float] = []
    monkeypatch.setattr(reconciler.objects.pace, "count", lambda _, *, seconds, **__: counted.append(seconds))
    shown(world, reconciler, data={"url": text})
    if long:
        assert reconciler.reconcile(world.key("db")) is LONG
    assert replace(reconciler, patient=long).reconcile(world.key("db")) is DONE
    assert {seconds >= LONG_SECONDS for seconds in counted} == {long}
    assert b"unseal_requests_total 1.0" in reconciler.metrics.exposition()


@pytest.mark.parametrize(("seconds", "renderings"), [(DEAR_SECONDS, 1), (0.4 * DEAR_SECONDS, 3)])
def test_what_was_dear_is_not_decided_anew_in_the_same_turn_when_another_takes_its_place(
    world: SimulatedWorld, reconciler: Reconciler, seconds: float, renderings: int
) -> None:
    now, rendered = [0.0], []

    def replaced_meanwhile() -> None:
        rendered.append(world.sealed(world.key("db"))["metadata"]["uid"])
        now[0] += seconds
        world.delete_sealed(world.key("db"))
        shown(world, reconciler, data={"url": "this takes long"})

    shown(world, reconciler, data={"url": "this takes long"})
    effort = Effort(lambda: now[0], lambda: 0.0)
    decider = replace(reconciler.decider, rendering=unhurried(replaced_meanwhile), effort=effort)
    assert replace(reconciler, decider=decider, effort=effort, patient=True).reconcile(world.key("db")) is RETRY
    assert len(set(rendered)) == len(rendered) == renderings


@pytest.mark.parametrize("patient_comes", [True, False])
def test_what_is_left_for_later_costs_as_a_long_look_though_it_changes_before_its_turn(
    world: SimulatedWorld, reconciler: Reconciler, *, patient_comes: bool
) -> None:
    reconciler.objects.pace = EditPace(lambda: 0.0)
    key, ends = world.key("db"), []
    for number in range(5):
        shown(world, reconciler, data={"url": f"this takes long {number}"})
        ends.append(reconciler.reconcile(key))
        assert reconciler.reconcile(key) == ends[-1], "once for each change"
        if patient_comes:
            replace(reconciler, patient=True).reconcile(key)
    assert ends[:-1] == [LONG] * 4
    assert ends[-1].wait_seconds > 0


def test_a_status_that_is_refused_for_another_reason_is_written_once_that_is_mended(
    world: SimulatedWorld, reconciler: Reconciler, gateway: SimulatedGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RefusedError("User cannot patch resource")

    shown(world, reconciler)
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "write_status", refuse)
        with pytest.raises(RefusedError):
            reconciler.reconcile(world.key("db"))
    assert reconciler.reconcile(world.key("db")) is DONE
    assert world.status(world.key("db"))["observedGeneration"] == 1


@pytest.mark.parametrize("there", [False, True], ids=["a new Secret", "a Secret that is there"])
def test_an_object_without_room_for_a_status_is_done_and_told_by_an_event(
    world: SimulatedWorld,
    reconciler: Reconciler,
    gateway: SimulatedGateway,
    monkeypatch: pytest.MonkeyPatch,
    *,
    there: bool,
) -> None:
    refused: list[object] = []

    def refuse(*status: object, **_: object) -> None:
        refused.append(status)
        raise TooLargeError("it is larger than the cluster stores")

    shown(world, reconciler)
    key = world.key("db")
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "write_status", refuse)
        assert reconciler.reconcile(key) is DONE
        if there:
            assert reconciler.reconcile(key) is DONE
    assert len(refused) == 1, "what is not written is remembered, and not tried at each look"
    assert world.secret(key) is not None
    assert [event.reason for event in world.events(key)] == ["Unsealed"]
    changed = world.sealed(key)
    world.put_sealed(changed | {"spec": sealed_secret("db", world.namespace, {"other": b"x"})["spec"]})
    reconciler.objects.put(world.sealed(key), live=True)
    assert reconciler.reconcile(key) is DONE
    assert world.status(key)["observedGeneration"] == 2
    assert reconciler.objects.statuses.shown(world.sealed(key)) == world.sealed(key), "nothing is kept beside it"


@pytest.mark.parametrize(
    ("spec", "large"),
    [
        ({"encryptedData": {"a": "x" * LARGE_CHARACTERS}}, True),
        ({"encryptedData": {"a": "x" * (LARGE_CHARACTERS - ENTRY_CHARACTERS - 1)}}, False),
        ({"encryptedData": {}, "template": {"data": {"k" * LARGE_CHARACTERS: "x"}}}, True),
        ({"encryptedData": {"a": "x" * (LARGE_CHARACTERS // 2)}, "template": {"data": {"b": "x" * (LARGE_CHARACTERS // 2)}}}, True),
        ({"data": "x" * (LARGE_CHARACTERS + 1)}, True),
        ({"encryptedData": {}, "template": {"data": {str(n): "" for n in range(LARGE_CHARACTERS // ENTRY_CHARACTERS)}}}, True),
        ({"template": {"metadata": {"labels": {str(n): "" for n in range(LARGE_CHARACTERS // ENTRY_CHARACTERS)}}}}, True),
        ({"template": {"metadata": {"annotations": {"a": "x" * LARGE_CHARACTERS}}}}, True),
        ({"template": {"metadata": {"annotations": {str(n): "" for n in range(2_000)}}}}, False),
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
