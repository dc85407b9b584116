"""Reports about new objects come after other objects' Secrets, and never say what is not true any more."""

from typing import Any

import pytest
from tests.support.builders import NOW, sealed_secret, sealing_key
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.worlds import Said, SimulatedWorld

from sealwright_controller.gateway import ObjectKey, Resource, UnavailableError
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.memory import owedreports
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.queue.effort import Effort
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import DONE, Result
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.settings import ObjectSettings
from sealwright_controller.wiring import reconciler_over

FIRST, SECOND = "first", "second"
UNSEALED = Said("Normal", "Unsealed", "SealedSecret unsealed successfully", 1)


class Counting(SimulatedGateway):
    """Counts requests; the watch shows each Secret before the answer to its write, if `watched` is told of them."""

    watched: Any = None
    fails = False

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.requests: list[str] = []

    def get_sealed_secret(self, key: ObjectKey, *, shown: bool = False) -> Any:
        self.requests += [] if shown else [f"get {key.name}"]
        return super().get_sealed_secret(key, shown=shown)

    def create_secret(self, manifest: Any) -> Any:
        self.requests.append(f"create {manifest['metadata']['name']}")
        made = super().create_secret(manifest)
        if self.watched is not None:
            self.watched.put(made, live=True)
        return made

    def record_event(self, event: Any) -> None:
        self.requests.append(f"tell of {event.about.name}")
        super().record_event(event)

    def write_status(self, key: ObjectKey, uid: str, told: Any, *, read: Any = None) -> None:
        self.requests.append(f"status of {key.name}")
        if self.fails:
            raise UnavailableError("no answer")
        super().write_status(key, uid, told, read=read)


