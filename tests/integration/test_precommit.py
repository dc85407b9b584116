"""The hooks of .pre-commit-hooks.yaml with the real pre-commit: no network, the commands are those of this environment."""

import re
import sys
from pathlib import Path

import pytest
from tests.support.cli import SECRET
from tests.support.git_repository import GitRepository
from tests.support.repository import ROOT

from sealwright_cli.front.index import VERBS

HOOKS = ROOT / ".pre-commit-hooks.yaml"
needs_lint = pytest.mark.skipif("lint" not in VERBS, reason="there is no lint yet")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository.new(tmp_path)
    hooks = re.sub(r"language: python", "language: system", HOOKS.read_text(encoding="utf-8"))
    hooks = "".join(f"      {line}\n" for line in hooks.splitlines() if not line.startswith("#"))
    made.write(".pre-commit-config.yaml", f"repos:\n  - repo: local\n    hooks:\n{hooks}")
    made.seal(password="hunter2")
    made.write("app.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x, namespace: prod}\n")
    made.git("add", "-A")
    return made


def pre_commit(repository: GitRepository, *arguments: str | Path) -> tuple[int, str]:
    home = str(repository.folder.parent / "hooks")
    done = repository.run(sys.executable, "-m", "pre_commit", *arguments, PRE_COMMIT_HOME=home)
    return done.returncode, done.stdout + done.stderr


def test_the_manifest_is_valid(repository: GitRepository) -> None:
    assert pre_commit(repository, "validate-manifest", HOOKS) == (0, "")


@needs_lint
def test_sealed_files_pass(repository: GitRepository) -> None:
    status, said = pre_commit(repository, "run")
    assert status == 0, said
    assert said.count("Passed") == 2


@needs_lint
def test_a_secret_in_plain_text_is_stopped(repository: GitRepository) -> None:
    repository.write("plain.yaml", SECRET)
    repository.git("add", "-A")
    status, said = pre_commit(repository, "run", "sealwright-no-plaintext")
    assert status == 1
    assert "plain.yaml" in said
    assert "correct horse" not in said
