"""`--key-trust=controller`: the controller's own keys and acknowledged ones count, in every world; no others do."""

import base64
import hmac
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.outcomes import sealed_in, wait_refused, wait_synced
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.simulator import SECRET
from tests.support.wait import eventually, stays_true
from tests.support.worlds import ClusterWorld, SimulatedWorld, World, key_secret
from tools.building.make_apiserver import search_path

from sealwright_controller.gateway import (
    KEY_LABEL,
    KEY_MANAGER,
    KEY_TRUST_NAME,
    UNSEALER_MANAGER,
    Gateway,
    ObjectKey,
    RefusedError,
    UnavailableError,
)
from sealwright_controller.keys.acknowledgement import ACKNOWLEDGED_ANNOTATION
from sealwright_controller.keys.trust import CODE_ANNOTATION, OwnKeys
from sealwright_controller.keys.trustsecret import TRUST_TYPE
from sealwright_crypto import KeyMaterialError

TRUST = "--key-trust=controller"


def acknowledge(world: SimulatedWorld | ClusterWorld, name: str, fingerprint: str) -> None:
    """Do what the page says: over an API server with kubectl itself."""
    if isinstance(world, ClusterWorld):
        command = (
            f"kubectl --kubeconfig {world._kubeconfig} -n {world.keys_namespace} annotate --overwrite secret {name}"
        )
        said = f"{ACKNOWLEDGED_ANNOTATION}={fingerprint}"
        subprocess.run(
            [*command.split(), said],
            check=True,
            capture_output=True,
            env={"PATH": search_path(), "HOME": str(world._kubeconfig.parent)},
        )
        return
    world.server.put_secret(with_annotation(world, name, fingerprint), manager="kubectl-annotate")


def with_annotation(world: World, name: str, fingerprint: str) -> dict[str, Any]:
    secret = world.stored_key(name)
    assert secret is not None
    metadata = secret["metadata"]
    annotations = (metadata.get("annotations") or {}) | {ACKNOWLEDGED_ANNOTATION: fingerprint}
    return {**secret, "metadata": {**metadata, "annotations": annotations}}


def planted(world: World, **metadata: Any) -> dict[str, Any]:
    """Return a key Secret that acknowledges itself."""
    annotations = {ACKNOWLEDGED_ANNOTATION: sealing_key().fingerprint}
    place = {"name": "planted", "namespace": world.keys_namespace}
    return key_secret(sealing_key(), **place, labels={KEY_LABEL: "active"}, annotations=annotations, **metadata)


class TestInEveryWorld:
    def test_a_key_of_its_own_is_known_after_a_restart(self, world: World) -> None:
        gateway = world.gateway()
        with running(gateway, TRUST) as manager:
            certificate = manager.certificate()
        gateway.close()
        assert len(world.key_names()) == 1
        with running(world.gateway(), TRUST) as manager:
            assert manager.certificate() == certificate
            assert len(world.key_names()) == 1

    def test_a_labelled_key_of_others_is_passed_over_and_told(self, world: World) -> None:
        name = world.add_key(sealing_key())
        with running(world.gateway(), TRUST) as manager:
            assert manager.certificate() != sealing_key().certificate.pem
            world.put_sealed(sealed_in(world))
            wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
            assert b'sealwright_sealing_keys{state="untrusted"} 1.0' in manager.metrics.exposition()
            said = eventually(lambda: world.events(ObjectKey(world.keys_namespace, name)), what="an Event")
            assert [event.reason for event in said] == ["ErrKeyNotTrusted"]
            assert f"={sealing_key().fingerprint}" in said[0].message

    def test_one_that_acknowledges_itself_is_passed_over(self, world: World) -> None:
        world._put_key(planted(world))
        with running(world.gateway(), TRUST) as manager:
            assert manager.certificate() != sealing_key().certificate.pem

    def test_one_that_a_flag_names_is_used(self, world: World) -> None:
        world.add_key(sealing_key())
        with running(world.gateway(), TRUST, f"--acknowledged-keys={sealing_key().fingerprint}") as manager:
            assert manager.certificate() == sealing_key().certificate.pem


