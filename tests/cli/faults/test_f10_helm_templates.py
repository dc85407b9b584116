"""f10: a file of a folder that is a template of manifests, as Helm's, is named, and the others are done."""

import json
from pathlib import Path

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import VERIFY
from tests.support.builders import other_sealing_key, sealed_secret
from tests.support.cli import PRIVATE_KEY, SECRET, files_below, seal, sealwright, unseal
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus

CHART = {
    "if": """\
{{- if .Values.secret.enabled }}
apiVersion: v1
kind: Secret
metadata:
  name: {{ include "x.fullname" . }}
data:
  {{- range $k, $v := .Values.secret.data }}
  {{ $k }}: {{ $v | b64enc | quote }}
  {{- end }}
{{- end }}
""",
    "value alone": "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Values.name }}\nstringData: {a: b}\n",
    "sealed": """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: {{ .Release.Name }}
spec:
  encryptedData:
    a: {{ .Values.sealed }}
""",
    "quoted": """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: "{{ .Release.Name }}"
  namespace: "{{ .Release.Namespace }}"
spec:
  encryptedData: {a: AgB}
""",
    "quoted names": "kind: Secret\nmetadata: {name: '{{ .Release.Name }}', namespace: a}\ndata: {a: aGk=}\n",
    "define": '{{- define "x.secret" -}}\nkind: Secret\n{{- end -}}\n{{/* kind: SealedSecret */}}\n',
    "jinja": "{% for x in all %}\nkind: SealedSecret\n{% endfor %}\nkind: Secret: x\n",
}
OF_SECRETS = ("if", "value alone", "quoted names", "define", "jinja")
OF_SEALED = ("sealed", "quoted", "define", "jinja", "if")


def folder(tmp_path: Path, case: str) -> Path:
    folder = tmp_path / "repo"
    (folder / "chart" / "templates").mkdir(parents=True)
    (folder / "chart" / "templates" / "secret.yaml").write_text(CHART[case])
    return folder


def named(folder: Path) -> str:
    return f"warning: {folder}/chart/templates/secret.yaml: looks like a Helm template; skipped\n"


@pytest.mark.parametrize("case", OF_SEALED)
def test_unseal(tmp_path: Path, case: str) -> None:
    repo = folder(tmp_path, case)
    (repo / "z.json").write_text(json.dumps(sealed_secret()))
    run = unseal(repo, "-w", tmp_path / "out.yaml")
    assert run.status == ExitStatus.OK, run.stderr
    assert named(repo) in run.stderr
    assert "kind: Secret" in (tmp_path / "out.yaml").read_text()


@pytest.mark.parametrize("case", OF_SECRETS)
def test_seal(tmp_path: Path, case: str) -> None:
    repo = folder(tmp_path, case)
    (repo / "z.yaml").write_text(SECRET)
    run = seal(repo, "--in-place")
    assert run.status == ExitStatus.OK, run.stderr
    assert named(repo) in run.stderr
    assert "kind: SealedSecret" in (repo / "z.yaml").read_text()
    assert (repo / "chart/templates/secret.yaml").read_text() == CHART[case]


@pytest.mark.parametrize("case", OF_SEALED)
def test_reencrypt(tmp_path: Path, case: str) -> None:
    (tmp_path / "new.pem").write_text(other_sealing_key().certificate.pem)
    repo = folder(tmp_path, case)
    (repo / "z.json").write_text(json.dumps(sealed_secret()))
    before = files_below(repo)
    run = sealwright("reencrypt", "--key", PRIVATE_KEY, "--cert", tmp_path / "new.pem", repo)
    assert run.status == ExitStatus.OK, run.stderr
    assert named(repo) in run.stderr
    assert [name for name, content in files_below(repo).items() if content != before[name]] == ["z.json"]


def test_verify(tmp_path: Path, plain_server: StandIn) -> None:
    plain_server.table = {VERIFY: Reply(b"ok")}
    repo = folder(tmp_path, "sealed")
    (repo / "z.json").write_text(json.dumps(sealed_secret()))
    run = sealwright("verify", "--kubeconfig", plain_server.write_kubeconfig(), repo)
    assert run.status == ExitStatus.OK, run.stderr
    assert named(repo) in run.stderr
    assert "team-a/db (strict) can be unsealed" in run.stderr


def test_render(tmp_path: Path) -> None:
    repo = folder(tmp_path, "sealed")
    (repo / "z.json").write_text(json.dumps(sealed_secret(template={"data": {"x": "{{ .password }}"}})))
    run = sealwright("render", "--only", "x", repo)
    assert (run.status, run.stdout) == (ExitStatus.OK, b"<password>")
    assert named(repo) in run.stderr


@pytest.mark.parametrize("case", OF_SECRETS)
def test_one_that_is_named_is_an_error(tmp_path: Path, case: str) -> None:
    path = folder(tmp_path, case) / "chart/templates/secret.yaml"
    run = seal(path)
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert f"error: {path}: looks like a Helm template\nhint: render it first (helm template)" in run.stderr


def test_what_only_holds_braces_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: Secret\ndata: {a: [}\n")
    run = seal(tmp_path / "a.yaml")
    assert run.status == ExitStatus.INPUT
    assert "Helm" not in run.stderr


def test_a_template_as_a_value_is_sealed(tmp_path: Path) -> None:
    run = seal(stdin=SECRET.replace("correct horse", "'{{ .x }}'"))
    assert run.status == ExitStatus.OK, run.stderr


def test_a_name_that_binds_nothing_may_be_filled_in_later() -> None:
    run = seal("--scope", "cluster-wide", stdin=CHART["quoted names"])
    assert run.status == ExitStatus.OK, run.stderr


@pytest.mark.parametrize("text", [CHART["if"], "kind: ConfigMap\n"], ids=["template", "others"])
def test_a_folder_in_which_nothing_is_sealed_makes_no_result(tmp_path: Path, text: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.yaml").write_text(text)
    run = unseal(tmp_path / "in", "-w", tmp_path / "out.yaml")
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert "error: no SealedSecret in what was given\n" in run.stderr
    assert not (tmp_path / "out.yaml").exists()


def test_what_shows_braces_in_texts_is_none(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text("a: 'Secret {{ $labels.name }}'\n")
    (tmp_path / "z.json").write_text(json.dumps(sealed_secret()))
    run = unseal(tmp_path)
    assert run.status == ExitStatus.OK
    assert "Helm" not in run.stderr
