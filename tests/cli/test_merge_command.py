"""`sealwright merge` as a process: the items of a Secret into a SealedSecret, and nothing else of the file touched."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.support.builders import keyring, other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import CERTIFICATE, Run, files_below, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import HINT_ANNOTATION, Scope, SealedSecret, unseal

COMMENTED = """\
# owned by team a
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: team-a   # not b
spec:
  encryptedData:
    # rotated in May
    password: {password}
    'user': '{user}'
  template:
    type: Opaque
"""
ADDITION = "kind: Secret\nmetadata: {name: db}\nstringData:\n  token: t0ken\n  user: new user\n"


def merge(target: Path, *arguments: str | Path, stdin: str = ADDITION) -> Run:
    return sealwright("merge", "--cert", CERTIFICATE, target, *arguments, stdin=stdin)


def opened(manifest: dict[str, Any]) -> dict[str, bytes]:
    return dict(unseal(SealedSecret.from_dict(manifest), keyring(), lambda *_: b"").secret.items)


def read(path: Path) -> dict[str, Any]:
    documents = [one for one in YAML(typ="safe", pure=True).load_all(path.read_text()) if one]
    assert len(documents) == 1
    return dict(documents[0])


def written(path: Path, manifest: dict[str, Any]) -> Path:
    path.write_text(json.dumps(manifest, indent=2))
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    items = sealed_secret(items={"password": b"hunter2", "user": b"old user"}, hints=False)["spec"]["encryptedData"]
    path = tmp_path / "db.yaml"
    path.write_text(COMMENTED.format(**items))
    return path


def test_a_comment_that_repeats_a_value_stays_and_is_warned_of(target: Path) -> None:
    target.write_text(target.read_text().replace("rotated in May", "it is new user now"))
    run = merge(target)
    assert run.status == ExitStatus.OK, run.stderr
    assert "# it is new user now" in target.read_text()
    assert f"warning: {target}: line 9: a comment repeats a value that is now sealed; remove it\n" in run.stderr


def test_items_are_replaced_and_added_and_everything_else_stays(target: Path) -> None:
    before = target.read_text().splitlines()
    run = merge(target, "--no-key-annotation")
    assert run.status == ExitStatus.OK, run.stderr
    assert run.stdout == b""
    assert opened(read(target)) == {"password": b"hunter2", "user": b"new user", "token": b"t0ken"}
    after = target.read_text().splitlines()
    changed = [line for line in after if line not in before]
    assert [line.strip().split(":")[0] for line in changed] == ["'user'", "token"]
    assert [line for line in before if line not in after] == [line for line in before if "'user'" in line]


def test_what_was_done_is_told(target: Path) -> None:
    key = sealing_key().fingerprint[:32]
    assert merge(target).stderr == f"{target}: merged 2 items into team-a/db (strict) with key {key}\n"


def test_the_secret_may_come_from_a_file(target: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(ADDITION)
    assert merge(target, tmp_path / "secret.yaml", stdin="").status == ExitStatus.OK
    assert opened(read(target))["token"] == b"t0ken"


def test_the_result_may_go_elsewhere(target: Path, tmp_path: Path) -> None:
    before = target.read_bytes()
    assert merge(target, "-w", tmp_path / "out.json").status == ExitStatus.OK
    assert target.read_bytes() == before
    assert opened(json.loads((tmp_path / "out.json").read_text()))["token"] == b"t0ken"


@pytest.mark.parametrize("scope", list(Scope))
def test_items_are_sealed_with_the_scope_of_the_target(tmp_path: Path, scope: Scope) -> None:
    target = written(tmp_path / "db.json", sealed_secret(scope=scope))
    assert merge(target).status == ExitStatus.OK
    assert opened(json.loads(target.read_text())) == {"password": b"hunter2", "user": b"new user", "token": b"t0ken"}


def test_labels_and_annotations_of_the_secret_go_into_the_template(target: Path) -> None:
    secret = "kind: Secret\nmetadata:\n  labels: {a: b}\n  annotations: {c: d}\nstringData: {token: t0ken}\n"
    assert merge(target, stdin=secret).status == ExitStatus.OK
    assert read(target)["spec"]["template"] == {
        "type": "Opaque",
        "metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}},
    }


HINTS = [
    ("all items were sealed to the same key", sealing_key().fingerprint, sealing_key().fingerprint),
    (
        "the others were sealed to another key",
        other_sealing_key().fingerprint,
        f"{sealing_key().fingerprint}; {other_sealing_key().fingerprint}: password",
    ),
    ("nothing is known of the others", None, f"{sealing_key().fingerprint}: token, user"),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in HINTS], ids=[row[0] for row in HINTS])
def test_the_hint_is_brought_up_to_date(tmp_path: Path, before: str | None, after: str) -> None:
    manifest = sealed_secret(annotations={HINT_ANNOTATION: before} if before else {})
    target = written(tmp_path / "db.json", manifest)
    assert merge(target).status == ExitStatus.OK
    assert json.loads(target.read_text())["metadata"]["annotations"][HINT_ANNOTATION] == after


def test_other_documents_of_the_file_stay(tmp_path: Path, target: Path) -> None:
    other = "# about\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n"
    target.write_text(other + "---\n" + target.read_text())
    assert merge(target).status == ExitStatus.OK
    assert target.read_text().startswith(other + "---\n")


REFUSED = [
    ("two SealedSecrets", "{sealed}---\n{sealed}", ADDITION, "2 SealedSecrets in it; merge takes a file with one"),
    ("no SealedSecret", "kind: ConfigMap\n", ADDITION, "no SealedSecret in it"),
    ("an empty target", "", ADDITION, "no SealedSecret in it"),
    ("a broken target", "kind: [", ADDITION, "line 1"),
    ("no Secret", "{sealed}", "kind: ConfigMap\napiVersion: v1\n", "no Secret in it (found: ConfigMap)"),
    ("two Secrets", "{sealed}", f"{ADDITION}---\n{ADDITION}", "2 Secrets in it; one is to be merged"),
    ("an empty Secret", "{sealed}", "kind: Secret\n", "the Secret has no data to seal"),
    ("a value that is no base64", "{sealed}", "kind: Secret\ndata: {a: '!'}\n", "data.a: not base64"),
    (
        "a Secret of another scope",
        "{sealed}",
        "kind: Secret\nmetadata: {annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true'}}\nstringData: {a: b}\n",
        "its scope is strict, the Secret's annotation sets cluster-wide",
    ),
    ("the deprecated form", "{legacy}", ADDITION, "nothing can be added to the deprecated spec.data"),
]


@pytest.mark.parametrize(("content", "secret", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused_changes_nothing(tmp_path: Path, content: str, secret: str, words: str) -> None:
    sealed = json.dumps(sealed_secret()) + "\n"
    legacy = sealed_secret(items={})
    legacy["spec"]["data"] = "AAAA"
    target = tmp_path / "db.yaml"
    target.write_text(content.replace("{sealed}", sealed).replace("{legacy}", json.dumps(legacy)))
    before = files_below(tmp_path)
    run = merge(target, stdin=secret)
    assert run.status == ExitStatus.INPUT
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert files_below(tmp_path) == before


def test_a_full_disk_leaves_the_target_as_it_was(target: Path) -> None:
    before = target.read_bytes()
    run = merge(target, "-w", "/dev/full")
    assert run.status == ExitStatus.OUTPUT
    assert target.read_bytes() == before


@pytest.mark.parametrize("scope", list(Scope))
def test_a_secret_of_another_namespace_is_not_merged(tmp_path: Path, scope: Scope) -> None:
    path = written(tmp_path / "db.json", sealed_secret(scope=scope))
    before = path.read_bytes()
    run = merge(path, stdin="kind: Secret\nmetadata: {name: db, namespace: team-b}\nstringData: {token: t0ken}\n")
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    words = "standard input: Secret db: metadata.namespace is team-b, and that of the SealedSecret in "
    assert f"error: {words}" in run.stderr
    assert path.read_bytes() == before


def test_a_secret_of_another_name_is_merged_with_a_warning(target: Path) -> None:
    run = merge(target, stdin="kind: Secret\nmetadata: {name: other}\nstringData: {token: t0ken}\n")
    assert run.status == ExitStatus.OK
    warning = (
        f"Secret other: metadata.name differs from that of the SealedSecret in {target}; its items are sealed for db"
    )
    assert f"warning: standard input: {warning}\n" in run.stderr
    assert opened(read(target))["token"] == b"t0ken"


@pytest.mark.parametrize("metadata", ["{}", "{name: db}", "{namespace: team-a}"])
def test_a_secret_may_leave_out_its_names(target: Path, metadata: str) -> None:
    run = merge(target, stdin=f"kind: Secret\nmetadata: {metadata}\nstringData: {{token: t0ken}}\n")
    assert run.status == ExitStatus.OK, run.stderr


def test_nothing_is_merged_beside_a_misspelt_field(tmp_path: Path) -> None:
    manifest = sealed_secret()
    manifest["spec"]["encryptedDatas"] = manifest["spec"].pop("encryptedData")
    path = written(tmp_path / "db.json", manifest)
    before = path.read_bytes()
    run = merge(path)
    assert run.status == ExitStatus.INPUT
    assert "spec.encryptedDatas is not a field of a SealedSecret" in run.stderr
    assert path.read_bytes() == before


HELM = """\
apiVersion: v1
kind: Secret
metadata:
  name: {name}
  namespace: team-a
