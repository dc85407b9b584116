"""The sealing keys as key Secrets come, change and go."""

import base64
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.support.builders import NOW, other_sealing_key, sealing_key

from sealwright_controller.gateway import KEY_LABEL, AlreadyExistsError, ObjectKey, Page, UnavailableError
from sealwright_controller.keys import keystore
from sealwright_controller.keys.admission import Admission
from sealwright_controller.keys.keysecrets import key_manifest
from sealwright_controller.keys.keystore import KeyStore
from sealwright_controller.keys.names import successor_names
from sealwright_controller.metrics.keys import KeyMetrics
from sealwright_controller.settings import KeySettings
from sealwright_crypto import KeyMaterialError, OperationCounter, load_sealing_key


class Store:
    """Stores what is made, and keeps what is told; the part of a gateway that a key store needs."""

    def __init__(self):
        self.cluster_identity = "a cluster"
        self.knows_writers = False
        self.made = []
        self.events = []
        self.taken = {}  # what others stored under names that are asked for
        self.there = {}  # what a look at the cluster finds

    def create_sealing_key(self, manifest):
        name = manifest["metadata"].get("name") or f"{manifest['metadata']['generateName']}x{len(self.made)}"
        if name in self.taken:
            raise AlreadyExistsError(name)
        self.made.append(manifest)
        return stored(manifest, name)

    def find_key_secret(self, name):
        return self.taken.get(name)

    def key_secret_uid(self, name):
        found = self.there.get(name)
        return None if found is None else found["metadata"]["uid"]

    def list_page(self, resource, token=""):
        return Page(list(self.there.values()), "1")

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
        name = manifest["metadata"].pop("name")
        assert re.fullmatch("our-key[a-z0-9]{5}", name)
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

    def test_a_key_made_while_another_is_from_the_far_future_is_the_newest(self, store):
        future = other_sealing_key(1, datetime(9999, 1, 1, tzinfo=UTC) - timedelta(days=3650))
        store.put(key_secret(future), live=True)
        assert store.keys.newest == future.certificate
        made = store.create(replace(self.SETTINGS, bits=1024), NOW)
        assert (store.keys.newest, made.not_before) == (made, NOW)
        assert len(store.keys.active) == 2

    def test_a_key_made_while_another_is_minutes_ahead_is_told_not_to_be_the_newest(self, gateway, capsys):
        store = KeyStore(gateway, OperationCounter(), lambda: None, now=lambda: NOW)
        ahead = other_sealing_key(1, NOW + timedelta(minutes=4))
        store.put(key_secret(ahead), live=True)
        made = store.create(replace(self.SETTINGS, bits=1024), NOW)
        assert (store.keys.newest, made.not_before) == (ahead.certificate, NOW)
        assert "check the clocks" in capsys.readouterr().out

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
    store.put(stored(gateway.made[0], gateway.made[0]["metadata"]["name"]), live=live)
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


class TestCertificatesThatHaveYetToBegin:
    @pytest.fixture
    def clock(self):
        return [NOW]

    @pytest.fixture
    def store(self, gateway, changes, clock):
        return KeyStore(gateway, OperationCounter(), lambda: changes.append(1), now=lambda: clock[0])

    OLD, FUTURE = other_sealing_key(1, NOW - timedelta(days=40)), other_sealing_key(2, NOW + timedelta(days=4000))

    @pytest.mark.parametrize("order", ["CertNotBefore", "SecretCreationTimestamp"])
    @pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
    def test_such_a_key_opens_and_is_not_served_while_another_can_be(self, gateway, order, names):
        store = KeyStore(gateway, OperationCounter(), lambda: None, order=order, now=lambda: NOW)
        for key, name in zip((self.FUTURE, self.OLD), names, strict=True):
            store.put(key_secret(key, name), live=True)
        assert store.keys.newest == self.OLD.certificate
        assert store.keys.keyring.fingerprints == (self.OLD.fingerprint, self.FUTURE.fingerprint)

    def test_it_is_served_while_there_is_no_other_and_when_its_time_has_come(self, store, clock, changes):
        store.put(key_secret(self.FUTURE, "a"), live=True)
        assert store.keys.newest == self.FUTURE.certificate
        store.put(key_secret(self.OLD, "b"), live=True)
        assert store.keys.newest == self.OLD.certificate
        clock[0] = NOW + timedelta(days=4001)
        changes.clear()
        store.refresh()
        assert store.keys.newest == self.FUTURE.certificate
        store.refresh()
        assert len(changes) == 1

    def test_of_several_the_one_that_begins_first_is_served(self, store):
        sooner = other_sealing_key(3, NOW + timedelta(hours=1))
        store.put(key_secret(self.FUTURE, "a"), live=True)
        store.put(key_secret(sooner, "b"), live=True)
        assert store.keys.newest == sooner.certificate

    def test_clocks_may_differ_by_some_minutes(self, store):
        ahead = other_sealing_key(4, NOW + timedelta(minutes=4))
        store.put(key_secret(self.OLD, "a"), live=True)
        store.put(key_secret(ahead, "b"), live=True)
        assert store.keys.newest == ahead.certificate

    def test_a_server_whose_clock_is_ahead_has_no_keys_made_without_end(self, gateway):
        """Each new key's Secret would be of a time to come, so that another one would be due at once."""
        store = KeyStore(gateway, OperationCounter(), lambda: None, order="SecretCreationTimestamp", now=lambda: NOW)
        secret = key_secret(other_sealing_key(5, NOW))
        secret["metadata"]["creationTimestamp"] = "2036-01-01T00:00:00Z"
        store.put(secret, live=True)
        assert store.keys.made == (NOW,)


