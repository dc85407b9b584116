"""Folders that hold more than manifests: what cannot be read is named, and the other files are done."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import VERIFY
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, Run, files_below, sealwright
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus

VERBS = ("seal", "seal --in-place", "unseal", "verify", "reencrypt", "render")

BROKEN: dict[str, tuple[str, bytes]] = {
    "YAML": ("a.yaml", b"kind: [\n"),
    "half of a JSON object": ("a.json", b'{"kind": "Sec'),
    "JSON without a comma": ("a.json", b'{"kind": "x" "y": 1}'),
    "a character that YAML refuses": ("a.yaml", b"kind: \x01\n"),
    "not text": ("a.yaml", b"kind: \xff\xfe\n"),
    "a quote that is not closed": ("a.yaml", b'kind: "x\n'),
}
NOT_BROKEN: dict[str, tuple[str, bytes]] = {
    "a tag of another program": ("a.yaml", b"site: !ENV NAME\n"),
    "a template of another kind": ("a.yaml", b"kind: ConfigMap\n{{- if .Values.x }}\ndata: {}\n{{- end }}\n"),
    "an empty file": ("a.yaml", b""),
    "a list": ("a.json", b"[1, 2]"),
}


def content_for(verb: str) -> str:
    """Return a good file for a verb."""
    is_for_secrets = verb.startswith("seal")
    return SECRET if is_for_secrets else json.dumps(sealed_secret(template={"data": {"x": "{{ .password }}"}}))


def run(verb: str, folder: Path, new_certificate: Path, server: StandIn) -> Run:
    """Run a verb over a folder that holds one good file for it."""
    (folder / "z.yaml").write_text(content_for(verb))
    server.table = {VERIFY: Reply(b"ok")}
    options: dict[str, list[str | Path]] = {
        "seal": ["--cert", CERTIFICATE],
        "unseal": ["--key", PRIVATE_KEY],
        "verify": ["--kubeconfig", server.write_kubeconfig()],
        "reencrypt": ["--key", PRIVATE_KEY, "--cert", new_certificate],
        "render": [],
    }
    return sealwright(*verb.split(), *options[verb.split(maxsplit=1)[0]], folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "repo"
    path.mkdir()
    return path


def is_done(verb: str, done: Run, folder: Path) -> bool:
    """Tell whether the good file was done."""
    content = (folder / "z.yaml").read_text()
    return {
        "seal": b"kind: SealedSecret" in done.stdout,
        "seal --in-place": "kind: SealedSecret" in content,
        "unseal": b"kind: Secret" in done.stdout or b'"kind": "Secret"' in done.stdout,
        "verify": "can be unsealed" in done.stderr,
        "reencrypt": "re-encrypted team-a/db" in done.stderr,
        "render": b"<password>" in done.stdout,
    }[verb]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_in_a_warning(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str, case: str
) -> None:
    name, content = BROKEN[case]
    (folder / name).write_bytes(content)
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == ExitStatus.OK, done.stderr
    (warning,) = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert warning.startswith(f"warning: {folder / name}: ")
    assert warning.endswith("; skipped")
    assert is_done(verb, done, folder)
    assert files_below(folder)[name] == content


@pytest.mark.parametrize("verb", ["seal", "unseal"])
@pytest.mark.parametrize("case", NOT_BROKEN)
def test_a_file_of_another_program_is_skipped_in_silence(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str, case: str
) -> None:
    name, content = NOT_BROKEN[case]
    (folder / name).write_bytes(content)
    done = run(verb, folder, new_certificate, plain_server)
    assert (done.status, "warning" in done.stderr) == (ExitStatus.OK, False), done.stderr


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "seal"])
def test_a_broken_file_that_names_the_kind_is_an_error_and_the_others_are_done(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str
) -> None:
    (folder / "a.yaml").write_text("kind: SealedSecret\nkind: Secret\na: [\n")
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == (ExitStatus.INPUT if verb == "verify" else ExitStatus.PARTLY_DONE), done.stderr
    assert f"error: {folder}/a.yaml: " in done.stderr
    assert is_done(verb, done, folder)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "seal"])
def test_a_pipe_is_an_error_and_the_others_are_done(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str
) -> None:
    os.mkfifo(folder / "a.yaml")
    (folder / "b.yaml").symlink_to("nowhere")
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == (ExitStatus.REFUSED if verb == "verify" else ExitStatus.PARTLY_DONE), done.stderr
    assert f"error: {folder}/a.yaml: not a regular file\n" in done.stderr
    assert f"error: {folder}/b.yaml: a link to a missing file\n" in done.stderr
    assert is_done(verb, done, folder)


SUMMARIES = {
    "seal": "2 Secrets sealed in 2 files",
    "seal --in-place": "2 Secrets sealed in 2 files",
    "unseal": "2 SealedSecrets unsealed",
    "verify": "2 SealedSecrets can be unsealed",
    "reencrypt": "2 SealedSecrets re-encrypted",
    "render": "2 templates rendered",
}


@pytest.mark.parametrize("verb", VERBS)
def test_the_last_line_sums_up(folder: Path, new_certificate: Path, plain_server: StandIn, verb: str) -> None:
    (folder / "y.yaml").write_text(content_for(verb))
    done = run(verb, folder, new_certificate, plain_server)
    assert done.stderr.splitlines()[-1] == SUMMARIES[verb]


@pytest.mark.parametrize("verb", ["unseal", "verify", "reencrypt", "render"])
def test_it_counts_errors_too(folder: Path, new_certificate: Path, plain_server: StandIn, verb: str) -> None:
    (folder / "a.yaml").write_text("kind: SealedSecret\nkind: Secret\na: [\n")
    (folder / "y.yaml").write_text(content_for(verb))
    done = run(verb, folder, new_certificate, plain_server)
    others = ", the other files are done" if verb in ("unseal", "render") else ""
    assert done.stderr.splitlines()[-1] == f"{SUMMARIES[verb]}; 1 error{others}"


def test_what_a_cluster_was_not_asked_about_is_counted(folder: Path) -> None:
    for name in ("a", "b", "c"):
        (folder / f"{name}.yaml").write_text(content_for("verify"))
    last = "0 SealedSecrets can be unsealed; the controller was not asked about 3; 1 error"
    assert sealwright("verify", folder).stderr.splitlines()[-1] == last


def test_a_single_object_is_not_summed_up(new_certificate: Path) -> None:
    options: tuple[str | Path, ...] = ("--key", PRIVATE_KEY, "--cert", new_certificate)
    manifest = json.dumps(sealed_secret())
    for run_of in (
        sealwright("reencrypt", *options, stdin=manifest),
        sealwright("unseal", *options[:2], stdin=manifest),
    ):
        assert run_of.stderr.count("\n") == 1, run_of.stderr
    unasked = sealwright("verify", stdin=manifest).stderr.splitlines()
    assert [line.partition(": ")[0] for line in unasked] == ["standard input", "error", "hint"]


@pytest.mark.parametrize("verb", ["unseal", "render"])
def test_a_file_with_one_bad_object_is_left_out_whole(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str
) -> None:
    good = sealed_secret(name="left-out", template={"data": {"x": "{{ .password }}"}})
    bad = good | {"spec": good["spec"] | {"encryptedDatas": {}}}
    (folder / "a.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [good, bad]}))
    done = run(verb, folder, new_certificate, plain_server)
    assert done.status == ExitStatus.PARTLY_DONE
    assert b"left-out" not in done.stdout
    assert is_done(verb, done, folder)
    assert "1 error, the other files are done" in done.stderr


@pytest.mark.parametrize("verb", ["unseal", "render"])
def test_a_named_file_that_fails_stops_all(folder: Path, verb: str) -> None:
    (folder / "a.yaml").write_text("kind: SealedSecret\na: [\n")
    key = ["--key", str(PRIVATE_KEY)] if verb == "unseal" else []
    done = sealwright(verb, *key, folder / "a.yaml")
    assert (done.status, done.stdout) == (ExitStatus.INPUT, b"")
    assert "nothing written" not in done.stderr


def _almost_sealed(api_version: str | None, kind: str) -> str:
    made = sealed_secret(name="almost", template={"data": {"x": "{{ .password }}"}}) | {"kind": kind}
    return json.dumps({key: value for key, value in (made | {"apiVersion": api_version}).items() if value is not None})


ALMOST_SEALED = {
    "another version": ("bitnami.com/v1alpha2", "SealedSecret", "a SealedSecret of apiVersion bitnami.com/v1alpha2"),
    "another group": ("bitnmai.com/v1alpha1", "SealedSecret", "a SealedSecret of apiVersion bitnmai.com/v1alpha1"),
    "no version": (None, "SealedSecret", "a SealedSecret without apiVersion"),
    "other capitals": ("bitnami.com/v1alpha1", "Sealedsecret", "an object of kind Sealedsecret"),
    "no capitals": ("bitnami.com/v1alpha1", "sealedsecret", "an object of kind sealedsecret"),
    "a dash": ("bitnami.com/v1alpha1", "Sealed-Secret", "an object of kind Sealed-Secret"),
    "a plural": ("bitnami.com/v1alpha1", "SealedSecrets", "an object of kind SealedSecrets"),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("case", ALMOST_SEALED)
def test_what_is_almost_a_sealed_secret_is_an_error_and_the_others_are_done(
    folder: Path, new_certificate: Path, plain_server: StandIn, verb: str, case: str
) -> None:
    api_version, kind, words = ALMOST_SEALED[case]
    (folder / "a.yaml").write_text(_almost_sealed(api_version, kind))
    done = run(verb, folder, new_certificate, plain_server)
    alone = verb in ("seal", "verify")  # which then write nothing, or have nothing to write
    assert done.status == (ExitStatus.INPUT if alone else ExitStatus.PARTLY_DONE), done.stderr
    assert f"error: {folder}/a.yaml: {words}\n" in done.stderr
    assert "hint: write apiVersion: bitnami.com/v1alpha1 and kind: SealedSecret" in done.stderr
    assert is_done(verb, done, folder) is (verb != "seal")


@pytest.mark.parametrize("verb", ["verify", "unseal", "merge"])
def test_what_is_almost_a_sealed_secret_is_named_with_the_right_type(folder: Path, verb: str) -> None:
    (folder / "a.yaml").write_text(_almost_sealed("bitnami.com/v1alpha2", "SealedSecret"))
    options = {"unseal": ["--key", PRIVATE_KEY], "merge": ["--cert", CERTIFICATE]}
    done = sealwright(verb, *options.get(verb, []), folder / "a.yaml", stdin=SECRET)
    assert (done.status, done.stdout) == (ExitStatus.INPUT, b"")
    assert f"error: {folder}/a.yaml: a SealedSecret of apiVersion bitnami.com/v1alpha2\n" in done.stderr
    assert "write apiVersion: bitnami.com/v1alpha1" in done.stderr


@pytest.mark.parametrize("kind", ["secret", "SECRET", "Secrets"])
@pytest.mark.parametrize("named", [True, False])
def test_what_is_almost_a_secret_may_be_in_plain_text_and_is_named(folder: Path, kind: str, named: bool) -> None:
    (folder / "a.yaml").write_text(SECRET.replace("kind: Secret", f"kind: {kind}"))
    (folder / "z.yaml").write_text(SECRET)
    done = sealwright("seal", "--in-place", "--cert", CERTIFICATE, folder / "a.yaml" if named else folder)
    assert done.status == (ExitStatus.INPUT if named else ExitStatus.PARTLY_DONE)
    assert f"error: {folder}/a.yaml: an object of kind {kind}\nhint: write kind: Secret" in done.stderr


@pytest.mark.parametrize(
    "text", ["apiVersion: example.com/v1\nkind: secret\n", "kind: secretstore\n", "a: kind of secret\n"]
)
def test_another_kind_with_the_word_is_none_of_it(folder: Path, text: str) -> None:
    (folder / "a.yaml").write_text(text)
    (folder / "z.yaml").write_text(SECRET)
    done = sealwright("seal", "--cert", CERTIFICATE, folder)
    assert (done.status, "error" in done.stderr) == (ExitStatus.OK, False), done.stderr


BADLY_QUOTED = """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: team-a
spec:
  encryptedData:
    password: AgAA
  template:
    metadata:
      labels: {a: b}
    data:
      # {{ .comment }}
      good: |
        {{ .password }}
      typo: "{{ mustToDate "2006" .password }}"
