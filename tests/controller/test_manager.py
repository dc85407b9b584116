"""What keeps the controller as a whole going when a part of its world is missing or broken."""

import threading
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.support.builders import NOW, other_sealing_key, sealed_secret, sealing_key
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually, stays_true
from tests.support.worlds import SimulatedWorld, key_secret

from sealwright_controller.gateway import KEY_LABEL, ObjectKey, RefusedError, Resource, UnavailableError
from sealwright_controller.manager import Manager
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.settings import parse_settings


class BrokenGateway(SimulatedGateway):
    """A simulated gateway of which some operations do not work."""

    without_definition = False
    failing_key_writes = 0
    spoilt_name = ""
    no_answer_for = ""

    def list_page(self, resource, continue_token="", *, namespace=None):
        if self.without_definition and resource is Resource.SEALED_SECRETS:
            raise UnavailableError("is the CustomResourceDefinition installed?")
        return super().list_page(resource, continue_token, namespace=namespace)

    def create_sealing_key(self, manifest):
        if self.failing_key_writes:
            self.failing_key_writes -= 1
            raise RefusedError("the quota is exceeded")
        return super().create_sealing_key(manifest)

    def get_sealed_secret(self, key, *, shown=False):
        if key.name == self.spoilt_name:
            raise ValueError("a defect that quotes hunter2")
        if key.name == self.no_answer_for:
            raise UnavailableError("no answer")
        return super().get_sealed_secret(key, shown=shown)


@pytest.fixture
def world():
    made = SimulatedWorld()
    yield made
    made.close()


@pytest.fixture
def gateway(world):
    return BrokenGateway(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])


def test_a_certificate_can_be_had_before_the_definition_is_installed(world, gateway):
    gateway.without_definition = True
    with running(gateway) as manager:
        assert manager.certificate() is not None
        gateway.without_definition = False
        world.put_sealed(sealed_secret("db", world.namespace, certificate=manager.keystore.keys.newest))
        eventually(lambda: world.items(world.key("db")) == {"password": b"hunter2"}, what="the Secret")


def test_a_key_that_could_not_be_stored_is_made_soon_after(world, gateway):
    gateway.failing_key_writes = 1
    with running(gateway):
        assert len(world.key_names()) == 1


def test_a_defect_met_with_one_object_is_told_without_its_text_and_the_others_go_on(world, gateway, capsys):
    world.add_key(sealing_key())
    gateway.spoilt_name = "spoilt"
    with running(gateway):
        for name in ("spoilt", "good"):
            world.put_sealed(sealed_secret(name, world.namespace))
        eventually(lambda: world.items(world.key("good")) == {"password": b"hunter2"}, what="the good one")
        gateway.spoilt_name = ""
        eventually(lambda: world.items(world.key("spoilt")) == {"password": b"hunter2"}, what="the other, tried again")
    said = capsys.readouterr().out
    assert "ValueError" in said
    assert "hunter2" not in said


def seen_outcomes(manager):
    families = text_string_to_metric_families(manager.metrics.exposition().decode())
    counts = [sample for family in families for sample in family.samples if sample.name.endswith("_seconds_count")]
    return {sample.labels["outcome"] for sample in counts if "outcome" in sample.labels and sample.value > 0}


def test_each_look_at_an_object_is_timed_by_how_it_ended_and_retries_are_counted(world, gateway):
    world.add_key(sealing_key())
    gateway.spoilt_name = "spoilt"
    with running(gateway) as manager:
        world.put_sealed(sealed_secret("good", world.namespace))
        eventually(lambda: seen_outcomes(manager) == {"done"}, what="one done")
        world.put_sealed(sealed_secret("moved", world.namespace) | {"spec": {"encryptedData": {"password": "AAAA"}}})
        eventually(lambda: seen_outcomes(manager) == {"done", "failed"}, what="one failed")
        world.put_sealed(sealed_secret("spoilt", world.namespace))
        eventually(lambda: seen_outcomes(manager) == {"done", "failed", "defect"}, what="a defect")
        gateway.no_answer_for = "lost"
        world.put_sealed(sealed_secret("lost", world.namespace))
        eventually(lambda: seen_outcomes(manager) == {"done", "failed", "defect", "trouble"}, what="trouble")
        said = manager.metrics.exposition().decode()
        assert "sealwright_queue_failing 3.0" in said
        (retries,) = (line for line in said.splitlines() if line.startswith("sealwright_retries_total "))
        assert float(retries.split()[1]) >= 3


