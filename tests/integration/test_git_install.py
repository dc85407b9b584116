"""Which patterns `sealwright git install` writes, and where: earlier ones stay, and those of a subfolder count there."""

from pathlib import Path

import pytest
from tests.support.git_repository import GitRepository

DRIVERS = " diff=sealwright merge=sealwright"


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository.new(tmp_path)
    made.write("apps/shop/README", "")
    return made


def inside(repository: GitRepository, folder: str, command: str) -> tuple[int, str]:
    """Run a command of a shell in a subfolder; return its status and what it says."""
    done = repository.run("sh", "-c", f"cd '{folder}' && {command}")
    return done.returncode, done.stdout + done.stderr


def patterns(repository: GitRepository) -> list[str]:
    """Return the patterns of our lines, in the file's order."""
    lines = repository.read(".gitattributes").splitlines()
    return [line.removesuffix(DRIVERS) for line in lines if line.endswith(DRIVERS)]


def used(repository: GitRepository, *paths: str) -> list[str]:
    """Return those paths to which git applies the merge driver."""
    said = repository.git("check-attr", "merge", *paths).splitlines()
    return [line.partition(":")[0] for line in said if line.endswith(" sealwright")]


def test_further_patterns_are_added_and_earlier_ones_stay(repository: GitRepository) -> None:
    repository.sealwright("git", "install", "secrets/*.yaml")
    said = repository.sealwright("git", "install", "more/*.yaml", "secrets/*.yaml")
    assert patterns(repository) == ["secrets/*.yaml", "more/*.yaml"]
    assert f".gitattributes: wrote more/*.yaml{DRIVERS}\n" in said
    assert "wrote secrets/" not in said
    assert used(repository, "secrets/a.yaml", "more/a.yaml", "a.yaml") == ["secrets/a.yaml", "more/a.yaml"]


def test_earlier_patterns_that_are_not_named_again_are_told(repository: GitRepository) -> None:
    repository.sealwright("git", "install", "secrets/*.yaml")
    said = repository.sealwright("git", "install", "more/*.yaml")
    assert ".gitattributes: kept secrets/*.yaml of an earlier git install; git uninstall removes them all\n" in said


def test_without_a_pattern_those_of_the_repository_count(repository: GitRepository) -> None:
    repository.sealwright("git", "install", "secrets/*.yaml")
    repository.commit("attributes")
    repository.sealwright("git", "uninstall")
    repository.git("checkout", "-q", ".gitattributes")
    said = repository.sealwright("git", "install")
    assert patterns(repository) == ["secrets/*.yaml"]
    assert "set merge.sealwright.driver" in said
    assert "kept secrets/*.yaml" in said
    assert repository.git("status", "--porcelain") == ""


def test_the_usual_patterns_again_are_nothing_to_tell(repository: GitRepository) -> None:
    repository.sealwright("git", "install")
    assert repository.sealwright("git", "install") == "nothing to do: all of it is set up already\n"


@pytest.mark.parametrize(
    ("pattern", "written", "fits"),
    [
        ("*.yaml", "apps/shop/**/*.yaml", ["apps/shop/a.yaml", "apps/shop/x/a.yaml", "apps/shop/x/y/a.yaml"]),
        ("/*.yaml", "apps/shop/*.yaml", ["apps/shop/a.yaml"]),
        ("x/*.yaml", "apps/shop/x/*.yaml", ["apps/shop/x/a.yaml"]),
        ("x/**", "apps/shop/x/**", ["apps/shop/x/a.yaml", "apps/shop/x/y/a.yaml"]),
        ("../../a.yaml", "/a.yaml", ["a.yaml"]),
        ("../shop/./x/*.yaml", "/apps/shop/x/*.yaml", ["apps/shop/x/a.yaml"]),
        ("./*.yaml", "/apps/shop/*.yaml", ["apps/shop/a.yaml"]),
    ],
)
def test_a_pattern_counts_from_the_folder_where_it_is_given(
    repository: GitRepository, pattern: str, written: str, fits: list[str]
) -> None:
    status, said = inside(repository, "apps/shop", f"sealwright git install '{pattern}'")
    assert (status, patterns(repository)) == (0, [written])
    assert f"{repository.folder}/.gitattributes: wrote {written}{DRIVERS}\n" in said
    files = ["a.yaml", "x/a.yaml", "apps/shop/a.yaml", "apps/shop/x/a.yaml", "apps/shop/x/y/a.yaml"]
    assert used(repository, *files) == fits


def test_without_a_pattern_a_subfolder_sets_up_the_repository(repository: GitRepository) -> None:
    assert inside(repository, "apps/shop", "sealwright git install")[0] == 0
    assert used(repository, "a.yaml", "apps/shop/a.json") == ["a.yaml", "apps/shop/a.json"]


