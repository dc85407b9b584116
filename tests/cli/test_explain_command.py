"""`sealwright explain` as people run it: a file, its repository, keys, and a cluster's answers."""

import json
import re
import shlex
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE as CERTIFICATE_OF_SERVER
from tests.cli.test_cluster import VERIFY
from tests.support.builders import other_sealing_key, sealed_secret, stored
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, sealwright
from tests.support.gitrepo import GitRepo
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import HINT_ANNOTATION, Scope, scope_annotations

OBJECT = "GET /apis/bitnami.com/v1alpha1/namespaces/team-a/sealedsecrets/db"
SECRET = "GET /api/v1/namespaces/team-a/secrets/db"
EVENTS = "GET /api/v1/namespaces/team-a/events?fieldSelector=involvedObject.kind=SealedSecret,involvedObject.name=db"
KEYS = "GET /api/v1/namespaces/kube-system/secrets?labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active"
NOT_FOUND = {"kind": "Status", "status": "Failure", "details": {"name": "db"}, "code": 404}


def write(folder: Path, manifest: dict[str, Any]) -> Path:
    path = folder / "sealed.json"
    path.write_text(json.dumps(manifest, indent=2))
    return path


def found(run: Run) -> list[tuple[str, str]]:
    """Return the causes in a report for programs."""
    return [(cause["cause"], cause["likelihood"]) for one in run.json["objects"] for cause in one["causes"]]


def test_nothing_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, sealed_secret())
    run = sealwright("explain", path, "--cert", CERTIFICATE)
    assert run.status == ExitStatus.OK
    assert b"sealed.json: team-a/db (strict)\n  nothing is wrong, as far as it was checked\n" in run.stdout
    assert b"not checked: what the cluster says (--cluster)" in run.stdout


def test_another_clusters_key(tmp_path: Path) -> None:
    path = write(tmp_path, sealed_secret(certificate=other_sealing_key().certificate))
    run = sealwright("explain", path, "--cert", CERTIFICATE)
    assert run.status == ExitStatus.DECRYPTION
    assert b"1. likely (other-key): sealed to key " in run.stdout
    assert f"sealwright explain --cluster {path}".encode() in run.stdout
    assert f"sealwright set --cert {CERTIFICATE} {path} password --from-file VALUE-FILE".encode() in run.stdout


@pytest.mark.parametrize(("before", "after"), [*permutations(Scope, 2)])
def test_the_history_shows_that_the_scope_is_another_one(tmp_path: Path, before: Scope, after: Scope) -> None:
    repo = GitRepo(tmp_path)
    manifest = sealed_secret(scope=before)
    path = write(tmp_path, manifest)
    repo.commit()
    for metadata in (manifest["metadata"], manifest["spec"]["template"]["metadata"]):
        hints = {HINT_ANNOTATION: manifest["metadata"]["annotations"][HINT_ANNOTATION]}
        metadata["annotations"] = hints | dict(scope_annotations(after))
    write(tmp_path, manifest)
    run = sealwright("explain", path)
    assert run.status == ExitStatus.DECRYPTION
    assert f"sealed as team-a/db ({before}), and is team-a/db ({after}) now".encode() in run.stdout


def test_a_tag_that_kubernetes_does_not_know_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    text = json.dumps(sealed_secret()).replace('"kind"', '"status": !!x y, "kind"')
    path.write_text(text)
    run = sealwright("explain", path)
    assert run.status == ExitStatus.INPUT
    assert "carries a tag that Kubernetes does not know" in run.stderr


