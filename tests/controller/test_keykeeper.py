"""When keys are made, over a simulated API server: because one is due, because one is asked for, and after failures."""

import threading

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually, stays_true
from tests.support.worlds import SimulatedWorld, now

from sealwright_controller.gateway import ObjectKey, Resource, UnavailableError
from sealwright_controller.keykeeper import KeyKeeper
from sealwright_controller.keystore import KeyStore
from sealwright_controller.settings import KeySettings
from sealwright_crypto import OperationCounter

SETTINGS = KeySettings(bits=1024)


class Gateway(SimulatedGateway):
    """Makes no key while it is `full`, and tells that somebody tried."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.full, self.tried = False, threading.Event()

    def create_sealing_key(self, manifest):
        self.tried.set()
        if self.full:
            raise UnavailableError("the disk is full")
        return super().create_sealing_key(manifest)


@pytest.fixture
def world():
    made = SimulatedWorld()
    yield made
    made.close()


@pytest.fixture
def gateway(world):
    return Gateway(world.server, own_namespace=world.keys_namespace)


@pytest.fixture
def keystore(gateway):
    return KeyStore(gateway, OperationCounter(), lambda: None)


@pytest.fixture
def load(gateway, keystore):
    """Return a function that shows the key store all keys, as a watcher does when it has its first list."""

    def load():
        page = gateway.list_page(Resource.SEALING_KEYS)
        for manifest in page.items:
            keystore.put(manifest, live=False)
        keystore.retain({ObjectKey.of(manifest) for manifest in page.items}, page.resource_version)

    return load


@pytest.fixture
def keeper(keystore):
    """A keeper at work."""
    stopping = threading.Event()
    made = KeyKeeper(keystore, SETTINGS, now, stopping)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield made
    stopping.set()
    made.look()
    thread.join(10)
    assert not thread.is_alive(), "the keeper did not stop"


def wait_for_keys(world, count):
    eventually(lambda: len(world.key_names()) == count, what=f"{count} keys")


@pytest.fixture
def fresh(world):
    """A key that is not due for renewal."""
    world.add_key(other_sealing_key(1, now().replace(microsecond=0)))


def test_no_key_is_made_before_it_is_known_which_there_are(world, keeper, load):
    stays_true(lambda: not world.key_names(), seconds=0.3, what="no key")
    load()
    wait_for_keys(world, 1)


def test_a_key_that_is_asked_for_is_made_at_once_and_becomes_the_newest(world, keystore, keeper, load, fresh):
    load()
    before = keystore.keys.newest
    keeper.renew_now()
    wait_for_keys(world, 2)
    eventually(lambda: keystore.keys.newest != before, what="the new key is the newest")
    keeper.renew_now()
    wait_for_keys(world, 3)


def test_a_key_that_is_asked_for_too_early_is_made_as_soon_as_the_keys_are_loaded(world, keeper, load, fresh):
    keeper.renew_now()
    stays_true(lambda: len(world.key_names()) == 1, seconds=0.3, what="no key is made yet")
    load()
    wait_for_keys(world, 2)
    stays_true(lambda: len(world.key_names()) == 2, seconds=0.3, what="no third one is made")


def test_the_first_key_is_also_the_one_that_was_asked_for(world, keeper, load):
    keeper.renew_now()
    load()
    wait_for_keys(world, 1)
    stays_true(lambda: len(world.key_names()) == 1, seconds=0.5, what="no second one is made")


def test_many_calls_at_once_make_one_key_or_two_and_not_many(world, keeper, load, fresh):
    for _ in range(100):
        keeper.renew_now()
    load()
    wait_for_keys(world, 2)
    stays_true(lambda: len(world.key_names()) == 2, seconds=0.5, what="no third one is made")


def test_a_key_that_was_asked_for_and_could_not_be_stored_is_tried_again(world, gateway, keeper, load, fresh, capsys):
    load()
    gateway.full = True
    keeper.renew_now()
    assert gateway.tried.wait(10)
    gateway.full = False
    wait_for_keys(world, 2)
    assert "no sealing key made, trying again" in capsys.readouterr().out


def test_a_look_alone_makes_no_key(world, keeper, load, fresh):
    load()
    keeper.look()
    stays_true(lambda: len(world.key_names()) == 1, seconds=0.3, what="one key")


def test_a_defect_does_not_end_it(world, keystore, keeper, load, fresh, capsys, monkeypatch):
    create = keystore.create
    seen = threading.Event()

    def defective(*_):
        monkeypatch.setattr(keystore, "create", create)
        seen.set()
        raise ValueError(sealing_key().private_key.pem().decode())

    monkeypatch.setattr(keystore, "create", defective)
    load()
    keeper.renew_now()
    assert seen.wait(10)
    wait_for_keys(world, 2)
    said = capsys.readouterr().out
    assert "defect in the controller" in said
    assert "PRIVATE KEY" not in said
