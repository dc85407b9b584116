"""`sealwright reencrypt --key` as a process: new ciphertexts under the same labels, and nothing else touched."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import CERTIFICATE as CERTIFICATE_SERVED
from tests.cli.test_cluster import ROTATE
from tests.support import independent
from tests.support.builders import keyring, other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, files_below, sealwright
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import HINT_ANNOTATION, Scope, SealedSecret, unseal, update_hint

NEW = other_sealing_key()


def reencrypt(certificate: Path, *arguments: str | Path, stdin: str = "") -> Run:
    return sealwright("reencrypt", "--key", PRIVATE_KEY, "--cert", certificate, *arguments, stdin=stdin)


def opened(manifest: dict[str, Any]) -> dict[str, bytes]:
    return dict(unseal(SealedSecret.from_dict(manifest), keyring(NEW), lambda *_: b"").secret.items)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_file_is_rewritten_under_the_same_label(tmp_path: Path, new_certificate: Path, scope: Scope) -> None:
    items = {"password": b"hunter2", "token": b"t0ken"}
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret(items=items, scope=scope), indent=4))
    before = path.read_text()
    run = reencrypt(new_certificate, path)
    assert run.status == ExitStatus.OK, run.stderr
    old, new = sealing_key().fingerprint[:32], NEW.fingerprint[:32]
    assert run.stderr == f"{path}: re-encrypted team-a/db ({scope}): 2 items, key {old} -> {new}\n"
    after = path.read_text()
    assert opened(json.loads(after)) == items
    changed = [line for line in after.splitlines() if line not in before.splitlines()]
    assert [line.split('"')[1] for line in changed] == [HINT_ANNOTATION, "password", "token"]


def test_comments_stay(tmp_path: Path, new_certificate: Path) -> None:
    item = sealed_secret(hints=False)["spec"]["encryptedData"]["password"]
    head = "# about\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: team-a}\n"
    text = head + "spec:\n  encryptedData:\n    # of May\n    password: %s # why\n"
    path = tmp_path / "db.yaml"
    path.write_text(text % item)
    assert reencrypt(new_certificate, path).status == ExitStatus.OK
    new = path.read_text().split("password: ")[1].split(" #")[0]
    assert path.read_text() == text % new
    assert new != item


def test_standard_input_goes_to_standard_output(new_certificate: Path) -> None:
    run = reencrypt(new_certificate, stdin=json.dumps(sealed_secret()))
    assert opened(run.json) == {"password": b"hunter2"}


def test_the_deprecated_form_becomes_the_present_one(new_certificate: Path) -> None:
    inner = {"apiVersion": "v1", "kind": "Secret", "type": "example.org/x", "data": {"password": "aHVudGVyMg=="}}
    blob = independent.seal_item(json.dumps(inner).encode(), sealing_key().certificate.public_key, b"team-a/db")
    manifest = sealed_secret(items={}, hints=False)
    manifest["spec"] = {"data": blob, "encryptedData": {}}
    run = reencrypt(new_certificate, stdin=json.dumps(manifest))
    assert run.status == ExitStatus.OK, run.stderr
    assert opened(run.json) == {"password": b"hunter2"}
    assert run.json["spec"]["template"]["type"] == "example.org/x"
    assert "; the deprecated spec.data became encryptedData and template\n" in run.stderr


def test_all_objects_of_a_file_or_none(tmp_path: Path, new_certificate: Path) -> None:
    moved = sealed_secret()
    moved["metadata"]["name"] = "other"
    path = tmp_path / "db.yaml"
    path.write_text(json.dumps(sealed_secret()) + "\n---\n" + json.dumps(moved) + "\n")
    before = files_below(tmp_path)
    run = reencrypt(new_certificate, path)
    assert run.status == ExitStatus.DECRYPTION
    assert "document 2: SealedSecret team-a/other: no key could decrypt secret (password)" in run.stderr
    assert files_below(tmp_path) == before


def test_a_scope_in_the_template_widens_nothing(new_certificate: Path) -> None:
    manifest = sealed_secret(template={"metadata": {"annotations": {"sealedsecrets.bitnami.com/cluster-wide": "true"}}})
    run = reencrypt(new_certificate, stdin=json.dumps(manifest))
    assert opened(run.json) == {"password": b"hunter2"}
    moved = run.json
    moved["metadata"] |= {"name": "other", "annotations": {"sealedsecrets.bitnami.com/cluster-wide": "true"}}
    with pytest.raises(Exception, match="no key could decrypt"):
        opened(moved)


@pytest.mark.parametrize(
    ("stdin", "status", "words"),
    [
        ("", ExitStatus.INPUT, "standard input: no SealedSecret in it"),
        ("kind: Secret\n", ExitStatus.INPUT, "standard input: no SealedSecret in it"),
        ("kind: [", ExitStatus.INPUT, "line 1"),
    ],
)
def test_bad_input(new_certificate: Path, stdin: str, status: ExitStatus, words: str) -> None:
    run = reencrypt(new_certificate, stdin=stdin)
    assert (run.status, run.stdout) == (status, b"")
    assert words in run.stderr


def test_without_a_key_and_a_cluster_it_says_what_is_missing() -> None:
    run = sealwright("reencrypt", stdin=json.dumps(sealed_secret()))
    assert run.status != ExitStatus.OK
    assert "kubeconfig" in run.stderr
    assert "--key" in run.stderr


def test_an_object_without_items_is_told_as_such(new_certificate: Path) -> None:
    run = reencrypt(new_certificate, stdin=json.dumps(sealed_secret(items={})))
    assert run.status == ExitStatus.OK
    assert run.stderr == "warning: standard input: unchanged team-a/db (strict): holds no items\n"


def answer_of_upstream(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return how upstream's controllers answer: neither apiVersion nor kind; 0.40 loses texts and labels of templates."""
    spec = {"encryptedData": manifest["spec"]["encryptedData"], "template": {"metadata": {"name": "db"}}}
    return {"metadata": {"name": "db", "namespace": "team-a", "creationTimestamp": None}, "spec": spec, "status": {}}


