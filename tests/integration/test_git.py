"""The real git with what `sealwright git install` sets up: diff, log, merge, rebase, cherry-pick, conflicts."""

import re
from pathlib import Path

import pytest
from tests.support.cli import CERTIFICATE
from tests.support.git_repository import GitRepository

CIPHERTEXT = re.compile(r"A[gQ][A-Za-z0-9+/]{100,}")


@pytest.fixture
def repository(tmp_path: Path) -> GitRepository:
    made = GitRepository.new(tmp_path)
    made.sealwright("git", "install")
    made.seal(user="u", token="t", password="p")
    made.commit("one")
    return made


def on_two_branches(repository: GitRepository, ours: dict[str, str], theirs: dict[str, str]) -> None:
    repository.git("checkout", "-q", "-b", "side")
    repository.seal(**theirs)
    repository.commit("theirs")
    repository.git("checkout", "-q", "main")
    repository.seal(**ours)
    repository.commit("ours")


def test_a_diff_shows_which_items_changed_and_no_ciphertext(repository: GitRepository) -> None:
    repository.seal(token="other", more="m")
    for said in (repository.git("diff"), (repository.commit("two"), repository.git("log", "-p", "-1"))[1]):
        changed = [line for line in said.splitlines() if re.match(r"[-+] ", line)]
        assert [line.split(":")[0] for line in changed] == ["-    token", "+    token", "+    more"]
        assert "key 574d6985e08313787163b8e32718770d>" in changed[0]
        assert not CIPHERTEXT.search(said)


def test_a_diff_of_utf_16_shows_no_ciphertext_either(repository: GitRepository) -> None:
    (repository.folder / "db.yaml").write_bytes(repository.read().encode("utf-16"))
    repository.commit("as Windows programs write it")
    assert "+# UTF-16, little-endian, with a byte order mark\n" in repository.git("show")
    text = (repository.folder / "db.yaml").read_bytes().decode("utf-16")
    (repository.folder / "db.yaml").write_bytes(text.replace("namespace: prod", "namespace: test").encode("utf-16"))
    said = repository.git("diff")
    assert "-  namespace: prod\n+  namespace: test\n" in said
    assert not CIPHERTEXT.search(said)


def test_an_image_that_is_an_alias_of_an_item_is_no_hidden_change(repository: GitRepository) -> None:
    text = (
        "kind: List\nitems:\n- apiVersion: bitnami.com/v1alpha1\n  kind: SealedSecret\n  metadata: {name: a}\n"
        '  spec: {encryptedData: {x: &image "registry/good:1"}}\n- kind: Pod\n  spec: {containers: [{image: *image}]}\n'
    )
    repository.write("list.yaml", text)
    repository.commit("list")
    repository.write("list.yaml", text.replace("good", "evil"))
    assert '+  spec: {encryptedData: {x: &image "registry/evil:1"}}\n' in repository.git("diff")


@pytest.mark.parametrize("how", ["merge", "rebase", "cherry-pick"])
def test_different_items_do_not_conflict(repository: GitRepository, how: str) -> None:
    on_two_branches(repository, {"user": "ours", "new-1": "1"}, {"token": "theirs", "new-2": "2"})
    match how:
        case "merge":
            repository.git("merge", "-q", "side", "-m", "merged")
        case "rebase":
            repository.git("rebase", "-q", "side")
        case _:
            repository.git("cherry-pick", "side")
    wanted = {"user": "ours", "token": "theirs", "password": "p", "new-1": "1", "new-2": "2"}
    assert repository.unsealed() == wanted
    assert repository.git("status", "--porcelain") == ""


def test_a_file_whose_name_begins_like_an_option_is_merged_too(repository: GitRepository) -> None:
    repository.git("mv", "db.yaml", "./--db.yaml")
    repository.commit("renamed")
    name = "./--db.yaml"
    on_two_branches(repository, {"name": name, "user": "ours"}, {"name": name, "token": "theirs"})
    repository.git("merge", "-q", "side", "-m", "merged")
    assert repository.unsealed(name) == {"user": "ours", "token": "theirs", "password": "p"}


def test_a_repository_whose_path_is_no_text(tmp_path: Path) -> None:
    folder = tmp_path / "r\udcff"
    folder.mkdir()
    repository = GitRepository.new(folder)
    repository.sealwright("git", "install")
    assert "diff=sealwright" in repository.read(".gitattributes")
    repository.sealwright("git", "uninstall")
    assert not (repository.folder / ".gitattributes").exists()


def test_the_same_item_is_a_conflict_that_is_resolved_by_hand(repository: GitRepository) -> None:
    on_two_branches(repository, {"user": "ours", "token": "1"}, {"user": "theirs", "password": "2"})
    merging = repository.run("git", "merge", "side")
    assert merging.returncode == 1
    assert "db.yaml: conflict: item user was changed differently by both sides" in merging.stderr + merging.stdout
    text = repository.read()
    assert len(re.findall(r"^(?:<<<<<<< ours|=======|>>>>>>> theirs)$", text, re.MULTILINE)) == 3
    assert len(text.split("<<<<<<< ours\n")[1].split(">>>>>>> theirs")[0].splitlines()) == 3
    assert not CIPHERTEXT.search(repository.git("diff"))

    repository.write("db.yaml", re.sub(r"<<<<<<< ours\n(.*)\n=======\n.*\n>>>>>>> theirs\n", r"\1\n", text))
    repository.commit("resolved")
    assert repository.unsealed() == {"user": "ours", "token": "1", "password": "2"}
    assert repository.git("rev-list", "--count", "--merges", "HEAD").strip() == "1"