"""


@pytest.mark.parametrize("verb", [*VERBS, "merge"])
def test_a_template_in_wrong_quotes_is_told_with_its_line(folder: Path, new_certificate: Path, verb: str) -> None:
    (folder / "a.yaml").write_text(BADLY_QUOTED)
    options = {"unseal": ["--key", PRIVATE_KEY], "reencrypt": ["--key", PRIVATE_KEY, "--cert", new_certificate]}
    certificate = ["--cert", CERTIFICATE] if verb.split(maxsplit=1)[0] in ("seal", "merge") else []
    for where in (folder / "a.yaml", folder) if verb != "merge" else (folder / "a.yaml",):
        done = sealwright(*verb.split(), *options.get(verb, certificate), where, stdin=SECRET)
        assert done.status == ExitStatus.INPUT, done.stderr
        assert f"error: {folder}/a.yaml: line 16: " in done.stderr
        assert "single quotes" in done.stderr
        assert "Helm" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: db", "name: {{ .Release.Name }}"),
        ("labels: {a: b}", 'labels: {{ include "labels" . }}'),
        ("spec:", "{{- if .Values.on }}\nspec:"),
        ("  namespace: team-a", '  namespace: "{{ .Values.namespace }}"'),
    ],
)
def test_a_template_of_a_sealed_secret_is_still_taken_for_one(folder: Path, old: str, new: str) -> None:
    (folder / "a.yaml").write_text(BADLY_QUOTED.replace(old, new))
    assert f"error: {folder}/a.yaml: looks like a Helm template" in sealwright("verify", folder / "a.yaml").stderr
    assert f"warning: {folder}/a.yaml: looks like a Helm template; skipped" in sealwright("verify", folder).stderr
