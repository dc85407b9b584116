"""What an API server, or a proxy before it, was seen to do for a while, and that all is right within seconds after it.

It said 404 of objects that were there, showed collections as empty, and went back to an older state.
"""

import pytest
from tests.support.builders import sealed_secret, sealing_key
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually
from tests.support.worlds import SimulatedWorld

from sealwright_controller.gateway import NotFoundError, ObjectKey, Page, Resource

RIGHT_WITHIN_SECONDS = 5.0
NAMES = [f"s-{number:02}" for number in range(40)]


class LyingGateway(SimulatedGateway):
    """A simulated gateway that denies, while `denies` or `hides`, what is there."""

    denies = False
    hides: Resource | None = None

    def get_sealed_secret(self, key, *, shown=False):
        return None if self.denies else super().get_sealed_secret(key, shown=shown)

    def get_secret(self, key):
        return None if self.denies else super().get_secret(key)

    def write_status(self, key, uid, status, *, read=None):
        if self.denies:
            raise NotFoundError(f"SealedSecret {key}: it is gone")
        super().write_status(key, uid, status, read=read)

    def replace_secret(self, manifest):
        if self.denies:
            raise NotFoundError("Secret: it is gone")
        return super().replace_secret(manifest)

    def list_page(self, resource, continue_token="", *, namespace=None):
        page = super().list_page(resource, continue_token, namespace=namespace)
        return Page([], page.resource_version) if resource is self.hides else page


@pytest.fixture
def world():
    made = SimulatedWorld()
    made.add_key(sealing_key())
    yield made
    made.close()


@pytest.fixture
def gateway(world):
    return LyingGateway(world.server, own_namespace=world.keys_namespace, served_namespaces=[world.namespace])


def secret(name, namespace):
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}


def put_all(world, value):
    for name in NAMES:
        world.put_sealed(sealed_secret(name, world.namespace, {"password": value}))


def are_right(world, value):
    return all(
        world.items(world.key(name)) == {"password": value}
        and world.status(world.key(name)).get("observedGeneration")
        == world.sealed(world.key(name))["metadata"]["generation"]
        for name in NAMES
    )


def test_404_for_objects_that_are_there(world, gateway):
    put_all(world, b"old")
    with running(gateway) as manager:
        eventually(lambda: are_right(world, b"old"), timeout=30, what="all are made")
        gateway.denies = True
        put_all(world, b"new")
        eventually(lambda: manager.queue.failing() == len(NAMES), timeout=30, what="all met trouble")
        gateway.denies = False
        eventually(lambda: are_right(world, b"new"), timeout=RIGHT_WITHIN_SECONDS, what="all are right again")


@pytest.mark.parametrize("hidden", [Resource.SEALED_SECRETS, Resource.SECRETS])
def test_a_collection_that_is_shown_as_empty(world, gateway, hidden):
    put_all(world, b"old")
    with running(gateway) as manager:
        eventually(lambda: are_right(world, b"old"), timeout=30, what="all are made")
        inventory = manager.sealed_secrets

        def is_known(name):
            key = world.key(name)
            return key in inventory if hidden is Resource.SEALED_SECRETS else inventory.secrets.get(key) is not None

        gateway.hides = hidden
        with world.server.condition:
            world.server.create_namespace("elsewhere")
            world.server.put_secret(secret("s", "elsewhere"))
            world.server.compact()
            world.server.disconnect()
        eventually(lambda: not is_known(NAMES[-1]), timeout=30, what="the lie was believed")
        for name in NAMES[:10]:
            world.delete_secret(ObjectKey(world.namespace, name))
        gateway.hides = None
        eventually(
            lambda: all(is_known(name) for name in NAMES) and are_right(world, b"old"),
            timeout=RIGHT_WITHIN_SECONDS,
            what="all are known and right again",
        )


def test_an_object_that_is_gone_indeed_is_no_trouble_for_long(world, gateway):
    put_all(world, b"old")
    with running(gateway) as manager:
        eventually(lambda: are_right(world, b"old"), timeout=30, what="all are made")
        for name in NAMES:
            world.delete_sealed(world.key(name))
        eventually(lambda: not len(manager.sealed_secrets), timeout=10, what="all are forgotten")
        eventually(lambda: not manager.queue.failing(), timeout=10, what="nothing is tried again")
