"""Which of the changes that are seen have to be worked on."""

import pytest
from hypothesis import given
from tests.support.builders import NOW, sealed_secret, stored
from tests.support.spoiling import spoiled

from sealwright_controller.gateway import ObjectKey
from sealwright_controller.memory.inventory import SealedSecretInventory, show_condition
from sealwright_controller.memory.secretinventory import SecretRef
from sealwright_controller.metrics.registry import Metrics
from sealwright_controller.objects import status
from sealwright_controller.objects.forms import Form
from sealwright_controller.objects.reasons import Reason
from sealwright_controller.pacing.edits import LOOKS_AT_ONCE
from sealwright_controller.queue.workqueue import WorkQueue
from sealwright_controller.settings import ObjectSettings
from sealwright_crypto import Scope

IDENTITY = ("metadata.name", "metadata.namespace", "metadata.uid", "metadata.resourceVersion")
"""What every gateway gives of an object, in the right shape."""
DB = ObjectKey("team-a", "db")


class World:
    """An inventory with a real queue and real metrics."""

    def __init__(self, **settings):
        self.queue = WorkQueue()
        self.metrics = Metrics("test")
        self.sealed = SealedSecretInventory(self.queue, self.metrics, ObjectSettings(**settings))
        self.secrets = self.sealed.secrets

    def queued(self):
        """Take and return every key that is ready."""
        keys = []
        while (key := self.queue.get(timeout=0)) is not None:
            keys.append(key)
            self.queue.done(key)
        return keys

    def fail(self, key=DB):
        """Let a worker take the key and fail with it."""
        assert self.queue.get(timeout=0) == key
        self.queue.retry(key)
        self.queue.done(key)


@pytest.fixture
def world():
    return World()


def test_a_namespace_whose_objects_are_all_well_counts_when_workers_are_shared():
    queue = WorkQueue(group_of=lambda key: key.namespace, workers=2)
    inventory = SealedSecretInventory(queue, Metrics("test"))
    inventory.secrets.put(secret(), live=False)
    inventory.put(synced(sealed()), live=False)
    assert queue.depth().ready == 0
    for number in range(3):
        queue.add(ObjectKey("team-b", f"n{number}"))
    first = queue.get(timeout=0)
    queue.forget(first)
    queue.done(first)  # its namespace is known for quick work now
    assert queue.get(timeout=0) is not None
    assert queue.get(timeout=0) is None


def secret(version="7", uid="s-1", owner="uid-1"):
    owners = [{"kind": "SealedSecret", "uid": owner, "controller": True}] if owner else []
    metadata = {"namespace": "team-a", "name": "db", "uid": uid, "resourceVersion": version}
    return {"metadata": metadata | ({"ownerReferences": owners} if owners else {})}


def sealed(**special):
    return stored(sealed_secret(), **special)


def synced(manifest, version="7"):
    written = status.success(
        {}, generation=1, secret_uid="s-1", secret_version=version, scope="strict", fingerprints=[], now=NOW
    )
    return {**manifest, "status": written}


def failing(manifest):
    written = status.failure({}, generation=1, reason=Reason.NO_KEY, message="no key", now=NOW)
    return {**manifest, "status": written}


class TestWhatIsJudgedAgain:
    """Rules that came with an upgrade hold for what was written before it."""

    def test_a_settled_one_whose_secret_is_of_a_type_that_is_refused_is_worked_on_once(self, world):
        manifest = synced(sealed())
        manifest["spec"] = {**manifest["spec"], "template": {"type": "bootstrap.kubernetes.io/token"}}
        world.secrets.put(secret(), live=False)
        world.sealed.put(manifest, live=False)
        assert world.queued() == [DB]
        world.sealed.put(manifest, live=True)
        assert world.queued() == []

    def test_an_ordinary_one_is_not(self, world):
        world.secrets.put(secret(), live=False)
        world.sealed.put(synced(sealed()), live=False)
        assert world.queued() == []


