"""Earlier versions of a file, from the git repository that it lies in: read, and nothing else."""

import os
from pathlib import Path

import pytest
from tests.support.gitrepo import GitRepo

from sealwright_cli.files.history import MAX_VERSION_BYTES, versions_of


def contents(path: Path) -> list[bytes]:
    return [one.content for one in versions_of(path, os.environ)]


def test_versions_come_oldest_first_with_commit_time_and_path(tmp_path: Path) -> None:
    repo, path = GitRepo(tmp_path), tmp_path / "apps/a b.yaml"
    path.parent.mkdir()
    commits = []
    for days, text in enumerate(("one\n", "two\n")):
        path.write_text(text)
        commits.append(repo.commit(days))
    found = versions_of(path, os.environ)
    assert [(one.commit, one.content, one.path) for one in found] == [
        (commits[0], b"one\n", "apps/a b.yaml"),
        (commits[1], b"two\n", "apps/a b.yaml"),
    ]
    assert [one.when.isoformat() for one in found] == ["2026-03-01T12:00:00+00:00", "2026-03-02T12:00:00+00:00"]


def test_a_renamed_file_has_the_versions_of_its_old_name(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    (tmp_path / "old.yaml").write_text("one\n" * 20)
    repo.commit()
    (tmp_path / "old.yaml").rename(tmp_path / "new é.yaml")
    repo.commit(1)
    (tmp_path / "new é.yaml").write_text("one\n" * 20 + "two\n")
    repo.commit(2)
    assert contents(tmp_path / "new é.yaml") == [b"one\n" * 20, b"one\n" * 20 + b"two\n"]


def test_a_version_that_is_too_large_is_left_out(tmp_path: Path) -> None:
    repo, path = GitRepo(tmp_path), tmp_path / "a.yaml"
    path.write_bytes(b"#" * (MAX_VERSION_BYTES + 1))
    repo.commit()
    path.write_bytes(b"small")
    repo.commit(1)
    assert contents(path) == [b"small"]


def test_a_file_without_history_has_no_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "a.yaml").write_text("one\n")
    assert contents(tmp_path / "a.yaml") == []
    repo = GitRepo(tmp_path)
    assert contents(tmp_path / "a.yaml") == []
    repo.commit()
    assert contents(tmp_path / "a.yaml") == [b"one\n"]
    assert versions_of(tmp_path / "a.yaml", {"PATH": str(tmp_path)}) == []
    assert versions_of(tmp_path / "a.yaml", os.environ, 0.0) == []


@pytest.mark.skipif(os.name == "nt", reason="the script is a shell's")
def test_a_hostile_repository_runs_nothing(tmp_path: Path) -> None:
    folder, trap = tmp_path / "repo", tmp_path / "trap"
    folder.mkdir()
    trap.mkdir()
    repo = GitRepo(folder)
    path = folder / "a.yaml"
    path.write_text("one\n")
    repo.commit()
    path.write_text("two\n")
    repo.commit(1)
    script = trap / "post-index-change"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/fell-in\ncat\n")
    script.chmod(0o755)
    repo.make_hostile(script)
    assert contents(path) == [b"one\n", b"two\n"]
    assert not (tmp_path / "fell-in").exists()


def test_variables_that_name_another_repository_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    repo = GitRepo(tmp_path / "one")
    GitRepo(tmp_path / "other")
    path = tmp_path / "one/a.yaml"
    path.write_text("one\n")
    repo.commit()
    environ = {**os.environ, "GIT_DIR": str(tmp_path / "other/.git")}
    assert [one.content for one in versions_of(path, environ)] == [b"one\n"]
