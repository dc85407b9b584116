"""`sealwright diff`: files, folders and revisions against each other; what it says and how it ends."""

from pathlib import Path

import pytest
from tests.support.cli import SECRET, environment, seal, sealwright
from tests.support.git_repository import GitRepository


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository.new(tmp_path)
    made.write("apps/db.yaml", seal(stdin=SECRET).stdout.decode())
    made.write("apps/other.yaml", "a: 1\n")
    made.commit("one")
    made.write("apps/db.yaml", seal(stdin=SECRET.replace("password", "token")).stdout.decode())
    made.commit("two")
    return made


SIDES = [
    ("HEAD~1", "HEAD"),
    ("HEAD~1:apps/db.yaml", "apps/db.yaml"),
    ("HEAD~1", "apps"),
    ("HEAD~1:apps", "HEAD:apps"),
    ("HEAD~1:apps", "apps"),
]


@pytest.mark.parametrize("sides", SIDES, ids=" ".join)
def test_sides(repository: GitRepository, sides: tuple[str, str]) -> None:
    run = sealwright("diff", *sides, cwd=repository.folder, env=repository.env)
    assert run.status == 0, run.stderr
    first, *lines = run.stdout.decode().splitlines()
    assert first.endswith("db.yaml: SealedSecret team-a/db (strict) changed")
    assert [line.split(", key")[0] for line in lines] == ["  - password: removed", "  + token: added"]


def test_as_json_and_its_status(repository: GitRepository) -> None:
    run = sealwright("diff", "HEAD~1", "HEAD", "-o", "json", "--exit-code", cwd=repository.folder, env=repository.env)
    assert run.status == 8
    (one,) = run.json["objects"]
    assert (one["namespace"], one["name"], one["change"]) == ("team-a", "db", "changed")
    assert [(item["name"], item["change"]) for item in one["items"]] == [("password", "removed"), ("token", "added")]
    run = sealwright("diff", "HEAD", "HEAD", "-o", "json", "--exit-code", cwd=repository.folder, env=repository.env)
    assert (run.status, run.json) == (0, {"objects": []})


@pytest.mark.parametrize(
    ("sides", "words"),
    [
        (("HEAD", "nowhere"), "no file, folder or revision of git"),
        (("--", "HEAD", "--output=x"), "no file, folder or revision of git"),
        (("HEAD", "HEAD:apps/none.yaml"), "no file, folder or revision of git"),
        (("apps/other.yaml", "apps/db.yaml"), "no SealedSecret in it"),
    ],
)
def test_what_cannot_be_compared(repository: GitRepository, sides: tuple[str, ...], words: str) -> None:
    run = sealwright("diff", *sides, cwd=repository.folder, env=repository.env)
    assert (run.status, run.stdout) == (3, b"")
    assert words in run.stderr
    assert "hint: " in run.stderr


@pytest.mark.parametrize("name", ["HEAD~1", "origin/main", "release"])
@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_a_path_and_a_revision_is_compared_as_neither(
    repository: GitRepository, name: str, *, is_folder: bool
) -> None:
    repository.git("update-ref", "refs/remotes/origin/main", "HEAD~1")
    repository.git("branch", "release", "HEAD~1")
    sealed = repository.read("apps/db.yaml")
    repository.write(f"{name}/db.yaml" if is_folder else name, sealed)
    run = sealwright("diff", name, "apps/db.yaml", cwd=repository.folder, env=repository.env)
    what = "folder" if is_folder else "file"
    assert (run.status, run.stdout) == (3, b"")
    assert run.stderr == (
        f"error: {name}: both a {what} and a revision of git\nhint: ./{name} names the path, {name}: the revision\n"
    )
    run = sealwright("diff", f"./{name}", "apps/db.yaml", cwd=repository.folder, env=repository.env)
    assert (run.status, run.stdout) == (0, b"")
    run = sealwright("diff", f"{name}:", "HEAD", cwd=repository.folder, env=repository.env)
    assert b"+ token: added" in run.stdout


def test_so_is_a_file_that_is_called_like_one_of_a_revision(repository: GitRepository) -> None:
    repository.write("HEAD~1:apps/db.yaml", repository.read("apps/db.yaml"))
    run = sealwright("diff", "HEAD~1:apps/db.yaml", "apps/db.yaml", cwd=repository.folder, env=repository.env)
    assert "HEAD~1^0:apps/db.yaml the revision" in run.stderr
    run = sealwright("diff", "HEAD~1^0:apps/db.yaml", "apps/db.yaml", cwd=repository.folder, env=repository.env)
    assert b"+ token: added" in run.stdout


def test_a_broken_file_of_a_revision_is_named_and_the_others_are_compared(repository: GitRepository) -> None:
    repository.write("apps/bad.yaml", "kind: SealedSecret\na: [\n")
    repository.commit("bad")
    run = sealwright("diff", "HEAD~2", "HEAD", cwd=repository.folder, env=repository.env)
    assert run.status == 3
    assert "HEAD:apps/bad.yaml" in run.stderr
    assert b"+ token: added" in run.stdout


def lose(repository: GitRepository, name: str) -> None:
    """Remove the content of a file of a revision, as a damaged repository and a partial clone lack it."""
    found = repository.git("rev-parse", name).strip()
    (repository.folder / ".git/objects" / found[:2] / found[2:]).unlink()


def test_a_file_that_the_repository_lacks_is_named(repository: GitRepository) -> None:
    lose(repository, "HEAD~1:apps/db.yaml")
    run = sealwright("diff", "HEAD~1", "HEAD", cwd=repository.folder, env=repository.env)
    assert run.status == 3
    assert run.stderr == (
        "error: apps/db.yaml: git does not have the content that this revision names\n"
        "hint: fetch it with git (git fetch), or check the repository (git fsck)\n"
    )


def test_nothing_is_fetched_whatever_the_configuration_of_the_repository_allows(repository: GitRepository) -> None:
    mark = repository.folder.parent / "mark"
    for key, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": f"ext::touch {mark}",
        "remote.origin.promisor": "true",
        "protocol.ext.allow": "always",
    }.items():
        repository.git("config", key, value)
    lose(repository, "HEAD~1:apps/db.yaml")
    for one in ("HEAD~1", "HEAD~1:apps/db.yaml"):
        assert sealwright("diff", one, "apps/db.yaml", cwd=repository.folder, env=repository.env).status == 3
    assert not mark.exists()


def test_characters_that_control_a_terminal_are_escaped_in_json_too(tmp_path: Path) -> None:
    sealed = seal(stdin=SECRET).stdout.decode()
    (tmp_path / "a.yaml").write_text(sealed)
    (tmp_path / "b.yaml").write_text(sealed.replace("name: db", r'name: "\x9b31m\u202e"'))
    run = sealwright("diff", tmp_path / "a.yaml", tmp_path / "b.yaml", "-o", "json")
    assert run.stdout.isascii()
    assert "\x9b31m\u202e" in [one["name"] for one in run.json["objects"]]


@pytest.mark.parametrize("env", [{}, {"PATH": "/nowhere"}], ids=["no repository", "no git"])
def test_files_without_git(tmp_path: Path, env: dict[str, str]) -> None:
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_bytes(seal(stdin=SECRET).stdout)
    run = sealwright("diff", "one.yaml", "two.yaml", cwd=tmp_path, env=environment() | env)
    assert run.status == 0
    assert b"one.yaml -> two.yaml: SealedSecret team-a/db (strict) changed\n  ~ password: sealed anew" in run.stdout