class TestAnAdministratorsAnnotation:
    """Over the simulator and an API server: a directory does not tell who wrote a file."""

    def test_it_counts_at_once(self, cluster_world: SimulatedWorld | ClusterWorld) -> None:
        world = cluster_world
        name = world.add_key(sealing_key())
        with running(world.gateway(), TRUST):
            world.put_sealed(sealed_in(world))
            wait_refused(world, world.key("db"), "no key could decrypt secret (password)")
            acknowledge(world, name, other_sealing_key().fingerprint)
            stays_true(lambda: world.items(world.key("db")) is None, seconds=0.5, what="that of another key is none")
            acknowledge(world, name, sealing_key().fingerprint)
            wait_synced(world, world.key("db"), {"password": b"hunter2"})

    def test_one_that_was_there_before_is_told_and_counts_when_it_is_written_again(
        self, cluster_world: SimulatedWorld | ClusterWorld
    ) -> None:
        cluster_world._put_key(planted(cluster_world))
        with running(cluster_world.gateway(), TRUST) as manager:
            about = ObjectKey(cluster_world.keys_namespace, "planted")
            said = eventually(lambda: cluster_world.events(about), what="an Event")
            assert "was written together with the key" in said[0].message
            acknowledge(cluster_world, "planted", "none")
            acknowledge(cluster_world, "planted", sealing_key().fingerprint)
            eventually(lambda: sealing_key() in manager.keystore.keys.active, what="the key is used")

    def test_nobody_creates_a_secret_that_says_that_another_wrote_it(
        self, cluster_world: SimulatedWorld | ClusterWorld
    ) -> None:
        world = cluster_world
        fields = {"f:metadata": {"f:annotations": {f"f:{ACKNOWLEDGED_ANNOTATION}": {}}}}
        key_fields = {"f:data": {"f:tls.crt": {}, "f:tls.key": {}}}
        claims = [
            {"manager": name, "operation": operation, "apiVersion": version, "fieldsType": "FieldsV1", "fieldsV1": each}
            | {"time": "2026-01-01T00:00:00Z"}
            for operation in ("Update", "Apply")
            for version in ("v1", "v1alpha1")
            for name, each in (("kubectl-annotate", fields), ("kubectl-create", key_fields))
        ]
        secret = planted(world, managedFields=claims)
        if isinstance(world, ClusterWorld):
            world.kube.create(secret)
        else:
            world.server.create_secret(secret)
        with running(world.gateway(), TRUST) as manager:
            assert manager.certificate() != sealing_key().certificate.pem
            assert sealing_key() not in manager.keystore.keys.active


@pytest.fixture
def world_in_memory() -> Iterator[SimulatedWorld]:
    made = SimulatedWorld()
    yield made
    made.close()


def trust_secret(world: SimulatedWorld) -> dict[str, Any]:
    found = world.server.find(SECRET, ObjectKey(world.keys_namespace, KEY_TRUST_NAME))
    assert found is not None
    return found


def prepared(gateway: Gateway) -> OwnKeys:
    trust = OwnKeys()
    assert trust.prepare(gateway, threading.Event())
    return trust


