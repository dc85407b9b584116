"""The list of test_controller.py and test_disruption.py with other rights: upstream's, and those of one namespace.

Besides, the one-namespace variant is what it promises: nothing is served, nor may be looked at, elsewhere.
"""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from tests.integration import test_controller as controller
from tests.integration import test_disruption as disruption
from tests.integration.conftest import running
from tests.support.installation import NAME, ONE_NAMESPACE, SEALED_SECRET, UPSTREAM_RIGHTS, Installation
from tests.support.kubeapi import ApiError

VARIANTS = (UPSTREAM_RIGHTS, ONE_NAMESPACE)


@pytest.fixture(scope="module", params=VARIANTS, ids=lambda variant: variant.about)
def installed(request, own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One installation after the other; their ServiceAccounts are different ones, so none has another's rights."""
    folder = tmp_path_factory.mktemp("installation")
    # The length of the key is no matter of rights, and short ones are made at once.
    yield from running(Installation(own_control_plane, folder, request.param, ["--key-size=2048"]))


@pytest.fixture(scope="module")
def own_installed(installed: Installation) -> Installation:
    """The same: its API server is these tests' own."""
    return installed


@pytest.fixture(scope="module")
def namespace_of(fresh_namespace: Callable[[Installation], str]) -> Callable[[Installation], str]:
    """Return a function that gives a fresh namespace, or the only one that is served."""
    return lambda installed: installed.namespace if installed.variant is ONE_NAMESPACE else fresh_namespace(installed)


@pytest.fixture(autouse=True)
def cleared(installed: Installation) -> Iterator[None]:
    """Clear the only namespace that is served for the next test."""
    yield
    if installed.variant is not ONE_NAMESPACE:
        return
    keys = {secret["metadata"]["name"] for secret in installed.key_secrets()}
    for kind in (SEALED_SECRET, "v1/Secret", "v1/Event"):
        for obj in installed.kube.list(kind, installed.namespace):
            if (name := obj["metadata"]["name"]) not in keys:
                with contextlib.suppress(ApiError):  # the garbage collector may have been faster
                    installed.kube.delete(kind, name, installed.namespace)


class TestKeys(controller.TestKeys):
    bits = 2048


class TestSealing(controller.TestSealing):
    pass


class TestSecretsThatAreThere(controller.TestSecretsThatAreThere):
    @pytest.mark.parametrize("installed", [UPSTREAM_RIGHTS], indirect=True, scope="module")  # the one would be its own
    def test_a_namespace_goes_with_all_that_is_in_it(self, installed, namespace):
        super().test_a_namespace_goes_with_all_that_is_in_it(installed, namespace)


class TestTrouble(controller.TestTrouble):
    pass


class TestRestart(disruption.TestRestart):
    pass


class TestApiServer(disruption.TestApiServer):
    pass


@pytest.mark.parametrize("installed", [ONE_NAMESPACE], indirect=True, scope="module")
class TestOneNamespace:
    def test_the_deployment_starts_it_as_it_runs_here(self, installed):
        deployment = installed.kube.get("apps/v1/Deployment", NAME, installed.namespace)
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert tuple(container["args"]) == installed.variant.arguments

    def test_what_is_elsewhere_is_not_served(self, installed, namespace, fresh_namespace):
        elsewhere = fresh_namespace(installed)
        controller.seal_and_apply(installed, elsewhere, password="x")
        controller.seal_and_apply(installed, namespace, password="y")
        installed.wait_for_items(namespace, "db", {"password": "y"})
        assert installed.items(elsewhere, "db") is None
        assert installed.condition(elsewhere, "db") == {}

    def test_nothing_of_it_is_in_the_cluster_as_a_whole(self, installed):
        bindings = installed.kube.list("rbac.authorization.k8s.io/v1/ClusterRoleBinding")
        subjects = [subject for binding in bindings for subject in binding.get("subjects", [])]
        assert (NAME, installed.namespace) not in {(each["name"], each.get("namespace")) for each in subjects}
