"""From arguments to sources: folders, links, doubles and standard input."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.support.racer import OTHER

from sealwright_cli.files.choosing import Choice
from sealwright_cli.files.inputs import find_sources
from sealwright_cli.messages.errors import InputError, UsageError
from sealwright_cli.project.settings import Projects


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b.yaml", "a.yml", "deep/er/c.json", "deep/D.YAML", "notes.txt", ".git/e.yaml", "out/f.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def found(tree: Path, *arguments: str | Path, besides: Path | None = None) -> list[str]:
    return [source.relative.as_posix() for source in find_sources([str(one) for one in arguments], besides=besides)]


def test_a_folder_is_searched_in_a_steady_order(tree: Path) -> None:
    assert found(tree, tree) == ["a.yml", "b.yaml", "deep/D.YAML", "deep/er/c.json", "out/f.yaml"]


def test_a_folder_can_be_left_out(tree: Path) -> None:
    assert "out/f.yaml" not in found(tree, tree, besides=tree / "out")


def test_each_file_counts_once_and_is_named_when_it_was_named(tree: Path) -> None:
    sources = find_sources([str(tree / "b.yaml"), str(tree), str(tree / "deep" / ".." / "b.yaml")])
    assert [(source.relative.as_posix(), source.named) for source in sources[:2]] == [
        ("b.yaml", True),
        ("a.yml", False),
    ]
    assert len(sources) == 5


@pytest.mark.skipif(os.name == "nt", reason="Windows wants rights for links")
def test_linked_folders_are_not_entered_so_loops_do_no_harm(tree: Path) -> None:
    (tree / "deep" / "loop").symlink_to(tree)
    assert len(found(tree, tree)) == 5


def test_nothing_and_a_dash_are_standard_input() -> None:
    for arguments in ([], ["-"]):
        (source,) = find_sources(arguments)
        assert (source.path, source.name, source.named) == (None, "standard input", True)
    with pytest.raises(UsageError, match="only once"):
        find_sources(["-", "-"])


def test_a_folder_with_nothing_to_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file in this folder ends in \.yaml, \.yml, \.json"):
        find_sources([str(tmp_path)])


def chosen(folder: Path, *arguments: str | Path, **choice: Any) -> tuple[list[str], list[str]]:
    """Return the sources found with a choice, and what was said."""
    said: list[str] = []
    made = Choice(**choice, tell=said.append, warn=said.append)
    names = [str(one) for one in arguments or (folder,)]
    return [one.relative.as_posix() for one in find_sources(names, choice=made)], said


@pytest.mark.parametrize("exclude", ["deep", "deep/", "/deep", "deep/**", "**/deep/**", "{tree}/deep"])
def test_a_folder_is_excluded_by_a_glob(tree: Path, exclude: str) -> None:
    found, said = chosen(tree, exclude=[exclude.format(tree=tree)])
    assert found == ["a.yml", "b.yaml", "out/f.yaml"]
    assert said == []


def test_a_glob_counts_as_it_is_written_on_the_command_line(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    for exclude in ("deep/er", "./deep/er", "er"):
        assert chosen(tree, "deep", exclude=[exclude])[0] == ["D.YAML"]


def test_a_named_file_is_excluded_too_and_nothing_left_is_an_error(tree: Path) -> None:
    assert chosen(tree, tree / "a.yml", tree / "b.yaml", exclude=["*.yml"])[0] == ["b.yaml"]
    with pytest.raises(InputError, match="nothing is left"):
        chosen(tree, tree / "a.yml", exclude=["*.yml"])


def test_a_glob_that_fits_nothing_is_told(tree: Path) -> None:
    assert chosen(tree, exclude=["vendor/"])[1] == ["--exclude: nothing fits the glob"]
    with pytest.raises(UsageError, match="empty glob"):
        chosen(tree, exclude=[" "])


def test_what_gitignore_names_is_passed_over_with_one_line(tree: Path) -> None:
    (tree / ".gitignore").write_text("out/\n*.json\n")
    (tree / "deep" / ".gitignore").write_text("!c.json\nD.*\n")
    found, said = chosen(tree)
    assert found == ["a.yml", "b.yaml", "deep/er/c.json"]
    assert said == ["2 paths passed over: .gitignore (--no-ignore reads them)"]
    assert len(chosen(tree, ignores=False)[0]) == 5


def test_a_gitignore_above_counts_inside_a_repository_only(tmp_path: Path, tree: Path) -> None:
    (tree / ".gitignore").write_text("/deep/er\n")
    shutil.rmtree(tree / ".git")
    assert chosen(tree, tree / "deep")[0] == ["D.YAML", "er/c.json"]
    (tree / ".git").mkdir()
    assert chosen(tree, tree / "deep")[0] == ["D.YAML"]


def test_what_git_tracks_is_read_though_a_gitignore_names_it(tree: Path) -> None:
    shutil.rmtree(tree / ".git")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "add", "a.yml", "out/f.yaml"], cwd=tree, check=True)
    (tree / "out/not-tracked.yaml").write_text("kind: Secret\n")
    (tree / ".gitignore").write_text("out/\na.yml\nb.yaml\n")
    found, said = chosen(tree)
    assert found == ["a.yml", "deep/D.YAML", "deep/er/c.json", "out/f.yaml"]
    assert said == ["2 paths passed over: .gitignore (--no-ignore reads them)"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give files to others")
def test_what_others_put_above_does_not_count(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "mine").mkdir(parents=True)
    shared.chmod(0o1777)
    (shared / "mine/db.yaml").write_text("kind: Secret\n")
    (shared / ".git").mkdir()
    (shared / ".gitignore").write_text("*.yaml\n")
    (shared / ".sealwright.yml").write_text("rules: []\n")
    for name in (".git", ".gitignore", ".sealwright.yml"):
        os.chown(shared / name, OTHER, OTHER)
    assert chosen(shared / "mine") == (["db.yaml"], [])
    assert Projects().project_for(shared / "mine/db.yaml") is None
    (shared / ".gitignore").unlink()
    os.mkfifo(shared / ".gitignore")
    assert chosen(shared / "mine") == (["db.yaml"], [])


def test_a_folder_that_is_named_is_read_though_it_is_ignored(tree: Path) -> None:
    (tree / ".gitignore").write_text("/deep\n*.json\n")
    assert chosen(tree)[0] == ["a.yml", "b.yaml", "out/f.yaml"]
    for named in ("deep", "deep/er"):
        assert "c.json" in chosen(tree, tree / named)[0][-1]


def test_where_all_is_ignored_the_hint_says_so(tree: Path) -> None:
    (tree / ".gitignore").write_text("*\n")
    with pytest.raises(InputError) as caught:
        chosen(tree)
    assert "--no-ignore" in caught.value.hint


def test_the_project_file_is_no_manifest(tree: Path) -> None:
    (tree / ".sealwright.yaml").write_text("rules: []\n")
    assert len(chosen(tree)[0]) == 5
