"""`sealwright lint` by the project file: which rules count for which files, and with which certificate."""

from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import Run, sealwright
from tests.support.linting import filled

from sealwright_cli.lint.rules import RULES
from sealwright_cli.project.ruleids import RULE_IDS

# AgB… is sealed with the key of other.pem, and the template is broken.
TEXT = filled("""\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: team-a
  annotations: {sealwright.dev/key-fingerprints: OTHER}
spec:
  encryptedData: {password: AgB…}
  template: {data: {x: "{{ end }}"}, immutable: true}
""").replace("OTHER", other_sealing_key().fingerprint)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("apps", "old", ".git"):
        (tmp_path / folder).mkdir()
    (tmp_path / "apps/db.yaml").write_text(TEXT)
    (tmp_path / "old/old.yaml").write_text(TEXT.replace("team-a", "team-b"))
    (tmp_path / "current.pem").write_text(sealing_key().certificate.pem)
    (tmp_path / "other.pem").write_text(other_sealing_key().certificate.pem)
    return tmp_path


def project(tree: Path, text: str) -> None:
    (tree / ".sealwright.yaml").write_text(text)


def lint(tree: Path, *words: str) -> Run:
    return sealwright("lint", ".", "-o", "json", *words, cwd=tree)


def found(tree: Path, *words: str) -> list[str]:
    """Return the rules that were found, each behind its file."""
    run = lint(tree, *words)
    assert run.status in (0, 10), run.stderr
    return sorted(f"{one['file']}:{one['rule']}" for one in run.json["findings"])


def test_the_project_file_selects_and_ignores(tree: Path) -> None:
    project(tree, "rules: [{path: old/**, lint: {ignore: SW3}}]\nlint: {select: [SW3, SW4]}\n")
    assert found(tree) == ["apps/db.yaml:SW301", "apps/db.yaml:SW403", "old/old.yaml:SW403"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            ["--select", "SW3"], ["apps/db.yaml:SW301", "old/old.yaml:SW301"], id="--select takes the place of all"
        ),
        pytest.param(["--ignore", "SW4"], ["apps/db.yaml:SW301"], id="--ignore leaves out more"),
        pytest.param(
            ["--no-config", "--select", "SW403"],
            ["apps/db.yaml:SW403", "old/old.yaml:SW403"],
            id="--no-config reads none",
        ),
        pytest.param(
            ["--config", "named.yaml"], ["apps/db.yaml:SW301", "old/old.yaml:SW301"], id="--config names another"
        ),
    ],
)
def test_the_command_line_wins(tree: Path, words: list[str], expected: list[str]) -> None:
    project(tree, "rules: [{path: old/**, lint: {ignore: SW301}}]\nlint: {select: [SW301, SW4]}\n")
    (tree / "named.yaml").write_text("lint: {select: SW3}\n")
    assert found(tree, *words) == expected


def test_each_file_is_compared_with_the_certificate_of_its_rule(tree: Path) -> None:
    project(
        tree,
        "targets: {now: {certificate: current.pem}, then: {certificate: other.pem}}\n"
        "rules: [{path: old/**, target: then}, {path: apps/**, target: now}]\nlint: {select: [SW203, SW204]}\n",
    )
    within = ("--expires-within", "99999")
    assert found(tree, *within) == ["apps/db.yaml:SW203", "current.pem:SW204", "other.pem:SW204"]
    assert found(tree, *within, "--cert", "other.pem") == ["other.pem:SW204"]
    assert found(tree, "--select", "SW3", *within) == ["apps/db.yaml:SW301", "old/old.yaml:SW301"]


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("{certificate: 'https://example.com/cert.pem'}", id="a page on the web is not asked"),
        pytest.param("{context: production}", id="a cluster is not asked"),
    ],
)
def test_nobody_is_asked(tree: Path, target: str) -> None:
    project(
        tree, f"targets: {{a: {target}}}\nrules: [{{path: '**', target: a}}]\nlint: {{select: SW2, ignore: SW205}}\n"
    )
    assert found(tree) == []


