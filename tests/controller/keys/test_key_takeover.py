"""Sealing keys through the front door: what a SealedSecret made is never served, whatever is in it, in any world.

How such Secrets are kept from being made at all is tested with the rules of what is made; here they are there.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.directory_world import DirectoryWorld
from tests.support.gateway_calls import controlled_by
from tests.support.running import running
from tests.support.wait import eventually
from tests.support.worlds import ClusterWorld, SimulatedWorld, World, key_secret, now

from sealwright_controller.gateway import KEY_LABEL, LEGACY_KEY_NAME, Gateway, ObjectKey
from sealwright_controller.manager import Manager
from sealwright_controller.objects.guards import KeyGuard

ATTACKER = other_sealing_key(13, now().replace(microsecond=0) + timedelta(seconds=30))
"""A key that would be the newest."""


def planted(world: World, **metadata: Any) -> dict[str, Any]:
    """Return a key Secret of the attacker, as a controller that minds nothing makes it from a SealedSecret."""
    return key_secret(ATTACKER, **{"name": "planted", "namespace": world.keys_namespace, **metadata})


def minding_nothing(world: "ANY_CLUSTER") -> Gateway:
    """Return a gateway as one was before it refused to write sealing keys."""
    gateway: Any = world.gateway()
    gateway._key_guard = KeyGuard("elsewhere", frozenset({world.keys_namespace}))
    made: Gateway = gateway
    return made


def wait_until_seen(manager: Manager, state: str) -> None:
    line = f'sealwright_sealing_keys{{state="{state}"}} 1.0'.encode()
    eventually(lambda: line in manager.metrics.exposition(), what=f"a key that is {state}")


ANY_CLUSTER = SimulatedWorld | ClusterWorld
FORMS = {
    "labelled": {"labels": {KEY_LABEL: "active"}},
    "of the legacy name": {"name": LEGACY_KEY_NAME},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_secret_that_is_made_in_the_name_of_an_author_is_no_key(cluster_world: ANY_CLUSTER, form: Any) -> None:
    """As with `skip-set-owner-references`: nothing but the field manager tells."""
    cluster_world.add_key(sealing_key(), name="usual-key")
    with running(cluster_world.gateway()) as manager:
        minding_nothing(cluster_world).create_secret(planted(cluster_world, **form))
        wait_until_seen(manager, "untrusted")
        assert manager.certificate() == sealing_key().certificate.pem
        name = planted(cluster_world, **form)["metadata"]["name"]
        said = eventually(lambda: cluster_world.events(ObjectKey(cluster_world.keys_namespace, name)), what="an Event")
        assert [event.reason for event in said] == ["ErrKeyNotTrusted"]


def test_a_secret_that_a_sealed_secret_owns_is_no_key(cluster_world: ANY_CLUSTER) -> None:
    """As an older controller, or sealed-secrets, makes it: nothing but the owner tells."""
    cluster_world.add_key(sealing_key(), name="usual-key")
    cluster_world.put_sealed(sealed_secret("planted", cluster_world.keys_namespace))
    owner = cluster_world.sealed(ObjectKey(cluster_world.keys_namespace, "planted"))
    assert owner is not None
    with running(cluster_world.gateway()) as manager:
        cluster_world._put_key(planted(cluster_world, labels={KEY_LABEL: "active"}, **controlled_by(owner)))
        wait_until_seen(manager, "untrusted")
        assert manager.certificate() == sealing_key().certificate.pem


def test_a_forced_renewal_is_served_and_the_planted_key_opens_nothing(cluster_world: ANY_CLUSTER) -> None:
    minding_nothing(cluster_world).create_secret(planted(cluster_world, labels={KEY_LABEL: "active"}))
    with running(cluster_world.gateway()) as manager:
        first = manager.certificate()
        assert first != ATTACKER.certificate.pem
        manager.renew_now()
        eventually(lambda: manager.certificate() not in (first, None), what="a new key is served")
        assert manager.certificate() != ATTACKER.certificate.pem
        assert ATTACKER.fingerprint not in manager.keystore.keys.keyring.fingerprints


class TestInADirectory:
    """Keys lie in a folder of their own there, into which nothing is written for an author."""

    @pytest.fixture(params=["manifests", "files"])
    def world(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
        made = DirectoryWorld(tmp_path / "root", request.param)
        yield made
        made.close()

    @pytest.mark.parametrize("name", ["planted", LEGACY_KEY_NAME])
    def test_no_secret_that_a_sealed_secret_makes_is_a_key(self, world: DirectoryWorld, name: str) -> None:
        world.add_key(sealing_key(), name="usual-key")
        pems = {"tls.crt": ATTACKER.certificate.pem.encode(), "tls.key": ATTACKER.private_key.pem()}
        template = {"metadata": {"labels": {KEY_LABEL: "active"}}, "type": "kubernetes.io/tls"}
        world.put_sealed(sealed_secret(name, world.keys_namespace, pems, template=template))
        with running(world.gateway()) as manager:
            key = ObjectKey(world.keys_namespace, name)
            eventually(lambda: world.status(key).get("conditions"), what="it is looked at")
            assert manager.certificate() == sealing_key().certificate.pem
            assert manager.keystore.keys.keyring.fingerprints == (sealing_key().fingerprint,)
            assert world.key_names() == {"usual-key"}
