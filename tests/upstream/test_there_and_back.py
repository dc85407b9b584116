"""docs/guides/migrate-from-sealed-secrets.md, typed over sealed-secrets itself, there and back again.

Its controller makes the first key and the first Secrets, of what kubeseal sealed.
"""

import base64
import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support import upstream
from tests.support.installation import MANIFESTS, ROOT, SEALED_SECRET, UPSTREAM, Installation
from tests.support.sealedsecrets import SealedSecrets
from tests.support.typed_pages import TypedCluster
from tests.support.upstream import TEAM, versions, without_books
from tests.support.wait import eventually

PAGE = (ROOT / "docs/guides/migrate-from-sealed-secrets.md").read_text()
THERE, BACK = PAGE.split("\n## Go back\n")
WELL = ("db", "shared", "wide", "rendered", "fixed", "managed", "patched")
OWNED = ("db", "shared", "wide", "rendered", "fixed", "managed")
"""Those whose Secret a SealedSecret controls."""
FAILS = {
    "taken": 'failed update: Resource "taken" already exists and is not managed by SealedSecret',
    "moved": "no key could decrypt secret (password)",
}
SECONDS = 30.0


@dataclass
class Place:
    """The cluster, with what is known of sealed-secrets there."""

    typed: TypedCluster
    theirs: SealedSecrets

    @property
    def installed(self) -> Installation:
        return self.typed.installed

    def seal(self, name: str, *options: str, into: str = "", template: Any = None, **secret: Any) -> str:
        """Seal a Secret with kubeseal, by the controller that runs, and apply it, under another name if told so."""
        metadata = {"name": name, "namespace": TEAM, **secret.pop("metadata", {})}
        manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, **secret}
        run = self.theirs.kubeseal("-o", "json", *options, stdin=json.dumps(manifest))
        assert run.status == 0, run.stderr
        sealed = run.json
        sealed["metadata"]["name"] = into or name
        sealed["spec"]["template"].update(template or {})
        self.installed.apply(json.dumps(sealed))
        return json.dumps(sealed)

    def sealed(self, name: str) -> dict[str, Any]:
        return self.installed.kube.get(SEALED_SECRET, name, TEAM)

    def conditions(self, name: str) -> list[dict[str, Any]]:
        return list(self.sealed(name).get("status", {}).get("conditions", []))

    def outcomes(self) -> dict[str, tuple[str, str, str]]:
        """Return status, message and time of the condition Synced, by object."""
        synced = {name: self.installed.condition(TEAM, name) for name in (*WELL, *FAILS)}
        return {
            name: (each["status"], each.get("message", ""), each["lastTransitionTime"]) for name, each in synced.items()
        }


@pytest.fixture(scope="module")
def place(own_control_plane, theirs_over, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Sealed-secrets' cluster, all of whose objects have a status, and a folder with what people have."""
    folder = tmp_path_factory.mktemp("people")
    arguments = ["--key-renew-period=720h", "--key-size=2048"]
    installed = Installation(own_control_plane, tmp_path_factory.mktemp("cluster"), arguments=arguments)
    theirs = theirs_over(installed)
    installed.kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": TEAM}})
    installed.kubectl("replace", "--save-config", "-f", str(theirs.crd))
    eventually(lambda: upstream.drops_additions(installed), what="the API server has taken up the kind")
    shutil.copytree(MANIFESTS, folder / "sealwright" / "manifests")
    (folder / "kustomization.yaml").write_text(PAGE.split("```yaml\n")[1].split("```")[0])
    parts = [theirs.crd, UPSTREAM / "rbac.yaml", UPSTREAM / "controller.yaml"]
    (folder / "sealed-secrets.yaml").write_text("\n---\n".join(path.read_text() for path in parts))
    typed = TypedCluster(installed, folder, theirs)
    place = Place(typed, theirs)
    try:
        typed.run("kubectl apply -f sealed-secrets.yaml")
        fill(place)
        yield place
    finally:
        typed.close()
        print(f"logs: {installed.controller.log} {theirs.controller.log}")  # shown beside a failure


def fill(place: Place) -> None:
    """Apply an object of each sort."""
    kube = place.installed.kube
    for name, note in (("taken", None), ("managed", "managed"), ("patched", "patch")):
        notes = {f"sealedsecrets.bitnami.com/{note}": "true"} if note else {}
        metadata = {"name": name, "namespace": TEAM, "annotations": notes}
        kube.create({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"old": "eA=="}})
    password = {"stringData": {"password": "correct horse"}}
    labels = {"labels": {"app": "shop"}, "annotations": {"example.com/owner": "team-a"}}
    db = place.seal("db", metadata=labels, type="Opaque", stringData={"user": "x", "password": "correct horse"})
    (place.typed.folder / "db.yaml").write_text(db)
    place.seal("shared", "--scope", "namespace-wide", **password)
    place.seal("wide", "--scope", "cluster-wide", **password)
    place.seal("rendered", template={"data": {"url": "db://{{ .password | upper }}@shop"}}, **password)
    place.seal("fixed", immutable=True, **password)
    place.seal("managed", **password)
    place.seal("patched", **password)
    place.seal("taken", **password)
    place.seal("original", into="moved", **password)
    wait_for_outcomes(place)


