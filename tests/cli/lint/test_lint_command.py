"""`sealwright lint` as a process: trees, corrections, exit statuses; values are never shown."""

import json
from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key
from tests.support.cli import CERTIFICATE, SECRET, Run, sealwright
from tests.support.linting import filled

GOOD = filled(
    "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: team-a}\n"
    "spec:\n  encryptedData: {password: AgB…}\n"
)
BAD = GOOD.replace("name: db", "name: D_B")
HELM = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}\n"
CLEAN, FOUND, INPUT, USAGE = 0, 10, 3, 2


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps/good.yaml").write_text(GOOD)
    return tmp_path


def lint(folder: Path, *arguments: str | Path, stdin: str = "") -> Run:
    return sealwright("lint", *arguments, cwd=folder, stdin=stdin)


def rules_of(run: Run) -> list[str]:
    return [one["rule"] for one in run.json["findings"]]


def test_a_clean_tree_ends_with_0(tree: Path) -> None:
    run = lint(tree)
    assert (run.status, run.stdout) == (CLEAN, b"")
    assert "nothing found (1 file)" in run.stderr


def test_findings_end_with_10_unless_that_is_not_wanted(tree: Path) -> None:
    (tree / "apps/bad.yaml").write_text(BAD)
    run = lint(tree, "apps")
    assert run.status == FOUND
    assert run.stdout.decode().startswith("apps/bad.yaml:3:12: SW104 SealedSecret team-a/D_B: ")
    assert lint(tree, "apps", "--exit-zero").status == CLEAN
    assert lint(tree, "apps", "--ignore", "SW1,SW205").status == CLEAN


def test_standard_input_is_read_where_it_is_named(tree: Path) -> None:
    run = lint(tree, "-", stdin=BAD)
    assert (run.status, b"standard input:3:12" in run.stdout) == (FOUND, True)


def test_broken_files_are_findings_and_the_others_are_done(tree: Path) -> None:
    (tree / "apps/broken.yaml").write_text("kind: [\n")
    (tree / "apps/binary.yaml").write_bytes(b"kind: Secret \xff\xfe\x80")
    (tree / "apps/other.json").write_bytes(b"\xff\x80")
    (tree / "apps/plain.yaml").write_text(SECRET)
    run = lint(tree, "apps", "-o", "json")
    assert (run.status, rules_of(run)) == (FOUND, ["SW001", "SW002", "SW501"])
    assert [one["file"] for one in run.json["skipped"]] == ["apps/other.json"]
    assert "correct horse" not in run.stdout.decode() + run.stderr


def test_a_helm_template_in_a_folder_is_passed_over_with_one_line(tree: Path) -> None:
    (tree / "apps/helm.yaml").write_text(HELM)
    run = lint(tree, "apps")
    assert run.status == CLEAN
    assert run.stderr.count("apps/helm.yaml: looks like a Helm template; skipped") == 1
    named = lint(tree, "apps/helm.yaml")
    assert (named.status, "looks like a Helm template" in named.stderr) == (INPUT, True)


def test_a_helm_template_that_is_yaml_is_passed_over_too(tree: Path) -> None:
    (tree / "apps/helm.yaml").write_text(GOOD.replace("name: db", 'name: "{{ .Release.Name }}"'))
    run = lint(tree, "apps", "-o", "json")
    assert (run.status, [one["file"] for one in run.json["skipped"]]) == (CLEAN, ["apps/helm.yaml"])


def test_a_chart_s_template_with_the_controller_s_braces_is_found(tree: Path) -> None:
    chart = tree / "chart/templates"
    chart.mkdir(parents=True)
    (tree / "chart/Chart.yaml").write_text("apiVersion: v2\nname: x\nversion: 1.0.0\n")
    text = f"{GOOD}  template:\n    data: {{url: '{{{{ .password }}}}'}}\n"
    (chart / "db.yaml").write_text(text)
    (tree / "apps/good.yaml").write_text(text.replace("name: db", "name: web"))
    assert rules_of(lint(tree, ".", "--ignore", "SW205", "-o", "json")) == ["SW303"]


def test_a_missing_file_is_an_error_and_the_others_are_reported(tree: Path) -> None:
    (tree / "bad.yaml").write_text(BAD)
    run = lint(tree, "nothing.yaml", "bad.yaml")
    assert (run.status, b"SW104" in run.stdout) == (INPUT, True)
    assert "nothing.yaml: no such file" in run.stderr


def test_an_unknown_rule_is_an_error(tree: Path) -> None:
    run = lint(tree, "--select", "SW1O1")
    assert (run.status, run.stdout) == (USAGE, b"")
    assert "did you mean SW101 (unknown-field)?" in run.stderr


def test_two_files_for_one_object(tree: Path) -> None:
    (tree / "apps/twin.yaml").write_text(GOOD)
    (tree / "other").mkdir()
    (tree / "other/cluster.yaml").write_text(GOOD)
    run = lint(tree, ".", "-o", "json")
    assert [(one["file"], one["rule"]) for one in run.json["findings"]] == [("apps/twin.yaml", "SW109")]
    assert "apps/good.yaml:3" in run.json["findings"][0]["message"]


