"""From arguments to sources: folders, links, doubles and standard input."""

import os
from pathlib import Path

import pytest

from sealwright_cli.errors import InputError, UsageError
from sealwright_cli.inputs import find_sources


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