def renamed_by_us(repository: GitRepository, **theirs: str) -> None:
    """Let ours have the object under another name, with all items sealed for that, and theirs other values."""
    repository.git("checkout", "-q", "-b", "side")
    repository.seal(**theirs)
    repository.commit("theirs")
    repository.git("checkout", "-q", "main")
    values = "stringData: {user: u, token: t, password: p}\n"
    secret = f"apiVersion: v1\nkind: Secret\nmetadata: {{name: db2, namespace: prod}}\n{values}"
    (repository.folder / "db.yaml").unlink()
    repository.sealwright("seal", "--cert", CERTIFICATE, "-w", "db.yaml", stdin=secret)
    repository.commit("ours")


@pytest.mark.parametrize("how", ["merge", "rebase", "cherry-pick"])
def test_an_item_sealed_for_the_name_before_is_a_conflict(repository: GitRepository, how: str) -> None:
    renamed_by_us(repository, new="n")
    assert repository.unsealed() == {"user": "u", "token": "t", "password": "p"}
    done = repository.run("git", how, "side")
    assert done.returncode == 1
    said = "db.yaml: conflict: item new: it was sealed for prod/db, and the object is prod/db2 here"
    assert said in done.stderr + done.stdout
    assert "seal the value again" in done.stderr + done.stdout


def test_who_renamed_may_have_sealed_more(repository: GitRepository) -> None:
    renamed_by_us(repository, user="u")
    repository.git("checkout", "-q", "side")
    repository.git("reset", "-q", "--hard", "HEAD~1")
    repository.write("db.yaml", repository.read().replace("metadata:\n", "metadata:\n  labels: {a: b}\n", 1))
    repository.commit("a label")
    repository.git("merge", "-q", "main", "-m", "merged")
    assert "labels: {a: b}" in repository.read()
    assert repository.unsealed() == {"user": "u", "token": "t", "password": "p"}


LISTED = """\
apiVersion: v1
kind: List
items:
  - apiVersion: bitnami.com/v1alpha1
    kind: SealedSecret
    metadata:
      name: db
      # a few lines
      # between the two changes,
      # which Git wants
    spec:
      encryptedData:
        a: AAAA
        b: BBBB
"""


def test_what_git_merges_line_by_line_is_looked_at_too(repository: GitRepository) -> None:
    repository.write("list.yaml", LISTED)
    repository.commit("list")
    repository.git("checkout", "-q", "-b", "side")
    repository.write("list.yaml", LISTED.replace("BBBB", "CCCC"))
    repository.commit("theirs")
    repository.git("checkout", "-q", "main")
    repository.write("list.yaml", LISTED.replace("name: db", "name: db2"))
    repository.commit("ours")
    done = repository.run("git", "merge", "side")
    assert done.returncode == 1
    assert "list.yaml: conflict: merged line by line, item b: it was sealed for db, and the object is db2 here" in (
        done.stderr + done.stdout
    )
    assert "<<<<" not in repository.read("list.yaml")


def test_the_hint_says_what_fits(repository: GitRepository) -> None:
    label = "metadata:\n  labels:\n    a: {}\n"
    repository.git("checkout", "-q", "-b", "side")
    text = repository.read()
    repository.write("db.yaml", text.replace("metadata:\n", label.format("theirs"), 1))
    repository.commit("theirs")
    repository.git("checkout", "-q", "main")
    repository.write("db.yaml", text.replace("metadata:\n", label.format("ours"), 1))
    repository.commit("ours")
    said = repository.run("git", "merge", "side").stderr
    assert "conflict: metadata.labels.a was changed differently by both sides" in said
    assert "hint: edit the file: keep what is right between the markers, and remove them\n" in said
    assert "seal" not in said.split("hint:")[1].split("\n")[0]


def test_a_removed_and_changed_item_is_a_conflict(repository: GitRepository) -> None:
    on_two_branches(repository, {"user": "ours"}, {"token": "t2"})
    repository.git("checkout", "-q", "side")
    lines = repository.read().splitlines(keepends=True)
    repository.write("db.yaml", "".join(line for line in lines if not line.startswith("    user:")))
    repository.commit("removed")
    merging = repository.run("git", "merge", "main")
    assert merging.returncode == 1
    assert "item user was removed by ours and changed by theirs" in merging.stderr


