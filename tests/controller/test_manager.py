"""What keeps the controller as a whole going when a part of its world is missing or broken."""

import pytest
from tests.support.builders import sealed_secret, sealing_key
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually, stays_true
from tests.support.worlds import SimulatedWorld

from sealwright_controller.gateway import RefusedError, Resource, UnavailableError


class BrokenGateway(SimulatedGateway):
    """A simulated gateway of which some operations do not work."""

    without_definition = False
    failing_key_writes = 0
    spoilt_name = ""

    def list_page(self, resource, continue_token=""):
        if self.without_definition and resource is Resource.SEALED_SECRETS:
            raise UnavailableError("is the CustomResourceDefinition installed?")
        return super().list_page(resource, continue_token)

    def create_sealing_key(self, manifest):
        if self.failing_key_writes:
            self.failing_key_writes -= 1
            raise RefusedError("the quota is exceeded")
        return super().create_sealing_key(manifest)

    def get_sealed_secret(self, key):
        if key.name == self.spoilt_name:
            raise ValueError("a defect that quotes hunter2")
        return super().get_sealed_secret(key)


@pytest.fixture
def world():
    made = SimulatedWorld()
    yield made
    made.close()


@pytest.fixture
def gateway(world):
    return BrokenGateway(world.server, own_namespace=world.keys_namespace, served_namespace=world.namespace)


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