def test_the_history_of_the_file_is_evidence(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    manifest = sealed_secret()
    path = write(tmp_path, manifest)
    commit = repo.commit()
    manifest["metadata"]["namespace"] = manifest["spec"]["template"]["metadata"]["namespace"] = "team-b"
    write(tmp_path, manifest)
    repo.commit(1)
    run = sealwright("explain", path)
    assert run.status == ExitStatus.DECRYPTION
    assert b"1. likely (other-place): sealed as team-a/db (strict), and is team-b/db (strict) now" in run.stdout
    assert f"commit {commit[:10]} of 2026-03-01 has the same ciphertext of password".encode() in run.stdout
    run = sealwright("explain", path, "--key", PRIVATE_KEY, "-o", "json")
    assert found(run) == [("other-place", "certain")]
    assert b"hunter2" not in run.stdout


def test_both_forms(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["spec"]["data"] = manifest["spec"]["encryptedData"]["password"]
    path = write(tmp_path, manifest)
    run = sealwright("explain", path, "-o", "json")
    assert run.status == ExitStatus.INPUT
    assert found(run) == [("both-forms", "certain")]
    assert run.json["objects"][0]["causes"][0]["mend"][0].startswith("kubectl patch --local")


def test_the_deprecated_form_is_explained_too(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["spec"] = {"data": manifest["spec"]["encryptedData"]["password"][:200]}
    run = sealwright("explain", write(tmp_path, manifest), "-o", "json")
    assert found(run) == [("damaged-ciphertext", "certain")]
    assert run.json["objects"][0]["causes"][0]["items"] == ["spec.data"]


def test_a_field_that_is_none(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["spec"]["encryptdData"] = {}
    run = sealwright("explain", write(tmp_path, manifest))
    assert run.status == ExitStatus.INPUT
    assert b"certain (malformed): spec.encryptdData is not a field of a SealedSecret" in run.stdout


def test_each_object_of_a_file_is_explained() -> None:
    text = json.dumps(sealed_secret()) + json.dumps(sealed_secret(certificate=other_sealing_key().certificate))
    run = sealwright("explain", "--cert", CERTIFICATE, "-o", "json", stdin=text)
    assert run.status == ExitStatus.DECRYPTION
    assert [len(one["causes"]) for one in run.json["objects"]] == [0, 1]
    assert run.json["objects"][1]["place"] == "standard input: document 2"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["."], ExitStatus.USAGE), (["missing.yaml"], ExitStatus.INPUT), (["text.yaml"], ExitStatus.INPUT)],
)
def test_what_is_no_sealed_file_is_one_clear_line(tmp_path: Path, arguments: list[str], status: ExitStatus) -> None:
    (tmp_path / "text.yaml").write_text("kind: ConfigMap\napiVersion: v1\n")
    (tmp_path / "missing-not.yaml").write_text("a: b\n")
    run = sealwright("explain", *arguments, cwd=tmp_path)
    assert (run.status, run.stdout) == (status, b"")
    assert re.fullmatch(r"error: .*\nhint: .*\n", run.stderr)


def cluster(server: StandIn, **replies: Reply) -> Path:
    """Have a cluster in which all is well, but for some replies; return its kubeconfig."""
    live = stored(sealed_secret()) | {
        "status": {"observedGeneration": 1, "conditions": [{"type": "Synced", "status": "True"}]}
    }
    metadata = {"name": "db", "ownerReferences": [{"kind": "SealedSecret", "name": "db", "uid": "uid-1"}]}
    usual = {
        "object": Reply(live),
        "secret": Reply({"kind": "PartialObjectMetadata", "metadata": metadata}),
        "events": Reply({"kind": "EventList", "items": []}),
        "verify": Reply(b"ok"),
        "certificate": Reply(CERTIFICATE.read_bytes()),
        "keys": Reply({"kind": "SecretList", "items": []}),
    }
    lines = {
        "object": OBJECT,
        "secret": SECRET,
        "events": EVENTS,
        "verify": VERIFY,
        "certificate": CERTIFICATE_OF_SERVER,
        "keys": KEYS,
    }
    server.table = {lines[name]: reply for name, reply in (usual | replies).items()}
    return server.write_kubeconfig()


def ask(server: StandIn, manifest: dict[str, Any] | None = None, **replies: Reply) -> Run:
    config = cluster(server, **replies)
    text = json.dumps(manifest or sealed_secret())
    return sealwright("explain", "--cluster", "--kubeconfig", config, "-o", "json", stdin=text)


def file_of(live: dict[str, Any]) -> dict[str, Any]:
    """Return the object of a reply as a file has it."""
    return {key: live[key] for key in ("apiVersion", "kind", "metadata", "spec")}


def test_a_cluster_in_which_all_is_well(plain_server: StandIn) -> None:
    live = stored(sealed_secret()) | {"status": {"observedGeneration": 1}}
    run = ask(plain_server, file_of(live), object=Reply(live))
    assert (run.status, found(run)) == (ExitStatus.OK, [])
    (secret,) = [one for one in plain_server.asked if one.line == SECRET]
    assert secret.headers["Accept"] == "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
    assert KEYS not in plain_server.lines


def test_what_the_cluster_says_is_told(plain_server: StandIn) -> None:
    run = ask(plain_server, object=Reply(NOT_FOUND, 404), secret=Reply(NOT_FOUND, 404))
    assert (run.status, found(run)) == (ExitStatus.CLUSTER, [("not-applied", "certain")])
    refused = Reply(b"no key could decrypt secret (password)", 409)
    event = {"type": "Warning", "reason": "ErrUnsealFailed", "message": "Failed to unseal: x", "lastTimestamp": "2"}
    live = stored(sealed_secret()) | {"status": {"observedGeneration": 1}}
    run = ask(
        plain_server,
        file_of(live),
        object=Reply(live),
        verify=refused,
        events=Reply({"items": [event]}),
        keys=Reply({"kind": "Status", "message": "forbidden"}, 403),
    )
    assert (run.status, found(run)) == (ExitStatus.DECRYPTION, [("other-key", "likely")])
    (cause,) = run.json["objects"][0]["causes"]
    assert "event: ErrUnsealFailed: Failed to unseal: x" in cause["evidence"]
    assert any("which keys exist: forbidden" in words for words in run.json["objects"][0]["notChecked"])


def test_a_whole_secret_is_never_read(plain_server: StandIn) -> None:
    run = ask(plain_server, secret=Reply({"kind": "Secret", "data": {"password": "aHVudGVyMg=="}}))
    assert run.status == ExitStatus.CLUSTER
    assert "answers with a whole Secret" in run.stderr
    assert "aHVudGVyMg" not in run.stdout.decode() + run.stderr


def test_missing_rights_leave_the_rest(plain_server: StandIn) -> None:
    forbidden = Reply({"kind": "Status", "message": 'x is forbidden: User "eve" cannot get'}, 403)
    run = ask(plain_server, object=forbidden, secret=forbidden, events=forbidden)
    assert run.status == ExitStatus.OK
    words = " ".join(run.json["objects"][0]["notChecked"])
    assert "user eve may not get sealedsecrets.bitnami.com on db in namespace team-a" in words
    assert "list events in namespace team-a" in words


def test_a_cluster_that_does_not_answer_leaves_what_the_file_shows(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["metadata"]["name"] = "other"
    path = write(tmp_path, manifest)
    run = sealwright("explain", "--cluster", "--server", "http://127.0.0.1:1", path)
    assert run.status == ExitStatus.DECRYPTION
    assert b"1. likely (other-place)" in run.stdout
    assert "cannot be reached" in run.stderr
    assert run.stderr.count("error:") == 1
    intact = write(tmp_path, sealed_secret())
    assert sealwright("explain", "--cluster", "--server", "http://127.0.0.1:1", intact).status == ExitStatus.CLUSTER


def test_nothing_is_asked_unless_told_to(plain_server: StandIn, tmp_path: Path) -> None:
    config = cluster(plain_server)
    env = {"KUBECONFIG": str(config), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    path = write(tmp_path, sealed_secret(certificate=other_sealing_key().certificate))
    for verb in ("explain", "inspect"):
        assert sealwright(verb, path, env=env).status == ExitStatus.OK
    assert plain_server.lines == []
    assert sealwright("cert", "fetch", "-w", tmp_path / "cert.pem", env=env).status == ExitStatus.OK
    asked = plain_server.lines
    run = sealwright("explain", path, env=env)
    assert b"the certificate that kube-system/sealed-secrets-controller served on " in run.stdout
    assert run.status == ExitStatus.DECRYPTION
    run = sealwright("inspect", path, "-o", "json", env=env)
    assert run.json["objects"][0]["items"][0]["state"] == "older"
    assert plain_server.lines == asked
    assert sealwright("inspect", "--fetch", path, env=env).status == ExitStatus.OK
    assert len(plain_server.lines) == len(asked) + 1


def test_an_object_without_a_namespace_is_looked_up_where_kubectl_would_apply_it(plain_server: StandIn) -> None:
    manifest = sealed_secret(namespace="default")
    del manifest["metadata"]["namespace"]
    config = cluster(plain_server)
    plain_server.table["GET /apis/bitnami.com/v1alpha1/namespaces/default/sealedsecrets/db"] = Reply(NOT_FOUND, 404)
    run = sealwright("explain", "--cluster", "--kubeconfig", config, "-o", "json", stdin=json.dumps(manifest))
    assert ("not-applied", "certain") in found(run), run.stderr
    assert "namespaces/default/secrets/db" in " ".join(plain_server.lines)


def test_a_password_in_the_certificates_url_is_not_repeated(tmp_path: Path) -> None:
    path = write(tmp_path, sealed_secret(certificate=other_sealing_key().certificate))
    with StandIn(tmp_path) as server:
        server.table = {"GET /cert.pem": Reply(CERTIFICATE.read_bytes())}
        url = server.url.replace("http://", "http://me:hunter2@") + "/cert.pem"
        run = sealwright("explain", path, "--cert", url)
    assert run.status == ExitStatus.DECRYPTION
    assert "hunter2" not in run.stdout.decode() + run.stderr


def test_without_a_cluster_the_file_is_explained_nevertheless(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["metadata"]["name"] = "other"
    run = sealwright("explain", "--cluster", write(tmp_path, manifest))
    assert run.status == ExitStatus.DECRYPTION
    assert b"1. likely (other-place)" in run.stdout
    assert "there is no kubeconfig" in run.stderr


def test_a_cluster_that_was_not_asked_is_not_called_well(tmp_path: Path) -> None:
    path = write(tmp_path, sealed_secret())
    run = sealwright("explain", "--cluster", path, "--cert", CERTIFICATE)
    assert run.status == ExitStatus.INPUT
    assert b"nothing is wrong" not in run.stdout
    assert b"the file shows nothing wrong; the cluster was not asked" in run.stdout
    assert b"not checked: the cluster: there is no kubeconfig" in run.stdout
    assert "error: there is no kubeconfig" in run.stderr
    run = sealwright("explain", "--cluster", "--server", "http://127.0.0.1:1", path, "-o", "json")
    assert any("the cluster: " in words for words in run.json["objects"][0]["notChecked"])


def test_a_context_asks_that_cluster(plain_server: StandIn, tmp_path: Path) -> None:
    config = cluster(plain_server, object=Reply(NOT_FOUND, 404), secret=Reply(NOT_FOUND, 404))
    env = {"KUBECONFIG": str(config), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    path = write(tmp_path, sealed_secret())
    run = sealwright("explain", path, "--context", "c", "-o", "json", env=env)
    assert (run.status, found(run)) == (ExitStatus.CLUSTER, [("not-applied", "certain")])
    asked = plain_server.lines
    assert sealwright("explain", path, "--context", "c", "--offline", env=env).status == ExitStatus.OK
    assert plain_server.lines == asked


@pytest.mark.parametrize("count", [1, 2])
def test_the_command_that_it_names_mends_it(tmp_path: Path, count: int) -> None:
    manifests = [sealed_secret(name=f"db-{number}", items={"a": b"x", "b": b"y"}) for number in range(count)]
    text = manifests[-1]["spec"]["encryptedData"]["b"]
    manifests[-1]["spec"]["encryptedData"]["b"] = text[:100]
    path = tmp_path / "sealed.json"
    path.write_text("\n".join(json.dumps(one) for one in manifests))
    (tmp_path / "VALUE-FILE").write_text("y")
    run = sealwright("explain", path, "--cert", CERTIFICATE, "-o", "json")
    assert run.status == ExitStatus.DECRYPTION
    (command,) = run.json["objects"][-1]["causes"][0]["mend"]
    mended = sealwright(*shlex.split(command)[1:], cwd=tmp_path)
    assert mended.status == ExitStatus.OK, mended.stderr
    assert sealwright("explain", path, "--key", PRIVATE_KEY).status == ExitStatus.OK
