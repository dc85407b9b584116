"""The Lease at a real API server: what is written is what is read, and the first writer wins."""

from dataclasses import replace
from itertools import pairwise

import pytest
from tests.support.builders import NOW
from tests.support.kubeapi import KubeApi
from tests.support.shared_controlplane import SharedControlPlane

from sealwright_controller.gateway import AlreadyExistsError, ConflictError
from sealwright_controller.kube.connecting import connect
from sealwright_controller.kube.leases import NAME, SHARDS_ANNOTATION, KubeLeases, lease_name, shard_lease_names
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
    assert replace(first, version="", renewed="") == LEASE
    leases.write(replace(first, holder="", process="", seconds=1, transitions=1))
    second = read(leases)
    assert replace(second, version="", renewed="") == Lease("", "", 1, 1, NOW)
    assert second.version != first.version


def test_what_a_lease_says_of_shards_is_read(leases: KubeLeases) -> None:
    said = replace(LEASE, shards=3, is_settled=False, wanted_by="pod-2_77aa")
    leases.write(said)
    assert replace(read(leases), version="", renewed="") == said
    leases.write(replace(read(leases), shards=1, is_settled=True, wanted_by=""))
    assert replace(read(leases), version="", renewed="") == LEASE


def test_each_renewal_is_seen_and_asking_for_a_lease_is_none(leases: KubeLeases) -> None:
    leases.write(LEASE)  # at the same microsecond as all others here
    seen = [read(leases)]
    for _ in range(2):
        leases.write(seen[-1])
        seen.append(read(leases))
    assert len({lease.renewed for lease in seen}) > 1
    assert all(one.renewed != other.renewed for one, other in pairwise(seen))
    leases.write(replace(seen[-1], wanted_by="pod-2_77aa"), renew=False)
    assert read(leases).renewed == seen[-1].renewed


@pytest.mark.parametrize(("said", "shards"), [("2", 2), ("", 0), ("x", 0), ("-1", 0), ("9" * 30, 0)])
def test_a_number_of_shards_that_cannot_be_read_is_nobodys(leases: KubeLeases, kube: KubeApi, namespace, said, shards):
    leases.write(LEASE)
    change = {"metadata": {"annotations": {SHARDS_ANNOTATION: said}}}
    kube.patch("coordination.k8s.io/v1/Lease", NAME, change, namespace)
    assert read(leases).shards == shards


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


def test_shards_have_a_lease_each_and_the_first_is_the_leaders() -> None:
    assert shard_lease_names(NAME, 1) == [NAME]
    assert shard_lease_names(NAME, 3) == [NAME, f"{NAME}-shard-1", f"{NAME}-shard-2"]