def test_of_several_targets_none_is_known_to_be_the_files(tree: Path) -> None:
    project(
        tree,
        "targets: {now: {certificate: current.pem}, then: {certificate: other.pem}}\n"
        "rules: [{path: '**', target: [now, then]}]\nlint: {select: [SW203]}\n",
    )
    assert found(tree) == []


def test_a_rule_that_does_not_exist_is_an_error_of_the_project_file(tree: Path) -> None:
    project(tree, "lint: {ignore: SW999}\n")
    run = lint(tree)
    assert (run.status, run.stdout) == (3, b"")
    assert ".sealwright.yaml: line 1, column 16: no rule of lint has this id, or begins so\n" in run.stderr
    shown = sealwright("config", "show", cwd=tree)
    assert (shown.status, "line 1, column 16: no rule of lint" in shown.stderr) == (3, True)


def test_a_project_file_may_name_each_rule_that_there_is() -> None:
    assert tuple(RULES) == RULE_IDS


SAME = filled("""\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: db, namespace: team-a, annotations: {sealwright.dev/key-fingerprints: FINGERPRINT}}
spec:
  encryptedData: {password: AgB…}
""")
TWO_TARGETS = "targets: {dev: {certificate: current.pem}, prod: {certificate: other.pem, context: prod}}\n"
FILES_OF_ONE_OBJECT = [
    ("two folders, each a target's", ["dev/db.yaml", "prod/db.yaml"],
     "rules: [{path: dev/**, target: dev}, {path: prod/**, target: prod}]\n", []),
    ("two folders of one target", ["dev/db.yaml", "more/db.yaml"],
     "rules: [{path: '**', target: dev}]\n", ["more/db.yaml"]),
    ("two files beside each other, each a target's", ["db-dev.yaml", "db-prod.yaml"],
     "rules: [{path: '*-dev.yaml', target: dev}, {path: '*-prod.yaml', target: prod}]\n", []),
    ("the results of one file for its targets", ["sealed/db-dev.yaml", "sealed/db-prod.yaml"],
     "rules: [{path: '**', target: [dev, prod], output: 'sealed/{name}-{target}.yaml'}]\n", []),
    ("results beside their file", ["apps/dev.db.yaml", "apps/prod.db.yaml"],
     "rules: [{path: secrets/**, target: [dev, prod], output: '{folder}/{target}.{name}.yaml'}]\n", []),
    ("two results of one target", ["sealed/a-dev.yaml", "sealed/b-dev.yaml"],
     "rules: [{path: '**', target: [dev, prod], output: 'sealed/{name}-{target}.yaml'}]\n", ["sealed/b-dev.yaml"]),
    ("several targets and no telling which", ["a.yaml", "b.yaml"],
     "rules: [{path: '**', target: [dev, prod]}]\n", ["b.yaml"]),
    ("targets that stand in their rules", ["dev/db.yaml", "prod/db.yaml"],
     "rules: [{path: dev/**, certificate: current.pem}, {path: prod/**, certificate: other.pem}]\n", []),
    ("one certificate in two rules", ["dev/db.yaml", "prod/db.yaml"],
     "rules: [{path: dev/**, certificate: current.pem}, {path: prod/**, certificate: current.pem}]\n", ["prod/db.yaml"]),
]  # fmt: skip


@pytest.mark.parametrize(("what", "files", "rules", "expected"), FILES_OF_ONE_OBJECT, ids=[row[0] for row in FILES_OF_ONE_OBJECT])  # fmt: skip
def test_files_of_different_targets_are_different_clusters(
    tmp_path: Path, what: str, files: list[str], rules: str, expected: list[str]
) -> None:
    (tmp_path / ".git").mkdir()
    for name, key in (("current.pem", sealing_key()), ("other.pem", other_sealing_key())):
        (tmp_path / name).write_text(key.certificate.pem)
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(SAME)
    project(tmp_path, rules if "certificate:" in rules else TWO_TARGETS + rules)
    assert found(tmp_path, "--select", "SW109") == [f"{one}:SW109" for one in expected], what
