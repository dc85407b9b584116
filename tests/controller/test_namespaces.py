"""Which namespaces are served, and that none of them is in another's way: whole controllers over one server."""

from typing import Any

import pytest
from tests.support.builders import sealing_key
from tests.support.kube_gateways import KubeGateways
from tests.support.outcomes import sealed_in, wait_synced
from tests.support.running import running
from tests.support.simulated_gateway import SimulatedGateway
from tests.support.wait import eventually, stays_true
from tests.support.worlds import ClusterWorld, SimulatedWorld, World

from sealwright_controller.gateway import ObjectKey, RefusedError, Resource
from sealwright_controller.settings import ClusterSettings

GOOD = {"password": b"hunter2"}


def sealed(namespace: str, name: str = "db") -> dict[str, Any]:
    world = SimulatedWorld()
    world.namespace = namespace
    return sealed_in(world, name)


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        pytest.param({}, None, id="all of them, by default"),
        pytest.param({"all_namespaces": False}, ("own",), id="its own"),
        pytest.param({"additional_namespaces": ("a", "own", "b")}, ("own", "a", "b"), id="its own and those named"),
        pytest.param(
            {"additional_namespaces": ("a",), "all_namespaces": False}, ("own", "a"), id="whatever is said of all"
        ),
    ],
)
def test_the_settings_say_which_are_served(settings: dict[str, Any], served: tuple[str, ...] | None) -> None:
    assert ClusterSettings(**settings).served_namespaces("own") == served


@pytest.fixture
def world() -> SimulatedWorld:
    made = SimulatedWorld()
    made.add_key(sealing_key())
    for name in ("team-b", "team-c"):
        made.server.create_namespace(name)
    return made


def items(world: World, namespace: str, name: str = "db") -> dict[str, bytes] | None:
    return world.items(ObjectKey(namespace, name))


class PartlyForbidden(SimulatedGateway):
    """Has no rights in `forbidden`."""

    forbidden = ""

    def list_page(self, resource: Resource, continue_token: str = "", *, namespace: str | None = None) -> Any:
        if namespace == self.forbidden:
            raise RefusedError("list of Secrets: forbidden")
        return super().list_page(resource, continue_token, namespace=namespace)


class TestSeveral:
    SERVED = ("team-a", "late", "team-b")

    def test_those_named_are_served_and_no_other(self, world: SimulatedWorld) -> None:
        with running(SimulatedGateway(world.server, served_namespaces=self.SERVED)):
            for namespace in ("team-a", "team-b", "team-c"):
                world.put_sealed(sealed(namespace))
            eventually(lambda: (items(world, "team-a"), items(world, "team-b")) == (GOOD, GOOD))
            stays_true(lambda: items(world, "team-c") is None, seconds=0.3)

    def test_one_that_is_made_later_is_served_and_one_that_is_made_anew_again(self, world: SimulatedWorld) -> None:
        with running(SimulatedGateway(world.server, served_namespaces=self.SERVED)) as manager:
            for _ in range(2):
                world.server.create_namespace("late")
                world.put_sealed(sealed("late"))
                eventually(lambda: items(world, "late") == GOOD)
                world.server.delete_namespace("late")
                eventually(lambda: len(manager.sealed_secrets) == 0)

    def test_one_that_cannot_be_listed_keeps_no_other_waiting_and_is_served_once_it_can(
        self, world: SimulatedWorld
    ) -> None:
        gateway = PartlyForbidden(world.server, served_namespaces=["team-b", "team-a"])
        gateway.forbidden = "team-b"
        for namespace in ("team-a", "team-b"):
            world.put_sealed(sealed(namespace))
        with running(gateway):
            eventually(lambda: items(world, "team-a") == GOOD)
            assert items(world, "team-b") is None
            gateway.forbidden = ""
            eventually(lambda: items(world, "team-b") == GOOD)

    def test_a_new_list_of_one_drops_nothing_of_another(self, world: SimulatedWorld) -> None:
        with running(SimulatedGateway(world.server, served_namespaces=self.SERVED)) as manager:
            for namespace in ("team-a", "team-b"):
                world.put_sealed(sealed(namespace))
            eventually(lambda: (items(world, "team-a"), items(world, "team-b")) == (GOOD, GOOD))
            with world.server.condition:
                world.put_sealed(sealed("team-a", "second"))
                world.server.compact()
                world.server.disconnect()
            eventually(lambda: len(manager.sealed_secrets) == 3)
            stays_true(lambda: len(manager.sealed_secrets) == 3, seconds=0.5)

    def test_a_secret_of_any_of_them_that_is_deleted_by_hand_comes_back(self, world: SimulatedWorld) -> None:
        with running(SimulatedGateway(world.server, served_namespaces=self.SERVED)):
            world.put_sealed(sealed("team-b"))
            eventually(lambda: items(world, "team-b") == GOOD)
            world.delete_secret(ObjectKey("team-b", "db"))
            eventually(lambda: items(world, "team-b") == GOOD)