def test_the_controller_is_asked_only_about_what_is_not_on_its_newest_key(
    tmp_path: Path, plain_server: StandIn
) -> None:
    plain_server.table = {
        CERTIFICATE_SERVED: Reply(NEW.certificate.pem.encode()),
        ROTATE: Reply(sealed_secret(items={"a": b"1", "b": b"2"}, certificate=NEW.certificate)),
    }
    mixed = sealed_secret(items={"a": b"1"}, certificate=NEW.certificate)
    mixed["spec"]["encryptedData"] |= sealed_secret(items={"b": b"2"})["spec"]["encryptedData"]
    hints = {"a": NEW.certificate.fingerprint, "b": sealing_key().fingerprint}
    mixed["metadata"]["annotations"] = {HINT_ANNOTATION: update_hint({}, hints, hints)}
    for name, manifest in (("mixed", mixed), ("new", sealed_secret(certificate=NEW.certificate))):
        (tmp_path / f"{name}.json").write_text(json.dumps(manifest))
    run = sealwright("reencrypt", "--kubeconfig", plain_server.write_kubeconfig(), tmp_path)
    assert run.status == ExitStatus.OK, run.stderr
    assert plain_server.lines.count(ROTATE) == 1
    after = json.loads((tmp_path / "mixed.json").read_text())["spec"]["encryptedData"]
    assert after["a"] == mixed["spec"]["encryptedData"]["a"]
    assert after["b"] != mixed["spec"]["encryptedData"]["b"]


@pytest.mark.parametrize("extra", [{}, {"apiVersion": "", "kind": ""}], ids=["absent", "empty"])
def test_upstreams_own_controller_gives_ciphertexts_alone(
    tmp_path: Path, plain_server: StandIn, extra: dict[str, Any]
) -> None:
    template = {"data": {"conf": "p={{ .password }}"}, "metadata": {"labels": {"app": "x"}}}
    answer = answer_of_upstream(sealed_secret(certificate=NEW.certificate)) | extra
    plain_server.table = {ROTATE: Reply(answer)}
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret(template=template, hints=False)))
    run = sealwright("reencrypt", "--kubeconfig", plain_server.write_kubeconfig(), path)
    assert run.status == ExitStatus.OK, run.stderr
    after = json.loads(path.read_text())
    assert opened(after)["password"] == b"hunter2"
    assert after["spec"]["template"] == sealed_secret(template=template)["spec"]["template"]