class TestFights:
    @pytest.fixture(autouse=True)
    def paused(self, world):
        world.secrets.put(secret(), live=False)
        world.sealed.put(synced(sealed()), live=False)
        for _ in range(3):
            world.sealed.contention.note(DB, "form", made_before=True)
        assert world.sealed.contention.objection(DB, "form", "data", made_before=True)

    def test_what_the_other_party_does_costs_nothing_in_a_pause(self, world):
        world.secrets.put(secret("8"), live=True)
        world.secrets.remove(DB)
        assert world.queued() == []

    def test_a_new_generation_is_worked_on_at_once(self, world):
        world.sealed.put(sealed(generation=2), live=True)
        assert world.queued() == [DB]

    def test_it_is_forgotten_with_its_object(self, world):
        world.sealed.remove(DB)
        assert world.sealed.contention.pause_seconds(DB) == 0


class TestSealedSecrets:
    def test_a_new_one_is_worked_on(self, world):
        world.sealed.put(sealed(), live=True)
        assert world.queued() == [DB]
        assert len(world.sealed) == 1

    def test_a_settled_one_is_not_and_counts_as_synced(self, world):
        world.secrets.put(secret(), live=False)
        world.sealed.put(synced(sealed()), live=False)
        assert world.queued() == []
        assert b'name="db",namespace="team-a",ss_app_kubernetes_io_instance=""} 1.0' in world.metrics.exposition()

    @pytest.mark.parametrize(
        "manifest",
        [
            pytest.param(synced(sealed()), id="its Secret is not there"),
            pytest.param(synced(sealed(), version="6"), id="its Secret is another version than recorded"),
            pytest.param(failing(sealed()), id="it failed when somebody else last looked"),
        ],
    )
    def test_one_that_is_not_settled_is_worked_on_when_first_seen(self, world, manifest):
        world.sealed.put(manifest, live=False)
        assert world.queued() == [DB]

    def test_writing_its_failure_into_the_status_is_no_reason_to_try_again(self, world):
        world.sealed.put(sealed(), live=True)
        world.fail()
        world.sealed.put(failing(sealed()), live=True)
        assert world.queued() == []

    def test_another_controllers_failure_is_a_reason_to_look_at_it_again(self, world):
        """Sealed-secrets' controller lacks keys that were made after its start; it writes Synced alone."""
        world.sealed.put(sealed(), live=True)
        assert world.queued() == [DB]
        ours = failing(sealed())
        theirs = {**ours["status"], "conditions": ours["status"]["conditions"][:1]}
        world.sealed.put({**ours, "status": theirs}, live=True)
        assert world.queued() == [DB]
        world.sealed.put(ours, live=True)
        assert world.queued() == []

    def test_writing_its_success_is_none_where_the_cluster_keeps_no_record_of_it(self, world):
        world.sealed.put(sealed(), live=True)
        assert world.queued() == [DB]
        written = synced(sealed())
        del written["status"]["secret"]
        world.sealed.put(written, live=True)
        assert world.queued() == []

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param(failing(sealed(generation=2)), id="a new generation"),
            pytest.param(failing(stored(sealed_secret(scope=Scope.CLUSTER_WIDE))), id="another scope"),
            pytest.param(failing(sealed(uid="uid-2")), id="another object of that name"),
            pytest.param(sealed(), id="its status was wiped"),
        ],
    )
    def test_what_its_author_changes_is_a_reason(self, world, changed):
        world.sealed.put(failing(sealed()), live=True)
        assert world.queued() == [DB]
        world.sealed.put(changed, live=True)
        assert world.queued() == [DB]

    def test_live_changes_go_before_the_list(self, world):
        for name in ("a", "b"):
            world.sealed.put(stored(sealed_secret(name)), live=False)
        world.sealed.put(sealed(), live=True)
        assert world.queued() == [DB, ObjectKey("team-a", "a"), ObjectKey("team-a", "b")]

    def test_one_that_is_gone_is_forgotten(self, world):
        world.sealed.put(sealed(), live=True)
        world.fail()
        world.sealed.remove(DB)
        assert (len(world.sealed), world.queue.failing()) == (0, 0)
        world.sealed.remove(DB)

    def test_what_a_list_does_not_hold_any_more_is_gone(self, world):
        for name in ("a", "b"):
            world.sealed.put(stored(sealed_secret(name)), live=True)
        world.sealed.retain({ObjectKey("team-a", "b")}, "200")
        assert len(world.sealed) == 1

    def test_a_list_of_one_namespace_says_nothing_of_another(self, world):
        world.sealed.put(sealed(), live=True)
        world.sealed.retain(set(), "200", "team-b")
        assert DB in world.sealed
        world.sealed.retain(set(), "200", "team-a")
        assert DB not in world.sealed


