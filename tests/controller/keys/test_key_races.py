"""Two controllers that make a key at the same moment, over a simulator and a real API server: one key comes out."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.running import running
from tests.support.wait import eventually, stays_true
from tests.support.worlds import ClusterWorld, SimulatedWorld, now

from sealwright_controller.gateway import KEY_LABEL, Gateway, Manifest
from sealwright_controller.manager import Manager

AnyCluster = SimulatedWorld | ClusterWorld


def held_until_all_ask(gateway: Gateway, everybody: threading.Barrier) -> Gateway:
    """Return the gateway, with which nobody stores a key before everybody is about to."""
    store, is_first = gateway.create_sealing_key, threading.Event()

    def create(manifest: Manifest) -> Manifest:
        if KEY_LABEL in manifest["metadata"].get("labels", {}) and not is_first.is_set():
            is_first.set()
            everybody.wait()
        return store(manifest)

    gateway.create_sealing_key = create  # type: ignore[method-assign]  # of this one gateway
    return gateway


@contextmanager
def two_at_once(world: AnyCluster, *flags: str) -> Iterator[list[Manager]]:
    """Run two controllers that find at the same moment that a key is due."""
    everybody = threading.Barrier(2, timeout=60)

    def start(gateway: Gateway) -> Manager:
        return stack.enter_context(running(gateway, *flags))

    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        gateways = [held_until_all_ask(world.gateway(), everybody) for _ in range(2)]
        yield list(pool.map(start, gateways))


def test_without_a_key_one_is_made_and_both_use_it(cluster_world: AnyCluster) -> None:
    with two_at_once(cluster_world) as replicas:
        assert len({replica.certificate() for replica in replicas}) == 1
        [key] = replicas[0].keystore.keys.active
        cluster_world.put_sealed(sealed_secret("db", cluster_world.namespace, certificate=key.certificate))
        items = {"password": b"hunter2"}
        eventually(lambda: cluster_world.items(cluster_world.key("db")) == items, timeout=60, what="the Secret")
        stays_true(lambda: len(cluster_world.key_names()) == 1, seconds=0.5, what="no second key is made")
        assert all(len(each.keystore.keys.active) == 1 for each in replicas)


def test_when_the_newest_is_old_one_is_made_and_both_serve_it(cluster_world: AnyCluster) -> None:
    old = other_sealing_key(1, now().replace(microsecond=0) - timedelta(days=40))
    cluster_world.add_key(old)
    with two_at_once(cluster_world, "--key-renew-period=30d") as replicas:
        assert len({replica.certificate() for replica in replicas}) == 1
        assert replicas[0].certificate() != old.certificate.pem
        stays_true(lambda: len(cluster_world.key_names()) == 2, seconds=0.5, what="no third key is made")


def test_one_that_is_asked_for_twice_at_the_same_moment_is_made_once(cluster_world: AnyCluster) -> None:
    old = other_sealing_key(2, now().replace(microsecond=0) - timedelta(days=1))
    cluster_world.add_key(old)
    with two_at_once(cluster_world) as replicas:
        for replica in replicas:
            replica.renew_now()
        for replica in replicas:
            eventually(lambda each=replica: each.certificate() != old.certificate.pem, timeout=60, what="a new key")
        assert len({replica.certificate() for replica in replicas}) == 1
        stays_true(lambda: len(cluster_world.key_names()) == 2, seconds=0.5, what="no third key is made")
