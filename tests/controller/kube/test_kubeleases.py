"""The Lease at a real API server: what is written is what is read, and the first writer wins."""

from dataclasses import replace

import pytest
from tests.support.builders import NOW
from tests.support.kubeapi import KubeApi
from tests.support.shared_controlplane import SharedControlPlane

from sealwright_controller.gateway import AlreadyExistsError, ConflictError
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.leases import NAME, KubeLeases, lease_name
from sealwright_controller.leadership.lease import Lease

LEASE = Lease("pod-1_8a3c", "pod/8a3c", 12, 0, NOW)


@pytest.fixture
def namespace(kube: KubeApi) -> str:
    made = kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"generateName": "leases-"}})
    return str(made["metadata"]["name"])


@pytest.fixture
def leases(control_plane: SharedControlPlane, namespace: str, tmp_path) -> KubeLeases:
    return KubeLeases(connect(control_plane.kubeconfig(tmp_path / "kubeconfig")), namespace, NAME, lambda: NOW)


def read(leases: KubeLeases) -> Lease:
    found = leases.read()
    assert found is not None
    return found


def test_what_is_written_is_read(leases: KubeLeases) -> None:
    assert leases.read() is None
    leases.write(LEASE)
    first = read(leases)
    assert replace(first, version="") == LEASE
    leases.write(replace(first, holder="", process="", seconds=1, transitions=1))
    second = read(leases)
    assert replace(second, version="") == Lease("", "", 1, 1, NOW)
    assert second.version != first.version


def test_the_first_of_two_wins(leases: KubeLeases) -> None:
    leases.write(LEASE)
    with pytest.raises(AlreadyExistsError):
        leases.write(LEASE)
    found = read(leases)
    leases.write(replace(found, transitions=1))
    with pytest.raises(ConflictError):
        leases.write(replace(found, holder="other"))


def test_a_lease_of_others_is_read_whatever_it_lacks(leases: KubeLeases, kube: KubeApi, namespace: str) -> None:
    kube.create({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": NAME}}, namespace)
    found = read(leases)
    assert (found.holder, found.process, found.seconds, found.transitions) == ("", "", 0, 0)
    leases.write(replace(LEASE, version=found.version))
    assert read(leases).holder == LEASE.holder


def test_controllers_that_serve_different_objects_have_different_leases() -> None:
    served = [((), ""), (("b",), ""), (("a", "b"), ""), ((), "app=x"), (("b",), "app=x"), ((), "b\n")]
    names = [lease_name(*each) for each in served]
    assert len(set(names)) == len(names)
    assert names[0] == NAME
    assert lease_name(("b", "a", "a"), "") == lease_name(("a", "b"), "")