def test_comments_line_ends_and_markers_stay(repository: GitRepository) -> None:
    text = repository.read().replace("    token:", "    # the token\n    token:").replace("\n", "\r\n")
    repository.write("db.yaml", text.removesuffix("\r\n"))
    repository.commit("dressed")
    repository.git("checkout", "-q", "-b", "side")
    repository.write("db.yaml", repository.read().replace("# the token", "# their token"))
    repository.seal(password="theirs")
    repository.commit()
    repository.git("checkout", "-q", "main")
    repository.write("db.yaml", repository.read().replace("# the token", "# the token\r\n    # our words"))
    repository.seal(token="ours")
    repository.commit()
    repository.git("merge", "-q", "side", "-m", "m")
    merged = repository.read()
    assert "# their token" in merged
    assert "# our words" in merged
    assert merged.count("\n") == merged.count("\r\n")
    assert not merged.endswith("\n")
    assert repository.unsealed() == {"user": "u", "token": "ours", "password": "theirs"}


def test_other_files_are_merged_and_shown_as_by_git(repository: GitRepository, tmp_path: Path) -> None:
    def change(one: GitRepository) -> tuple[str, str]:
        one.write("app.yaml", "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\n")
        one.write("broken.yaml", "kind: SealedSecret\n{{- if x }}\na: 1\nb: 2\nc: 3\n")
        one.commit("files")
        one.git("checkout", "-q", "-b", "other")
        one.write("app.yaml", "a: 9\nb: 2\nc: 3\nd: 4\ne: 5\n")
        one.write("broken.yaml", "kind: SealedSecret\n{{- if y }}\na: 1\nb: 2\nc: 3\n")
        one.commit("theirs")
        one.git("checkout", "-q", "main")
        one.write("app.yaml", "a: 8\nb: 2\nc: 3\nd: 4\ne: 6\n")
        one.write("broken.yaml", "kind: SealedSecret\n{{- if x }}\na: 1\nb: 2\nc: 4\n")
        one.commit("ours")
        one.run("git", "merge", "other")
        return re.sub(r"(<<<<<<<|>>>>>>>) .*", r"\1", one.read("app.yaml")), one.read("broken.yaml")

    (tmp_path / "plain").mkdir()
    plain = GitRepository.new(tmp_path / "plain")
    assert change(repository) == change(plain)
    assert "c: 4" in repository.read("broken.yaml")
    assert "if y" in repository.read("broken.yaml")


def test_without_sealwright_git_does_as_always(repository: GitRepository) -> None:
    on_two_branches(repository, {"user": "1"}, {"password": "2"})
    bare = "/usr/bin:/bin"
    assert CIPHERTEXT.search(repository.run("git", "show", PATH=bare).stdout)
    repository.run("git", "merge", "side", PATH=bare)
    assert "=======" in repository.read() or repository.unsealed()


def test_installing_twice_changes_nothing_and_uninstalling_takes_all_back(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    repository.write(".gitattributes", "*.png binary\n")
    config = repository.read(".git/config")
    first = repository.sealwright("git", "install", "secrets/*.yaml")
    attributes = repository.read(".gitattributes")
    assert "set merge.sealwright.driver" in first
    assert "secrets/*.yaml diff=sealwright merge=sealwright\n" in attributes
    assert attributes.endswith("*.png binary\n")
    assert "nothing to do" in repository.sealwright("git", "install", "secrets/*.yaml")
    assert repository.read(".gitattributes") == attributes

    said = repository.sealwright("git", "uninstall")
    assert "removed merge.sealwright.driver" in said
    assert repository.read(".gitattributes") == "*.png binary\n"
    assert repository.read(".git/config") == config
    assert "nothing to do" in repository.sealwright("git", "uninstall")


def test_a_setting_that_is_not_ours_stays(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    repository.sealwright("git", "install")
    repository.git("config", "diff.sealwright.textconv", "cat")
    repository.git("config", "diff.sealwright.wordRegex", ".")
    assert "left diff.sealwright.textconv" in repository.sealwright("git", "uninstall")
    assert repository.git("config", "diff.sealwright.textconv") == "cat\n"
    assert repository.git("config", "diff.sealwright.wordRegex") == ".\n"


@pytest.mark.parametrize("configured", [True, False])
def test_for_all_repositories_of_a_user(tmp_path: Path, configured: bool) -> None:
    repository = GitRepository.new(tmp_path)
    home = tmp_path / "home"
    if configured:
        repository.git("config", "--global", "core.attributesFile", "~/mine")
        (home / "mine").write_text("*.x text\n")
    repository.sealwright("git", "install", "--global")
    attributes = home / ("mine" if configured else ".config/git/attributes")
    assert "*.yaml diff=sealwright" in attributes.read_text()
    assert not (repository.folder / ".gitattributes").exists()
    assert repository.git("check-attr", "diff", "x.yaml") == "x.yaml: diff: sealwright\n"
    repository.sealwright("git", "uninstall", "--global")
    assert attributes.read_text() == "*.x text\n" if configured else not attributes.exists()


def test_outside_a_repository(tmp_path: Path) -> None:
    repository = GitRepository.new(tmp_path)
    done = repository.run("sealwright", "git", "install", GIT_DIR=str(tmp_path / "none"))
    assert done.returncode == 3
    assert "not in a working tree of git" in done.stderr
    assert "--global" in done.stderr