def test_objects_of_one_name_and_one_key_in_two_folders(tree: Path) -> None:
    for folder in ("a", "b"):
        (tree / folder).mkdir()
        sealed = sealwright("seal", "--cert", CERTIFICATE, "-w", tree / folder / "db.yaml", stdin=SECRET)
        assert sealed.status == 0
    assert rules_of(lint(tree, "a", "b", "-o", "json")) == ["SW109"]


def test_a_certificate_adds_its_rules(tree: Path) -> None:
    sealwright("seal", "--cert", CERTIFICATE, "-w", tree / "db.yaml", stdin=SECRET)
    (tree / "other.pem").write_text(other_sealing_key().certificate.pem)
    assert lint(tree, "db.yaml", "--cert", CERTIFICATE).status == CLEAN
    run = lint(tree, "db.yaml", "--cert", "other.pem", "-o", "json", "--expires-within", "36500")
    assert rules_of(run) == ["SW204", "SW203"]
    assert run.json["findings"][0]["file"] == "other.pem"
    assert lint(tree, "db.yaml", "--cert", "none.pem").status == 4


def test_the_rules_can_be_listed(tree: Path) -> None:
    run = lint(tree, "--rules")
    assert (run.status, b"SW501" in run.stdout) == (CLEAN, True)


def test_a_report_can_go_into_a_file(tree: Path) -> None:
    (tree / "bad.yaml").write_text(BAD)
    run = lint(tree, "bad.yaml", "-o", "sarif", "-w", "lint.sarif", "-q")
    assert (run.status, run.stdout, run.stderr) == (FOUND, b"", "")
    assert json.loads((tree / "lint.sarif").read_text())["version"] == "2.1.0"


FIXABLE = """\
# \u00fcber alles\r
apiVersion: bitnami.com/v1alpha1\r
kind: Sealed-Secret   # kind\r
metadata:\r
  name: db\r
  labels: {port: 0x10, "a": 'b'}  # labels\r
  annotations:\r
    sealedsecrets.bitnami.com/namespace-wide: true\r
spec:\r
  encryptedData:\r
    # the password\r
    password: >-  # folded\r
      FIRST\r
      SECOND\r
  template:\r
    metadata: {name: web, namespace: team-a}\r
    data:\r
      password: gone\r
      url: 'x'\r
"""


def test_fix_corrects_what_is_safe_and_nothing_else(tree: Path) -> None:
    whole = filled("AgB…")
    text = "\ufeff" + FIXABLE.replace("FIRST", whole[:100]).replace("SECOND", whole[100:])
    (tree / "bad.yaml").write_bytes(text.encode())
    run = lint(tree, "bad.yaml", "--fix", "-o", "json")
    assert [one["rule"] for one in run.json["fixed"]] == ["SW103", "SW106", "SW106", "SW110", "SW201", "SW304"]
    assert (run.status, run.json["findings"]) == (CLEAN, [])
    expected = (
        text.replace("kind: Sealed-Secret", "kind: SealedSecret")
        .replace("port: 0x10", 'port: "16"')
        .replace("wide: true", 'wide: "true"')
        .replace("name: web", "name: db")
        .replace("      password: gone\r\n", "")
        .replace(f"{whole[:100]}\r\n      {whole[100:]}", whole)
    )
    assert (tree / "bad.yaml").read_bytes().decode() == expected
    assert "bad.yaml:3: SW103 fixed: writes SealedSecret" in run.stderr


def test_fix_leaves_what_a_comment_or_an_option_switches_off(tree: Path) -> None:
    text = GOOD.replace("{name: db,", "{name: db, labels: {a: 1},").replace(
        "}\nspec", "}  # sealwright: ignore[SW106]\nspec"
    )
    (tree / "one.yaml").write_text(text)
    (tree / "two.yaml").write_text(GOOD.replace("kind: SealedSecret", "kind: sealedsecret"))
    run = lint(tree, "one.yaml", "two.yaml", "--fix", "--ignore", "SW103")
    assert (run.status, (tree / "one.yaml").read_text()) == (CLEAN, text)
    assert "kind: sealedsecret" in (tree / "two.yaml").read_text()


def test_fix_of_a_file_that_cannot_be_written_is_an_error(tree: Path) -> None:
    folder = tree / "ro"
    folder.mkdir()
    text = GOOD.replace("kind: SealedSecret", "kind: sealedsecret")
    (folder / "db.yaml").write_text(text)
    (tree / "link.yaml").symlink_to("ro/db.yaml")
    run = lint(tree, "link.yaml", "--fix")
    assert (run.status, (tree / "link.yaml").is_symlink()) == (CLEAN, True)
    assert (folder / "db.yaml").read_text() == GOOD


def test_fix_needs_a_file(tree: Path) -> None:
    assert lint(tree, "--fix", "-", stdin=BAD).status == USAGE


def test_many_files_give_the_same_report_as_few(tree: Path) -> None:
    folder = tree / "many"
    folder.mkdir()
    for number in range(230):
        text = {0: BAD, 1: "kind: [\n", 2: HELM}.get(number % 50, GOOD)
        (folder / f"{number:03}.yaml").write_text(text.replace("name: db", f"name: db-{number}"))
    run = lint(tree, "many", "-o", "json", "--ignore", "SW205,SW109")
    assert run.json["files"] == 225
    assert [one["file"][5:8] for one in run.json["findings"]] == [
        f"{number:03}" for number in range(230) if number % 50 in (0, 1)
    ]