def wait_for_outcomes(place: Place) -> None:
    for name in WELL:
        place.installed.wait_for_condition(TEAM, name, "True")
    for name, words in FAILS.items():
        place.installed.wait_for_condition(TEAM, name, "False", words)


@pytest.fixture(scope="module")
def left(place: Place) -> dict[str, Any]:
    """What sealed-secrets left: Secrets' versions, objects, outcomes and keys."""
    return {
        "versions": versions(place.installed),
        "objects": {name: spec_of(place, name) for name in (*WELL, *FAILS)},
        "outcomes": place.outcomes(),
        "certificate": place.theirs.controller.get("/v1/cert.pem")[1],
        "secrets": {name: secret_of(place, name) for name in OWNED},
        "key": shape_of_key(place.installed.key_secrets()[0]),
        "events": {name: place.installed.events(TEAM, name) for name in WELL},
    }


def spec_of(place: Place, name: str) -> dict[str, Any]:
    return {**without_books(place.sealed(name)), "status": None}


def secret_of(place: Place, name: str) -> dict[str, Any]:
    return without_books(place.installed.kube.get("v1/Secret", name, TEAM))


def shape_of_key(secret: dict[str, Any]) -> dict[str, Any]:
    """Return a key Secret with the first lines of its values, and without the end of its name."""
    plain = without_books(secret)
    metadata = {**plain["metadata"], "name": plain["metadata"]["name"][:-5]}
    beginnings = {name: base64.b64decode(value).splitlines()[0] for name, value in plain["data"].items()}
    return {**plain, "metadata": metadata, "data": beginnings}


@pytest.fixture(scope="module")
def there(place: Place, left: dict[str, Any]) -> dict[str, str]:
    printed = place.typed.type(THERE)
    for name in (*WELL, *FAILS):
        eventually(lambda name=name: place.installed.condition(TEAM, name).get("reason"), what=f"{name} is looked at")
    return printed


@pytest.fixture(scope="module")
def changed(place: Place, there: dict[str, str]) -> dict[str, str]:
    """What is done while Sealwright runs, with the versions of the Secrets at the end."""
    installed = place.installed
    place.seal("late", stringData={"password": "late"})
    installed.wait_for_items(TEAM, "late", {"password": "late"})
    for name in OWNED:
        old = installed.kube.get("v1/Secret", name, TEAM)["metadata"]["uid"]
        installed.kube.delete("v1/Secret", name, TEAM)
        eventually(lambda old=old, name=name: uid_of(place, name) not in {None, old}, what="a new Secret")
        installed.wait_for_condition(TEAM, name, "True")
    os.kill(installed.controller.pid, signal.SIGUSR1)
    eventually(lambda: len(installed.key_secrets()) == 2, what="a second key", timeout=SECONDS)
    eventually(lambda: installed.controller.get("/v1/cert.pem")[1] not in {"", certificate(place)}, what="it is served")
    place.seal("paused", stringData={"password": "before"})
    installed.wait_for_items(TEAM, "paused", {"password": "before"})
    installed.kubectl("-n", TEAM, "annotate", "sealedsecret", "paused", "sealwright.dev/suspend=true")
    eventually(lambda: "Suspended" in str(place.conditions("paused")), what="Suspended")
    place.seal("paused", stringData={"password": "after"})
    place.seal("second", stringData={"password": "of the second key"})
    installed.wait_for_items(TEAM, "second", {"password": "of the second key"})
    for name in ("late", "second"):
        installed.wait_for_condition(TEAM, name, "True")
    assert installed.items(TEAM, "paused") == {"password": "before"}
    return versions(installed)


def uid_of(place: Place, name: str) -> str | None:
    found = place.installed.kube.find("v1/Secret", name, TEAM)
    return None if found is None else found["metadata"]["uid"]


def certificate(place: Place) -> str:
    return (place.typed.folder / "cert.pem").read_text()


