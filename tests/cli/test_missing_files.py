"""A file that is not there is told before anything else that is missing: people see it, and no cluster is needed."""

import json
import os
import threading
from pathlib import Path

import pytest
from tests.support.builders import sealed_secret
from tests.support.cli import CERTIFICATE, PRIVATE_KEY, SECRET, files_below, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

ALONE = {
    "seal": ["seal", "gone.yaml"],
    "seal in place": ["seal", "gone.yaml", "--in-place"],
    "seal over a file": ["seal", "gone.yaml", "--update", "db.yaml"],
    "set": ["set", "gone.yaml", "password", "--value", "x"],
    "set for targets": ["set", "gone-{target}.yaml", "password", "--value", "x", "--cert", "a=a.pem", "--cert", "b=b.pem"],
    "edit": ["edit", "gone.yaml"],
    "merge into it": ["merge", "gone.yaml", "secret.yaml"],
    "merge it": ["merge", "db.yaml", "gone.yaml"],
    "create from a file": ["create", "db", "-n", "team-a", "--from-file", "password=gone.yaml"],
    "create from variables": ["create", "db", "-n", "team-a", "--from-env-file", "gone.yaml"],
    "create from a certificate": ["create", "db", "-n", "team-a", "--tls", "gone.yaml", "gone.yaml"],
    "create from an SSH key": ["create", "db", "-n", "team-a", "--ssh-key", "gone.yaml"],
    "raw": ["raw", "-n", "team-a", "--name", "db", "--from-file", "gone.yaml"],
    "reencrypt": ["reencrypt", "gone.yaml"],
    "reencrypt to check": ["reencrypt", "--check", "gone.yaml"],
    "verify": ["verify", "gone.yaml"],
    "explain": ["explain", "gone.yaml"],
    "explain with a key": ["explain", "gone.yaml", "--key", "gone.pem"],
    "unseal": ["unseal", "gone.yaml"],
    "unseal with a key": ["unseal", "gone.yaml", "--key", "gone.pem"],
    "render": ["render", "gone.yaml"],
    "render with a key": ["render", "gone.yaml", "--key", "gone.pem"],
    "reencrypt with a key": ["reencrypt", "gone.yaml", "--key", "gone.pem"],
    "seal over a file with a key": ["seal", "gone.yaml", "--update", "db.yaml", "--key", "gone.pem"],
    "edit with a key": ["edit", "gone.yaml", "--key", "gone.pem"],
    "inspect": ["inspect", "gone.yaml", "--cert", "gone.pem"],
    "lint": ["lint", "gone.yaml", "--cert", "gone.pem"],
    "unset": ["unset", "gone.yaml", "password"],
    "rename": ["rename", "gone.yaml", "password", "pass"],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a SealedSecret and a Secret, where there is no certificate and no kubeconfig."""
    (tmp_path / "db.yaml").write_text(json.dumps(sealed_secret()))
    (tmp_path / "secret.yaml").write_text(SECRET)
    return tmp_path


@pytest.mark.parametrize("words", ALONE.values(), ids=ALONE)
def test_it_is_told_before_the_certificate(words: list[str], folder: Path) -> None:
    before = files_below(folder)
    run = sealwright(*words, cwd=folder, env={"EDITOR": "true"})
    assert run.status == ExitStatus.INPUT, run.stderr
    assert "no such file or directory\nhint: check the path" in run.stderr
    assert "certificate: give" not in run.stderr
    assert "gone.pem" not in run.stderr
    assert files_below(folder) == before


def test_it_is_told_before_the_project_file_that_does_not_fit(folder: Path) -> None:
    (folder / ".sealwright.yaml").write_text(
        f"targets: {{dev: {{certificate: {CERTIFICATE}}}}}\nrules: [{{path: apps/, target: dev}}]\n"
    )
    for words in (["seal", "gone.yaml"], ["set", "gone.yaml", "a", "--value", "x"], ["edit", "gone.yaml"]):
        run = sealwright(*words, cwd=folder, env={"EDITOR": "true"})
        assert (run.status, "gone.yaml: no such file" in run.stderr) == (ExitStatus.INPUT, True), run.stderr


def test_of_several_files_each_is_told_and_then_the_certificate(folder: Path) -> None:
    run = sealwright("seal", "gone.yaml", "secret.yaml", "lost.yaml", "--in-place", cwd=folder)
    told = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].strip() for line in told] == ["gone.yaml", "lost.yaml", "no certificate"]
    assert run.status == ExitStatus.INPUT
    assert (folder / "secret.yaml").read_text() == SECRET


def test_the_files_that_are_there_are_sealed(folder: Path) -> None:
    run = sealwright("seal", "gone.yaml", "secret.yaml", "--in-place", "--cert", CERTIFICATE, cwd=folder)
    assert run.status == ExitStatus.PARTLY_DONE
    assert run.stderr.count("gone.yaml: no such file") == 1
    assert "kind: SealedSecret" in (folder / "secret.yaml").read_text()


def test_all_missing_files_are_told_at_once(folder: Path) -> None:
    run = sealwright("seal", "gone.yaml", "lost.yaml", "--cert", CERTIFICATE, cwd=folder)
    assert run.status == ExitStatus.INPUT
    assert [line.split(":")[1] for line in run.stderr.splitlines() if "no such file" in line] == [" gone.yaml", " lost.yaml"]  # fmt: skip


def test_reencrypt_tells_it_beside_a_missing_certificate(folder: Path) -> None:
    words = ["reencrypt", "gone.yaml", "db.yaml", "--key", PRIVATE_KEY, "--cert", "lost.pem"]
    run = sealwright(*words, cwd=folder)
    assert run.status == ExitStatus.INPUT
    assert "gone.yaml: no such file" in run.stderr
    assert "lost.pem: no such file" in run.stderr


def test_nothing_to_make_is_told_before_the_certificate(folder: Path) -> None:
    run = sealwright("create", "db", "-n", "team-a", cwd=folder)
    assert (run.status, "nothing to seal" in run.stderr) == (ExitStatus.INPUT, True), run.stderr


def test_a_named_pipe_is_opened_once_only(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=(folder / "pipe").write_text, args=[SECRET], daemon=True)
    writer.start()
    run = sealwright("seal", "pipe", "--cert", CERTIFICATE, cwd=folder)
    writer.join(10)
    assert run.status == ExitStatus.OK, run.stderr
    assert b"kind: SealedSecret" in run.stdout