def test_no_key_is_given_out_before_all_are_listed_since_an_old_one_may_come_first(world, gateway):
    settings = parse_settings(["--key-renew-period=0"], {})
    manager = Manager(settings, gateway, Metrics("test"), None, lambda _: [])
    keeper = threading.Thread(target=manager._keeper.run, daemon=True)
    keeper.start()
    stored = [key_secret(key, name=f"key-{key.fingerprint}", namespace="kube-system", labels={KEY_LABEL: "active"})
              for key in (sealing_key(), other_sealing_key())]  # fmt: skip
    for number, secret in enumerate(stored):
        secret["metadata"] |= {"resourceVersion": str(number), "uid": str(number)}
        manager.keystore.put(secret, live=False)
        assert (manager.keys(), manager.certificate()) == (None, None)
    manager.keystore.retain({ObjectKey.of(secret) for secret in stored}, "9")
    newest = max(sealing_key(), other_sealing_key(), key=lambda key: key.certificate.not_before)
    eventually(lambda: manager.certificate() == newest.certificate.pem, what="the newest certificate")
    assert len(manager.keys().keyring) == 2
    manager.stop()
    keeper.join(10)


def test_a_key_that_is_due_at_the_start_is_waited_for(world, gateway):
    old = other_sealing_key(1, NOW - timedelta(days=300))
    world.add_key(old)
    with running(gateway, "--key-cutoff-time=Mon, 01 Dec 2025 00:00:00 +0000") as manager:
        assert manager.certificate() != old.certificate.pem


def test_when_it_cannot_be_made_the_old_one_is_served(world, gateway):
    old = other_sealing_key(1, NOW - timedelta(days=300))
    world.add_key(old)
    gateway.failing_key_writes = 1_000_000
    with running(gateway, "--key-cutoff-time=Mon, 01 Dec 2025 00:00:00 +0000") as manager:
        assert manager.certificate() == old.certificate.pem
        gateway.failing_key_writes = 0
        eventually(lambda: manager.certificate() != old.certificate.pem, what="the new certificate")


