"""f09: in Git, objects often name no namespace; Kustomize, `kubectl -n` or Argo CD adds it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import ROTATE, VERIFY
from tests.support.builders import keyring, other_sealing_key, sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, Run, kubeseal, sealwright, unseal
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import Scope, SealedSecret
from sealwright_crypto import unseal as open_sealed

NEW = other_sealing_key()
SECRET_ALONE = '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db"}, "stringData": {"new": "n"}}'
SECRET_IN_TEAM_A = SECRET_ALONE.replace('"name": "db"', '"name": "db", "namespace": "team-a"')


def nameless(**options: Any) -> dict[str, Any]:
    """Return a SealedSecret that is sealed for team-a and does not say so."""
    manifest = sealed_secret(**options)
    del manifest["metadata"]["namespace"]
    manifest["spec"]["template"]["metadata"].pop("namespace")
    return manifest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(nameless()))
    return path


@pytest.fixture
def new_certificate(tmp_path: Path) -> Path:
    path = tmp_path / "new.pem"
    path.write_text(NEW.certificate.pem)
    return path


def opened(manifest: dict[str, Any], *keys: Any) -> dict[str, bytes]:
    assert "namespace" not in manifest["metadata"]
    manifest["metadata"]["namespace"] = "team-a"
    return dict(open_sealed(SealedSecret.from_dict(manifest), keyring(*keys), lambda *_: b"").secret.items)


def test_unseal(path: Path) -> None:
    run = unseal("-n", "team-a", path)
    assert run.status == ExitStatus.OK, run.stderr
    assert run.json["metadata"]["namespace"] == "team-a"


def test_reencrypt_here(path: Path, new_certificate: Path) -> None:
    run = sealwright("reencrypt", "-n", "team-a", "--key", PRIVATE_KEY, "--cert", new_certificate, path)
    assert run.status == ExitStatus.OK, run.stderr
    assert opened(json.loads(path.read_text()), NEW) == {"password": b"hunter2"}


def test_reencrypt_by_the_controller(path: Path, plain_server: StandIn) -> None:
    answer = sealed_secret(certificate=NEW.certificate)
    plain_server.table = {ROTATE: Reply(answer)}
    run = sealwright("reencrypt", "-n", "team-a", "--kubeconfig", plain_server.write_kubeconfig(), path)
    assert run.status == ExitStatus.OK, run.stderr
    (request,) = [one for one in plain_server.asked if one.body]
    assert json.loads(request.body)["metadata"]["namespace"] == "team-a"
    assert opened(json.loads(path.read_text()), NEW) == {"password": b"hunter2"}


def test_verify(path: Path, plain_server: StandIn) -> None:
    plain_server.table = {VERIFY: Reply(b"ok")}
    run = sealwright("verify", "-n", "team-a", "--kubeconfig", plain_server.write_kubeconfig(), path)
    assert run.status == ExitStatus.OK, run.stderr
    (request,) = plain_server.asked
    assert json.loads(request.body)["metadata"]["namespace"] == "team-a"


def test_render_with_keys(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps(nameless(template={"data": {"x": "{{ .password }}!"}})))
    run = sealwright("render", "-n", "team-a", "--key", PRIVATE_KEY, "--to-terminal", "--only", "x", path)
    assert (run.status, run.stdout) == (ExitStatus.OK, b"hunter2!")


@pytest.mark.parametrize(
    ("arguments", "secret"),
    [(["-n", "team-a"], SECRET_ALONE), ([], SECRET_IN_TEAM_A), (["-n", "team-a"], SECRET_IN_TEAM_A)],
    ids=["option", "Secret", "both"],
)
def test_merge(path: Path, arguments: list[str], secret: str) -> None:
    for run in (
        sealwright("merge", "--cert", CERTIFICATE, *arguments, path, stdin=secret),
        kubeseal("--cert", CERTIFICATE, "--merge-into", path, *arguments, stdin=secret.replace("new", "newer")),
    ):
        assert run.status == ExitStatus.OK, run.stderr
    assert opened(json.loads(path.read_text())) == {"password": b"hunter2", "new": b"n", "newer": b"n"}


def test_kubeseal_merges_for_the_contexts_namespace_at_last(path: Path, plain_server: StandIn) -> None:
    kubeconfig = plain_server.write_kubeconfig()
    content = json.loads(kubeconfig.read_text())
    content["contexts"][0]["context"]["namespace"] = "team-a"
    kubeconfig.write_text(json.dumps(content))
    run = kubeseal("--cert", CERTIFICATE, "--kubeconfig", kubeconfig, "--merge-into", path, stdin=SECRET_ALONE)
    assert run.status == ExitStatus.OK, run.stderr
    assert opened(json.loads(path.read_text())) == {"password": b"hunter2", "new": b"n"}


def test_cluster_wide_needs_none(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(nameless(scope=Scope.CLUSTER_WIDE)))
    assert unseal(path).status == ExitStatus.OK
    assert sealwright("merge", "--cert", CERTIFICATE, path, stdin=SECRET_ALONE).status == ExitStatus.OK


MISSING: dict[str, tuple[str | Path, ...]] = {
    "unseal": ("unseal", "--key", PRIVATE_KEY),
    "reencrypt": ("reencrypt", "--key", PRIVATE_KEY, "--cert", CERTIFICATE),
    "verify": ("verify", "--kubeconfig", "{kubeconfig}"),
}


def run_case(case: str, server: StandIn, *arguments: str | Path) -> Run:
    kubeconfig = server.write_kubeconfig()
    return sealwright(*(str(word).replace("{kubeconfig}", str(kubeconfig)) for word in MISSING[case]), *arguments)


@pytest.mark.parametrize("case", MISSING)
def test_without_one_the_file_is_at_fault_and_named(path: Path, plain_server: StandIn, case: str) -> None:
    before = path.read_bytes()
    run = run_case(case, plain_server, path)
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert f"error: {path}: SealedSecret db: no namespace; strict scope needs one\n" in run.stderr
    assert "--namespace" in run.stderr
    assert path.read_bytes() == before
    assert plain_server.asked == []


def test_merge_without_one(path: Path) -> None:
    run = sealwright("merge", "--cert", CERTIFICATE, path, stdin=SECRET_ALONE)
    assert run.status == ExitStatus.INPUT
    assert f"error: {path}: SealedSecret db: no namespace; strict scope needs one\n" in run.stderr


@pytest.mark.parametrize("case", MISSING)
def test_another_one_than_the_files_is_an_error(tmp_path: Path, plain_server: StandIn, case: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(sealed_secret()))
    run = run_case(case, plain_server, "-n", "team-b", path)
    assert run.status == ExitStatus.INPUT
    assert "metadata.namespace is team-a, --namespace is team-b" in "".join(run.stderr) or "names another" in run.stderr


def test_another_one_than_the_secrets_is_an_error(path: Path) -> None:
    run = sealwright("merge", "--cert", CERTIFICATE, "-n", "other", path, stdin=SECRET_IN_TEAM_A)
    assert run.status == ExitStatus.INPUT
    assert "the Secret's namespace is team-a, --namespace is other" in run.stderr