def test_a_controller_that_renders_templates_is_told(tmp_path: Path, plain_server: StandIn) -> None:
    items = {"password": b"hunter2", "conf": b"p=hunter2"}
    plain_server.table = {ROTATE: Reply(answer_of_upstream(sealed_secret(items=items, certificate=NEW.certificate)))}
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret(template={"data": {"conf": "p={{ .password }}"}})))
    before = path.read_bytes()
    run = sealwright("reencrypt", "--kubeconfig", plain_server.write_kubeconfig(), path)
    assert run.status == ExitStatus.CLUSTER
    assert "this controller renders templates when it re-encrypts" in run.stderr
    assert "hint: use --key, or upgrade the controller" in run.stderr
    assert path.read_bytes() == before


FALSE_ANSWERS = {
    "another kind of no version": json.dumps({**sealed_secret(), "apiVersion": "v2"}),
    "nothing": "{}",
    "another object": json.dumps({"kind": "Secret"}),
    "no object": "[]",
    "no JSON": "sealed",
    "JSON without end": "[" * 100_000,
    "a number that nobody could write": json.dumps(sealed_secret(finalizers=[float("inf")])),
    "half a character": json.dumps(sealed_secret(finalizers=["\ud83d"])),
    "another name": json.dumps(sealed_secret(name="other")),
    "a wider scope": json.dumps(sealed_secret(scope=Scope.CLUSTER_WIDE)),
    "another item": json.dumps(sealed_secret(items={"other": b"x"})),
}


@pytest.mark.parametrize("case", FALSE_ANSWERS)
def test_a_controller_that_answers_with_something_else_changes_nothing(
    tmp_path: Path, plain_server: StandIn, case: str
) -> None:
    plain_server.table = {ROTATE: Reply(FALSE_ANSWERS[case].encode())}
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret()))
    before = path.read_bytes()
    run = sealwright("reencrypt", "--kubeconfig", plain_server.write_kubeconfig(), path)
    assert run.status == ExitStatus.CLUSTER, run.stderr
    assert f"error: {path}: SealedSecret team-a/db: the controller answered with " in run.stderr
    assert path.read_bytes() == before


def test_plaintexts_are_nowhere(new_certificate: Path) -> None:
    run = reencrypt(new_certificate, stdin=json.dumps(sealed_secret()))
    assert run.status == ExitStatus.OK
    assert b"hunter2" not in run.stdout
    assert "hunter2" not in run.stderr


def reencrypt_again(tmp_path: Path, *arguments: str | Path, manifest: dict[str, Any] | None = None) -> tuple[Run, bool]:
    """Re-encrypt a file to the key that it is sealed to; tell whether its bytes changed."""
    (tmp_path / "cert.pem").write_text(sealing_key().certificate.pem)
    (tmp_path / "other.pem").write_bytes(NEW.private_key.pem())
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret() if manifest is None else manifest))
    before = path.read_bytes()
    run = reencrypt(tmp_path / "cert.pem", "--key", tmp_path / "other.pem", *arguments, path)
    assert run.status == ExitStatus.OK, run.stderr
    return run, path.read_bytes() != before


def test_what_is_on_the_key_already_stays_byte_for_byte(tmp_path: Path) -> None:
    run, is_changed = reencrypt_again(tmp_path)
    assert not is_changed
    assert run.stderr == (f"{tmp_path}/db.json: unchanged team-a/db (strict): 1 item, encrypted to this key already\n")


def test_it_is_encrypted_again_when_that_is_asked_for(tmp_path: Path) -> None:
    run, is_changed = reencrypt_again(tmp_path, "--force")
    assert is_changed
    assert ": re-encrypted team-a/db (strict): 1 item" in run.stderr


def test_one_item_on_an_older_key_is_enough(tmp_path: Path) -> None:
    manifest = sealed_secret()
    old = sealed_secret(items={"token": b"t"}, certificate=NEW.certificate)["spec"]["encryptedData"]
    manifest["spec"]["encryptedData"].update(old)
    assert reencrypt_again(tmp_path, manifest=manifest)[1]


def test_items_on_the_key_keep_their_ciphertexts_beside_others_that_change(tmp_path: Path) -> None:
    manifest = sealed_secret()
    old = sealed_secret(items={"token": b"t"}, certificate=NEW.certificate)["spec"]["encryptedData"]
    manifest["spec"]["encryptedData"].update(old)
    reencrypt_again(tmp_path, manifest=manifest)
    after = json.loads((tmp_path / "db.json").read_text())["spec"]["encryptedData"]
    assert after["password"] == manifest["spec"]["encryptedData"]["password"]
    assert after["token"] != manifest["spec"]["encryptedData"]["token"]


