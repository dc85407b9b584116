"""Verify and rotate as kubeseal reaches them: through the API server's service proxy, by somebody without other rights."""

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.installation import NAME, NAMESPACE, Installation
from tests.support.kubeapi import ApiError
from tests.support.wait import eventually

PASSWORD = "correct horse battery staple"
Post = Callable[[str, str], str]


@pytest.fixture
def post(installed: Installation, namespace: str) -> Iterator[Post]:
    """Return a function that posts as a ServiceAccount that nobody gave any right, and comes again when told to."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "someone"}}
    installed.kube.create(account, namespace)
    someone = installed.cluster.kube(installed.cluster.service_account_token(namespace, "someone"))
    proxy = someone.path("v1/Service", NAMESPACE, f"http:{NAME}:http", "proxy")

    def attempt(path: str, body: str) -> str | None:
        try:
            return someone.request("POST", f"{proxy}{path}", body.encode()).decode()
        except ApiError as error:
            if error.status == 429:
                return None
            raise

    yield lambda path, body: eventually(lambda: attempt(path, body), timeout=20, what=path, interval=0.5) or ""
    log = installed.controller.log.read_text()
    assert PASSWORD not in log
    assert "Traceback" not in log


@pytest.fixture
def sealed(installed: Installation, namespace: str) -> str:
    """Return a SealedSecret, sealed with the certificate that the controller serves."""
    metadata = {"name": "db", "namespace": namespace}
    secret: dict[str, Any] = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}
    return installed.sealwright("seal", "-o", "json", stdin=json.dumps(secret | {"stringData": {"password": PASSWORD}}))


def test_verify_says_whether_it_opens(post: Post, sealed: str) -> None:
    assert post("/v1/verify", sealed) == "ok\n"
    moved = json.loads(sealed)
    moved["metadata"]["name"] = "other"
    with pytest.raises(ApiError) as caught:
        post("/v1/verify", json.dumps(moved))
    assert caught.value.status == 409


def test_what_rotate_returns_can_be_applied_and_gives_the_same_secret(
    installed: Installation, namespace: str, post: Post, sealed: str
) -> None:
    installed.apply(sealed)
    installed.wait_for_items(namespace, "db", {"password": PASSWORD})
    rotated = post("/v1/rotate", sealed)
    assert PASSWORD not in rotated
    assert json.loads(rotated)["spec"]["encryptedData"] != json.loads(sealed)["spec"]["encryptedData"]
    installed.apply(rotated)
    installed.wait_for_condition(namespace, "db", "True")
    assert installed.items(namespace, "db") == {"password": PASSWORD}


def test_what_was_read_from_the_cluster_can_be_rotated_and_applied(
    installed: Installation, namespace: str, post: Post, sealed: str
) -> None:
    installed.apply(sealed)
    installed.wait_for_condition(namespace, "db", "True")
    found = installed.kubectl("get", "sealedsecret", "db", "--namespace", namespace, "--output", "yaml")
    rotated = json.loads(post("/v1/rotate", found))
    assert rotated["metadata"].keys() <= {"name", "namespace", "annotations"}
    assert "status" not in rotated
    installed.apply(json.dumps(rotated))
    eventually(
        lambda: installed.kube.get("bitnami.com/v1alpha1/SealedSecret", "db", namespace)["spec"] == rotated["spec"],
        what="the rotated form",
    )
    installed.wait_for_condition(namespace, "db", "True")


def test_kubectl_can_be_used_as_the_reference_shows(installed: Installation, tmp_path: Path, sealed: str) -> None:
    (tmp_path / "db.yaml").write_text(sealed)
    proxy = f"/api/v1/namespaces/{NAMESPACE}/services/http:{NAME}:http/proxy"

    def attempt(path: str) -> str | None:
        try:
            return installed.kubectl("create", "--raw", f"{proxy}{path}", "-f", str(tmp_path / "db.yaml"))
        except AssertionError as error:
            if "too many requests" in str(error):
                return None
            raise

    verified, rotated = (
        eventually(functools.partial(attempt, path), timeout=20, what=path, interval=0.5)
        for path in ("/v1/verify", "/v1/rotate")
    )
    assert verified == "ok\n"
    installed.apply(rotated or "")


def test_junk_is_refused_with_a_status_that_says_so(post: Post) -> None:
    with pytest.raises(ApiError) as caught:
        post("/v1/rotate", "junk")
    assert caught.value.status == 400