class TestConditionsOfOthers:
    @pytest.fixture(autouse=True)
    def seen(self, world):
        world.secrets.put(secret(), live=False)
        world.sealed.put(synced(sealed()), live=False)
        assert world.queued() == []

    def forged(self):
        manifest = synced(sealed())
        return {**manifest, "status": {**manifest["status"], "conditions": failing(sealed())["status"]["conditions"]}}

    def test_a_settled_one_is_looked_at(self, world):
        world.sealed.put(self.forged(), live=True)
        assert world.queued() == [DB]

    def test_our_own_write_is_no_reason_though_it_is_seen_before_its_answer(self, world):
        written = self.forged()
        world.sealed.truths.note(DB, world.sealed.form(DB), written["status"])
        world.sealed.put(written, live=True)
        assert world.queued() == []

    def test_where_another_replica_works_they_are_its_own(self, world):
        world.queue.hand_out(lambda _: False)
        world.sealed.put(self.forged(), live=True)
        world.queue.hand_out(lambda _: True)
        assert world.queued() == []
        assert not world.sealed.truths.is_forged(DB, self.forged())
        world.sealed.put(synced(sealed()), live=True)
        assert world.queued() == []

    def test_in_a_pause_it_waits_for_its_end(self, world):
        form = world.sealed.form(DB)
        for _ in range(3):
            world.sealed.truths.was_restored(DB, form)
        assert not world.sealed.truths.may_restore(DB, form)
        world.sealed.put(self.forged(), live=True)
        assert world.queued() == []
        assert world.queue.depth().waiting == 1


class TestWithoutFollowingSecrets:
    @pytest.fixture
    def world(self):
        return World(follow_secrets=False)

    def test_a_synced_one_is_looked_at_once(self, world):
        for _ in range(2):
            world.sealed.put(synced(sealed()), live=True)
        assert world.queued() == [DB]
        assert b'name="db"' in world.metrics.exposition()

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param(synced(sealed(generation=2)), id="a new generation"),
            pytest.param(sealed(), id="its status was wiped"),
        ],
    )
    def test_it_is_looked_at_again_when_it_changed(self, world, changed):
        world.sealed.put(synced(sealed()), live=True)
        assert world.queued() == [DB]
        world.sealed.put(changed, live=True)
        assert world.queued() == [DB]


class TestWhatIsToBeDeleted:
    @pytest.fixture
    def world(self):
        return World(delete_secrets=True)

    @pytest.fixture(autouse=True)
    def seen(self, world):
        world.sealed.put(sealed(), live=True)
        assert world.queued() == [DB]

    def test_one_that_is_gone_is_worked_on_once_more(self, world):
        world.sealed.remove(DB)
        assert world.queued() == [DB]
        assert world.sealed.orphaned_by(DB) == "uid-1"

    def test_so_is_one_that_a_namesake_replaced_unseen(self, world):
        world.sealed.put(sealed(uid="uid-2"), live=False)
        assert world.queued() == [DB]
        assert world.sealed.orphaned_by(DB) == "uid-1"

    def test_looked_after_it_is_forgotten_but_not_its_successor(self, world):
        world.sealed.remove(DB)
        world.sealed.forget_orphan(DB, "uid-0")
        assert world.sealed.orphaned_by(DB) == "uid-1"
        world.sealed.forget_orphan(DB, "uid-1")
        assert world.sealed.orphaned_by(DB) is None

    def test_where_kubernetes_deletes_nothing_is_kept_of_it(self):
        world = World()
        world.sealed.put(sealed(), live=True)
        world.queued()
        world.sealed.remove(DB)
        assert (world.queued(), world.sealed.orphaned_by(DB)) == ([], None)


