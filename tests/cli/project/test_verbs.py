"""init, config show, cert pin and cert check over trees; seal for several targets. All without a cluster."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.support.builders import other_sealing_key, sealing_key
from tests.support.cli import recording_console

from sealwright_cli.certificates.request import CertificateRequest
from sealwright_cli.commands.cert.check import CertCheckOptions, check
from sealwright_cli.commands.cert.pin import CertPinOptions, pin
from sealwright_cli.commands.changing.set_items import SetOptions, set_items
from sealwright_cli.commands.project.init import InitOptions, init
from sealwright_cli.commands.project.show import ShowOptions, show
from sealwright_cli.commands.sealing.create import CreateOptions, create
from sealwright_cli.commands.sealing.seal import SealOptions, seal
from sealwright_cli.files.choosing import Choice
from sealwright_cli.messages.errors import CertificateError, InputError, RefusedError, UsageError
from sealwright_cli.messages.exitcodes import ExitStatus
from sealwright_cli.messages.ui import Console
from sealwright_cli.project.reading import read_project
from sealwright_cli.project.settings import Projects
from sealwright_manifests.text.documents import Form

NOW = datetime(2026, 6, 1, tzinfo=UTC)
SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: correct}\n"
SEALED = """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: NAME
  annotations: {ANNOTATIONS}
spec:
  encryptedData: {password: AgA=}
"""
RULES = """\
# ours
targets:
  dev: {certificate: dev.pem}
  prod:
    certificate: prod.pem  # public