class TestTheSecret:
    def test_it_is_made_once_and_is_of_a_kind_of_its_own(self, world_in_memory: SimulatedWorld) -> None:
        prepared(world_in_memory.gateway())
        before = trust_secret(world_in_memory)
        prepared(world_in_memory.gateway())
        assert trust_secret(world_in_memory) == before
        assert (before["type"], before["immutable"]) == (TRUST_TYPE, True)
        assert KEY_LABEL not in before["metadata"].get("labels", {})
        assert len(base64.b64decode(before["data"]["secret"])) == 32

    def test_two_that_make_it_at_once_agree(self, world_in_memory: SimulatedWorld) -> None:
        first = world_in_memory.gateway()

        class Overtaken(SimulatedGateway):
            def create_sealing_key(self, manifest):
                prepared(first)
                return super().create_sealing_key(manifest)

        second = Overtaken(world_in_memory.server, own_namespace=world_in_memory.keys_namespace)
        assert prepared(second).marks(sealing_key()) == prepared(first).marks(sealing_key())

    def test_it_is_waited_for(self, world_in_memory: SimulatedWorld) -> None:
        class Away(SimulatedGateway):
            asked = 0

            def find_key_secret(self, name):
                self.asked += 1
                if self.asked == 1:
                    raise UnavailableError("away")
                return super().find_key_secret(name)

        assert prepared(Away(world_in_memory.server)).marks(sealing_key())

    def test_no_secret_is_used_that_a_sealed_secret_made(self, world_in_memory: SimulatedWorld, capsys) -> None:
        secret = {
            "metadata": {"name": KEY_TRUST_NAME, "namespace": world_in_memory.keys_namespace},
            "type": TRUST_TYPE,
            "data": {"secret": base64.b64encode(b"x" * 32).decode()},
        }
        world_in_memory.server.create_secret(secret, manager=UNSEALER_MANAGER)
        self.refused(world_in_memory.gateway())
        assert "it was made from a SealedSecret" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "change",
        [{"type": "Opaque"}, {"data": {"secret": "eA=="}}, {"data": {}}, {"data": {"secret": "?"}}],
        ids=["of another type", "too short", "without the item", "no base64"],
    )
    def test_one_that_is_none_is_never_replaced(self, world_in_memory: SimulatedWorld, change, capsys) -> None:
        secret = {
            "metadata": {"name": KEY_TRUST_NAME, "namespace": world_in_memory.keys_namespace},
            "type": TRUST_TYPE,
            "data": {"secret": base64.b64encode(b"x" * 32).decode()},
        }
        gateway = world_in_memory.gateway()
        if change == {"data": {"secret": "?"}}:  # no API server stores this
            gateway.find_key_secret = lambda _: secret | change  # type: ignore[method-assign]
        else:
            world_in_memory.server.create_secret(secret | change, manager=KEY_MANAGER)
        self.refused(gateway)
        assert "restore it from a backup, or delete it" in capsys.readouterr().out

    def test_no_secret_is_used_that_another_wrote(self, world_in_memory: SimulatedWorld, capsys) -> None:
        world_in_memory.server.create_secret(planted_trust(world_in_memory))
        self.refused(world_in_memory.gateway())
        assert "it was not written by a controller; restore it from a backup" in capsys.readouterr().out

    def test_one_that_is_restored_as_the_page_says_is_used(self, world_in_memory: SimulatedWorld) -> None:
        world_in_memory.server.create_secret(planted_trust(world_in_memory), manager=KEY_MANAGER)
        assert prepared(world_in_memory.gateway()).marks(sealing_key())

    @staticmethod
    def refused(gateway: Gateway) -> None:
        """Hold that a wrong secret keeps nobody waiting, and that nothing is marked or trusted by it."""
        trust = prepared(gateway)
        with pytest.raises(KeyMaterialError, match=KEY_TRUST_NAME):
            trust.marks(sealing_key())
        assert KEY_TRUST_NAME in trust.distrust(TestCodes.secret(), sealing_key().certificate)
        assert not trust.check(gateway)


CLUSTER = SimulatedWorld | ClusterWorld