class TestWhileAKeyIsMade:
    class Slow(SimulatedGateway):
        """Makes no key before it is let to."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.asked, self.let = threading.Event(), threading.Event()

        def create_sealing_key(self, manifest):
            self.asked.set()
            assert self.let.wait(10)
            return super().create_sealing_key(manifest)

    def test_at_the_start_nothing_else_is_served(self, world):
        world.add_key(other_sealing_key(1, NOW - timedelta(days=300)))
        gateway = self.Slow(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
        settings = parse_settings(["--key-size=1024", "--key-renew-period=30d"], {})
        manager = Manager(settings, gateway, Metrics("test"), None, lambda _: [])
        thread = threading.Thread(target=manager.run, daemon=True)
        thread.start()
        assert gateway.asked.wait(10)
        assert (manager.keys(), manager.certificate()) == (None, None)
        assert manager.why_not_ready() == "a new sealing key is being made"
        gateway.let.set()
        eventually(lambda: manager.why_not_ready() is None, what="it is ready")
        assert manager.certificate() is not None
        manager.stop()
        thread.join(10)

    def test_later_on_the_old_one_is_served_meanwhile(self, world):
        world.add_key(other_sealing_key(1, NOW))
        gateway = self.Slow(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
        with running(gateway) as manager:
            manager.renew_now()
            assert gateway.asked.wait(10)
            assert manager.certificate() == other_sealing_key(1, NOW).certificate.pem
            gateway.let.set()


def test_it_is_not_ready_any_more_once_it_was_told_to_stop(world, gateway):
    with running(gateway) as manager:
        manager.stop()
        assert manager.why_not_ready() == "stopping"


def test_nothing_is_written_after_the_end(world, gateway):
    world.add_key(sealing_key())
    with running(gateway):
        pass
    world.put_sealed(sealed_secret("late", world.namespace))
    stays_true(lambda: world.secret(world.key("late")) is None, seconds=0.3, what="no Secret")


def test_an_object_that_goes_while_it_is_worked_on_leaves_no_metric(world):
    class Slow(SimulatedGateway):
        def create_secret(self, manifest):
            key = ObjectKey.of(manifest)
            if key.name == "going":
                world.delete_sealed(key)
                eventually(lambda: key not in manager.sealed_secrets, what="its end is seen")
                world.put_sealed(sealed_secret("next", world.namespace))  # the only worker takes it after this one
            return super().create_secret(manifest)

    world.add_key(sealing_key())
    gateway = Slow(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])
    with running(gateway, "--workers=1") as manager:
        world.put_sealed(sealed_secret("going", world.namespace))
        eventually(lambda: b'name="next"' in manager.metrics.exposition(), what="the next one is done")
        assert b'name="going"' not in manager.metrics.exposition()


class TestKeysMadeWhileTheyAreListedAnew:
    """The list is of a moment before the key was made, and must not take it away."""

    class Slow(SimulatedGateway):
        """Holds back, when told to, lists of sealing keys that were taken, and watches that would follow."""

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.list_taken, self.give_list, self.let_watch = (threading.Event() for _ in range(3))
            self.give_list.set()
            self.let_watch.set()

        def list_page(self, resource, continue_token="", *, namespace=None):
            page = super().list_page(resource, continue_token, namespace=namespace)
            if resource is Resource.SEALING_KEYS:
                self.list_taken.set()
                assert self.give_list.wait(10)
            return page

        def watch(self, resource, resource_version, *, namespace=None):
            events = super().watch(resource, resource_version, namespace=namespace)
            if resource is Resource.SEALING_KEYS:
                assert self.let_watch.wait(10)
            return events

    @pytest.fixture
    def gateway(self, world):
        return self.Slow(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])

    def list_anew(self, world, gateway, meanwhile=lambda: None):
        """Let the keys be listed anew, and come back when the list is taken but not there yet."""
        gateway.list_taken.clear()
        gateway.give_list.clear()
        gateway.let_watch.clear()
        with world.server.condition:
            meanwhile()
            world.server.compact()
            world.server.disconnect()
        assert gateway.list_taken.wait(10)

    def test_it_stays_in_use(self, world, gateway):
        world.add_key(other_sealing_key(1, NOW - timedelta(days=1)))
        with running(gateway) as manager:
            self.list_anew(world, gateway)
            made = manager.keystore.create(manager.settings.keys, NOW)
            gateway.give_list.set()
            stays_true(lambda: manager.certificate() == made.pem, seconds=0.3, what="the new key is in use")
            assert len(manager.keystore.keys.active) == 2
            gateway.let_watch.set()

    def test_no_second_one_is_made(self, world, gateway):
        with running(gateway) as manager:
            (first,) = world.key_names()
            self.list_anew(world, gateway, meanwhile=lambda: world.remove_key(first))
            made = manager.keystore.create(manager.settings.keys, NOW)
            gateway.give_list.set()
            eventually(lambda: len(manager.keystore.keys.active) == 1, what="the first key is gone")
            gateway.let_watch.set()
            stays_true(lambda: len(world.key_names()) == 1, seconds=0.5, what="one key is made")
            assert manager.certificate() == made.pem
