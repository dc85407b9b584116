"""The same list as test_controller.py, with other rights: those that upstream's installation gives, and one namespace's.

Besides, the one-namespace variant is what it promises: nothing is served, nor may be looked at, elsewhere.
"""

import contextlib
from collections.abc import Callable, Iterator

import pytest
from tests.integration import test_controller as whole
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


@pytest.fixture
def namespace(installed: Installation, namespace_of: Callable[[Installation], str]) -> Iterator[str]:
    """Return a fresh namespace, or the only one that is served, which is cleared afterwards."""
    if installed.variant is not ONE_NAMESPACE:
        yield namespace_of(installed)
        return
    yield installed.namespace
    keys = {secret["metadata"]["name"] for secret in installed.key_secrets()}
    for kind in (SEALED_SECRET, "v1/Secret", "v1/Event"):
        for obj in installed.kube.list(kind, installed.namespace):
            if (name := obj["metadata"]["name"]) not in keys:
                with contextlib.suppress(ApiError):  # the garbage collector may have been faster
                    installed.kube.delete(kind, name, installed.namespace)


class TestTheWholeCycle:
    """What test_controller.py does with our rights, as far as rights can matter."""

    bits = 2048
    test_the_first_key_is_made = whole.TestKeys.test_the_first_key_is_made_and_stored_as_upstream_stores_it
    test_a_key_added_live_wakes_objects = whole.TestKeys.test_a_key_added_live_wakes_objects_that_failed
    test_an_unreadable_key_is_told = whole.TestKeys.test_an_unreadable_key_is_told_and_harms_nobody
    test_unsealing_status_and_event = whole.TestSealing.test_seal_commit_apply_secret
    test_an_update_reaches_the_secret = whole.TestSealing.test_an_update_reaches_the_secret
    test_an_unmanaged_secret_is_untouched = whole.TestSecretsThatAreThere.test_an_unmanaged_secret_is_untouched
    test_taking_over = whole.TestSecretsThatAreThere.test_a_secret_that_is_annotated_as_managed_is_taken_over
    test_recreation = whole.TestSecretsThatAreThere.test_a_secret_deleted_by_hand_comes_back
    test_deletion = (
        whole.TestSecretsThatAreThere.test_deleting_the_sealed_secret_lets_the_garbage_collector_have_the_secret
    )


@pytest.mark.parametrize("installed", [ONE_NAMESPACE], indirect=True, scope="module")
class TestOneNamespace:
    def test_the_deployment_starts_it_as_it_runs_here(self, installed):
        deployment = installed.kube.get("apps/v1/Deployment", NAME, installed.namespace)
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        assert tuple(container["args"]) == installed.variant.arguments

    def test_what_is_elsewhere_is_not_served(self, installed, namespace, namespace_of):
        elsewhere = namespace_of(installed)
        whole.seal_and_apply(installed, elsewhere, password="x")
        whole.seal_and_apply(installed, namespace, password="y")
        installed.wait_for_items(namespace, "db", {"password": "y"})
        assert installed.items(elsewhere, "db") is None
        assert installed.condition(elsewhere, "db") == {}

    def test_nothing_of_it_is_in_the_cluster_as_a_whole(self, installed):
        bindings = installed.kube.list("rbac.authorization.k8s.io/v1/ClusterRoleBinding")
        subjects = [subject for binding in bindings for subject in binding.get("subjects", [])]
        assert (NAME, installed.namespace) not in {(each["name"], each.get("namespace")) for each in subjects}