stringData:
  password: {password}
"""


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ('"{{ .Release.Name }}"', "x"),
        ("db", "{{ .Values.password }}"),
        ("{{ .Release.Name }}", '"{{ .Values.password }}"'),
    ],
)
@pytest.mark.parametrize("verb", ["seal", "merge", "render"])
def test_a_helm_template_is_refused_by_one_rule(tmp_path: Path, verb: str, name: str, password: str) -> None:
    target = written(tmp_path / "db.json", sealed_secret())
    before = target.read_bytes()
    (tmp_path / "helm.yaml").write_text(HELM.format(name=name, password=password))
    options = {"merge": ["--cert", CERTIFICATE, target], "seal": ["--cert", CERTIFICATE], "render": []}
    run = sealwright(verb, *options[verb], tmp_path / "helm.yaml")
    assert (run.status, run.stdout, target.read_bytes()) == (ExitStatus.INPUT, b"", before)
    assert f"error: {tmp_path}/helm.yaml: looks like a Helm template\n" in run.stderr


def test_files_in_the_wrong_order_are_told(tmp_path: Path) -> None:
    target = written(tmp_path / "db.json", sealed_secret())
    (tmp_path / "secret.yaml").write_text(ADDITION)
    swapped = merge(tmp_path / "secret.yaml", target)
    assert swapped.status == ExitStatus.INPUT
    assert "secret.yaml: no SealedSecret in it (found: Secret)\n" in swapped.stderr
    assert "SealedSecret first" in swapped.stderr
    twice = merge(target, target)
    assert (twice.status, "db.json: no Secret in it (found: SealedSecret)\n" in twice.stderr) == (
        ExitStatus.INPUT,
        True,
    )


def test_the_target_is_no_stream() -> None:
    run = merge(Path("-"), "gone.yaml")
    assert run.status == ExitStatus.USAGE
    assert "error: TARGET cannot be -\n" in run.stderr
