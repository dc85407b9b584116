"""From sealed-secrets to Sealwright and back, over a real API server: nothing is re-sealed, rewritten or lost.

The first half takes over what sealed-secrets left, with its own kind (CustomResourceDefinition) in place; the second
compares what Sealwright leaves with what sealed-secrets writes, field by field.
"""

import base64
from collections.abc import Iterator
from datetime import timedelta

import pytest
from cryptography import x509
from tests.integration.conftest import running
from tests.support import upstream
from tests.support.installation import MANIFESTS, SEALED_SECRET, Installation, Variant
from tests.support.upstream import TEAM, recorded, recorded_secret, recorded_status, without_books
from tests.support.wait import eventually, stays_true

OVER_UPSTREAMS_KIND = Variant(
    "over upstream's kind", (("-k", str(MANIFESTS / "controller")), ("-f", str(MANIFESTS / "rbac.yaml")))
)
PASSWORD = "correct horse battery staple"
NAMES = ("db", "shared", "taken")
TEN_YEARS = timedelta(hours=87600)
TIMES = ("lastTransitionTime", "lastUpdateTime")


@pytest.fixture(scope="module")
def before(own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What sealed-secrets left: the version of each Secret."""
    installed = Installation(own_control_plane, tmp_path_factory.mktemp("upstream"))
    upstream.install(installed)
    return upstream.versions(installed)


@pytest.fixture(scope="module")
def installed(before, own_control_plane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Sealwright's controller, started where sealed-secrets' was, with no flag but for short keys."""
    folder = tmp_path_factory.mktemp("installation")
    for installation in running(Installation(own_control_plane, folder, OVER_UPSTREAMS_KIND, ["--key-size=2048"])):
        for name in NAMES:
            wait_until_looked_at(installation, name)
        yield installation


class TestTakingOver:
    def test_no_secret_and_no_key_is_written(self, installed, before):
        assert upstream.versions(installed) == before

    @pytest.mark.parametrize("name", ["db", "shared"])
    def test_what_was_synced_is_synced(self, installed, name):
        condition = installed.condition(TEAM, name)
        assert (condition["status"], condition["message"]) == ("True", "")
        assert condition["lastTransitionTime"] == recorded_status(name)["conditions"][0]["lastTransitionTime"]

    def test_what_failed_fails_with_the_same_words(self, installed):
        then, now = recorded_status("taken")["conditions"][0], installed.condition(TEAM, "taken")
        assert {field: now[field] for field in ("status", "message", "lastTransitionTime")} == {
            field: then[field] for field in ("status", "message", "lastTransitionTime")
        }

    def test_nobody_is_told_of_what_did_not_change(self, installed):
        assert installed.events(TEAM, "db") == installed.events(TEAM, "shared") == []

    def test_the_certificate_is_that_of_the_newest_key(self, installed):
        newest = max(installed.key_secrets(), key=lambda key: certificate_of(key).not_valid_before_utc)
        assert installed.certificate.read_bytes() == base64.b64decode(newest["data"]["tls.crt"])

    def test_a_restart_writes_no_secret(self, installed, before):
        restart(installed)
        stays_true(lambda: upstream.versions(installed) == before, seconds=1, what="no Secret is written")

    def test_a_restart_writes_no_status(self, installed):
        statuses = sealed_versions(installed)
        restart(installed)
        stays_true(lambda: sealed_versions(installed) == statuses, seconds=1, what="no status is written")

    def test_a_change_flows_and_a_deletion_too(self, installed):
        item = installed.kube.get(SEALED_SECRET, "db", TEAM)["spec"]["encryptedData"]["password"]
        installed.kube.patch(SEALED_SECRET, "db", {"spec": {"encryptedData": {"again": item}}}, TEAM)
        installed.wait_for_items(TEAM, "db", {"user": "x", "password": PASSWORD, "again": PASSWORD})
        installed.kube.patch(SEALED_SECRET, "db", {"spec": {"encryptedData": {"again": None}}}, TEAM)
        installed.wait_for_items(TEAM, "db", {"user": "x", "password": PASSWORD})
        installed.kube.delete("v1/Secret", "taken", TEAM)
        installed.wait_for_items(TEAM, "taken", {"password": "x"})


class TestGoingBack:
    @pytest.mark.parametrize("name", ["db", "shared"])
    def test_a_secret_is_what_sealed_secrets_would_have_made(self, installed, name):
        old = installed.kube.get("v1/Secret", name, TEAM)["metadata"]["uid"]
        installed.kube.delete("v1/Secret", name, TEAM)
        eventually(lambda: uid_of(installed, name) not in {None, old}, what="a new Secret")
        owner = installed.kube.get(SEALED_SECRET, name, TEAM)
        made = installed.kube.get("v1/Secret", name, TEAM)
        assert without_books(made) == recorded_secret(name, owner)

    def test_a_status_has_the_fields_of_sealed_secrets_and_a_reason(self, installed):
        installed.wait_for_condition(TEAM, "db", "True")
        sealed = installed.kube.get(SEALED_SECRET, "db", TEAM)
        (then,), (now,) = recorded_status("db")["conditions"], sealed["status"]["conditions"]
        assert sealed["status"].keys() == {"conditions", "observedGeneration"}
        assert sealed["status"]["observedGeneration"] == sealed["metadata"]["generation"]
        assert without_times(now) == {**without_times(then), "reason": "Unsealed", "message": ""}
        assert all(len(now[field]) == len(then[field]) for field in TIMES)

    def test_spec_and_metadata_of_a_sealed_secret_are_as_they_were(self, installed):
        for then in recorded("sealedsecrets.yaml"):
            now = without_books(installed.kube.get(SEALED_SECRET, then["metadata"]["name"], TEAM))
            assert {**now, "status": None} == {**then, "status": None}

    def test_a_key_is_stored_as_sealed_secrets_stores_it(self, installed):
        for key in installed.key_secrets():
            installed.kube.delete("v1/Secret", key["metadata"]["name"], installed.namespace)
        (made,) = eventually(installed.key_secrets, what="a new key")
        (then,) = recorded("keys.yaml")
        name = made["metadata"].pop("name")
        assert name.startswith(then["metadata"]["generateName"])
        assert without_books(made)["metadata"] == then["metadata"]
        assert made["type"] == then["type"]
        assert made["data"].keys() == then["data"].keys()
        assert key_of(made).splitlines()[0] == key_of(then).splitlines()[0] == b"-----BEGIN RSA PRIVATE KEY-----"
        old, new = certificate_of(then), certificate_of(made)
        assert new.subject == new.issuer == old.subject == old.issuer
        assert new.not_valid_after_utc - new.not_valid_before_utc == TEN_YEARS
        new.verify_directly_issued_by(new)


def restart(installed: Installation) -> None:
    """Start the controller anew; returns when it has looked at all that it found."""
    assert installed.controller.stop() == 0
    installed.controller.start()
    eventually(lambda: all(f'name="{name}"' in installed.controller.metrics() for name in NAMES), what="a look at all")


def sealed_versions(installed: Installation) -> dict[str, str]:
    found = installed.kube.list(SEALED_SECRET, TEAM)
    return {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in found}


def wait_until_looked_at(installed: Installation, name: str) -> None:
    """Wait for a reason in the condition: sealed-secrets writes none."""
    eventually(lambda: installed.condition(TEAM, name).get("reason"), what=f"{name} is looked at")


def uid_of(installed: Installation, name: str) -> str | None:
    found = installed.kube.find("v1/Secret", name, TEAM)
    return None if found is None else found["metadata"]["uid"]


def without_times(condition: dict[str, str]) -> dict[str, str]:
    return {field: value for field, value in condition.items() if field not in TIMES}


def certificate_of(key_secret: dict) -> x509.Certificate:
    return x509.load_pem_x509_certificate(base64.b64decode(key_secret["data"]["tls.crt"]))


def key_of(key_secret: dict) -> bytes:
    return base64.b64decode(key_secret["data"]["tls.key"])