class TestLostKeys:
    """A key that was in use is gone: what was sealed to it does not open, and people have to be told."""

    @pytest.fixture
    def metrics(self):
        return KeyMetrics()

    @pytest.fixture
    def store(self, gateway, metrics):
        return KeyStore(gateway, OperationCounter(), lambda: None, metrics=metrics)

    KEY, OTHER = ObjectKey("kube-system", "key"), other_sealing_key(1, NOW - timedelta(days=900))

    @staticmethod
    def told(gateway, capsys):
        """The Secrets that Events were told of, and the level of each line in the log."""
        lines = re.findall(r"\[(\w+) *\] sealing key lost", capsys.readouterr().out)
        return [(str(event.about), event.reason) for event in gateway.events], lines

    def test_the_only_one_is_an_error(self, store, gateway, metrics, capsys):
        store.put(key_secret(sealing_key()), live=True)
        store.remove(self.KEY)
        assert self.told(gateway, capsys) == ([("kube-system/key", "ErrKeyLost")], ["error"])
        assert sealing_key().fingerprint in gateway.events[0].message
        assert lost(metrics) == 1

    def test_one_that_a_list_misses_is_told_as_well(self, store, gateway, capsys):
        store.put(key_secret(sealing_key()), live=False)
        store.retain(set(), "5")
        assert self.told(gateway, capsys) == ([("kube-system/key", "ErrKeyLost")], ["error"])

    def test_one_whose_secret_came_to_hold_another_is_told_as_well(self, store, gateway, capsys):
        store.put(key_secret(sealing_key()), live=True)
        store.put(key_secret(self.OTHER, version="2"), live=True)
        assert self.told(gateway, capsys) == ([("kube-system/key", "ErrKeyLost")], ["error"])

    def test_an_old_one_that_opened_nothing_is_a_warning(self, store, gateway, capsys):
        store.put(key_secret(sealing_key()), live=True)
        store.put(key_secret(self.OTHER, "old"), live=True)
        store.remove(ObjectKey("kube-system", "old"))
        assert self.told(gateway, capsys) == ([("kube-system/old", "ErrKeyLost")], ["warning"])

    def test_an_old_one_that_opened_something_is_an_error(self, store, gateway, metrics, capsys):
        store.put(key_secret(sealing_key()), live=True)
        store.put(key_secret(self.OTHER, "old"), live=True)
        metrics.count_opened([self.OTHER.fingerprint])
        store.remove(ObjectKey("kube-system", "old"))
        assert self.told(gateway, capsys) == ([("kube-system/old", "ErrKeyLost")], ["error"])

    def test_one_that_is_there_under_another_name_is_not_lost(self, store, gateway, metrics, capsys):
        store.put(key_secret(sealing_key()), live=True)
        store.put(key_secret(sealing_key(), "copy"), live=True)
        store.remove(self.KEY)
        assert self.told(gateway, capsys) == ([], [])
        assert lost(metrics) == 0

    def test_one_that_is_labelled_out_of_use_is_not_lost(self, store, gateway, capsys):
        store.put(key_secret(sealing_key()), live=True)
        store.put(key_secret(sealing_key(), label="compromised", version="2"), live=True)
        store.remove(self.KEY)
        assert self.told(gateway, capsys) == ([], [])


def lost(metrics):
    [family] = [family for family in metrics.collect() if family.name == "sealwright_sealing_keys_lost"]
    return family.samples[0].value


class TestIsTheServedKeyThere:
    @pytest.fixture
    def secret(self, store, gateway):
        """The Secret of the served key, as it is in the cluster."""
        made = key_secret(sealing_key())
        store.put(made, live=True)
        gateway.there = {"key": made}
        return made

    def test_nothing_changes_while_it_is(self, store, secret):
        assert store.check_served()
        assert store.keys.newest == sealing_key().certificate

    def test_it_is_not_served_any_more_when_it_is_gone(self, store, gateway, secret):
        gateway.there = {}
        assert not store.check_served()
        assert store.keys.newest is None
        assert [event.reason for event in gateway.events] == ["ErrKeyLost"]

    def test_nor_when_another_secret_has_its_name(self, store, gateway, secret):
        gateway.there = {"key": {**secret, "metadata": {**secret["metadata"], "uid": "another"}}}
        assert not store.check_served()
        assert store.keys.newest is None

    def test_one_answer_that_says_so_is_not_believed_when_a_list_shows_it(self, store, gateway, secret):
        gateway.key_secret_uid = lambda name: None
        assert not store.check_served()
        assert store.keys.newest == sealing_key().certificate

    def test_no_answer_changes_nothing(self, store, gateway, secret):
        def no_answer(name):
            raise UnavailableError("no answer")

        gateway.key_secret_uid = no_answer
        with pytest.raises(UnavailableError):
            store.check_served()
        assert store.keys.newest == sealing_key().certificate

    def test_without_a_key_there_is_nothing_to_ask(self, store):
        assert store.check_served()