def test_a_folder_s_name_means_itself(repository: GitRepository) -> None:
    repository.write("a [b]*/README", "")
    assert inside(repository, "a [b]*", "sealwright git install '*.yaml'")[0] == 0
    assert used(repository, "a [b]*/x.yaml", "a b/x.yaml") == ["a [b]*/x.yaml"]


def test_patterns_for_all_repositories_count_from_their_roots(repository: GitRepository) -> None:
    assert inside(repository, "apps/shop", "sealwright git install --global '*.yaml'")[0] == 0
    assert used(repository, "a.yaml") == ["a.yaml"]


def test_uninstalling_in_a_subfolder_takes_all_back(repository: GitRepository) -> None:
    repository.sealwright("git", "install", "*.yaml")
    inside(repository, "apps/shop", "sealwright git install 'x/*.json'")
    assert inside(repository, "apps/shop", "sealwright git uninstall")[0] == 0
    assert not (repository.folder / ".gitattributes").exists()


def test_a_pattern_of_a_folder_fits_no_file_and_is_refused(repository: GitRepository) -> None:
    done = repository.run("sealwright", "git", "install", "secrets/")
    assert done.returncode == 3
    assert "secrets/**" in done.stderr
    assert not (repository.folder / ".gitattributes").exists()
    assert "sealwright" not in repository.read(".git/config")


@pytest.mark.parametrize("pattern", ["../../../a.yaml", "**/../../a.yaml", "x/.."])
def test_a_pattern_that_fits_nothing_in_the_repository_is_refused(repository: GitRepository, pattern: str) -> None:
    status, said = inside(repository, "apps/shop", f"sealwright git install '{pattern}'")
    assert status == 3
    assert "hint: " in said
    assert not (repository.folder / ".gitattributes").exists()
    assert "sealwright" not in repository.read(".git/config")


@pytest.mark.parametrize("target", ["own", "missing"])
def test_attributes_of_a_repository_that_are_a_link_are_neither_read_nor_written(
    repository: GitRepository, target: str
) -> None:
    own = repository.folder.parent / "home" / "own"
    own.write_text("mine\n")
    (repository.folder / ".gitattributes").symlink_to(own.with_name(target))
    for verb in ("install", "uninstall"):
        done = repository.run("sealwright", "git", verb)
        assert done.returncode == 3
        assert ".gitattributes: a symbolic link, which git does not follow for attributes" in done.stderr
    assert own.read_text() == "mine\n"
    assert not own.with_name("missing").exists()
    assert (repository.folder / ".gitattributes").is_symlink()
    assert "sealwright" not in repository.read(".git/config")


def test_attributes_of_a_user_may_be_a_link(repository: GitRepository) -> None:
    home = repository.folder.parent / "home"
    (home / ".config/git").mkdir(parents=True)
    (home / "dotfiles").write_text("*.png binary\n")
    (home / ".config/git/attributes").symlink_to(home / "dotfiles")
    repository.sealwright("git", "install", "--global")
    assert used(repository, "a.yaml") == ["a.yaml"]
    assert "sealwright" in (home / "dotfiles").read_text()
    assert (home / ".config/git/attributes").is_symlink()


def test_the_file_of_a_user_without_a_configuration_is_named(repository: GitRepository) -> None:
    home = repository.folder.parent / "home"
    said = repository.sealwright("git", "install", "--global")
    assert f"{home}/.config/git/attributes: wrote *.yaml{DRIVERS}\n" in said


@pytest.mark.parametrize(
    ("name", "line", "words"),
    [
        (".gitattributes", "*.yaml merge=union", "*.yaml: another line of attributes wins: merge is union for x.yaml"),
        (".git/info/attributes", "*.yaml -diff", "*.yaml: another line of attributes wins: diff is unset for x.yaml"),
    ],
)
def test_lines_that_do_not_count_are_told(repository: GitRepository, name: str, line: str, words: str) -> None:
    repository.sealwright("git", "install")
    path = repository.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + line + "\n")
    for _ in range(2):
        done = repository.run("sealwright", "git", "install")
        assert done.returncode == 0
        assert done.stderr.count("warning: ") == 1
        assert f"warning: {words}" in done.stderr


@pytest.mark.parametrize("pattern", ["a?b*/**/[xy].yaml", "**/a.yaml", "a b/**", r"a\[b/*.yaml", "/a.yaml", r"\*.yaml"])
def test_patterns_of_every_kind_are_tried_without_a_false_alarm(repository: GitRepository, pattern: str) -> None:
    assert "warning" not in repository.sealwright("git", "install", pattern)
