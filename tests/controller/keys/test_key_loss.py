"""A sealing key that is gone from the cluster: told as what it is, served no longer, and replaced."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.support.builders import sealing_key
from tests.support.running import running
from tests.support.simulator import SECRET
from tests.support.wait import eventually, stays_true
from tests.support.worlds import SimulatedWorld, World

from sealwright_controller.gateway import ObjectKey, Resource
from sealwright_controller.keys import keykeeper
from sealwright_controller.manager import Manager


def lost(manager: Manager) -> bool:
    """Tell whether the figures say that one key was lost."""
    return b"sealwright_sealing_keys_lost_total 1.0" in manager.metrics.exposition()


def test_the_only_key_is_replaced_and_its_loss_is_told(world: World) -> None:
    name = world.add_key(sealing_key())
    with running(world.gateway()) as manager:
        assert manager.certificate() == sealing_key().certificate.pem
        world.remove_key(name)
        eventually(lambda: manager.certificate() not in (sealing_key().certificate.pem, None), what="another key")
        assert lost(manager)
        said = eventually(lambda: world.events(ObjectKey(world.keys_namespace, name)), what="an Event")
        assert [(event.type, event.reason) for event in said] == [("Warning", "ErrKeyLost")]
        assert sealing_key().fingerprint in said[0].message


class TestWhatNoWatchTells:
    """An API server that was restored from an older backup says nothing of what it lost; one that lies, nothing at all."""

    @pytest.fixture
    def world(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedWorld]:
        monkeypatch.setattr(keykeeper, "LOOK_INTERVAL", timedelta(seconds=0.2))
        made = SimulatedWorld()
        yield made
        made.close()

    def test_a_key_that_a_restored_backup_does_not_have_is_served_no_longer(self, world: SimulatedWorld) -> None:
        name = world.add_key(sealing_key())
        with running(world.gateway()) as manager:
            assert manager.certificate() == sealing_key().certificate.pem
            with world.server.condition:  # no change, no event: as if it never was
                del world.server._objects[SECRET, ObjectKey(world.keys_namespace, name)]
            eventually(lambda: manager.certificate() not in (sealing_key().certificate.pem, None), what="another key")
            assert lost(manager)
            assert len(world.key_names()) == 1

    def test_one_wrong_answer_changes_nothing(self, world: SimulatedWorld) -> None:
        world.add_key(sealing_key())
        gateway, asked = world.gateway(), []
        gateway.key_secret_uid = asked.append  # type: ignore[method-assign]  # answers None: there is no such Secret
        with running(gateway) as manager:
            eventually(lambda: len(asked) > 2, what="three looks")
            assert manager.certificate() == sealing_key().certificate.pem
            assert len(world.key_names()) == 1

    def test_a_key_that_was_dropped_for_wrong_answers_comes_back_with_the_next_list(
        self, world: SimulatedWorld
    ) -> None:
        world.add_key(sealing_key())
        gateway = world.gateway()
        told, listed = gateway.key_secret_uid, gateway.list_page
        with running(gateway) as manager:
            gateway.key_secret_uid = lambda _: None  # type: ignore[method-assign]
            gateway.list_page = lambda *_, **__: listed(Resource.SEALED_SECRETS)  # type: ignore[method-assign]
            eventually(lambda: manager.certificate() != sealing_key().certificate.pem, what="it is dropped")
            gateway.key_secret_uid, gateway.list_page = told, listed  # type: ignore[method-assign]
            world.server.disconnect()  # as a server does within the minute
            fingerprint = sealing_key().fingerprint
            eventually(lambda: fingerprint in manager.keystore.keys.keyring.fingerprints, what="it is back")
            stays_true(lambda: len(world.key_names()) <= 2, seconds=0.5, what="no third key is made")
