"""What one reconcile makes of a world that changes while it works; what it decides is in test_decide.py."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from structlog.testing import capture_logs
from tests.support.builders import NOW, other_sealing_key, sealed_secret, sealing_key
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.simulator import SimulatedServer
from tests.support.worlds import SimulatedWorld

from sealwright_controller.gateway import (
    KEY_LABEL,
    NamespaceEndingError,
    NotFoundError,
    ObjectKey,
    RefusedError,
    Resource,
    UnavailableError,
    UnreadableError,
)
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.kube.events import MAX_MESSAGE_BYTES
from sealwright_controller.memory.inventory import SealedSecretInventory
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.pacing.edits import LOOKS_AT_ONCE, WAITING, EditPace
from sealwright_controller.queue.effort import Effort
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.reconciler import (
    DONE,
    HOPELESS,
    MAX_RACES,
    PATIENCE,
    QUIET_SECONDS,
    RETRY,
    UNFINISHED,
    Reconciler,
    Result,
)
from sealwright_controller.renderer.templates import rendering_here
from sealwright_controller.settings import ObjectSettings
from sealwright_controller.wiring import reconciler_over
from sealwright_crypto import Scope


class Racing(SimulatedGateway):
    """Lets somebody else act just before each write of a Secret."""

    before_write: Callable[[], object] = staticmethod(lambda: None)
    writes = 0

    def create_secret(self, manifest: Any) -> Any:
        self._somebody_acts()
        return super().create_secret(manifest)

    def replace_secret(self, manifest: Any) -> Any:
        self._somebody_acts()
        return super().replace_secret(manifest)

    def delete_secret(self, manifest: Any) -> None:
        self._somebody_acts()
        super().delete_secret(manifest)

    def _somebody_acts(self) -> None:
        self.writes += 1
        self.before_write()


@pytest.fixture
def world() -> SimulatedWorld:
    made = SimulatedWorld()
    made.add_key(sealing_key())
    made.put_sealed(sealed_secret("db", made.namespace))
    return made


@pytest.fixture
def gateway(world: SimulatedWorld) -> Racing:
    return Racing(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])


@pytest.fixture
def reconciler(gateway: Racing) -> Reconciler:
    return made_over(gateway)


def made_over(gateway: SimulatedGateway) -> Reconciler:
    metrics = Metrics("test")
    keystore = KeyStore(gateway, metrics.private_key_operations, lambda: None)
    for manifest in gateway.list_page(Resource.SEALING_KEYS).items:
        keystore.put(manifest, live=True)
    objects = SealedSecretInventory(WorkQueue(), metrics)
    for manifest in gateway.list_page(Resource.SEALED_SECRETS).items:
        objects.put(manifest, live=False)
        gateway.forget_shown(ObjectKey.of(manifest))  # the tests change objects without a watch that shows it
    no_effort = Effort(lambda: 0.0, lambda: 0.0)
    return reconciler_over(gateway, keystore, objects, metrics, rendering_here, now=lambda: NOW, effort=no_effort)


def secret(world: SimulatedWorld, value: str = "eA==", **metadata: Any) -> dict[str, Any]:
    place = {"name": "db", "namespace": world.namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": place | metadata, "data": {"mine": value}}


def reason(world: SimulatedWorld) -> str:
    return str(status.synced_condition(world.status(world.key("db"))).get("reason"))


def test_a_secret_that_nobody_had_seen_is_met_at_its_creation_and_judged_at_once(world, gateway, reconciler):
    world.put_secret(secret(world))
    assert reconciler.reconcile(world.key("db")) is RETRY
    assert reason(world) == "NotManaged"
    assert world.items(world.key("db")) == {"mine": b"x"}


def test_a_secret_that_comes_in_between_is_judged_at_once(world, gateway, reconciler):
    gateway.before_write = lambda: world.put_secret(secret(world))
    assert reconciler.reconcile(world.key("db")) is RETRY
    assert reason(world) == "NotManaged"


def test_a_secret_that_changes_in_between_is_decided_about_anew(world, gateway, reconciler):
    managed = {"annotations": {"sealedsecrets.bitnami.com/managed": "true"}}
    world.put_secret(secret(world, **managed))

    def change() -> None:
        gateway.before_write = lambda: None
        world.put_secret(secret(world, "eQ==", **managed))

    gateway.before_write = change
    assert reconciler.reconcile(world.key("db")) is DONE
    assert world.items(world.key("db")) == {"password": b"hunter2"}
    assert reason(world) == "Unsealed"


def test_a_secret_that_changes_all_the_time_is_left_for_later(world, gateway, reconciler):
    values = iter(["YQ==", "Yg==", "Yw==", "ZA=="])
    managed = {"annotations": {"sealedsecrets.bitnami.com/managed": "true"}}

    def change() -> None:
        world.put_secret(secret(world, next(values), **managed))

    gateway.before_write = change
    assert reconciler.reconcile(world.key("db")) is RETRY
    assert gateway.writes == MAX_RACES == 3


def test_a_secret_in_the_way_that_cannot_be_read_is_told_and_left_alone(world):
    class Unreadable(Racing):
        def get_secret(self, key: ObjectKey) -> Any:
            found = super().get_secret(key)
            if found is not None:
                raise UnreadableError(f"Secret {key}: there are too many values", found)
            return None

    world.put_secret(secret(world))
    reconciler = made_over(
        Unreadable(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
    )
    assert reconciler.reconcile(world.key("db")) is RETRY
    condition = status.synced_condition(world.status(world.key("db")))
    assert (condition["reason"], condition["message"]) == ("Refused", "Secret team-a/db: there are too many values")
    assert world.items(world.key("db")) == {"mine": b"x"}


class TestLog:
    """One line for each decision, with the object, the reason and how long it took."""

    @pytest.fixture
    def ticking(self, reconciler: Reconciler) -> Reconciler:
        times = iter([10.0, 10.12345])
        reconciler.clock = lambda: next(times)
        return reconciler

    def test_of_a_success(self, world, ticking):
        with capture_logs() as log:
            ticking.reconcile(world.key("db"))
        assert log == [
            {
                "event": "unsealed",
                "log_level": "info",
                "object": "team-a/db",
                "action": "create",
                "reason": "Unsealed",
                "seconds": 0.1,
            }
        ]

    def test_of_a_failure(self, world, ticking):
        world.put_sealed(sealed_secret("db", world.namespace, certificate=other_sealing_key().certificate))
        with capture_logs() as log:
            ticking.reconcile(world.key("db"))
        assert log == [
            {
                "event": "not unsealed",
                "log_level": "warning",
                "object": "team-a/db",
                "action": "refuse",
                "reason": "NoKey",
                "message": "no key could decrypt secret (password)",
                "seconds": 0.1,
            }
        ]

    @pytest.fixture
    def failing(self, world: SimulatedWorld) -> None:
        world.put_sealed(sealed_secret("db", world.namespace, certificate=other_sealing_key().certificate))

    def levels(self, reconciler: Reconciler, key: ObjectKey, looks: int) -> list[str]:
        with capture_logs() as log:
            for _ in range(looks):
                reconciler.reconcile(key)
        return [line["log_level"] for line in log]

    def test_a_failure_that_stays_is_a_warning_once(self, world, reconciler, failing):
        assert self.levels(reconciler, world.key("db"), looks=3) == ["warning", "debug", "debug"]

    def test_a_failure_after_a_change_is_a_warning_again(self, world, reconciler, failing):
        assert self.levels(reconciler, world.key("db"), looks=2) == ["warning", "debug"]
        world.put_sealed(sealed_secret("db", world.namespace, certificate=other_sealing_key().certificate))
        assert self.levels(reconciler, world.key("db"), looks=2) == ["warning", "debug"]

    def test_a_failure_after_a_success_is_a_warning_again(self, world, reconciler):
        bad = sealed_secret("db", world.namespace, certificate=other_sealing_key().certificate)
        said = []
        for manifest in (bad, sealed_secret("db", world.namespace), bad):
            world.put_sealed(manifest)
            said += self.levels(reconciler, world.key("db"), looks=1)
        assert said == ["warning", "info", "warning"]


class TestPace:
    """An object that fails after each change waits, so that what its author learns by it costs seconds."""

    BAD: ClassVar = {"data": {"url": "{{ fail .password }}"}}

    def edit(self, world: SimulatedWorld, reconciler: Reconciler, template: dict[str, Any]) -> Result:
        world.put_sealed(sealed_secret("db", world.namespace, template=template))
        return reconciler.reconcile(world.key("db"))

    @pytest.fixture
    def failed(self, world: SimulatedWorld, reconciler: Reconciler) -> None:
        for _ in range(4):
            assert self.edit(world, reconciler, self.BAD) is RETRY

    def test_a_further_change_is_put_off_and_the_status_says_so_once(self, world, reconciler, failed):
        before = world.status(world.key("db"))
        result = self.edit(world, reconciler, self.BAD)
        assert 8 < result.wait_seconds <= 10
        seen = world.sealed(world.key("db"))
        (condition,) = seen["status"]["conditions"]
        assert condition["message"] == f"{before['conditions'][0]['message']}; {WAITING}"
        assert seen["status"]["observedGeneration"] == before["observedGeneration"] < seen["metadata"]["generation"]
        assert reconciler.reconcile(world.key("db")).wait_seconds > 8
        assert world.sealed(world.key("db")) == seen

    @pytest.mark.parametrize(
        "asked",
        [
            pytest.param(lambda number: {"sealwright.dev/retry": str(number)}, id="to try again"),
            pytest.param(lambda number: {"sealwright.dev/suspend": str(number % 2 == 0).lower()}, id="to suspend"),
        ],
    )
    def test_what_is_asked_for_by_an_annotation_is_a_change_like_others(self, world, reconciler, asked):
        reconciler.objects.pace = EditPace(lambda: 0.0)
        manifest = sealed_secret("db", world.namespace, template=self.BAD)
        waits = []
        for number in range(LOOKS_AT_ONCE):
            world.put_sealed({**manifest, "metadata": {**manifest["metadata"], "annotations": asked(number)}})
            waits.append(reconciler.reconcile(world.key("db")).wait_seconds)
        assert waits[0] == 0
        assert any(waits)

    def test_nothing_is_opened_or_counted_for_it_meanwhile(self, world, reconciler, failed):
        def figures() -> list[str]:
            lines = reconciler.metrics.exposition().decode().splitlines()
            return [line for line in lines if "unseal" in line or "operations" in line or "opened" in line]

        before = figures()
        self.edit(world, reconciler, {})
        assert figures() == before
        assert world.secret(world.key("db")) is None

    def test_what_failed_is_tried_again_all_the_same(self, world, reconciler, failed):
        assert reconciler.reconcile(world.key("db")) is RETRY

    @pytest.mark.parametrize(
        "template",
        [
            '{{ if now }}{{ fail "" }}{{ end }}',
            '{{ if randAlpha 3 }}{{ fail "" }}{{ end }}',
            '{{ repeat 9999999 "x" }}',
        ],
        ids=["time", "chance", "a limit"],
    )
    def test_a_retry_that_may_end_otherwise_is_one_more_look_and_no_change_that_waits(
        self, world, reconciler, template
    ):
        reconciler.objects.pace = EditPace(lambda: 0.0)
        assert self.edit(world, reconciler, {"data": {"url": template}}) is RETRY
        before = world.sealed(world.key("db"))
        assert [reconciler.reconcile(world.key("db")) for _ in range(3)] == [RETRY] * 3
        assert reconciler.reconcile(world.key("db")).wait_seconds == pytest.approx(10)
        assert world.sealed(world.key("db"))["status"] == before["status"]

    def test_so_is_another_look_at_what_succeeded_that_somebody_brings_about(self, world, reconciler):
        reconciler.objects.pace = EditPace(lambda: 0.0)
        self.edit(world, reconciler, {"data": {"url": "{{ now }}"}})
        waits = []
        for _ in range(LOOKS_AT_ONCE):
            uid = world.sealed(world.key("db"))["metadata"]["uid"]
            world.server.write_status(world.key("db"), uid, {"observedGeneration": -1})
            waits.append(reconciler.reconcile(world.key("db")).wait_seconds)
        assert waits == [0] * (LOOKS_AT_ONCE - 1) + [pytest.approx(2)]

    def test_so_is_one_of_what_the_server_refused(self, world, gateway, reconciler):
        def refuse() -> None:
            raise RefusedError("it is refused")

        reconciler.objects.pace = EditPace(lambda: 0.0)
        gateway.before_write = refuse
        assert self.edit(world, reconciler, {"data": {"url": "{{ now }}"}}) is RETRY
        assert [reconciler.reconcile(world.key("db")) for _ in range(3)] == [RETRY] * 3
        assert reconciler.reconcile(world.key("db")).wait_seconds == pytest.approx(10)

    def test_a_retry_of_what_depends_on_the_values_alone_costs_nothing(self, world, reconciler):
        reconciler.objects.pace = EditPace(lambda: 0.0)
        self.edit(world, reconciler, self.BAD)
        assert [reconciler.reconcile(world.key("db")) for _ in range(20)] == [RETRY] * 20

    def test_when_its_time_has_come_it_is_looked_at(self, world, gateway, reconciler):
        now = [0.0]
        reconciler.objects.pace = EditPace(lambda: now[0])
        for _ in range(4):
            self.edit(world, reconciler, self.BAD)
        result = self.edit(world, reconciler, {})
        now[0] += result.wait_seconds
        assert reconciler.reconcile(world.key("db")) is DONE
        assert reason(world) == "Unsealed"
        (condition,) = world.status(world.key("db"))["conditions"]
        assert condition["message"] == ""

    def test_a_change_that_is_seen_meanwhile_is_queued_for_then(self, world, reconciler, failed):
        objects = reconciler.objects
        objects.put(world.sealed(world.key("db")), live=True)
        queue = objects._queue
        while (key := queue.get(timeout=0)) is not None:
            queue.done(key)
        world.put_sealed(sealed_secret("db", world.namespace))
        for _ in range(3):
            objects.put(world.sealed(world.key("db")), live=True)
        depth = queue.depth()
        assert (depth.ready, depth.waiting) == (0, 1)

    def test_it_can_be_switched_off(self, world, reconciler):
        reconciler.objects.pace = EditPace(lambda: 0.0, enabled=False)
        results = [self.edit(world, reconciler, self.BAD) for _ in range(20)]
        assert [(result.retry, result.wait_seconds) for result in results] == [(True, 0.0)] * 20


class TestLine:
    """Objects that share items wait for their namespace, and are read once each before their turn."""

    COUNT = 100

    @pytest.fixture
    def read(self, gateway: Racing, monkeypatch: pytest.MonkeyPatch) -> list[ObjectKey]:
        """Return which objects were read, in a list that grows."""
        seen, get = [], gateway.get_sealed_secret

        def noting(key: ObjectKey, *, shown: bool) -> Any:
            seen.append(key)
            return get(key, shown=shown)

        monkeypatch.setattr(gateway, "get_sealed_secret", noting)
        return seen

    @pytest.fixture
    def waiting(self, world: SimulatedWorld, reconciler: Reconciler) -> list[ObjectKey]:
        """Return the objects that wait after one look at each of many that fail."""
        template = {"data": {"url": '{{ fail "" }}'}}
        for number in range(self.COUNT):
            wide = sealed_secret(f"n{number}", world.namespace, template=template, scope=Scope.NAMESPACE_WIDE)
            world.put_sealed(wide)
        keys = [world.key(f"n{number}") for number in range(self.COUNT)]
        for key in keys:
            reconciler.objects.put(world.sealed(key), live=True)
        reconciler.objects.pace = EditPace(lambda: 0.0)
        return [key for key in keys if reconciler.reconcile(key).wait_seconds]

    def test_what_stands_in_line_is_not_read_again_once_it_was_told(self, reconciler, waiting, read):
        assert len(waiting) > self.COUNT - 10
        for _ in range(3):
            assert all(reconciler.reconcile(key).wait_seconds for key in waiting)
        assert read == []

    def test_what_is_changed_is_read_and_told(self, world, reconciler, waiting, read):
        world.put_sealed(sealed_secret("n99", world.namespace, scope=Scope.NAMESPACE_WIDE))
        reconciler.objects.put(world.sealed(world.key("n99")), live=True)
        assert reconciler.reconcile(world.key("n99")) is DONE  # without templates there is nothing to wait for
        assert read == [world.key("n99")]

    def test_what_is_gone_gives_up_its_place(self, world, reconciler, waiting):
        before = reconciler.reconcile(waiting[-1]).wait_seconds
        for key in waiting[:10]:
            reconciler.objects.remove(key)
        assert reconciler.reconcile(waiting[-1]).wait_seconds < before


class TestOrphans:
    """Whose SealedSecret is gone, where the controller itself is to delete them; the server collects no garbage."""

    @pytest.fixture
    def world(self) -> SimulatedWorld:
        made = SimulatedWorld()
        made.server = SimulatedServer(collects_at_once=False)
        made.server.create_namespace(made.namespace)
        made.add_key(sealing_key())
        made.put_sealed(sealed_secret("db", made.namespace))
        return made

    @pytest.fixture(autouse=True)
    def gone(self, world: SimulatedWorld, reconciler: Reconciler) -> None:
        reconciler.objects.settings = ObjectSettings(delete_secrets=True)
        assert reconciler.reconcile(world.key("db")) is DONE
        world.delete_sealed(world.key("db"))
        reconciler.objects.remove(world.key("db"))

    def given_away(self, world: SimulatedWorld) -> dict[str, Any]:
        """Return the Secret as somebody leaves it who takes it from its SealedSecret."""
        found = world.secret(world.key("db"))
        assert found is not None
        return {**found, "metadata": {**found["metadata"], "ownerReferences": []}}

    def test_one_is_deleted_once(self, world, reconciler):
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.secret(world.key("db")) is None
        world.put_secret(secret(world))
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.secret(world.key("db")) is not None

    def test_one_that_somebody_else_deletes_at_that_moment_is_no_trouble(self, world, gateway, reconciler):
        gateway.before_write = lambda: world.delete_secret(world.key("db"))
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.secret(world.key("db")) is None

    def test_one_that_changes_at_that_moment_is_looked_at_anew(self, world, gateway, reconciler):
        def give_away() -> None:
            gateway.before_write = lambda: None
            world.put_secret(self.given_away(world))

        gateway.before_write = give_away
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.items(world.key("db")) == {"password": b"hunter2"}

    def test_one_that_nobody_controls_any_more_stays(self, world, reconciler):
        world.put_secret(self.given_away(world))
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.items(world.key("db")) == {"password": b"hunter2"}

    def test_one_that_cannot_be_read_is_deleted_by_what_is_known_of_it(self, world, reconciler):
        class Unreadable(Racing):
            def get_secret(self, key: ObjectKey) -> Any:
                raise UnreadableError(f"Secret {key}: there are too many values", super().get_secret(key))

        reconciler.gateway = Unreadable(world.server, served_namespaces=[world.namespace])
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.secret(world.key("db")) is None

    def test_while_the_server_is_away_it_is_not_forgotten(self, world, gateway, reconciler):
        def away() -> None:
            raise UnavailableError("away")

        gateway.before_write = away
        with pytest.raises(UnavailableError):
            reconciler.reconcile(world.key("db"))
        gateway.before_write = lambda: None
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.secret(world.key("db")) is None

    @pytest.mark.parametrize("value", ["active", "compromised"])
    def test_one_that_is_a_sealing_key_by_now_stays(self, world, reconciler, value):
        made = world.secret(world.key("db"))
        world.put_secret({**made, "metadata": {**made["metadata"], "labels": {KEY_LABEL: value}}})
        assert reconciler.reconcile(world.key("db")) is DONE
        assert world.items(world.key("db")) == {"password": b"hunter2"}
        assert reconciler.objects.orphaned_by(world.key("db")) is None


class TestFights:
    @pytest.fixture
    def contended(self, world, reconciler):
        """The Secret was put right three times, and is wrong again."""
        for _ in range(4):
            assert reconciler.reconcile(world.key("db")) is DONE
            assert world.items(world.key("db")) == {"password": b"hunter2"}
            world.put_secret({**world.secret(world.key("db")), "data": {"password": "eA=="}})
            reconciler.objects.secrets.put(world.secret(world.key("db")), live=False)

    def test_the_fourth_time_it_is_left_alone_and_told(self, world, gateway, reconciler, contended):
        result = reconciler.reconcile(world.key("db"))
        assert result.retry
        pause = reconciler.objects.contention.pause_seconds(world.key("db"))
        assert result.backoff.seconds(1, jitter=0.0) == pytest.approx(pause, abs=0.5)
        assert (gateway.writes, reason(world)) == (4, "Contended")
        assert world.items(world.key("db")) == {"password": b"x"}
        assert reconciler.objects.contention.pause_seconds(world.key("db")) > 4

    def test_in_the_pause_no_key_is_used_and_no_status_is_written(self, world, reconciler, contended):
        reconciler.reconcile(world.key("db"))
        before, used = world.sealed(world.key("db")), reconciler.metrics.private_key_operations.value
        for _ in range(20):
            assert reconciler.reconcile(world.key("db")).retry
        assert world.sealed(world.key("db")) == before
        assert reconciler.metrics.private_key_operations.value == used

    def test_a_write_that_fails_is_no_turn_of_it(self, world, gateway, reconciler):
        def away() -> None:
            raise UnavailableError("away")

        gateway.before_write = away
        for _ in range(10):
            with pytest.raises(UnavailableError):
                reconciler.reconcile(world.key("db"))
        gateway.before_write = lambda: None
        assert reconciler.reconcile(world.key("db")) is DONE

    def test_a_status_that_cannot_be_written_does_not_hide_it(self, world):
        class Mute(Racing):
            def write_status(self, key: ObjectKey, uid: str, status: Any, *, read: Any = None) -> None:
                raise RefusedError("not allowed")

        mute = Mute(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
        reconciler = made_over(mute)
        for _ in range(10):
            with contextlib.suppress(RefusedError):
                reconciler.reconcile(world.key("db"))
            world.put_secret({**world.secret(world.key("db")), "data": {"password": "eA=="}})
            reconciler.objects.secrets.put(world.secret(world.key("db")), live=False)
        assert mute.writes == 4


def test_what_is_not_in_view_any_more_is_left_alone(world, reconciler):
    reconciler.objects.remove(world.key("db"))
    assert reconciler.reconcile(world.key("db")) is DONE
    assert world.secret(world.key("db")) is None


class TestLongMessages:
    """Whoever seals items of long names decides how long a message would be; it is told to people, and kept in mind."""

    @pytest.fixture
    def told(self, world, gateway, reconciler, capsys):
        items = {f"{'x' * 200}-{number}": "AAAA" for number in range(2_000)}
        manifest = sealed_secret("db", world.namespace)
        world.put_sealed(manifest | {"spec": {"encryptedData": items}})
        assert replace(reconciler, patient=True).reconcile(world.key("db")) is HOPELESS
        return capsys.readouterr().out

    def test_the_log_holds_their_beginning(self, told):
        assert "no key could decrypt secret (x" in told
        assert len(told) < status.MAX_MESSAGE_CHARACTERS + 500

    def test_an_event_holds_their_beginning_and_what_to_do(self, told, world):
        (said,) = world.events(world.key("db"))
        assert said.message.startswith("Failed to unseal: no key could decrypt secret (x")
        assert said.message.endswith(Reason.NO_KEY.advice)
        assert len(said.message.encode()) <= MAX_MESSAGE_BYTES


def test_items_are_counted_by_the_key_that_opened_them(world, reconciler):
    world.put_sealed(sealed_secret("two", world.namespace, {"a": b"1", "b": b"2"}))
    world.put_sealed(sealed_secret("moved", world.namespace) | {"spec": world.sealed(world.key("two"))["spec"]})
    for name in ("db", "two", "moved"):
        reconciler.objects.put(world.sealed(world.key(name)), live=True)
        reconciler.reconcile(world.key(name))
    opened = f'sealwright_items_opened_total{{fingerprint="{sealing_key().fingerprint}"}} 3.0'
    assert opened in reconciler.metrics.exposition().decode()


def failures_counted(reconciler: Reconciler) -> list[str]:
    told = reconciler.metrics.exposition().decode().splitlines()
    return [line for line in told if "unseal_errors_total{" in line and not line.endswith(" 0.0")]


def test_what_goes_with_its_namespace_is_nobodys_failure(
    world: SimulatedWorld, gateway: Racing, reconciler: Reconciler
) -> None:
    def refuse() -> None:
        raise NotFoundError("the namespace is gone")

    gateway.before_write = refuse
    with pytest.raises(NotFoundError):
        reconciler.reconcile(world.key("db"))
    assert failures_counted(reconciler) == []
    assert "conditions" not in world.status(world.key("db"))


class TestNamespacesThatAreBeingDeleted:
    @pytest.fixture(autouse=True)
    def ending(self, world: SimulatedWorld, gateway: Racing, reconciler: Reconciler) -> None:
        def refuse() -> None:
            raise NamespaceEndingError("the namespace is going")

        gateway.before_write = refuse
        assert reconciler.reconcile(world.key("db")) == Result(wait_seconds=QUIET_SECONDS)

    def test_nothing_is_counted_or_told(self, world, reconciler):
        assert failures_counted(reconciler) == []
        assert "conditions" not in world.status(world.key("db"))
        assert world.events(world.key("db")) == []

    def test_nothing_more_is_asked_or_tried_there(self, world, gateway, reconciler, monkeypatch):
        asked = []
        monkeypatch.setattr(gateway, "get_sealed_secret", asked.append)
        monkeypatch.setattr(gateway, "create_secret", asked.append)
        assert 0 < reconciler.reconcile(world.key("db")).wait_seconds <= QUIET_SECONDS
        assert asked == []

    def test_what_is_new_there_is_looked_at(self, world, gateway, reconciler):
        gateway.before_write = lambda: None
        world.put_sealed(sealed_secret("other", world.namespace))
        reconciler.objects.put(world.sealed(world.key("other")), live=True)
        assert reconciler.reconcile(world.key("other")) == DONE
        assert reconciler.reconcile(world.key("db")) == DONE


def test_an_object_that_was_not_found_and_that_nobody_saw_go_is_trouble(
    world: SimulatedWorld, gateway: Racing, reconciler: Reconciler
) -> None:
    world.delete_sealed(world.key("db"))
    with pytest.raises(
        UnavailableError, match=r"SealedSecret .*: it was not found, but the watch has not reported its deletion"
    ):
        reconciler.reconcile(world.key("db"))
    reconciler.objects.remove(world.key("db"))
    assert reconciler.reconcile(world.key("db")) == DONE


class TestObjectsThatNoKeyOpens:
    @pytest.fixture(autouse=True)
    def hopeless(self, world: SimulatedWorld, reconciler: Reconciler) -> None:
        world.put_sealed(sealed_secret("db", world.namespace, certificate=other_sealing_key().certificate))
        assert reconciler.reconcile(world.key("db")) is HOPELESS

    def test_they_are_not_tried_again_and_told_the_same(self, world, reconciler):
        before, operations = world.status(world.key("db")), reconciler.metrics.private_key_operations.value
        assert operations == 1
        assert reconciler.reconcile(world.key("db")) is HOPELESS
        assert reconciler.metrics.private_key_operations.value == operations
        assert world.status(world.key("db")) == before

    def test_they_are_not_even_asked_for(self, world, gateway, reconciler, monkeypatch):
        reconciler.objects.put(world.sealed(world.key("db")), live=True)
        assert reconciler.reconcile(world.key("db")) is HOPELESS
        asked = []
        monkeypatch.setattr(gateway, "get_sealed_secret", asked.append)
        assert reconciler.reconcile(world.key("db")) is HOPELESS
        assert asked == []

    def test_what_somebody_did_to_their_status_is_mended_without_trying(self, world, gateway, reconciler):
        reconciler.objects.put(world.sealed(world.key("db")), live=True)
        assert reconciler.reconcile(world.key("db")) is HOPELESS
        before = world.status(world.key("db"))
        gateway.write_status(world.key("db"), world.sealed(world.key("db"))["metadata"]["uid"], {"conditions": []})
        reconciler.objects.put(world.sealed(world.key("db")), live=True)
        assert reconciler.reconcile(world.key("db")) is HOPELESS
        assert (
            status.synced_condition(world.status(world.key("db")))["message"]
            == status.synced_condition(before)["message"]
        )
        assert reconciler.metrics.private_key_operations.value == 1

    def test_what_could_not_be_mended_is_mended_at_the_next_look(self, world, gateway, reconciler, monkeypatch):
        before, uid = world.status(world.key("db")), world.sealed(world.key("db"))["metadata"]["uid"]
        forged = [{**before["conditions"][0], "status": "True"}]
        gateway.write_status(world.key("db"), uid, {"conditions": forged})
        reconciler.objects.put(world.sealed(world.key("db")), live=True)

        def refuse(*_: Any, **__: Any) -> None:
            raise UnavailableError("away")

        with monkeypatch.context() as patched:
            patched.setattr(gateway, "write_status", refuse)
            with pytest.raises(UnavailableError):
                reconciler.reconcile(world.key("db"))
        assert world.status(world.key("db"))["conditions"] == forged
        assert reconciler.reconcile(world.key("db")) is HOPELESS
        assert status.said(world.status(world.key("db"))) == status.said(before)
        assert reconciler.metrics.private_key_operations.value == 1

    def test_a_key_that_opens_them_is_used(self, world, gateway, reconciler):
        world.add_key(other_sealing_key())
        for manifest in gateway.list_page(Resource.SEALING_KEYS).items:
            reconciler.keystore.put(manifest, live=True)
        assert reconciler.reconcile(world.key("db")) is DONE

    def test_a_changed_object_is_tried(self, world, reconciler):
        world.put_sealed(sealed_secret("db", world.namespace))
        reconciler.objects.put(world.sealed(world.key("db")), live=True)
        assert reconciler.reconcile(world.key("db")) is DONE
        assert len(reconciler.objects.hopeless) == 0

    def test_a_namesake_is_tried(self, world, reconciler):
        world.delete_sealed(world.key("db"))
        world.put_sealed(sealed_secret("db", world.namespace))
        reconciler.objects.put(world.sealed(world.key("db")), live=True)
        assert reconciler.reconcile(world.key("db")) is DONE

    def test_nothing_is_kept_of_those_that_are_gone(self, world, reconciler):
        reconciler.objects.remove(world.key("db"))
        assert len(reconciler.objects.hopeless) == 0


class TestTurns:
    @pytest.fixture
    def slow(self, world: SimulatedWorld, reconciler: Reconciler) -> Reconciler:
        """Return the reconciler with an object of three items, under keys that take a minute for one."""
        world.put_sealed(sealed_secret("db", world.namespace, dict.fromkeys("abc", b"x")))
        reconciler.decider.pace_clock = lambda: 60.0 * reconciler.metrics.private_key_operations.value
        return reconciler

    def test_an_object_whose_turn_is_over_goes_on_at_its_next(self, world, slow):
        assert [slow.reconcile(world.key("db")) for _ in range(3)] == [UNFINISHED, UNFINISHED, DONE]
        assert slow.metrics.private_key_operations.value == 3
        assert len(slow.objects.unfinished) == 0

    def test_a_change_begins_anew(self, world, slow):
        assert slow.reconcile(world.key("db")) is UNFINISHED
        world.put_sealed(sealed_secret("db", world.namespace, {"a": b"y"}))
        assert slow.reconcile(world.key("db")) is DONE
        assert world.items(world.key("db")) == {"a": b"y"}

    def test_nothing_is_kept_of_one_that_is_gone(self, world, slow):
        assert slow.reconcile(world.key("db")) is UNFINISHED
        slow.objects.remove(world.key("db"))
        assert len(slow.objects.unfinished) == 0


def test_what_fails_after_dear_work_waits_longer(world, reconciler, monkeypatch):
    world.put_sealed(sealed_secret("db", world.namespace, template={"data": {"x": '{{ fail "no" }}'}}))
    monkeypatch.setattr(reconciler.effort, "seconds", lambda: 3.0)
    result = reconciler.reconcile(world.key("db"))
    assert (result.retry, result.backoff.first_seconds) == (True, PATIENCE * 3.0)


def test_a_made_up_condition_that_cannot_be_taken_away_at_once_is_not_believed_for_that(
    world: SimulatedWorld, gateway: Racing, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Secret is as recorded, so nothing but the memory of what was written tells that it is made up."""

    def refuse(*_: Any, **__: Any) -> None:
        raise UnavailableError("away")

    key = world.key("db")
    reconciler.reconcile(key)
    before, uid = world.status(key), world.sealed(key)["metadata"]["uid"]
    made_up = {**before["conditions"][0], "type": "Drifted", "reason": "Drifted", "message": "made up"}
    gateway.write_status(key, uid, {"conditions": [*before["conditions"], made_up]})
    reconciler.objects.put(world.sealed(key), live=True)
    with monkeypatch.context() as patched:
        patched.setattr(gateway, "write_status", refuse)
        with pytest.raises(UnavailableError):
            reconciler.reconcile(key)
    reconciler.reconcile(key)
    assert status.said(world.status(key)) == status.said(before)
