"""Verbs that promise to need no network do their work in a network namespace without one, and leave no connection tried.

In such a namespace even the machine itself cannot be reached, so a verb that asks anybody fails or waits.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealed_secret, sealing_key
from tests.support.cli import PRIVATE_KEY, SECRET
from tests.support.git_repository import GitRepository

_ALONE = ("unshare", "--user", "--map-root-user", "--net")
_WORKS = bool(shutil.which("unshare")) and subprocess.run([*_ALONE, "true"], check=False).returncode == 0

LINES = [
    "seal --cert cert.pem secret.yaml -w new.yaml",
    "raw --cert cert.pem -n team-a --name db < value.txt",
    "create web -n team-a --cert cert.pem --generate password -w web.yaml",
    "set --cert cert.pem sealed.yaml token < value.txt",
    "unset sealed.yaml user",
    "rename sealed.yaml password pass",
    "merge --cert cert.pem sealed.yaml secret.yaml",
    "inspect --cert cert.pem sealed.yaml",
    "inspect sealed.yaml",
    "explain --cert cert.pem sealed.yaml",
    "lint --cert cert.pem --exit-zero .",
    "diff HEAD sealed.yaml",
    "unseal --key key.pem sealed.yaml -w open.yaml",
    "render templated.yaml",
    "reencrypt --key key.pem --cert new.pem sealed.yaml",
    "kustomize function.yaml < secret.yaml",
    "cert show cert.pem",
    "cert check cert.pem --offline",
    "init",
    "config show sealed.yaml",
    "git install",
    "git textconv sealed.yaml",
    "git merge base.yaml sealed.yaml theirs.yaml sealed.yaml",
    "git uninstall",
]

pytestmark = pytest.mark.skipif(
    not _WORKS and not os.environ.get("SEALWRIGHT_REQUIRE_APISERVER"), reason="network namespaces cannot be made here"
)


@pytest.fixture
def desk(tmp_path: Path) -> GitRepository:
    """A repository with all that the lines name; the kubeconfig and the certificate cache of its user point nowhere."""
    repository = GitRepository.new(tmp_path)
    sealed = json.dumps(sealed_secret(items={"password": b"p", "user": b"u"}), indent=1)
    for name in ("sealed.yaml", "base.yaml", "theirs.yaml"):
        repository.write(name, sealed)
    templated = sealed_secret(items={"user": b"u"})
    templated["spec"]["template"]["data"] = {"config": "user={{ .user }}"}
    repository.write("templated.yaml", json.dumps(templated))
    repository.write("secret.yaml", SECRET)
    repository.write("value.txt", "value")
    repository.write("cert.pem", sealing_key().certificate.pem)
    repository.write("new.pem", other_sealing_key().certificate.pem)
    repository.write("key.pem", PRIVATE_KEY.read_text())
    repository.write("function.yaml", "kind: SealSecrets\nspec: {cert: cert.pem}\n")
    repository.write("kubeconfig", json.dumps(KUBECONFIG))
    repository.commit("one")
    return repository


KUBECONFIG = {
    "current-context": "c",
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:8001"}}],
    "users": [{"name": "u", "user": {}}],
}


def alone(repository: GitRepository, line: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of the shell in an empty network namespace."""
    kubeconfig = str(repository.folder / "kubeconfig")
    return repository.run(*_ALONE, "bash", "-c", f"sealwright {line}", KUBECONFIG=kubeconfig)


@pytest.mark.parametrize("line", LINES)
def test_it_needs_no_network(desk: GitRepository, line: str) -> None:
    done = alone(desk, line)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_the_namespace_is_empty(desk: GitRepository) -> None:
    done = alone(desk, "verify sealed.yaml")
    assert (done.returncode, "127.0.0.1:8001" in done.stderr) == (6, True), done.stderr
