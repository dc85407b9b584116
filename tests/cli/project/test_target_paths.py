"""`{target}` in the path of a file: each target's file is for that target, chosen by --target or by the project file."""

from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import SECRET, Run, files_below, sealwright

from sealwright_cli.messages.exitcodes import ExitStatus

KEYS = {"dev": sealing_key, "prod": other_sealing_key}
TARGETS = "targets: {dev: {certificate: dev.pem}, prod: {certificate: prod.pem}, spare: {certificate: dev.pem}}\n"
BY_FOLDER = TARGETS + "rules:\n- {path: apps/dev/**, target: dev}\n- {path: apps/prod/**, target: prod}\n"
TOGETHER = TARGETS + "rules:\n- {path: apps/**, target: [dev, prod]}\n"
NO_RULE = TARGETS
BOTH = ("--target", "dev", "--target", "prod")
FILE = "apps/{target}/db.yaml"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for name, key in KEYS.items():
        (tmp_path / f"{name}.pem").write_text(key().certificate.pem)
        (tmp_path / "apps" / name).mkdir(parents=True)
    (tmp_path / "value").write_text("hunter2")
    (tmp_path / "secret.yaml").write_text(SECRET)
    return tmp_path


def run(tree: Path, project: str, *words: str) -> Run:
    (tree / ".sealwright.yaml").write_text(project)
    return sealwright(*words, cwd=tree)


def create(tree: Path, project: str, *words: str) -> Run:
    return run(tree, project, "create", "db", "-n", "shop", "--from-file", "password=value", "-w", FILE, *words)


def check_keys(tree: Path, count: int = 1) -> None:
    """Check that each target's file is on that target's key, and on no other."""
    for name, key in KEYS.items():
        text = (tree / "apps" / name / "db.yaml").read_text()
        others = [other().fingerprint for other in KEYS.values() if other is not key]
        assert (text.count(key().fingerprint), text.count(others[0])) == (count, 0)


@pytest.mark.parametrize("project", [BY_FOLDER, TOGETHER, NO_RULE], ids=["a rule each", "one rule", "no rule"])
def test_the_targets_that_are_named(tree: Path, project: str) -> None:
    made = create(tree, project, *BOTH)
    assert made.status == 0, made.stderr
    check_keys(tree)
    changed = run(tree, project, "set", FILE, "user", "--from-file", "value", *BOTH)
    assert changed.status == 0, changed.stderr
    check_keys(tree)
    assert all("    user: AQ" in (tree / "apps" / name / "db.yaml").read_text() for name in KEYS)


@pytest.mark.parametrize("project", [BY_FOLDER, TOGETHER], ids=["a rule each", "one rule"])
def test_one_target_leaves_the_files_of_the_others(tree: Path, project: str) -> None:
    assert create(tree, project, "--target", "prod").status == 0
    assert not (tree / "apps/dev/db.yaml").exists()
    assert other_sealing_key().fingerprint in (tree / "apps/prod/db.yaml").read_text()


def test_all_targets_of_a_rule_without_an_option(tree: Path) -> None:
    two = TOGETHER.replace(", spare: {certificate: dev.pem}", "")
    made = create(tree, two)
    assert made.status == 0, made.stderr
    check_keys(tree)


@pytest.mark.parametrize("options", [(), (*BOTH, "--target", "spare")], ids=["by the project", "by option"])
def test_a_file_that_is_for_another_target_is_not_sealed_for_it(tree: Path, options: tuple[str, ...]) -> None:
    (tree / "apps/spare").mkdir()
    before = files_below(tree / "apps")
    made = create(tree, TOGETHER, *options)
    assert made.status == ExitStatus.USAGE
    assert "apps/spare/db.yaml: " in made.stderr
    assert files_below(tree / "apps") == before


def test_seal_writes_where_the_path_says(tree: Path) -> None:
    for words in (["-w", FILE], ["--output-dir", "apps/{target}"]):
        done = run(tree, f"{TARGETS}rules: [{{path: '*.yaml', target: [dev, prod]}}]\n", "seal", "secret.yaml", *BOTH, *words)  # fmt: skip
        assert done.status == 0, done.stderr
    check_keys(tree)
    assert (tree / "apps/dev/secret.yaml").exists()