def planted_trust(world: World) -> dict[str, Any]:
    """Return the Secret as somebody makes it who knows what is in it."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": KEY_TRUST_NAME, "namespace": world.keys_namespace},
        "type": TRUST_TYPE,
        "immutable": True,
        "data": {"secret": base64.b64encode(b"x" * 32).decode()},
    }


class TestASecretThatIsPlanted:
    def test_it_cannot_be_where_a_controller_was_before(self, cluster_world: CLUSTER) -> None:
        with running(cluster_world.gateway()):
            eventually(lambda: cluster_world.stored_key(KEY_TRUST_NAME), what="the Secret")
        with running(cluster_world.gateway(), TRUST, "--key-renew-period=1h", "--key-size=2048") as manager:
            name = cluster_world.add_key(sealing_key())
            said = eventually(
                lambda: cluster_world.events(ObjectKey(cluster_world.keys_namespace, name)), what="an Event"
            )
            assert said[0].reason == "ErrKeyNotTrusted"
            assert sealing_key() not in manager.keystore.keys.active

    def test_no_key_that_it_vouches_for_counts_and_acknowledged_ones_do(self, cluster_world: CLUSTER) -> None:
        world = cluster_world
        world._put_key(planted_trust(world))
        forged = hmac.digest(
            b"x" * 32, b"sealwright.dev/key-code/v1\0" + sealing_key().certificate.pem.encode(), "sha256"
        )
        labels, annotations = {KEY_LABEL: "active"}, {CODE_ANNOTATION: forged.hex()}
        place = {"name": "planted", "namespace": world.keys_namespace}
        world._put_key(key_secret(sealing_key(), **place, labels=labels, annotations=annotations))
        world.add_key(other_sealing_key(), name="ours")
        with running(world.gateway(), TRUST, f"--acknowledged-keys={other_sealing_key().fingerprint}") as manager:
            assert manager.certificate() == other_sealing_key().certificate.pem
            assert manager.keystore.keys.active == (other_sealing_key(),)
            world.delete_secret(ObjectKey(world.keys_namespace, KEY_TRUST_NAME))
            assert not manager.keystore.check_served()
            assert world.stored_key(KEY_TRUST_NAME)

    def test_own_keys_count_again_when_the_right_one_is_restored(self, world_in_memory: SimulatedWorld) -> None:
        world = world_in_memory
        with running(world.gateway(), TRUST) as manager:
            certificate = manager.certificate()
        right = trust_secret(world)
        where = ObjectKey(world.keys_namespace, KEY_TRUST_NAME)
        world.server.delete(SECRET, where)
        world.server.create_secret(planted_trust(world))
        world.add_key(other_sealing_key(), name="ours")
        with running(world.gateway(), TRUST, f"--acknowledged-keys={other_sealing_key().fingerprint}") as manager:
            assert manager.certificate() == other_sealing_key().certificate.pem
            world.server.delete(SECRET, where)
            metadata = {"name": KEY_TRUST_NAME, "namespace": world.keys_namespace}
            world.server.create_secret({**right, "metadata": metadata}, manager=KEY_MANAGER)
            assert not manager.keystore.check_served()
            manager._list_keys_again()
            world.add_key(other_sealing_key(), name="any", label="off")  # what ends the watch that is running
            eventually(
                lambda: certificate in [key.certificate.pem for key in manager.keystore.keys.active], what="the own key"
            )


class TestCodes:
    @pytest.fixture
    def trust(self, world_in_memory: SimulatedWorld) -> OwnKeys:
        return prepared(world_in_memory.gateway())

    @staticmethod
    def secret(**annotations: str) -> dict[str, Any]:
        return {"metadata": {"name": "key", "namespace": "kube-system", "annotations": annotations}}

    def test_what_is_marked_is_trusted(self, trust: OwnKeys) -> None:
        marks = trust.marks(sealing_key())
        assert trust.distrust(self.secret(**marks), sealing_key().certificate) == ""

    @pytest.mark.parametrize("code", ["", "00", "\ud800", "f" * 64])
    def test_any_other_code_is_not(self, trust: OwnKeys, code: str) -> None:
        assert "kubectl -n kube-system annotate secret key " in trust.distrust(
            self.secret(**{CODE_ANNOTATION: code}), sealing_key().certificate
        )

    def test_that_of_another_certificate_is_not(self, trust: OwnKeys) -> None:
        marks = trust.marks(other_sealing_key())
        assert "another controller" in trust.distrust(self.secret(**marks), sealing_key().certificate)

    def test_that_of_another_cluster_is_not(self, trust: OwnKeys) -> None:
        elsewhere = SimulatedWorld()
        marks = prepared(elsewhere.gateway()).marks(sealing_key())
        assert trust.distrust(self.secret(**marks), sealing_key().certificate)
        elsewhere.close()

    def test_nothing_is_judged_before_the_secret_is_known(self) -> None:
        with pytest.raises(RuntimeError, match="before"):
            OwnKeys().marks(sealing_key())

    def test_the_secret_shows_in_no_representation(self, world_in_memory: SimulatedWorld, trust: OwnKeys) -> None:
        secret = base64.b64decode(trust_secret(world_in_memory)["data"]["secret"])
        assert repr(secret)[2:-1] not in repr(trust)
        with pytest.raises(RefusedError) as caught:
            raise RefusedError(trust.distrust(self.secret(), sealing_key().certificate))
        assert secret.hex() not in str(caught.value)
