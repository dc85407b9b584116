"""Many key Secrets: those that do not count take no place from those that do, and of these the oldest stay."""

from datetime import timedelta

import pytest
from tests.support.builders import NOW, other_sealing_key, sealing_key
from tests.support.directories import Make
from tests.support.running import running
from tests.support.worlds import SimulatedWorld, World, key_secret

from sealwright_controller.gateway import KEY_LABEL, Gateway, ObjectKey
from sealwright_controller.keys import keystore
from sealwright_controller.keys.keysecrets import key_manifest
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.keys.places import Places
from sealwright_controller.settings import KeySettings
from sealwright_crypto import KeyMaterialError, OperationCounter


@pytest.mark.parametrize("label", ["x", "active"], ids=["labelled out of use", "unreadable"])
def test_empty_secrets_displace_no_key_at_the_start(world: World, monkeypatch: pytest.MonkeyPatch, label: str) -> None:
    monkeypatch.setattr(keystore, "MAX_KEY_SECRETS", 3)
    world.add_key(sealing_key(), name="sealed-secrets-keyq7x2b")
    for number in range(8):
        secret = key_secret(sealing_key(), name=f"a{number}", namespace=world.keys_namespace, labels={KEY_LABEL: label})
        world._put_key({**secret, "type": "Opaque", "data": {}})
    before = world.key_names()
    with running(world.gateway()) as manager:
        assert manager.certificate() == sealing_key().certificate.pem
        assert world.key_names() == before


class TestPlaces:
    def test_the_oldest_stay_whatever_the_order(self) -> None:
        places: Places[str] = Places(2)
        assert places.take("young", NOW + timedelta(2)) is None
        assert places.take("older", NOW + timedelta(1)) is None
        assert places.take("oldest", NOW) == "young"
        assert places.are_short
        assert places.take("youngest", NOW + timedelta(3)) == "youngest"
        places.leave("older")
        places.retain({"young", "oldest"})
        assert places.take("young", NOW + timedelta(2)) is None
        assert not places.are_short

    def test_own_ones_stay(self) -> None:
        places: Places[str] = Places(1)
        assert places.take("own", NOW, is_own=True) is None
        assert places.take("older", NOW - timedelta(9)) == "older"

    def test_those_that_do_not_count_have_places_of_their_own(self) -> None:
        places: Places[str] = Places(1)
        assert places.take("no key", None) is None
        assert places.take("neither", None) == "neither"
        assert places.take("key", NOW) is None
        assert not places.are_short


def test_no_key_is_made_while_some_have_no_place(simulated: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keystore, "MAX_KEY_SECRETS", 1)
    store = KeyStore(simulated, OperationCounter(), lambda: None)
    for name, key in (("a", sealing_key()), ("b", other_sealing_key())):
        manifest = key_manifest(key, KeySettings())
        identity = {"name": name, "namespace": "kube-system", "uid": name, "resourceVersion": "1"}
        store.put({**manifest, "metadata": {**manifest["metadata"], **identity}}, live=False)
    with pytest.raises(KeyMaterialError, match="more than 1 sealing keys"):
        store.create(KeySettings(bits=1024), NOW)
    store.remove(ObjectKey("kube-system", "a"))
    store.remove(ObjectKey("kube-system", "b"))
    assert store.create(KeySettings(bits=1024), NOW)


@pytest.fixture
def simulated() -> Gateway:
    return SimulatedWorld().gateway()


def test_a_directory_tells_a_key_s_version_when_it_is_looked_up(make: Make) -> None:
    gateway = make()
    made = gateway.create_sealing_key(key_manifest(sealing_key(), KeySettings()))
    assert gateway.find_key_secret(made["metadata"]["name"]) == made