class Controller:
    """A queue, an inventory and a reconciler over a simulated server, without threads."""

    def __init__(self, world: SimulatedWorld, **settings: Any) -> None:
        self.world = world
        self.queue: WorkQueue[ObjectKey] = WorkQueue(group_of=lambda key: key.namespace)
        self.gateway = Counting(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
        metrics = Metrics("test")
        keystore = KeyStore(self.gateway, metrics.private_key_operations, lambda: None)
        for manifest in self.gateway.list_page(Resource.SEALING_KEYS).items:
            keystore.put(manifest, live=True)
        self.objects = SealedSecretInventory(self.queue, metrics, ObjectSettings(**settings))
        self.gateway.watched = self.objects.secrets
        self._reconciler = reconciler_over(
            self.gateway,
            keystore,
            self.objects,
            metrics,
            rendering_here,
            now=lambda: NOW,
            effort=Effort(lambda: 0.0, lambda: 0.0),
        )

    def see(self, *, live: bool = False) -> None:
        """Let the watch show all SealedSecrets as they are."""
        for manifest in self.gateway.list_page(Resource.SEALED_SECRETS).items:
            self.objects.put(manifest, live=live)

    def work(self) -> tuple[str, Result] | None:
        """Work on the next key; returns its name and how it ended, None if there is none."""
        key = self.queue.get(timeout=0)
        if key is None:
            return None
        try:
            return key.name, self._reconciler.reconcile(key)
        except UnavailableError:
            self.queue.add(key)
            return key.name, Result(retry=True)
        finally:
            self.queue.done(key)

    def work_on_all(self) -> None:
        """Work until there is nothing left to do."""
        while self.work() is not None:
            pass


@pytest.fixture
def world() -> SimulatedWorld:
    made = SimulatedWorld()
    made.add_key(sealing_key())
    for name in (FIRST, SECOND):
        made.put_sealed(sealed_secret(name, made.namespace))
    return made


@pytest.fixture
def controller(world: SimulatedWorld) -> Controller:
    made = Controller(world)
    made.see()
    return made


def version(world: SimulatedWorld, name: str) -> str:
    return str((world.secret(world.key(name)) or {})["metadata"]["resourceVersion"])


def edit(world: SimulatedWorld, controller: Controller, **special: dict[str, Any]) -> None:
    """Change the first Secret as somebody else would, and let the watch show it."""
    key = world.key(FIRST)
    secret = dict(world.secret(key) or {})
    world.put_secret({**secret, **{name: {**secret[name], **part} for name, part in special.items()}})
    controller.objects.secrets.put(world.secret(key) or {}, live=True)


def reason(world: SimulatedWorld, name: str) -> str:
    return str(status.synced_condition(world.status(world.key(name))).get("reason"))


def test_all_secrets_come_before_the_first_report(world: SimulatedWorld, controller: Controller) -> None:
    assert controller.work() == (FIRST, DONE)
    assert world.items(world.key(FIRST)) == {"password": b"hunter2"}
    assert (world.status(world.key(FIRST)), world.events(world.key(FIRST))) == ({"observedGeneration": -1}, [])
    controller.work_on_all()
    for name in (FIRST, SECOND):
        assert reason(world, name) == "Unsealed"
        assert world.events(world.key(name)) == [UNSEALED]
    assert controller.gateway.requests == [
        *("create first", "create second"),
        *("tell of second", "status of second"),
        *("tell of first", "status of first"),
    ]
    assert len(controller.objects.owed) == 0


def test_nothing_is_left_to_do_when_the_reports_are_seen(world: SimulatedWorld, controller: Controller) -> None:
    controller.work_on_all()
    controller.see(live=True)
    assert controller.work() is None


def test_a_list_that_shows_the_object_without_its_report_costs_nothing(controller: Controller) -> None:
    controller.work()
    controller.see()
    controller.work_on_all()
    assert [request for request in controller.gateway.requests if request.startswith(("get", "create"))] == [
        "create first",
        "create second",
    ]


def test_of_an_object_that_was_changed_meanwhile_both_are_reported(
    world: SimulatedWorld, controller: Controller
) -> None:
    controller.work()
    spoilt = sealed_secret(FIRST, world.namespace)
    spoilt["spec"]["encryptedData"] = {"password": "AgAA"}
    world.put_sealed(spoilt)
    controller.see(live=True)
    controller.work_on_all()
    assert reason(world, FIRST) == "NoKey"
    assert world.status(world.key(FIRST))["observedGeneration"] == 2
    assert [event.reason for event in world.events(world.key(FIRST))] == ["Unsealed", "ErrUnsealFailed"]


def test_whether_a_change_made_meanwhile_makes_the_same_secret_cannot_be_seen(
    world: SimulatedWorld, controller: Controller
) -> None:
    controller.work()
    before = version(world, FIRST)
    world.put_sealed(sealed_secret(FIRST, world.namespace, template={"data": {"password": "never rendered"}}))
    controller.see(live=True)
    controller.work_on_all()
    assert version(world, FIRST) != before
    assert [(event.reason, event.count) for event in world.events(world.key(FIRST))] == [("Unsealed", 2)]


@pytest.mark.parametrize("drift", ["revert", "report"])
@pytest.mark.parametrize("how", ["changed", "deleted"])
def test_what_others_do_to_the_secret_meanwhile_is_drift(world: SimulatedWorld, drift: str, how: str) -> None:
    controller = Controller(world, drift=drift)
    controller.see()
    controller.work()
    key = world.key(FIRST)
    if how == "deleted":
        world.delete_secret(key)
        controller.objects.secrets.remove(key)
    else:
        edit(world, controller, data={"password": "eHh4"})
    controller.work_on_all()
    reported = {"revert": "DriftReverted", "report": "DriftFound"}[drift]
    assert [event.reason for event in world.events(key)] == ["Unsealed", reported]
    left = {"changed": {"password": b"xxx"}, "deleted": None}[how]
    assert world.items(key) == ({"password": b"hunter2"} if drift == "revert" else left)


def test_a_label_that_others_add_meanwhile_stays(world: SimulatedWorld, controller: Controller) -> None:
    controller.work()
    edit(world, controller, metadata={"labels": {"copied": "yes"}})
    controller.work_on_all()
    assert (world.secret(world.key(FIRST)) or {})["metadata"]["labels"] == {"copied": "yes"}
    assert world.events(world.key(FIRST)) == [UNSEALED]


def test_an_object_that_is_suspended_meanwhile_says_that_it_was_unsealed(
    world: SimulatedWorld, controller: Controller
) -> None:
    controller.work()
    world.put_sealed(sealed_secret(FIRST, world.namespace, annotations={"sealwright.dev/suspend": "true"}))
    controller.see(live=True)
    controller.work_on_all()
    said = [(entry["type"], entry["status"]) for entry in world.status(world.key(FIRST))["conditions"]]
    assert said == [("Synced", "True"), ("Suspended", "True")]
    assert world.events(world.key(FIRST)) == [UNSEALED]


def test_a_value_by_chance_does_not_wait_because_a_restart_would_change_it(world: SimulatedWorld) -> None:
    world.put_sealed(sealed_secret(FIRST, world.namespace, template={"data": {"token": "{{ randAlphaNum 20 }}"}}))
    controller = Controller(world)
    controller.see()
    controller.work()
    made = world.items(world.key(FIRST))
    another = Controller(world)
    another.objects.secrets.put(world.secret(world.key(FIRST)) or {}, live=False)
    another.see()
    another.work_on_all()
    assert world.items(world.key(FIRST)) == made


def test_a_secret_without_an_owner_is_deleted_with_its_object_before_the_report(world: SimulatedWorld) -> None:
    alone = {"metadata": {"annotations": {"sealedsecrets.bitnami.com/skip-set-owner-references": "true"}}}
    world.put_sealed(sealed_secret(FIRST, world.namespace, template=alone))
    controller = Controller(world, delete_secrets=True)
    controller.see()
    controller.work()
    assert len(controller.objects.owed) == 1
    world.delete_sealed(world.key(FIRST))
    controller.objects.remove(world.key(FIRST))
    controller.work_on_all()
    assert world.secret(world.key(FIRST)) is None


def test_a_secret_is_repaired_even_if_no_status_can_be_written(world: SimulatedWorld, controller: Controller) -> None:
    controller.work()
    edit(world, controller, data={"password": "eHh4"})
    controller.gateway.fails = True
    for _ in range(3):
        controller.work()
    assert world.items(world.key(FIRST)) == {"password": b"hunter2"}


def test_a_secret_that_was_deleted_meanwhile_is_made_again_first(world: SimulatedWorld, controller: Controller) -> None:
    controller.work()
    world.delete_secret(world.key(FIRST))
    controller.objects.secrets.remove(world.key(FIRST))
    controller.work_on_all()
    assert world.items(world.key(FIRST)) == {"password": b"hunter2"}
    recorded = world.status(world.key(FIRST))["secret"]["uid"]
    assert recorded == (world.secret(world.key(FIRST)) or {})["metadata"]["uid"]


def test_an_object_that_is_gone_is_owed_nothing(world: SimulatedWorld, controller: Controller) -> None:
    controller.work()
    world.delete_sealed(world.key(FIRST))
    controller.objects.remove(world.key(FIRST))
    controller.work_on_all()
    assert len(controller.objects.owed) == 0
    assert "status of first" not in controller.gateway.requests


def test_a_report_that_another_replica_made_is_not_made_again(world: SimulatedWorld, controller: Controller) -> None:
    controller.work()
    other = Controller(world)
    for name in (FIRST, SECOND):
        if found := world.secret(world.key(name)):
            other.objects.secrets.put(found, live=False)
    other.see()
    other.work_on_all()
    controller.see(live=True)
    controller.objects.secrets.put(world.secret(world.key(SECOND)) or {}, live=True)
    controller.work_on_all()
    assert "status of first" not in controller.gateway.requests


def test_a_report_that_fails_is_tried_again_and_its_event_stays_one(
    world: SimulatedWorld, controller: Controller
) -> None:
    controller.work()
    controller.work()
    controller.gateway.fails = True
    assert controller.work() == (FIRST, Result(retry=True))
    controller.gateway.fails = False
    controller.work_on_all()
    assert reason(world, FIRST) == "Unsealed"
    assert world.events(world.key(FIRST)) == [UNSEALED]


def test_without_room_a_report_is_made_at_once(world: SimulatedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owedreports, "MAX_OWED", 0)
    controller = Controller(world)
    controller.see()
    controller.work()
    assert reason(world, FIRST) == "Unsealed"


def test_an_object_that_had_a_status_is_reported_at_once(world: SimulatedWorld, controller: Controller) -> None:
    foreign = {"conditions": [{"type": "Foreign", "status": "True"}]}
    uid = (world.sealed(world.key(FIRST)) or {})["metadata"]["uid"]
    world.server.write_status(world.key(FIRST), uid, foreign)
    controller.see(live=True)
    controller.work()
    assert reason(world, FIRST) == "Unsealed"


def test_where_secrets_are_not_followed_a_report_is_made_at_once(world: SimulatedWorld) -> None:
    controller = Controller(world, follow_secrets=False)
    controller.gateway.watched = None
    controller.see()
    controller.work()
    assert reason(world, FIRST) == "Unsealed"
