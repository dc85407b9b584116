"""`{target}` in the name of a file that is changed: `set` changes each target's file, `edit` one of them."""

import re
from pathlib import Path

import pytest
from tests.support.builders import keyring, other_sealing_key, sealing_key
from tests.support.cli import Run, sealwright
from tests.support.editors import scripted
from tests.support.edits import ciphertext, sealed_text

from sealwright_crypto import DecryptionError, Label, SealingKey

TARGETS = "targets: {dev: {certificate: dev.pem}, prod: {certificate: prod.pem}}\n"
RULES = {
    "a rule of both targets": "rules: [{path: '**', target: [dev, prod]}]\n",
    "a rule that fits only what is sealed": "rules: [{path: a.yaml, target: [dev, prod], output: 'db-{target}.yaml'}]\n",
    "a rule for each": "rules: [{path: db-dev.yaml, target: dev}, {path: db-prod.yaml, target: prod}]\n",
    "no rule": "rules: []\n",
}
KEYS = {"dev": sealing_key(), "prod": other_sealing_key()}
TEXT = sealed_text(f"\n    password: {ciphertext('old')}\n")
SCRIPT = "replace('    password: <sealed>', '    password: <sealed>\\n    token: new')"


@pytest.fixture(params=RULES)
def tree(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".sealwright.yaml").write_text(TARGETS + RULES[request.param])
    for name, key in (("dev", sealing_key()), ("prod", other_sealing_key())):
        (tmp_path / f"{name}.pem").write_text(key.certificate.pem)
        (tmp_path / f"db-{name}.yaml").write_text(TEXT)
    return tmp_path


def edit(tree: Path, *words: str, script: str = SCRIPT) -> tuple[Run, bool]:
    """Run edit; tell whether the editor was opened."""
    editor = scripted(tree, script)
    run = sealwright("edit", *words, cwd=tree, env=editor.variables)
    assert "Traceback" not in run.stderr
    return run, (editor.folder / "seen").exists()


def sealed_for(tree: Path) -> dict[str, str]:
    """Return the target of each file that has the new item: the one whose key opens it."""
    found = {}
    for name in KEYS:
        text = (tree / f"db-{name}.yaml").read_text()
        for ciphertext_of_it in re.findall(r"^    token: (\S+)$", text, re.MULTILINE):
            found[name] = next(target for target in KEYS if opens(KEYS[target], ciphertext_of_it))
    return found


def opens(key: SealingKey, text: str) -> bool:
    """Tell whether a key opens a ciphertext."""
    try:
        return keyring(key).open(text, Label(b"team-a/db")).plaintext == b"new"
    except DecryptionError:
        return False


def test_set_changes_the_file_of_each_target(tree: Path) -> None:
    run = sealwright("set", "db-{target}.yaml", "token", stdin="new", cwd=tree)
    assert run.status == 0, run.stderr
    assert sealed_for(tree) == {"dev": "dev", "prod": "prod"}


def test_set_changes_one_if_one_target_is_named(tree: Path) -> None:
    run = sealwright("set", "db-{target}.yaml", "token", "--target", "prod", stdin="new", cwd=tree)
    assert run.status == 0, run.stderr
    assert sealed_for(tree) == {"prod": "prod"}


def test_edit_opens_the_file_of_the_target_that_is_named(tree: Path) -> None:
    run, is_opened = edit(tree, "db-{target}.yaml", "--target", "prod")
    assert (run.status, is_opened) == (0, True), run.stderr
    assert run.stderr.startswith("db-prod.yaml: set token (new)")
    assert sealed_for(tree) == {"prod": "prod"}


def test_edit_of_the_files_of_several_targets_says_what_to_type(tree: Path) -> None:
    run, is_opened = edit(tree, "db-{target}.yaml")
    assert (run.status, is_opened) == (2, False)
    assert "edit opens one file, and {target} stands for several targets: dev, prod\n" in run.stderr
    assert "hint: choose one: --target dev; sealwright set FILE KEY changes an item in all of them\n" in run.stderr
    assert sealed_for(tree) == {}


@pytest.fixture
def file_of_both(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".sealwright.yaml").write_text(TARGETS + RULES["a rule of both targets"])
    (tmp_path / "prod.pem").write_text(other_sealing_key().certificate.pem)
    (tmp_path / "db-prod.yaml").write_text(TEXT)
    (tmp_path / "db-dev.yaml").write_text(TEXT)
    return tmp_path


def test_edit_says_before_it_opens_that_a_file_has_several_targets(file_of_both: Path) -> None:
    run, is_opened = edit(file_of_both, "db-prod.yaml")
    assert (run.status, is_opened) == (3, False)
    assert "the project file has several targets for it: dev, prod\n" in run.stderr
    assert "hint: say which: --target dev\n" in run.stderr
    run, is_opened = edit(file_of_both, "db-prod.yaml", "--cert", "prod.pem")
    assert (run.status, is_opened) == (0, True), run.stderr
    assert sealed_for(file_of_both) == {"prod": "prod"}


@pytest.mark.parametrize(
    ("words", "called"),
    [
        (["set", "db-prod.yaml", "token", "--generate"], "db-prod.yaml"),
        (["set", "-", "token", "--generate"], "standard input"),
        (["edit", "db-prod.yaml"], "db-prod.yaml"),
        (["merge", "db-prod.yaml", "-"], "db-prod.yaml"),
        (["create", "x", "-n", "n", "--generate", "a", "-w", "new.yaml"], "new.yaml"),
        (["create", "x", "-n", "n", "--generate", "a"], "standard output"),
    ],
)
def test_a_file_of_several_targets_is_named(file_of_both: Path, words: list[str], called: str) -> None:
    (file_of_both / ".sealwright.yaml").write_text(TARGETS + "rules: [{path: '**', target: [dev, prod]}]\n")
    run = sealwright(*words, stdin=TEXT, cwd=file_of_both, env={"EDITOR": "true"})
    assert run.status == 3
    assert f"error: {called}: the project file has several targets for it: dev, prod\n" in run.stderr


@pytest.mark.parametrize("options", [[], ["--target", "dev"]])
def test_update_takes_the_file_of_one_target(tree: Path, options: list[str]) -> None:
    run = sealwright("seal", "--update", "db-{target}.yaml", *options, stdin=TEXT, cwd=tree)
    assert run.status == 2
    assert "error: --update takes one file, and {target} stands for those of several targets\n" in run.stderr