@pytest.mark.apiserver
class TestOverAnApiServer:
    """Where the rights are those of one namespace alone, too."""

    @pytest.fixture
    def cluster(self, control_plane: Any, namespace: str, tmp_path: Any) -> Any:
        made = ClusterWorld(control_plane, namespace, tmp_path)
        made.add_key(sealing_key())
        yield made
        made.close()

    @pytest.fixture
    def gateways(self, control_plane: Any, namespace: str, tmp_path: Any) -> Any:
        with KubeGateways(control_plane, namespace, tmp_path) as opened:
            yield opened

    def test_one_that_is_made_later_is_served_and_one_that_is_made_anew_again(
        self, cluster: ClusterWorld, gateways: KubeGateways
    ) -> None:
        late = f"{cluster.namespace}-late"
        gateway = gateways.open(own_namespace=cluster.keys_namespace, served_namespaces=[cluster.namespace, late])
        with running(gateway):
            cluster.put_sealed(sealed_in(cluster))
            wait_synced(cluster, cluster.key("db"), GOOD)
            for _ in range(2):
                cluster.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": late}})
                cluster.put_sealed(sealed(late))
                wait_synced(cluster, ObjectKey(late, "db"), GOOD)
                cluster.kube.delete("v1/Namespace", late)
                eventually(lambda: cluster.kube.find("v1/Namespace", late) is None, timeout=60, what="it is gone")

    def test_the_rights_of_one_namespace_are_enough_and_another_one_without_rights_is_no_trouble(
        self, cluster: ClusterWorld, gateways: KubeGateways, control_plane: Any
    ) -> None:
        served = [cluster.keys_namespace, f"{cluster.namespace}-none", cluster.namespace]
        token = self.user(cluster, control_plane, ["get", "list", "watch", "create", "update", "delete"])
        gateway = gateways.open(token, own_namespace=cluster.keys_namespace, served_namespaces=served)
        with running(gateway):
            cluster.put_sealed(sealed_in(cluster))
            wait_synced(cluster, cluster.key("db"), GOOD)
            cluster.delete_secret(cluster.key("db"))
            wait_synced(cluster, cluster.key("db"), GOOD)
            eventually(lambda: len(cluster.events(cluster.key("db"))) == 2, what="it is unsealed, and restored")

    def test_where_secrets_are_not_followed_they_need_not_be_listed(
        self, cluster: ClusterWorld, gateways: KubeGateways, control_plane: Any
    ) -> None:
        token = self.user(cluster, control_plane, ["get", "create", "update"])
        gateway = gateways.open(token, own_namespace=cluster.keys_namespace, served_namespaces=[cluster.namespace])
        with running(gateway, "--skip-recreate"):
            cluster.put_sealed(sealed_in(cluster))
            wait_synced(cluster, cluster.key("db"), GOOD)
            cluster.put_sealed(sealed_in(cluster, items={"password": b"new"}))
            wait_synced(cluster, cluster.key("db"), {"password": b"new"})

    @staticmethod
    def user(cluster: ClusterWorld, control_plane: Any, verbs: list[str]) -> str:
        """Make a ServiceAccount that may read the keys, and use SealedSecrets and Secrets of the namespace."""
        rules = [
            {"apiGroups": ["bitnami.com"], "resources": ["sealedsecrets"], "verbs": ["get", "list", "watch"]},
            {"apiGroups": ["bitnami.com"], "resources": ["sealedsecrets/status"], "verbs": ["update"]},
            {"apiGroups": [""], "resources": ["secrets"], "verbs": verbs},
            {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
        ]
        keys = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "create"]}]
        account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "user"}}
        cluster.kube.create(account, cluster.keys_namespace)
        for namespace, granted in ((cluster.namespace, rules), (cluster.keys_namespace, keys)):
            version, metadata = "rbac.authorization.k8s.io/v1", {"name": "user"}
            cluster.kube.create(
                {"apiVersion": version, "kind": "Role", "metadata": metadata, "rules": granted}, namespace
            )
            binding = {
                "apiVersion": version,
                "kind": "RoleBinding",
                "metadata": metadata,
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "user"},
                "subjects": [{"kind": "ServiceAccount", "name": "user", "namespace": cluster.keys_namespace}],
            }
            cluster.kube.create(binding, namespace)
        token: str = control_plane.service_account_token(cluster.keys_namespace, "user")
        return token