rules:
  - path: /secret.yaml
    target: [dev, prod]
    namespace: shop
    scope: namespace-wide
    output: sealed/{target}/{name}.yaml
    outer: {annotations: {argocd.argoproj.io/sync-wave: "-1"}}
  - {path: sealed/prod/, target: prod, namespace: shop}
  - {path: no/such/*.yaml, target: dev}
"""


def write(folder: Path, path: str, text: str) -> Path:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)
    return folder / path


def sealed(name: str, annotations: str = "") -> str:
    return SEALED.replace("NAME", name).replace("ANNOTATIONS", annotations)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    write(tmp_path, "dev.pem", sealing_key().certificate.pem)
    write(tmp_path, "prod.pem", other_sealing_key().certificate.pem)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(console: Console) -> str:
    assert isinstance(console.stdout, io.BytesIO)
    return console.stdout.getvalue().decode()


def said(console: Console) -> str:
    assert isinstance(console.stderr, io.StringIO)
    return console.stderr.getvalue()


def test_init_makes_rules_of_what_it_sees(tree: Path) -> None:
    key = other_sealing_key().fingerprint
    write(tree, "apps/one/a.yaml", sealed("a", f"sealwright.dev/key-fingerprints: {key}"))
    write(
        tree,
        "apps/one/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: shop\n",
    )
    write(tree, "dev/b.yaml", sealed("b", "sealedsecrets.bitnami.com/cluster-wide: 'true'"))
    write(
        tree,
        "argo.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: dev}, destination: {namespace: blog}}\n",
    )
    write(tree, "apps/two/broken.yaml", "kind: SealedSecret: {{\n")
    console = recording_console()
    assert init(InitOptions(), console, now=NOW) is ExitStatus.OK
    project = read_project(tree / ".sealwright.yaml")
    first, second = project.rules
    assert ([one.written for one in first.paths], first.targets[0].name, first.namespace) == (
        ["apps/**"],
        "prod",
        "shop",
    )
    assert (second.targets[0].name, second.namespace, str(second.scope)) == ("dev", "blog", "cluster-wide")
    with pytest.raises(RefusedError, match="is there already"):
        init(InitOptions(), recording_console(), now=NOW)


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
@pytest.mark.parametrize("head", ["", "kind: Kustomization\n", "apiVersion: kustomize.config.k8s.io/v1beta1\n"])
def test_init_knows_a_kustomization_by_its_name(tree: Path, name: str, head: str) -> None:
    write(tree, "apps/a.yaml", sealed("a", f"sealwright.dev/key-fingerprints: {other_sealing_key().fingerprint}"))
    write(tree, f"apps/{name}", f"{head}namespace: shop\nresources: [a.yaml]\n")
    assert init(InitOptions(), recording_console(), now=NOW) is ExitStatus.OK
    assert [rule.namespace for rule in read_project(tree / ".sealwright.yaml").rules] == ["shop"]


def test_init_takes_no_namespace_from_another_file(tree: Path) -> None:
    write(tree, "apps/a.yaml", sealed("a", f"sealwright.dev/key-fingerprints: {other_sealing_key().fingerprint}"))
    write(tree, "apps/values.yaml", "namespace: shop\n")
    write(tree, "apps/kustomization.yaml", "apiVersion: example.com/v1\nkind: Kustomization\nnamespace: shop\n")
    init(InitOptions(), recording_console(), now=NOW)
    assert [rule.namespace for rule in read_project(tree / ".sealwright.yaml").rules] == [""]


def test_init_leaves_to_the_user_what_nothing_says(tree: Path) -> None:
    write(tree, "apps/one/a.yaml", sealed("a"))
    console = recording_console()
    init(InitOptions(), console, now=NOW)
    text = (tree / ".sealwright.yaml").read_text()
    assert "  #   target: …  # which one? dev, prod\n" in text
    assert "1 rule stands as a comment, since" in said(console)
    assert read_project(tree / ".sealwright.yaml").rules == []


def test_init_prints_and_wants_a_folder(tree: Path) -> None:
    console = recording_console()
    init(InitOptions(prints=True), console, now=NOW)
    assert "targets:" in printed(console)
    assert not (tree / ".sealwright.yaml").exists()
    with pytest.raises(InputError, match="no such folder"):
        init(InitOptions(Path("nowhere.d/x")), console, now=NOW)


def test_show_says_which_rule_counts_and_why(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES + "  - {path: '*.yaml', target: dev}\n")
    write(tree, "secret.yaml", SECRET)
    console = recording_console()
    show(ShowOptions(Path("secret.yaml"), Form.JSON, Projects()), console)
    facts = json.loads(printed(console))
    assert facts["rule"] == {"number": 1, "line": 7, "path": "/secret.yaml"}
    assert facts["fitToo"] == [{"number": 4, "line": 15, "path": "*.yaml"}]
    assert [one["name"] for one in facts["targets"]] == ["dev", "prod"]
    assert "rule 3: no file fits the path no/such/*.yaml" in said(console)
    console = recording_console()
    show(ShowOptions(Path("new/x.yaml"), None, Projects()), console)
    assert "rule:         4 (line 15)\nwhy:          the first rule that fits: *.yaml fits new/x.yaml" in printed(
        console
    )
    show(ShowOptions(None, None, Projects()), console)
    assert "rule 1 (line 7): /secret.yaml: target dev, prod, namespace shop, scope namespace-wide, 1 file" in printed(
        console
    )


def test_show_says_what_follows_where_no_rule_fits(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    console = recording_console()
    show(ShowOptions(Path("new/x.yaml"), None, Projects()), console)
    assert "rule:         none\nwhy:          no rule fits it, so it is sealed for none of the targets: " in printed(
        console
    )
    write(tree, ".sealwright.yaml", "rules: []\n")
    console = recording_console()
    show(ShowOptions(Path("new/x.yaml"), None, Projects()), console)
    assert "why:          no rule fits it, so the command line alone counts\n" in printed(console)


def test_show_without_a_project_file(tree: Path) -> None:
    console = recording_console()
    show(ShowOptions(Path("x.yaml"), Form.JSON, Projects()), console)
    assert json.loads(printed(console))["projectFile"] is None
    with pytest.raises(InputError, match="no project file"):
        show(ShowOptions(None, None, Projects()), console)


def test_pin_writes_the_key_and_nothing_else(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    pin(CertPinOptions(("prod",), projects=Projects()), recording_console(), now=NOW)
    text = (tree / ".sealwright.yaml").read_text()
    (line,) = [line for line in text.splitlines(keepends=True) if "pin:" in line]
    assert line.replace('"', "") == f"    pin: {other_sealing_key().fingerprint}\n"
    assert text.replace(line, "") == RULES
    pin(CertPinOptions((), projects=Projects()), recording_console(), now=NOW)
    assert [list(one.pins) for one in read_project(tree / ".sealwright.yaml").targets.values()] == [
        [sealing_key().fingerprint],
        [other_sealing_key().fingerprint],
    ]
    with pytest.raises(UsageError, match="no target has the name"):
        pin(CertPinOptions(("x",), projects=Projects()), recording_console(), now=NOW)


def test_a_pinned_key_that_was_replaced_is_not_sealed_with(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    write(tree, "secret.yaml", SECRET)
    pin(CertPinOptions((), projects=Projects()), recording_console(), now=NOW)
    write(tree, "prod.pem", sealing_key().certificate.pem)
    with pytest.raises(CertificateError, match=r"is not the pinned key \(pin, .*line 4\)"):
        run_seal("secret.yaml")
    assert not (tree / "sealed").exists()
    console = recording_console()
    assert check(CertCheckOptions(projects=Projects(), form=Form.JSON), console, now=NOW) is ExitStatus.CERTIFICATE
    dev, prod = json.loads(printed(console))
    assert (dev["pin"], dev["problems"], prod["pin"]) == ("ok", [], "differs")


def test_check_tells_the_end_and_what_is_missing(tree: Path) -> None:
    given = CertificateRequest(source="dev.pem", offline=True)
    assert check(CertCheckOptions(given), recording_console(), now=NOW) is ExitStatus.OK
    console = recording_console()
    assert check(CertCheckOptions(given, within=100_000), console, now=NOW) is ExitStatus.PARTLY_DONE
    assert "problem: it ends in" in printed(console)
    assert check(CertCheckOptions(given), console, now=datetime(2199, 1, 1, tzinfo=UTC)) is ExitStatus.CERTIFICATE
    write(tree, ".sealwright.yaml", "targets: {gone: {certificate: gone.pem}}\n")
    assert check(CertCheckOptions(projects=Projects()), console, now=NOW) is ExitStatus.CERTIFICATE
    assert "gone: problem: " in printed(console)
    with pytest.raises(UsageError, match="--target"):
        check(CertCheckOptions(projects=Projects(asked=("x",))), console, now=NOW)


def run_seal(*inputs: str, **more: object) -> tuple[ExitStatus, Console]:
    console = recording_console()
    options = SealOptions(inputs, projects=more.pop("projects", Projects()), **more)  # type: ignore[arg-type]
    return seal(options, console, now=NOW, clock=lambda: 0.0), console


def test_seal_writes_a_file_for_each_target(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    write(tree, "secret.yaml", SECRET)
    assert run_seal("secret.yaml")[0] is ExitStatus.OK
    for name, key in (("dev", sealing_key()), ("prod", other_sealing_key())):
        text = (tree / "sealed" / name / "secret.yaml").read_text()
        assert key.fingerprint in text
        assert "namespace: shop" in text
        assert 'sealedsecrets.bitnami.com/namespace-wide: "true"' in text
        assert 'argocd.argoproj.io/sync-wave: "-1"' in text.split("\nspec:")[0]
        assert "sync-wave" not in text.split("\nspec:")[1]
    _, console = run_seal("secret.yaml", projects=Projects(asked=("prod",)), output=Path("-"))
    assert other_sealing_key().fingerprint in printed(console)


def test_seal_says_which_file_it_wrote_for_which_target(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    write(tree, "secret.yaml", SECRET)
    lines = said(run_seal("secret.yaml")[1]).splitlines()
    assert lines[0].startswith("secret.yaml: sealed shop/db (namespace-wide) with key")
    assert lines[0].endswith(", 1 item, for dev, in sealed/dev/secret.yaml")
    assert lines[1].endswith(", 1 item, for prod, in sealed/prod/secret.yaml")


def test_seal_says_which_file_of_the_output_folder_it_wrote(tree: Path) -> None:
    write(tree, "a/secret.yaml", SECRET)
    given = CertificateRequest(source="dev.pem")
    _, console = run_seal("a", certificate=given, namespace="shop", output_dir=Path("out"))
    assert said(console).splitlines()[0].endswith(", 1 item, in out/secret.yaml")


def test_create_says_which_file_it_wrote_for_which_target(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    write(tree, "value", "hunter2")
    (tree / "sealed" / "prod").mkdir(parents=True)
    for output, end in (
        (Path("sealed/prod/db.yaml"), ", 1 item, for prod, in sealed/prod/db.yaml\n"),
        (None, ", 1 item\n"),
    ):
        console = recording_console()
        given = CertificateRequest(source="" if output else "dev.pem")
        made = CreateOptions("db", "shop", certificate=given, files=("password=value",), output=output)
        made = replace(made, projects=Projects(is_used=output is not None))
        create(made, console, now=NOW)
        assert said(console).endswith(end)


def test_the_format_has_to_fit_the_name_that_the_project_gives_a_result(tree: Path) -> None:
    write(tree, ".sealwright.yaml", RULES)
    write(tree, "secret.yaml", SECRET)
    with pytest.raises(UsageError, match=r"secret.yaml: --format json, and the project file's output is secret.yaml"):
        run_seal("secret.yaml", form=Form.JSON)
    assert not (tree / "sealed").exists()
    assert run_seal("secret.yaml", form=Form.YAML)[0] is ExitStatus.OK


def test_seal_takes_certificates_by_name(tree: Path) -> None:
    write(tree, "secret.yaml", SECRET)
    targets = {name: CertificateRequest(source=f"{name}.pem") for name in ("dev", "prod")}
    run_seal("secret.yaml", targets=targets, namespace="shop", output=Path("x-{target}.yaml"))
    assert sealing_key().fingerprint in (tree / "x-dev.yaml").read_text()
    assert other_sealing_key().fingerprint in (tree / "x-prod.yaml").read_text()
    for more in ({}, {"output": Path("one.yaml")}, {"in_place": True}, {"output_dir": Path("out")}):
        with pytest.raises(UsageError, match="several targets"):
            run_seal("secret.yaml", targets=targets, namespace="shop", **more)
    assert (tree / "secret.yaml").read_text() == SECRET


def test_an_annotation_of_the_secret_wins_over_the_scope_of_the_project(tree: Path) -> None:
    write(
        tree, ".sealwright.yaml", "rules: [{path: '*', certificate: dev.pem, scope: namespace-wide, namespace: shop}]\n"
    )
    annotated = SECRET.replace(
        "{name: db}", "{name: db, annotations: {sealedsecrets.bitnami.com/cluster-wide: 'true'}}"
    )
    write(tree, "secret.yaml", annotated)
    assert "(cluster-wide)" in said(run_seal("secret.yaml")[1])


def test_no_result_replaces_its_source(tree: Path) -> None:
    write(
        tree,
        ".sealwright.yaml",
        "rules: [{path: '*', certificate: dev.pem, output: '{folder}/{name}.yaml', namespace: shop}]\n",
    )
    write(tree, "secret.yaml", SECRET)
    with pytest.raises(UsageError, match="would overwrite"):
        run_seal("secret.yaml")


def test_no_result_leaves_the_folder_of_the_project_file(tree: Path) -> None:
    project = tree / "project"
    rules = "rules: [{path: '*', certificate: ../dev.pem, output: '{folder}/../OUT.yaml', namespace: shop}]\n"
    write(project, ".sealwright.yaml", rules)
    write(project, "secret.yaml", SECRET)
    write(project, "a/secret.yaml", SECRET)
    with pytest.raises(InputError, match="leads outside the folder"):
        run_seal("project/secret.yaml")
    assert not (tree / "OUT.yaml").exists()
    run_seal("project/a/secret.yaml")
    assert "kind: SealedSecret" in (project / "OUT.yaml").read_text()


def test_a_folder_is_sealed_without_what_is_excluded(tree: Path) -> None:
    write(tree, "a/secret.yaml", SECRET)
    write(tree, "a/old/secret.yaml", SECRET.replace("name: db", "name: old"))
    write(tree, "a/.gitignore", "plain.yaml\n")
    write(tree, "a/plain.yaml", SECRET.replace("name: db", "name: plain"))
    given = CertificateRequest(source="dev.pem")
    _, console = run_seal("a", certificate=given, namespace="shop", choice=Choice(exclude=("old/",)))
    assert printed(console).count("kind: SealedSecret") == 1


def test_set_and_create_write_a_file_for_each_target(tree: Path) -> None:
    write(tree, "value", "hunter2")
    targets = {name: CertificateRequest(source=f"{name}.pem") for name in ("dev", "prod")}
    made = CreateOptions("db", "shop", files=("password=value",), output=Path("db-{target}.yaml"), targets=targets)
    assert create(made, recording_console(), now=NOW) is ExitStatus.OK
    changed = SetOptions("db-{target}.yaml", ("user",), from_file=Path("value"), targets=targets)
    assert set_items(changed, recording_console(), now=NOW) is ExitStatus.OK
    for name, key in (("dev", sealing_key()), ("prod", other_sealing_key())):
        text = (tree / f"db-{name}.yaml").read_text()
        assert text.count(key.fingerprint) == 1
        assert text.count("    user: AQ") == 1
    with pytest.raises(UsageError, match="several targets and one file"):
        set_items(replace(changed, file="db-dev.yaml"), recording_console(), now=NOW)


def test_set_and_create_take_what_the_project_says(tree: Path) -> None:
    write(
        tree,
        ".sealwright.yaml",
        RULES.replace("sealed/prod/, target: prod", "sealed/prod/, target: prod, scope: cluster-wide"),
    )
    write(tree, "value", "hunter2")
    (tree / "sealed" / "prod").mkdir(parents=True)
    output = Path("sealed/prod/db.yaml")
    made = CreateOptions("db", files=("password=value",), output=output, projects=Projects())
    create(made, recording_console(), now=NOW)
    assert 'cluster-wide: "true"' in output.read_text()
    assert "namespace: shop" in output.read_text()
    text = output.read_text().replace("  namespace: shop\n", "", 1)
    output.write_text(text.replace('cluster-wide: "true"', 'cluster-wide: "false"', 1))
    set_items(
        SetOptions(str(output), ("user",), from_file=Path("value"), projects=Projects()), recording_console(), now=NOW
    )
    assert "namespace: shop" not in output.read_text().split("template:")[0]