class TestWhatIsNotWrittenIntoStatuses:
    @staticmethod
    def kept(world, manifest, uid="uid-1"):
        world.sealed.statuses.keep(DB, uid, manifest["status"])

    def test_counts_as_if_it_were(self, world):
        world.sealed.put(sealed(), live=True)
        assert world.queued() == [DB]
        self.kept(world, failing(sealed()))
        world.sealed.put(sealed(), live=True)
        assert world.queued() == []

    def test_but_not_for_a_namesake(self, world):
        self.kept(world, failing(sealed()))
        namesake = sealed(uid="uid-2")
        assert world.sealed.statuses.shown(namesake) is namesake

    def test_a_failure_leaves_the_record_of_an_earlier_success(self, world):
        self.kept(world, synced(sealed()))
        self.kept(world, failing(sealed()))
        shown = world.sealed.statuses.shown(sealed())
        assert status.recorded_secret(shown) == ("s-1", "7")
        assert status.synced_condition(shown["status"])["status"] == "False"

    def test_goes_with_the_object(self, world):
        world.sealed.put(sealed(), live=True)
        self.kept(world, synced(sealed()))
        world.sealed.remove(DB)
        assert len(world.sealed.statuses) == 0


class TestSecrets:
    @pytest.fixture(autouse=True)
    def settled(self, world):
        world.secrets.put(secret(), live=False)
        world.sealed.put(synced(sealed()), live=False)
        assert world.queued() == []

    @pytest.mark.parametrize(
        "changed",
        [
            pytest.param(secret(version="8"), id="edited"),
            pytest.param(secret(uid="s-2", owner=None), id="replaced by a foreign one"),
        ],
    )
    def test_one_of_ours_that_another_hand_changed_is_looked_after(self, world, changed):
        world.secrets.put(changed, live=True)
        assert world.queued() == [DB]

    def test_one_of_ours_that_is_deleted_is_looked_after(self, world):
        world.secrets.remove(DB)
        assert world.queued() == [DB]

    def test_one_of_ours_that_a_new_list_misses_is_looked_after(self, world):
        world.secrets.retain(set(), "7")
        assert world.queued() == [DB]

    def test_a_list_of_another_namespace_says_nothing_of_it(self, world):
        world.secrets.retain(set(), "7", "team-b")
        assert world.secrets.get(DB) is not None
        assert world.queued() == []

    def test_one_that_was_written_after_the_list_was_taken_is_still_there(self, world):
        world.secrets.note(secret(version="9"))
        world.secrets.retain(set(), "8")
        assert world.secrets.get(DB) == SecretRef("s-1", "9", "uid-1")
        assert world.queued() == []

    def test_seeing_it_again_unchanged_is_no_news(self, world):
        world.secrets.put(secret(), live=True)
        assert world.queued() == []

    def test_the_echo_of_a_write_is_no_news(self, world):
        world.secrets.note(secret(version="8"))
        world.secrets.put(secret(version="8"), live=True)
        assert world.queued() == []

    def test_an_edit_seen_before_the_answer_to_the_write_stays_in_mind(self, world):
        world.secrets.put(secret(version="9"), live=True)
        world.secrets.note(secret(version="8"))
        assert world.secrets.get(DB) == SecretRef("s-1", "9", "uid-1")

    def test_the_echo_that_comes_before_the_answer_to_a_write_is_no_news(self, world):
        with world.secrets.writing(DB):
            world.secrets.put(secret(version="8"), live=True)
            world.secrets.note(secret(version="8"))
        assert world.secrets.get(DB) == SecretRef("s-1", "8", "uid-1")
        assert world.queued() == []

    @pytest.mark.parametrize(
        "others", [lambda it: it.put(secret(version="9"), live=True), lambda it: it.remove(DB)], ids=["edit", "delete"]
    )
    def test_what_others_do_before_that_answer_is_news_afterwards(self, world, others):
        with world.secrets.writing(DB):
            world.secrets.put(secret(version="8"), live=True)
            others(world.secrets)
            assert world.queued() == []
            if world.secrets.get(DB) is not None:
                world.secrets.note(secret(version="8"))
        assert world.queued() == [DB]

    def test_what_is_seen_while_a_write_fails_is_news_afterwards(self, world):
        def fail():
            with world.secrets.writing(DB):
                world.secrets.put(secret(version="8"), live=True)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
        assert world.queued() == [DB]

    @pytest.mark.parametrize("version", ["8", "no number"])
    def test_a_later_write_is_kept(self, world, version):
        world.secrets.note(secret(version=version))
        assert world.secrets.get(DB) == SecretRef("s-1", version, "uid-1")

    def test_foreign_secrets_are_nobodys_business(self, world):
        foreign = secret()
        foreign["metadata"]["name"] = "other"
        world.secrets.put(foreign, live=True)
        world.secrets.remove(ObjectKey("team-a", "other"))
        assert world.queued() == []