@pytest.mark.parametrize(
    ("option", "status"), [("--check", ExitStatus.PARTLY_DONE), ("--dry-run", ExitStatus.OK)], ids=["check", "dry"]
)
def test_what_is_not_on_the_newest_key_can_be_told_without_writing(
    tmp_path: Path, new_certificate: Path, option: str, status: ExitStatus
) -> None:
    stale, current = sealed_secret(name="stale"), sealed_secret(name="current", certificate=NEW.certificate)
    for name, manifest in (("a", stale), ("b", current)):
        (tmp_path / f"{name}.json").write_text(json.dumps(manifest))
    before = [(tmp_path / f"{name}.json").read_bytes() for name in "ab"]
    run = sealwright("reencrypt", option, "--cert", new_certificate, tmp_path / "a.json", tmp_path / "b.json")
    assert run.status == status, run.stderr
    assert f"{tmp_path}/a.json: team-a/stale (strict): password: not on the newest key\n" in run.stderr
    assert "b.json: unchanged team-a/current" in run.stderr
    assert run.stderr.endswith("1 SealedSecret not on the newest key; 1 unchanged\n")
    assert [(tmp_path / f"{name}.json").read_bytes() for name in "ab"] == before


def test_a_check_passes_where_all_is_on_the_newest_key(tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret()))
    assert sealwright("reencrypt", "--check", "--cert", CERTIFICATE, path).status == ExitStatus.OK


def test_many_files_are_done_by_several_processes_and_told_in_order(tmp_path: Path, new_certificate: Path) -> None:
    for number in range(40):
        text = "kind: [" if number == 7 else json.dumps(sealed_secret(name=f"n{number}"))
        (tmp_path / f"{number:02}.yaml").write_text("# SealedSecret\n" + text)
    run = reencrypt(new_certificate, tmp_path)
    assert run.status == ExitStatus.PARTLY_DONE
    told = [line for line in run.stderr.splitlines() if ": re-encrypted" in line]
    assert [Path(line.partition(":")[0]).stem for line in told] == [f"{n:02}" for n in range(40) if n != 7]
    assert f"error: {tmp_path}/07.yaml: " in run.stderr
    assert run.stderr.endswith("39 SealedSecrets re-encrypted; 1 error\n")


def test_the_annotation_alone_proves_nothing(tmp_path: Path) -> None:
    manifest = sealed_secret(certificate=NEW.certificate)
    manifest["metadata"]["annotations"][HINT_ANNOTATION] = sealing_key().fingerprint
    assert reencrypt_again(tmp_path, manifest=manifest)[1]


def test_a_second_run_leaves_alone_what_the_first_did(tmp_path: Path, new_certificate: Path) -> None:
    path = tmp_path / "db.json"
    path.write_text(json.dumps(sealed_secret()))
    assert reencrypt(new_certificate, path).status == ExitStatus.OK
    before = path.read_bytes()
    again = reencrypt(new_certificate, path)
    assert (again.status, path.read_bytes()) == (ExitStatus.OK, before), again.stderr
    assert (
        ": unchanged team-a/db (strict): 1 item, encrypted to this key already, as its annotation says" in again.stderr
    )
    forced = reencrypt(new_certificate, "--force", path)
    assert (forced.status, path.read_bytes()) == (ExitStatus.DECRYPTION, before)
    assert f"its annotation names key {NEW.fingerprint[:32]}: give that private key" in forced.stderr


def test_of_one_object_only_what_is_on_an_older_key_is_encrypted_again(tmp_path: Path, new_certificate: Path) -> None:
    manifest = sealed_secret(items={"user": b"ann"})
    done = sealed_secret(items={"token": b"t"}, certificate=NEW.certificate)["spec"]["encryptedData"]
    manifest["spec"]["encryptedData"].update(done)
    hint = f"{sealing_key().fingerprint}; {NEW.fingerprint}: token"
    manifest["metadata"]["annotations"][HINT_ANNOTATION] = hint
    path = tmp_path / "db.json"
    path.write_text(json.dumps(manifest))
    run = reencrypt(new_certificate, path)
    assert run.status == ExitStatus.OK, run.stderr
    assert ": re-encrypted team-a/db (strict): 1 item, key " in run.stderr
    assert "; token stayed: encrypted to this key already, as the annotation says" in run.stderr
    made = json.loads(path.read_text())
    assert made["spec"]["encryptedData"]["token"] == done["token"]
    assert made["metadata"]["annotations"][HINT_ANNOTATION] == NEW.fingerprint
    assert opened(made) == {"user": b"ann", "token": b"t"}


