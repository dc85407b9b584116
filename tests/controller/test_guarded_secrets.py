"""What an author of SealedSecrets cannot make happen to Secrets, in every world: a whole controller runs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.directory_world import DirectoryWorld
from tests.support.meddling import Meddler, another_value, no_labels, other_annotations
from tests.support.outcomes import SYNC_SECONDS, condition, sealed_in, secret, wait_synced
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import World, key_secret

from sealwright_controller.gateway import KEY_LABEL, LEGACY_KEY_NAME
from sealwright_controller.manager import Manager
from sealwright_controller.pacing.backoff import Backoff
from sealwright_controller.queue import contention
from sealwright_crypto import Scope

GOOD = {"password": b"hunter2"}
ANNOTATION = "sealedsecrets.bitnami.com/"
ATTACKERS = other_sealing_key(9)
PAIR = {"tls.crt": ATTACKERS.certificate.pem.encode(), "tls.key": ATTACKERS.private_key.pem()}
LABELLED = {"type": "kubernetes.io/tls", "metadata": {"labels": {KEY_LABEL: "active"}}}


@pytest.fixture
def one_namespace(world: World) -> Iterator[World]:
    """The world of a controller that serves the namespace where its keys are, and no other."""
    made_for_keys, world.keys_namespace = world.keys_namespace, world.namespace
    world.add_key(sealing_key(), name="usual-key")
    yield world
    world.keys_namespace = made_for_keys


def told(world: World, name: str, reason: str) -> dict[str, Any]:
    """Wait until an object is refused for a reason; return the condition."""

    def refused() -> dict[str, Any] | None:
        found = condition(world, world.key(name))
        return found if found.get("reason") == reason else None

    found = eventually(refused, timeout=SYNC_SECONDS, what=f"{name} is told {reason}") or {}
    assert found["status"] == "False"
    return found


def legacy(world: World, name: str, inner: bytes) -> dict[str, Any]:
    """Return a SealedSecret of the deprecated form."""
    made = sealed_in(world, name, {"blob": inner})
    return {**made, "spec": {"data": made["spec"]["encryptedData"]["blob"], "encryptedData": {}}}


class TestSealingKeysThroughTheFrontDoor:
    def test_none_is_made_whatever_the_template_says(self, one_namespace):
        world = one_namespace
        no_owner = {"annotations": {ANNOTATION + "skip-set-owner-references": "true"}}
        inner = b'{"type": "kubernetes.io/tls", "metadata": {"labels": {"%s": "active"}}}' % KEY_LABEL.encode()
        attempts = {
            "labelled": sealed_in(world, "labelled", PAIR, template=LABELLED),
            "ownerless": sealed_in(
                world, "ownerless", PAIR, template={**LABELLED, "metadata": {**LABELLED["metadata"], **no_owner}}
            ),
            "dormant": sealed_in(world, "dormant", PAIR, template={"metadata": {"labels": {KEY_LABEL: "later"}}}),
            LEGACY_KEY_NAME: sealed_in(world, LEGACY_KEY_NAME, PAIR, template={"type": "kubernetes.io/tls"}),
            "old": legacy(world, "old", inner),
        }
        with running(world.gateway()) as manager:
            for manifest in attempts.values():
                world.put_sealed(manifest)
            for name in attempts:
                assert told(world, name, "SealingKeyRefused")["message"].startswith("the Secret would be a sealing key")
                assert world.secret(world.key(name)) is None
            assert manager.certificate() == sealing_key().certificate.pem
            assert world.key_names() == {"usual-key"}
            ((said),) = world.events(world.key("labelled"))
            assert (said.type, said.reason) == ("Warning", "ErrUpdateFailed")

    def test_a_secret_that_a_person_hands_over_does_not_become_one(self, one_namespace):
        world = one_namespace
        for how in ("managed", "patch"):
            world.put_secret(secret(world, name=how, annotations={ANNOTATION + how: "true"}))
            world.put_sealed(sealed_in(world, how, PAIR, template={"metadata": LABELLED["metadata"]}))
        with running(world.gateway()):
            for how in ("managed", "patch"):
                told(world, how, "SealingKeyRefused")
                assert world.items(world.key(how)) == {"mine": b"x"}

    def test_one_that_is_there_is_left_alone_though_it_says_that_it_may_be_taken(self, cluster_world):
        world = cluster_world
        world.keys_namespace, spare = world.namespace, world.keys_namespace
        annotations = {ANNOTATION + "managed": "true"}
        usual = key_secret(
            sealing_key(),
            name="usual",
            namespace=world.namespace,
            labels={KEY_LABEL: "active"},
            annotations=annotations,
        )
        world.put_secret(usual)
        world.put_sealed(sealed_in(world, "usual", PAIR))
        with running(world.gateway()) as manager:
            found = told(world, "usual", "SealingKeyRefused")
            assert (
                found["message"]
                == f'Secret "usual" is a sealing key (label {KEY_LABEL}), which no SealedSecret may change'
            )
            assert world.secret(world.key("usual"))["data"] == usual["data"]
            assert manager.certificate() == sealing_key().certificate.pem
        world.keys_namespace = spare

    def test_a_secret_that_a_person_makes_a_key_is_touched_no_more(self, one_namespace):
        world = one_namespace
        world.put_sealed(sealed_in(world))
        with running(world.gateway()):
            wait_synced(world, world.key("db"), GOOD)
            made = world.secret(world.key("db"))
            world.put_secret({**made, "metadata": {**made["metadata"], "labels": {KEY_LABEL: "active"}}})
            told(world, "db", "SealingKeyRefused")
            world.put_sealed(sealed_in(world, items={"password": b"new"}))
            stays_true(lambda: world.items(world.key("db")) == GOOD, seconds=0.5)

    def test_in_another_namespace_only_a_flag_opens_it(self, cluster_world):
        world = cluster_world
        world.add_key(sealing_key())
        world.put_sealed(sealed_in(world, "theirs", PAIR, template=LABELLED))
        with running(world.gateway()):
            told(world, "theirs", "SealingKeyRefused")
            assert world.secret(world.key("theirs")) is None
        world.key_secrets_in = (world.namespace,)
        with running(world.gateway()):
            wait_synced(world, world.key("theirs"), PAIR)


class TestTypesThatKubernetesActsOn:
    @pytest.mark.parametrize("kind", ["kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"])
    def test_none_is_made(self, world, kind):
        world.add_key(sealing_key())
        annotations = {"kubernetes.io/service-account.name": "default"}
        world.put_sealed(sealed_in(world, template={"type": kind, "metadata": {"annotations": annotations}}))
        with running(world.gateway()):
            assert kind in told(world, "db", "TypeRefused")["message"]
            assert world.secret(world.key("db")) is None

    def test_a_flag_opens_one(self, world):
        world.add_key(sealing_key())
        kind = "bootstrap.kubernetes.io/token"
        world.put_sealed(sealed_in(world, template={"type": kind}))
        with running(world.gateway(), f"--allow-secret-types={kind}"):
            wait_synced(world, world.key("db"), GOOD)
            assert world.secret(world.key("db"))["type"] == kind


class TestFinalizers:
    TEMPLATE = {"metadata": {"finalizers": ["example.org/stays"]}}  # noqa: RUF012 - not changed

    def test_a_secret_with_them_is_not_made(self, world):
        world.add_key(sealing_key())
        world.put_sealed(sealed_in(world, template=self.TEMPLATE))
        with running(world.gateway()):
            assert "finalizers" in told(world, "db", "FinalizersRefused")["message"]
            assert world.secret(world.key("db")) is None

    def test_a_flag_lets_them_be(self, world):
        world.add_key(sealing_key())
        world.put_sealed(sealed_in(world, template=self.TEMPLATE))
        with running(world.gateway(), "--allow-finalizers"):
            wait_synced(world, world.key("db"), GOOD)
            made = world.secret(world.key("db"))
            assert made["metadata"]["finalizers"] == ["example.org/stays"]
            world.put_secret({**made, "metadata": {**made["metadata"], "finalizers": []}})


class TestWhatCannotBeChanged:
    @pytest.mark.parametrize("change", ["a value of an immutable one", "its type"])
    def test_it_stays_as_it_is_and_this_is_told(self, world, change):
        world.add_key(sealing_key())
        world.put_sealed(sealed_in(world, template={"immutable": change != "its type"}))
        with running(world.gateway()):
            wait_synced(world, world.key("db"), GOOD)
            before = world.secret(world.key("db"))
            if change == "its type":
                world.put_sealed(sealed_in(world, template={"type": "example.org/own"}))
            else:
                world.put_sealed(sealed_in(world, items={"password": b"new"}, template={"immutable": True}))
            told(world, "db", "Immutable")
            assert world.secret(world.key("db")) == before


class TestKeysOfADirectory:
    @pytest.mark.parametrize("layout", ["manifests", "files"])
    def test_no_sealed_secret_puts_a_file_among_them(self, tmp_path, layout):
        world = DirectoryWorld(tmp_path, layout)
        world.add_key(sealing_key(), name="usual-key")
        before = sorted(path.name for path in (tmp_path / "keys").iterdir())
        hostile = [
            ("../keys/x", "team-a"),
            ("x", "../keys"),
            ("x", ".."),
            ("..", "keys"),
            ("x", "keys"),
            ("x", "/keys"),
        ]
        for number, (name, namespace) in enumerate(hostile):
            manifest = sealed_secret("db", "team-a", PAIR, scope=Scope.CLUSTER_WIDE, template=LABELLED)
            manifest["metadata"] |= {"name": name, "namespace": namespace}
            manifest["spec"]["template"]["metadata"] |= {"name": "evil", "namespace": "../keys"}
            (tmp_path / "sealed" / f"{number}.json").write_text(json.dumps(manifest))
        world.put_sealed(sealed_in(world, "item", {"../../../keys/evil.yaml": b"x"}))
        world.put_sealed(sealed_in(world, "good"))
        with running(world.gateway()) as manager:
            wait_synced(world, world.key("good"), GOOD)
            told(world, "item", "ItemNameInvalid")
            assert manager.certificate() == sealing_key().certificate.pem
        assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == before
        world.close()


class TestBeforeTheUpgrade:
    """What a controller without these rules made is judged by the first one that has them."""

    def test_it_is_told_so_and_left_as_it_is(self, world):
        world.add_key(sealing_key())
        kind = "bootstrap.kubernetes.io/token"
        world.put_sealed(sealed_in(world, template={"type": kind}))
        with running(world.gateway(), f"--allow-secret-types={kind}"):
            wait_synced(world, world.key("db"), GOOD)
        before = world.secret(world.key("db"))
        with running(world.gateway()):
            told(world, "db", "TypeRefused")
        assert world.secret(world.key("db")) == before


def contended(manager: Manager) -> bool:
    return b"sealwright_contended_secrets 1.0" in manager.metrics.exposition()


def is_told_contended(world: World) -> Callable[[], bool]:
    return lambda: bool(condition(world, world.key("db")).get("reason") == "Contended")


class TestFights:
    @pytest.fixture(autouse=True)
    def synced(self, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
        """Return a controller after its first object. Pauses do not end within a test, however slow the machine is."""
        monkeypatch.setattr(contention, "PAUSE", Backoff(first_seconds=3600.0, cap_seconds=3600.0))
        world.add_key(sealing_key())
        metadata = {"labels": {"app": "shop"}, "annotations": {"note": "ours"}}
        world.put_sealed(sealed_in(world, template={"metadata": metadata}))
        with running(world.gateway()) as manager:
            wait_synced(world, world.key("db"), GOOD)
            yield manager

    @pytest.mark.parametrize(
        ("change", "differing"),
        [
            pytest.param(another_value, "data", id="a value"),
            pytest.param(no_labels, "labels", id="a label"),
            pytest.param(other_annotations, "annotations", id="an annotation"),
            pytest.param(None, "it is gone", id="deletion"),
        ],
    )
    def test_one_ends_is_told_and_counted(self, world, synced, change, differing):
        with Meddler(world, world.key("db"), change) as meddler:
            eventually(is_told_contended(world), timeout=SYNC_SECONDS, what="it is told")
            said = condition(world, world.key("db"))
            assert (said["status"], f"({differing})" in said["message"]) == ("False", True)
            count = meddler.count
            assert count <= 5  # three reverts, the change before them, and a look at a half-written file
            stays_true(lambda: meddler.count == count, seconds=2, what="nothing is written any more")
            assert contended(synced)
            told_so = [said for said in world.events(world.key("db")) if "somebody else keeps changing" in said.message]
            assert [(said.type, said.reason, said.count) for said in told_so] == [("Warning", "ErrUpdateFailed", 1)]

    def test_repairs_are_instant_before_it_and_the_author_is_heard_at_once_in_it(self, world, synced):
        for _ in range(2):
            world.put_secret(another_value(world.secret(world.key("db"))))
            wait_synced(world, world.key("db"), GOOD)
            assert not contended(synced)
        with Meddler(world, world.key("db"), another_value):
            eventually(is_told_contended(world), timeout=SYNC_SECONDS, what="it is told")
        world.put_sealed(sealed_in(world, items={"password": b"new"}))
        wait_synced(world, world.key("db"), {"password": b"new"})


class TestTheEndOfAFight:
    def test_it_is_put_right_when_the_other_party_rests(self, cluster_world):
        world = cluster_world
        world.add_key(sealing_key())
        world.put_sealed(sealed_in(world))
        with running(world.gateway()):
            wait_synced(world, world.key("db"), GOOD)
            with Meddler(world, world.key("db"), another_value):
                eventually(is_told_contended(world), timeout=SYNC_SECONDS, what="it is told")
            assert world.items(world.key("db")) != GOOD
            wait_synced(world, world.key("db"), GOOD)
