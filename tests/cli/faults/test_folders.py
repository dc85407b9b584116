"""Folders where a command takes one file, or all of them: no defect, and nothing is rewritten unseen."""

import json
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from tests.cli.conftest import StandIn
from tests.cli.test_cluster import ROTATE
from tests.support.builders import keyring, other_sealing_key, sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, Run, files_below, sealwright
from tests.support.table_server import Reply

from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_crypto import SealedSecret, unseal

NEW = other_sealing_key()


def reencrypt(new_certificate: Path, *arguments: str | Path) -> Run:
    return sealwright("reencrypt", "--key", PRIVATE_KEY, "--cert", new_certificate, *arguments)


def repository(tmp_path: Path, **files: object) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / f"{name}.yaml").write_text(text)
    return folder


def is_on_new_key(path: Path) -> bool:
    sealed = SealedSecret.from_dict(YAML(typ="safe").load(path.read_text()))
    return dict(unseal(sealed, keyring(NEW), lambda *_: b"").secret.items) == {"password": b"hunter2"}


@pytest.mark.parametrize("names", [("a",), ("a", "b", "c")], ids=["one file", "three files"])
def test_reencrypt_rewrites_all_files_of_a_folder(
    tmp_path: Path, new_certificate: Path, names: tuple[str, ...]
) -> None:
    folder = repository(tmp_path, **{name: sealed_secret(name=name) for name in names}, other="kind: ConfigMap\n")
    run = reencrypt(new_certificate, folder)
    assert run.status == ExitStatus.OK, run.stderr
    assert [line.split(" (")[0] for line in run.stderr.splitlines()] == [
        *(f"{folder}/{name}.yaml: re-encrypted team-a/{name}" for name in names),
        *([f"{len(names)} SealedSecrets re-encrypted"] if len(names) > 1 else []),
    ]
    assert all(is_on_new_key(folder / f"{name}.yaml") for name in names)
    assert (folder / "other.yaml").read_text() == "kind: ConfigMap\n"


def test_a_file_that_cannot_be_leaves_the_others_done(tmp_path: Path, new_certificate: Path) -> None:
    moved = sealed_secret()
    moved["metadata"]["name"] = "moved"
    folder = repository(tmp_path, a=sealed_secret(), b=moved, c=sealed_secret())
    before = files_below(folder)
    run = reencrypt(new_certificate, folder)
    assert run.status == ExitStatus.PARTLY_DONE
    assert f"error: {folder}/b.yaml: SealedSecret team-a/moved: no key could decrypt secret (password)" in run.stderr
    assert files_below(folder)["b.yaml"] == before["b.yaml"]
    assert is_on_new_key(folder / "a.yaml")
    assert is_on_new_key(folder / "c.yaml")


def test_a_folder_without_any_is_told(tmp_path: Path, new_certificate: Path) -> None:
    run = reencrypt(new_certificate, repository(tmp_path, a="kind: ConfigMap\n"))
    assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
    assert "no SealedSecret in this folder" in run.stderr


def test_one_output_is_not_for_a_folder(tmp_path: Path, new_certificate: Path) -> None:
    folder = repository(tmp_path, a=sealed_secret())
    run = reencrypt(new_certificate, folder, "-w", tmp_path / "out.yaml")
    assert run.status == ExitStatus.USAGE
    assert not (tmp_path / "out.yaml").exists()


@pytest.mark.parametrize("count", [1, 2])
def test_render_shows_all_templates_of_a_folder(tmp_path: Path, count: int) -> None:
    template = {"data": {"x": "{{ .password }}"}}
    files = {f"f{number}": sealed_secret(name=f"n{number}", template=template) for number in range(count)}
    run = sealwright("render", repository(tmp_path, **files))
    assert run.status == ExitStatus.OK, run.stderr
    assert run.stdout.count(b"<password>") == count


@pytest.mark.parametrize("count", [1, 2])
def test_merge_wants_one_file(tmp_path: Path, count: int) -> None:
    (tmp_path / "target.yaml").write_text(json.dumps(sealed_secret()))
    folder = repository(tmp_path, **{f"f{number}": SECRET for number in range(count)})
    before = files_below(tmp_path)
    for arguments in ([tmp_path / "target.yaml", folder], [folder, folder / "f0.yaml"]):
        run = sealwright("merge", "--cert", CERTIFICATE, *arguments)
        assert (run.status, run.stdout) == (ExitStatus.INPUT, b"")
        assert f"error: {folder}: is a" in run.stderr
        assert "defect" not in run.stderr
    assert files_below(tmp_path) == before


PATCHES = {
    "a file": "- op: replace\n  path: /spec/encryptedData/password\n  value: AgB\n",
    "in a kustomization": "patches:\n- patch: |-\n    - op: add\n      path: /spec/encryptedData/password\n      value: AgB\n",
    "json": '[{"op": "add", "path": "/spec/encryptedData/password", "value": "AgB"}]',
}


@pytest.mark.parametrize("case", PATCHES)
def test_a_ciphertext_in_a_json_patch_is_named(tmp_path: Path, new_certificate: Path, case: str) -> None:
    folder = repository(tmp_path, a=sealed_secret(), patch=PATCHES[case])
    words = f"{folder}/patch.yaml: the ciphertext of password is in a JSON patch, and is not re-encrypted"
    run = reencrypt(new_certificate, folder)
    assert run.status == ExitStatus.OK
    assert words in run.stderr
    alone = reencrypt(new_certificate, folder / "patch.yaml")
    assert alone.status == ExitStatus.INPUT
    assert words in alone.stderr


def test_a_cluster_that_fails_ends_the_run_and_says_what_is_done(tmp_path: Path, plain_server: StandIn) -> None:
    broken = (
        "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: x}\nspec: {encryptedData: {a: b}}\n"
    )
    folder = repository(tmp_path, a=sealed_secret(), b=broken, c=sealed_secret())
    plain_server.table = {ROTATE: Reply(b"", 500)}
    run = sealwright("reencrypt", "--kubeconfig", plain_server.write_kubeconfig(), folder)
    assert run.status == ExitStatus.CLUSTER
    assert plain_server.lines.count(ROTATE) == 1
    assert f"error: {folder}/a.yaml: SealedSecret team-a/db: the controller" in run.stderr