@pytest.fixture(scope="module")
def back(place: Place, changed: dict[str, str]) -> dict[str, str]:
    newest = place.installed.controller.get("/v1/cert.pem")[1]
    before = len(place.theirs.log())
    printed = place.typed.type(BACK)
    names = (*WELL, *FAILS, "late", "second", "paused")

    def looked_at() -> bool:
        log = place.theirs.log()[before:]
        return all(f"Updating key={TEAM}/{name}\n" in log for name in names) and log.count("giving up") == len(FAILS)

    eventually(looked_at, what="sealed-secrets has looked at all", timeout=SECONDS)
    return {**printed, "newest": newest, "log": place.theirs.log()[before:]}


class TestThere:
    def test_no_secret_and_no_key_was_written(self, place, left, there):
        assert versions(place.installed) == left["versions"]
        before, after = ((place.typed.folder / f"{name}.txt").read_text() for name in ("before", "after"))
        assert before == after

    def test_each_object_has_the_outcome_that_it_had(self, place, left, there):
        assert place.outcomes() == left["outcomes"]

    def test_no_object_was_changed(self, place, left, there):
        assert {name: spec_of(place, name) for name in (*WELL, *FAILS)} == left["objects"]

    def test_the_certificate_is_theirs(self, place, left, there):
        assert certificate(place) == left["certificate"]
        assert place.installed.controller.get("/v1/cert.pem")[1] == left["certificate"]

    def test_nobody_is_told_of_what_did_not_change(self, place, left, there):
        assert {name: place.installed.events(TEAM, name) for name in WELL} == left["events"]

    def test_nothing_is_said_of_their_controller_which_ran_before(self, place, there):
        assert "sealwright_other_controller 0.0" in place.installed.controller.metrics()

    def test_what_fails_is_stalled_as_well(self, place, there):
        for name in FAILS:
            eventually(lambda name=name: len(place.conditions(name)) == 2, what="Stalled")


class TestMadeAgain:
    @pytest.mark.parametrize("name", OWNED)
    def test_a_secret_is_as_theirs_was(self, place, left, changed, name):
        assert secret_of(place, name) == left["secrets"][name]

    def test_a_key_of_ours_has_the_shape_of_theirs(self, place, left, changed):
        for key in place.installed.key_secrets():
            assert shape_of_key(key) == left["key"]


class TestBack:
    def test_it_has_both_keys_and_serves_the_newest(self, place, back):
        assert back["log"].count("registered private key") == 2
        assert place.theirs.controller.get("/v1/cert.pem") == (200, back["newest"])
        assert len(place.installed.key_secrets()) == 2

    def test_no_secret_was_written(self, place, changed, back):
        paused = uid_of(place, "paused")
        now = versions(place.installed)
        assert {uid for uid in now if now[uid] != changed.get(uid)} == {paused}
        assert now.keys() == changed.keys()

    def test_it_works_on_what_was_suspended(self, place, back):
        place.installed.wait_for_items(TEAM, "paused", {"password": "after"})

    def test_each_object_has_the_outcome_that_it_had(self, place, left, back):
        expected = {name: outcome[:2] for name, outcome in left["outcomes"].items()}
        assert {name: outcome[:2] for name, outcome in place.outcomes().items()} == expected

    def test_its_status_is_as_before_but_for_the_reason(self, place, back):
        for name in (*WELL, *FAILS):
            status = place.sealed(name)["status"]
            assert status.keys() == {"conditions", "observedGeneration"}
            assert [each["type"] for each in status["conditions"]] == ["Synced"]

    def test_stalled_was_swept_from_what_fails(self, place, back):
        lines = (place.typed.folder / "stalled.txt").read_text().splitlines()
        assert sorted(lines) == [f"{TEAM} {name} Synced Stalled" for name in sorted(FAILS)]

    def test_nothing_of_ours_is_left_in_its_way(self, place, back):
        """One replica is all there is: a budget of one would keep its node from ever being drained."""
        kube = place.installed.kube
        for kind in ("networking.k8s.io/v1/NetworkPolicy", "policy/v1/PodDisruptionBudget"):
            assert kube.list(kind, place.installed.namespace) == []

    def test_changes_flow(self, place, back):
        place.seal("db", stringData={"password": "changed"})
        place.installed.wait_for_items(TEAM, "db", {"password": "changed"})
        place.seal("moved", stringData={"password": "at home"})
        place.installed.wait_for_items(TEAM, "moved", {"password": "at home"})
        place.installed.wait_for_condition(TEAM, "moved", "True")
        assert [each["type"] for each in place.conditions("moved")] == ["Synced"]

    def test_the_reason_stays_where_the_outcome_turns(self, place, back):
        """As the page says."""
        place.seal("elsewhere", into="late", stringData={"password": "x"})
        condition = place.installed.wait_for_condition(TEAM, "late", "False", "no key could decrypt")
        assert condition["reason"] == "Unsealed"