def test_a_namesake_of_the_same_version_is_another_secret(store):
    """After an API server was restored from a backup it gives versions a second time."""
    store.put(key_secret(sealing_key()), live=True)
    namesake = key_secret(other_sealing_key())
    namesake["metadata"]["uid"] = "another"
    store.put(namesake, live=True)
    assert store.keys.newest == other_sealing_key().certificate


class TestMakingAKeyWhereOthersDo:
    SETTINGS = KeySettings(bits=1024)

    @staticmethod
    def first_name(gateway, newest=None):
        names = successor_names("sealed-secrets-key", gateway.cluster_identity, newest, NOW)
        return next(iter(names))

    def test_the_one_that_another_stored_is_used(self, store, gateway):
        name = self.first_name(gateway)
        theirs = other_sealing_key(1, NOW)
        gateway.taken = {name: key_secret(theirs, name)}
        assert store.create(self.SETTINGS, NOW) == theirs.certificate == store.keys.newest
        assert gateway.made == []

    @pytest.mark.parametrize(
        "theirs",
        [
            pytest.param({"label": "compromised"}, id="labelled out of use"),
            pytest.param({"label": ""}, id="no key"),
            pytest.param({"key": other_sealing_key(2, NOW + timedelta(days=4000))}, id="not begun"),
        ],
    )
    def test_what_cannot_be_served_is_passed_over(self, store, gateway, theirs):
        name = self.first_name(gateway)
        gateway.taken = {name: key_secret(theirs.get("key", sealing_key()), name, label=theirs.get("label", "active"))}
        made = store.create(self.SETTINGS, NOW)
        assert len(gateway.made) == 1
        assert gateway.made[0]["metadata"]["name"] != name
        assert store.keys.newest == made

    def test_with_all_names_taken_the_server_chooses_one(self, store, gateway):
        names = successor_names("sealed-secrets-key", gateway.cluster_identity, None, NOW)
        gateway.taken = {name: key_secret(sealing_key(), name, label="") for name in names}
        store.create(self.SETTINGS, NOW)
        assert "name" not in gateway.made[0]["metadata"]

    def test_keys_that_follow_the_same_one_have_names_of_their_own(self, store, gateway):
        """One that was made before may have been labelled away: its name is taken by what we know."""
        for number in range(3):
            store.put(key_secret(sealing_key(), "served"), live=True)
            store.create(self.SETTINGS, NOW + timedelta(seconds=number))
            name = gateway.made[-1]["metadata"]["name"]
            store.put(stored({**gateway.made[-1], "metadata": {"labels": {KEY_LABEL: "off"}}}, name, "9"), live=True)
        assert len({made["metadata"]["name"] for made in gateway.made}) == 3

    def test_a_key_that_does_not_count_here_is_not_made_again_and_again(self, gateway):
        store = KeyStore(gateway, OperationCounter(), lambda: None, admission=Admission(lambda bits: bits > 1024))
        with pytest.raises(KeyMaterialError, match="was made here, and is not used: it is unreadable"):
            store.create(self.SETTINGS, NOW)
        with pytest.raises(KeyMaterialError, match="delete it"):
            store.create(self.SETTINGS, NOW)
        assert len(gateway.made) == 1


def test_of_too_many_key_secrets_the_others_are_passed_over_and_that_is_told_once(gateway, monkeypatch, capsys):
    monkeypatch.setattr(keystore, "MAX_KEY_SECRETS", 2)
    store = KeyStore(gateway, OperationCounter(), lambda: None)
    names = ["a", "b", "c", "d"]
    for name in names:
        store.put(key_secret(other_sealing_key(ord(name) - 96), name), live=False)
    store.retain({ObjectKey("kube-system", name) for name in names}, "1")
    assert len(store.keys.active) == 2
    assert capsys.readouterr().out.count("too many key Secrets") == 1
    store.remove(ObjectKey("kube-system", "a"))
    store.put(key_secret(other_sealing_key(3), "c"), live=False)
    assert len(store.keys.active) == 2


def test_thousands_of_keys_in_a_list_are_sorted_once(gateway):
    sorts = []
    store = KeyStore(gateway, OperationCounter(), lambda: None, now=lambda: sorts.append(1) or NOW)
    names = [f"key-{number}" for number in range(200)]
    for name in names:
        store.put(key_secret(sealing_key(), name), live=False)
    store.retain({ObjectKey("kube-system", name) for name in names}, "1")
    assert len(store.keys.active) == 1
    assert len(sorts) == 1
