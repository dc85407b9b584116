"""When keys are made, over a simulated API server: because one is due, because one is asked for, and after failures."""

import threading

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually, stays_true
from tests.support.worlds import SimulatedWorld, now

from sealwright_controller.gateway import ObjectKey, Resource, UnavailableError
from sealwright_controller.keys.keykeeper import LOOK_INTERVAL, LOOKS_PER_LIST, KeyKeeper
from sealwright_controller.keys.keystore import KeyStore
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
def clock():
    """Seconds, as a keeper counts them."""
    return [0.0]


@pytest.fixture
def doubts():
    """A list that grows whenever a keeper wants the keys listed anew."""
    return []


@pytest.fixture
def keeper(keystore, clock, doubts):
    """A keeper at work."""
    stopping = threading.Event()
    made = KeyKeeper(keystore, SETTINGS, now, stopping, on_doubt=lambda: doubts.append(1), monotonic=lambda: clock[0])
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


def test_a_key_that_is_asked_for_while_another_is_made_is_made_as_well(
    world, keystore, keeper, load, fresh, monkeypatch
):
    create = keystore.create

    def asked_meanwhile(*arguments):
        monkeypatch.setattr(keystore, "create", create)
        made = create(*arguments)
        keeper.renew_now()
        return made

    monkeypatch.setattr(keystore, "create", asked_meanwhile)
    load()
    keeper.renew_now()
    wait_for_keys(world, 3)


def test_a_key_that_was_asked_for_and_could_not_be_stored_is_tried_again(world, gateway, keeper, load, fresh, capsys):
    load()
    gateway.full = True
    keeper.renew_now()
    assert gateway.tried.wait(10)
    gateway.full = False
    wait_for_keys(world, 2)
    assert "cannot make a sealing key, trying again" in capsys.readouterr().out


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


class TestLookingAfterTheServedKey:
    @pytest.fixture
    def served(self, world, keystore, keeper, load, fresh):
        """The certificate that is served, of a key whose end no watcher will show."""
        load()
        eventually(lambda: keeper.has_looked, what="the first look")
        return keystore.keys.newest

    def test_once_a_minute_it_is_asked_whether_it_is_there(self, world, keystore, keeper, clock, doubts, served):
        for name in world.key_names():
            world.remove_key(name)
        clock[0] = LOOK_INTERVAL.total_seconds() - 1
        keeper.look()
        stays_true(lambda: keystore.keys.newest == served, seconds=0.3, what="not asked yet")
        clock[0] += 1
        keeper.look()
        eventually(lambda: keystore.keys.newest not in (served, None), what="another key is served")
        assert len(world.key_names()) == 1
        assert doubts == [1]

    def test_no_answer_is_told_and_asked_again(self, world, gateway, keystore, keeper, clock, doubts, served, capsys):
        asked = []

        def no_answer(name):
            asked.append(name)
            raise UnavailableError("no answer")

        gateway.key_secret_uid = no_answer
        for number in range(1, 3):
            clock[0] += LOOK_INTERVAL.total_seconds()
            keeper.look()
            eventually(lambda number=number: len(asked) == number, what="it was asked")
            eventually(keeper._until_next_look, what="that look is over")
        assert keystore.keys.newest == served
        assert "cannot check the served sealing key" in capsys.readouterr().out
        assert doubts == []

    def test_now_and_then_the_keys_are_listed_anew_and_oftener_after_one_was_gone(
        self, world, keystore, keeper, clock, doubts, served
    ):
        def looks(count):
            for _ in range(count):
                clock[0] += LOOK_INTERVAL.total_seconds()
                keeper.look()
                eventually(keeper._until_next_look, what="the look is over")
            return len(doubts)

        assert looks(LOOKS_PER_LIST - 1) == 0
        assert looks(1) == 1
        for name in world.key_names():
            world.remove_key(name)
        assert looks(LOOKS_PER_LIST) == 1 + LOOKS_PER_LIST
        assert looks(LOOKS_PER_LIST) == 1 + LOOKS_PER_LIST + 1

    def test_it_looks_once_a_minute_of_itself(self, keystore, keeper, clock, served):
        assert keeper._attempt() <= LOOK_INTERVAL


class TestAReplicaThatDoesNotLead:
    @pytest.fixture
    def following(self, keystore):
        """A keeper, its thread not started, that follows until `leading` holds something."""
        leading = []
        stopping = threading.Event()
        keeper = KeyKeeper(keystore, SETTINGS, now, stopping, leads=lambda: bool(leading))
        thread = threading.Thread(target=keeper.run)
        thread.start()
        yield keeper, leading
        stopping.set()
        keeper.look()
        thread.join()

    def test_it_makes_no_key_and_does_not_know_the_newest_until_there_is_one(self, world, following, load):
        keeper, leading = following
        load()
        keeper.renew_now()
        stays_true(lambda: not keeper.has_looked and not world.key_names(), seconds=0.3, what="no key is made")
        leading.append(True)
        keeper.look()
        wait_for_keys(world, 1)
        eventually(lambda: keeper.has_looked, what="it knows the newest key")

    def test_it_knows_the_newest_key_where_none_is_due(self, keystore, following, load, fresh, capsys):
        keeper, _ = following
        load()
        eventually(lambda: keeper.has_looked, what="it knows the newest key")
        keeper.renew_now()
        eventually(lambda: "another replica leads" in capsys.readouterr().out, what="it says who makes keys")
        assert len(keystore.keys.made) == 1