def test_what_neither_opens_nor_is_on_the_key_fails(tmp_path: Path, new_certificate: Path) -> None:
    manifest = sealed_secret(items={"user": b"ann"}, certificate=NEW.certificate)
    lost = sealed_secret(items={"old": b"x"}, certificate=other_sealing_key(2).certificate)
    manifest["spec"]["encryptedData"].update(lost["spec"]["encryptedData"])
    hint = f"{NEW.fingerprint}; {other_sealing_key(2).fingerprint}: old"
    manifest["metadata"]["annotations"][HINT_ANNOTATION] = hint
    run = reencrypt(new_certificate, stdin=json.dumps(manifest))
    assert (run.status, run.stdout) == (ExitStatus.DECRYPTION, b"")
    assert "no key could decrypt secret (old)" in run.stderr
    assert f"its annotation names key {other_sealing_key(2).fingerprint[:32]}: " in run.stderr


def test_what_the_key_at_hand_does_not_open_is_damaged_whatever_the_annotation_says() -> None:
    manifest = sealed_secret()
    manifest["metadata"]["name"] = "moved"
    environment = {"SEALWRIGHT_CERT": str(CERTIFICATE)}
    run = sealwright("reencrypt", "--key", PRIVATE_KEY, stdin=json.dumps(manifest), env=environment)
    assert (run.status, run.stdout) == (ExitStatus.DECRYPTION, b"")
    assert "error: standard input: SealedSecret team-a/moved: no key could decrypt secret (password)" in run.stderr


@pytest.mark.parametrize("verb", ["unseal", "render"])
def test_what_does_not_open_is_told_with_the_key_that_its_annotation_names(verb: str) -> None:
    manifest = sealed_secret(certificate=NEW.certificate, template={"data": {"x": "{{ .password }}"}})
    run = sealwright(verb, "--key", PRIVATE_KEY, stdin=json.dumps(manifest))
    assert run.status == ExitStatus.DECRYPTION
    assert f"hint: its annotation names key {NEW.fingerprint[:32]}: " in run.stderr


def test_a_wrong_annotation_is_corrected(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["metadata"]["annotations"][HINT_ANNOTATION] = NEW.fingerprint
    assert reencrypt_again(tmp_path, manifest=manifest)[1]


def test_an_unchanged_object_is_printed_too() -> None:
    text = json.dumps(sealed_secret(), indent=3)
    run = sealwright("reencrypt", "--key", PRIVATE_KEY, stdin=text, env={"SEALWRIGHT_CERT": str(CERTIFICATE)})
    assert (run.status, run.stdout.decode().rstrip("\n")) == (ExitStatus.OK, text)


def test_a_misspelt_field_is_not_left_on_the_old_key(tmp_path: Path, new_certificate: Path) -> None:
    manifest = sealed_secret()
    manifest["spec"]["encryptedDatas"] = manifest["spec"].pop("encryptedData")
    path = tmp_path / "db.json"
    path.write_text(json.dumps(manifest))
    run = reencrypt(new_certificate, path)
    assert run.status == ExitStatus.INPUT
    assert "spec.encryptedDatas is not a field of a SealedSecret" in run.stderr


@pytest.mark.parametrize(("ciphertext", "words"), [("", "is empty or cut off"), ("A*", "is not base64")])
def test_the_controller_is_not_asked_about_a_damaged_ciphertext(
    plain_server: StandIn, ciphertext: str, words: str
) -> None:
    manifest = sealed_secret()
    manifest["spec"]["encryptedData"]["password"] = ciphertext
    run = sealwright("reencrypt", "--kubeconfig", plain_server.write_kubeconfig(), stdin=json.dumps(manifest))
    assert (run.status, plain_server.lines) == (ExitStatus.DECRYPTION, [])
    assert (
        f"SealedSecret team-a/db: no key could decrypt secret (password); password: the ciphertext {words}"
        in run.stderr
    )
    assert "hint: seal the value again; " in run.stderr
