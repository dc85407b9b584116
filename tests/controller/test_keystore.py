"""The sealing keys as key Secrets come, change and go."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.builders import NOW, other_sealing_key, sealing_key

from sealwright_controller.gateway import KEY_LABEL, ObjectKey
from sealwright_controller.keysecrets import key_manifest
from sealwright_controller.keystore import KeyStore
from sealwright_controller.metrics.keys import KeyMetrics
from sealwright_controller.settings import KeySettings
from sealwright_crypto import OperationCounter, load_sealing_key


class Store:
    """Stores what is made, and keeps what is told; the part of a gateway that a key store needs."""

    def __init__(self):
        self.made = []
        self.events = []

    def create_sealing_key(self, manifest):
        self.made.append(manifest)
        name = f"{manifest['metadata']['generateName']}x{len(self.made)}"
        return stored(manifest, name)

    def record_event(self, event):
        self.events.append(event)


def stored(manifest, name, version="1"):
    metadata = {"name": name, "namespace": "kube-system", "uid": f"uid of {name}", "resourceVersion": version}
    return {**manifest, "metadata": {**manifest["metadata"], **metadata}}


def key_secret(key, name="key", *, label="active", version="1"):
    manifest = key_manifest(key, KeySettings())
    manifest["metadata"]["labels"] = {KEY_LABEL: label} if label else {}
    return stored(manifest, name, version)


def broken(**data):
    return {**key_secret(sealing_key()), "data": data}


@pytest.fixture
def gateway():
    return Store()


@pytest.fixture
def changes():
    return []


@pytest.fixture
def store(gateway, changes):
    return KeyStore(gateway, OperationCounter(), lambda: changes.append(1))


def test_keys_are_offered_newest_first_whatever_the_order_they_come_in(store):
    old, new = other_sealing_key(1, NOW - timedelta(days=40)), other_sealing_key(2, NOW)
    store.put(key_secret(new, "b"), live=False)
    store.put(key_secret(old, "a"), live=False)
    assert store.keys.newest == new.certificate
    assert store.keys.keyring.fingerprints == (new.fingerprint, old.fingerprint)


def test_by_creation_time_the_key_that_was_stored_last_is_the_newest_and_as_old_as_its_secret(gateway):
    store = KeyStore(gateway, OperationCounter(), lambda: None, order="SecretCreationTimestamp")
    for name, days_old, created in (("a", 40, "2026-03-02T00:00:00Z"), ("b", 2, "2026-03-01T12:00:00Z")):
        secret = key_secret(other_sealing_key(days_old, NOW - timedelta(days=days_old)), name)
        secret["metadata"]["creationTimestamp"] = created
        store.put(secret, live=False)
    assert store.keys.newest.subject == "CN=test key 40"
    assert store.keys.made == (datetime(2026, 3, 2, tzinfo=UTC), NOW)


def test_it_is_ready_when_the_keys_are_listed_and_there_is_one(store):
    assert not store.is_ready
    store.retain(set(), "1")
    assert store.wait_until_loaded(timeout_seconds=0)
    assert not store.is_ready
    store.put(key_secret(sealing_key()), live=True)
    assert store.is_ready


@pytest.mark.parametrize("label", ["compromised", ""])
def test_a_key_that_is_not_labelled_active_is_not_used(store, label):
    store.put(key_secret(sealing_key(), label=label), live=True)
    assert store.keys.active == ()


def test_relabelling_takes_a_key_out_of_use_and_back_at_once(store, changes):
    for version, (label, used) in enumerate([("active", True), ("compromised", False), ("active", True)]):
        store.put(key_secret(sealing_key(), label=label, version=str(version)), live=True)
        assert bool(store.keys.active) is used
    assert len(changes) == 3


def test_a_deleted_key_is_not_used_any_more(store):
    store.put(key_secret(sealing_key()), live=True)
    store.remove(ObjectKey("kube-system", "key"))
    assert store.keys.active == ()
    assert store.keys.newest is None


def test_a_key_that_a_new_list_misses_is_not_used_any_more(store):
    store.put(key_secret(sealing_key(), "a"), live=True)
    store.put(key_secret(other_sealing_key(), "b"), live=True)
    store.retain({ObjectKey("kube-system", "b")}, "1")
    assert [key.fingerprint for key in store.keys.active] == [other_sealing_key().fingerprint]


def test_a_snapshot_does_not_change_under_its_user(store):
    store.put(key_secret(sealing_key()), live=True)
    snapshot = store.keys
    store.remove(ObjectKey("kube-system", "key"))
    assert len(snapshot.keyring) == 1


def test_the_same_key_in_two_secrets_is_one_key(store):
    store.put(key_secret(sealing_key(), "a"), live=True)
    store.put(key_secret(sealing_key(), "b"), live=True)
    assert len(store.keys.active) == 1


def test_nothing_is_told_when_nothing_changed(store, changes):
    store.put(key_secret(sealing_key()), live=True)
    store.put(key_secret(sealing_key()), live=False)
    store.put(key_secret(sealing_key(), version="2"), live=True)
    store.remove(ObjectKey("kube-system", "never seen"))
    assert len(changes) == 1


JUNK = base64.b64encode(b"junk").decode()


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param(broken(**{"tls.crt": JUNK, "tls.key": JUNK}), id="junk"),
        pytest.param(broken(**{"tls.key": key_secret(sealing_key())["data"]["tls.key"]}), id="no certificate"),
        pytest.param(broken(**{"tls.crt": 7, "tls.key": None}), id="no text"),
        pytest.param(
            broken(
                **key_secret(sealing_key())["data"] | {"tls.key": key_secret(other_sealing_key())["data"]["tls.key"]}
            ),
            id="key and certificate of different pairs",
        ),
        pytest.param({**key_secret(sealing_key()), "data": "junk"}, id="data that is text"),
    ],
)
def test_an_unreadable_key_is_told_once_and_the_others_go_on(store, gateway, secret):
    store.put(key_secret(other_sealing_key(), "good"), live=True)
    store.put(secret, live=True)
    store.put(secret, live=False)
    assert [key.fingerprint for key in store.keys.active] == [other_sealing_key().fingerprint]
    (event,) = gateway.events
    assert (event.type, event.reason, event.kind, str(event.about)) == (
        "Warning", "ErrKeyUnreadable", "Secret", "kube-system/key",
    )  # fmt: skip


class TestMakingAKey:
    SETTINGS = KeySettings(bits=2048, lifetime=timedelta(days=10), common_name="us", name_prefix="our-key")

    def test_it_is_stored_as_upstream_stores_it(self, store, gateway):
        certificate = store.create(self.SETTINGS, NOW)
        (manifest,) = gateway.made
        assert manifest["metadata"] == {"generateName": "our-key", "labels": {KEY_LABEL: "active"}}
        assert (manifest["kind"], manifest["type"]) == ("Secret", "kubernetes.io/tls")
        pems = {name: base64.b64decode(value) for name, value in manifest["data"].items()}
        assert pems["tls.key"].startswith(b"-----BEGIN RSA PRIVATE KEY-----")
        assert load_sealing_key(pems["tls.crt"], pems["tls.key"]).certificate == certificate

    def test_it_has_the_size_lifetime_and_name_asked_for(self, store):
        certificate = store.create(self.SETTINGS, NOW)
        assert (certificate.bits, certificate.subject) == (2048, "CN=us")
        assert certificate.not_after - certificate.not_before == timedelta(days=10)

    def test_it_carries_the_labels_and_annotations_asked_for(self, store, gateway):
        store.create(replace(self.SETTINGS, labels={"team": "a"}, annotations={"note": "hi"}), NOW)
        metadata = gateway.made[0]["metadata"]
        assert metadata["labels"] == {KEY_LABEL: "active", "team": "a"}
        assert metadata["annotations"] == {"note": "hi"}

    def test_of_keys_made_in_one_second_the_last_is_the_newest(self, store):
        for milliseconds in (0, 400, 800, 1200):
            made = store.create(replace(self.SETTINGS, bits=1024), NOW + timedelta(milliseconds=milliseconds))
            assert store.keys.newest == made
        assert made.not_before == NOW + timedelta(seconds=3)

    def test_a_key_made_while_another_is_from_the_far_future_is_told_not_to_be_the_newest(self, store, capsys):
        future = other_sealing_key(1, datetime(9999, 1, 1, tzinfo=UTC) - timedelta(days=3650))
        store.put(key_secret(future), live=True)
        made = store.create(replace(self.SETTINGS, bits=1024), NOW)
        assert (store.keys.newest, made.not_before) == (future.certificate, NOW)
        assert "is a clock wrong?" in capsys.readouterr().out

    def test_it_is_used_at_once(self, store, changes):
        certificate = store.create(self.SETTINGS, NOW)
        assert store.keys.newest == certificate
        assert len(changes) == 1


def test_a_key_made_after_the_list_was_taken_stays_in_use(store):
    store.create(KeySettings(bits=1024), NOW)
    store.retain(set(), "0")
    assert len(store.keys.active) == 1


def test_a_key_made_before_the_list_was_taken_and_not_in_it_is_gone(store):
    store.create(KeySettings(bits=1024), NOW)
    store.retain(set(), "1")
    assert store.keys.newest is None


@pytest.mark.parametrize("live", [True, False])
def test_a_key_that_was_shown_is_gone_when_an_older_state_has_been_restored(store, gateway, live):
    store.create(KeySettings(bits=1024), NOW)
    store.put(stored(gateway.made[0], "sealed-secrets-keyx1"), live=live)
    store.retain(set(), "0")
    assert store.keys.newest is None


def test_a_key_that_was_shown_before_its_making_was_answered_is_gone_with_a_list_as_well(store, gateway):
    class Quick(Store):
        def create_sealing_key(self, manifest):
            made = super().create_sealing_key(manifest)
            quick.put(made, live=True)
            return made

    quick = KeyStore(Quick(), OperationCounter(), lambda: None)
    quick.create(KeySettings(bits=1024), NOW)
    assert len(quick.keys.active) == 1
    quick.retain(set(), "0")
    assert quick.keys.newest is None


class TestMetrics:
    @pytest.fixture
    def metrics(self):
        return KeyMetrics()

    @pytest.fixture
    def store(self, gateway, metrics):
        return KeyStore(gateway, OperationCounter(), lambda: None, metrics=metrics)

    @staticmethod
    def shown(metrics):
        """The values of all samples, by name and label."""
        samples = [sample for family in metrics.collect() for sample in family.samples]
        return {(sample.name.removeprefix("sealwright_"), *sample.labels.values()): sample.value for sample in samples}

    def states(self, metrics):
        shown = self.shown(metrics)
        return tuple(shown["sealing_keys", state] for state in ("active", "inactive", "unreadable"))

    def test_states_follow_what_becomes_of_key_secrets(self, store, metrics):
        key, name = sealing_key(), ObjectKey("kube-system", "key")
        store.put(key_secret(key), live=True)
        assert self.states(metrics) == (1, 0, 0)
        store.put(key_secret(key, label="compromised", version="2"), live=True)
        assert self.states(metrics) == (0, 1, 0)
        store.put(stored(broken(), "key", "3"), live=True)
        assert self.states(metrics) == (0, 0, 1)
        store.remove(name)
        assert self.states(metrics) == (0, 0, 0)

    def test_each_key_in_use_shows_its_certificate_s_times(self, store, metrics):
        certificate = store.create(KeySettings(bits=1024, lifetime=timedelta(days=10)), NOW)
        shown = self.shown(metrics)
        created = shown["sealing_key_created_timestamp_seconds", certificate.fingerprint]
        expiry = shown["sealing_key_expiry_timestamp_seconds", certificate.fingerprint]
        assert (created, expiry) == (NOW.timestamp(), (NOW + timedelta(days=10)).timestamp())