@pytest.mark.parametrize("change", ["changed", "removed"])
def test_a_secret_in_the_way_wakes_the_one_that_waits_for_it_and_no_other(world, change):
    world.secrets.put(secret(owner=None), live=False)
    for name in ("db", "other"):
        world.sealed.put(stored(sealed_secret(name)), live=True)
        world.fail(ObjectKey("team-a", name))
    if change == "changed":
        world.secrets.put(secret(version="8", owner=None), live=True)
    else:
        world.secrets.remove(DB)
    assert world.queued() == [DB]


def test_a_metric_names_the_installation_that_an_object_belongs_to(world):
    world.secrets.put(secret(), live=False)
    manifest = stored(sealed_secret(labels={"app.kubernetes.io/instance": "blue"}))
    world.sealed.put(synced(manifest), live=False)
    assert b'ss_app_kubernetes_io_instance="blue"} 1.0' in world.metrics.exposition()


@pytest.mark.parametrize(
    ("manifest", "value"),
    [
        pytest.param(sealed(), 0, id="a new one is not looked at yet"),
        pytest.param(failing(sealed()), -1, id="one that failed before the start fails"),
        pytest.param(failing(sealed(generation=2)), 0, id="of a new generation nothing is known"),
        pytest.param(synced(sealed()), 0, id="one whose Secret is gone is not looked at yet"),
    ],
)
def test_the_metrics_show_an_object_as_soon_as_it_is_seen(world, manifest, value):
    world.sealed.put(manifest, live=False)
    assert f'name="db",namespace="team-a",ss_app_kubernetes_io_instance=""}} {value}.0'.encode() in (
        world.metrics.exposition()
    )


def test_what_is_seen_again_stays_shown_as_it_was(world):
    world.sealed.put(sealed(), live=True)
    show_condition(world.metrics, sealed(), synced=True)
    world.sealed.put(sealed(generation=2), live=True)
    assert b'ss_app_kubernetes_io_instance=""} 1.0' in world.metrics.exposition()


def test_what_a_watch_showed_is_not_kept_of_objects_that_are_gone_or_wait():
    forgotten = []
    objects = SealedSecretInventory(WorkQueue(), Metrics("test"), clock=lambda: 0.0, forget_shown=forgotten.append)
    objects.put(sealed(), live=True)
    assert forgotten == []
    for generation in range(LOOKS_AT_ONCE):
        objects.pace.admit(DB, Form("uid-1", generation, Scope.STRICT), shared=False)
    objects.put(sealed(generation=2), live=True)
    assert forgotten == [DB]
    objects.retain(set(), "200")
    assert forgotten == [DB, DB]


def test_since_when_an_object_fails_outlives_a_restart():
    metrics = Metrics("test", now=lambda: NOW.timestamp() + 60)
    SealedSecretInventory(WorkQueue(), metrics).put(failing(sealed()), live=False)
    assert b"sealwright_oldest_failure_seconds 60.0" in metrics.exposition()


@given(spoiled(synced(stored(sealed_secret(labels={"app.kubernetes.io/instance": "blue"}))), keep=IDENTITY))
def test_whatever_an_object_holds_the_metrics_can_be_read(manifest):
    world = World()
    show_condition(world.metrics, manifest, synced=False)
    assert b'condition_info{condition="Synced",name="db",namespace="team-a"' in world.metrics.exposition()
